# SPDX-License-Identifier: Apache-2.0
"""What columns are called in pictures: words for the name, the unit that it ends in, an SI prefix that fits."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_UNITS = {
    "s": "s",
    "j": "J",
    "w": "W",
    "hz": "Hz",
    "bytes": "B",
    "mm2": "mm²",
    "db": "dB",
    "c": "°C",
    "h": "h",
    "fps": "1/s",
    "percent": "%",
    "count": "",
}
_PREFIXED = ("s", "J", "W", "Hz", "B", "B/s")
Prefixes = tuple[tuple[float, str], ...]
_SMALL: Prefixes = ((1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p"))
_DECIMAL: Prefixes = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), *_SMALL)
_BINARY: Prefixes = ((2.0**40, "Ti"), (2.0**30, "Gi"), (2.0**20, "Mi"), (2.0**10, "Ki"), (1.0, ""))
_WORDS = {
    "analytic_latency_s": "lower bound of latency",
    "area_mm2": "area",
    "memory_bytes": "memory taken",
    "traffic_bytes": "memory traffic",
    "sqnr_db": "SQNR",
}


@dataclass(frozen=True)
class Unit:
    """Numbers are shown divided by `scale`, beside `symbol`: 1e-3 and "ms"."""

    symbol: str
    scale: float = 1.0

    def text(self, number: float) -> str:
        """ "4.21 ms" """
        return f"{number / self.scale:.4g} {self.symbol}".rstrip()


BARE = Unit("")


def unit_of(column: str) -> str:
    """ "s" of latency_s; "" where the name ends in none."""
    head, _, tail = column.rpartition("_")
    return _UNITS.get(tail, "") if head else ""


def words_of(column: str) -> str:
    """ "average power" of average_power_w. Paths into a platform stay as they are."""
    if column in _WORDS:
        return _WORDS[column]
    if "." in column:
        return column
    head, _, tail = column.rpartition("_")
    return (head if head and tail in _UNITS else column).replace("_", " ")


def prefixed(symbol: str, numbers: Iterable[float], *, binary: bool = False) -> Unit:
    """With the prefix that makes the largest of `numbers` at least one; seconds have none above themselves."""
    if symbol not in _PREFIXED:
        return Unit(symbol)
    largest = max((abs(number) for number in numbers if math.isfinite(number)), default=0.0)
    prefixes = _BINARY if binary else _SMALL if symbol == "s" else _DECIMAL
    scale, prefix = next(((s, p) for s, p in prefixes if largest >= s), (1.0, ""))
    return Unit(prefix + symbol, scale)


def label(words: str, unit: Unit) -> str:
    """ "latency (ms)" """
    return f"{words} ({unit.symbol})" if unit.symbol else words
