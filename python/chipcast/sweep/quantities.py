# SPDX-License-Identifier: Apache-2.0
"""Quantities as configuration text ("800 MHz", "64 KiB"), to compare them and to step through them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_DECIMAL = {
    "Hz": {"": 0, "k": 3, "M": 6, "G": 9},
    "s": {"": 0, "m": -3, "u": -6, "n": -9, "p": -12},
    "B": {"": 0, "k": 3, "M": 6, "G": 9},
    "J": {"": 0, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15},
    "W": {"": 0, "k": 3, "m": -3, "u": -6, "n": -9},
    "B/s": {"": 0, "k": 3, "M": 6, "G": 9, "T": 12},
    "J/B": {"": 0, "n": -9, "p": -12},
    "J/op": {"": 0, "n": -9, "p": -12, "f": -15},
    "J/cycle": {"": 0, "n": -9, "p": -12},
    "B/cycle": {"": 0},
    "op/cycle": {"": 0},
    "cycles": {"": 0},
}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30}
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z/]+)\s*")
_WHOLE = ("B", "cycles", "B/cycle", "op/cycle")


@dataclass(frozen=True)
class Unit:
    symbol: str
    dimension: str
    decimal: int = 0
    binary: int = 0

    @property
    def whole(self) -> bool:
        """Whether only whole numbers of the base unit exist."""
        return self.dimension in _WHOLE


def _units() -> dict[str, Unit]:
    """As sim/config/unit_text.cpp accepts them."""
    known = {
        prefix + base: Unit(prefix + base, base, decimal=shift)
        for base, prefixes in _DECIMAL.items()
        for prefix, shift in prefixes.items()
    }
    for base in ("B", "B/s"):
        for prefix, shift in _BINARY.items():
            known[prefix + base] = Unit(prefix + base, base, binary=shift)
    known["cycle"] = Unit("cycle", "cycles")
    known["pJ/bit"] = Unit("pJ/bit", "J/B", -12, 3)
    known["fJ/bit"] = Unit("fJ/bit", "J/B", -15, 3)
    return known


UNITS = _units()


@dataclass(frozen=True)
class Quantity:
    """`number` of `unit`."""

    number: float
    unit: Unit

    @property
    def base(self) -> float:
        """In the unit without a prefix: hertz, seconds, bytes."""
        return (
            float(f"{self.number!r}e{self.unit.decimal}") * 2.0**self.unit.binary
            if self._plain
            else self._far
        )

    @property
    def _plain(self) -> bool:
        return "e" not in repr(self.number)

    @property
    def _far(self) -> float:
        return self.number * 10.0**self.unit.decimal * 2.0**self.unit.binary


def parse(text: object) -> Quantity | None:
    """None where `text` is not a number with a unit that the project knows."""
    matched = _NUMBER.fullmatch(text) if isinstance(text, str) and len(text) <= 64 else None
    unit = UNITS.get(matched[2]) if matched else None
    if matched is None or unit is None:
        return None
    number = float(matched[1])
    return Quantity(number, unit) if math.isfinite(number) else None


def text_of(number: float, unit: Unit) -> str:
    """ "96 KiB"; what has no whole number of base units otherwise is rounded to one: "97.31 KiB" is "99645 B"."""
    if not unit.whole:
        return f"{_digits(number)} {unit.symbol}"
    base = round(Quantity(number, unit).base)
    shown = _digits(number)
    exact = Quantity(float(shown), unit).base == base
    return f"{shown} {unit.symbol}" if exact else f"{base} {unit.dimension}"


def _digits(number: float) -> str:
    return f"{number:.12g}"
