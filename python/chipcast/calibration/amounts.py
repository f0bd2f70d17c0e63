# SPDX-License-Identifier: Apache-2.0
"""Values of parameters as configuration has them ("20 us", 0.62, 46) and as numbers that a fit can move."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from chipcast._core import InputError
from chipcast.text import plain

_PREFIXES = {
    "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15,
}  # fmt: skip
_BASES = {
    "Hz": "kMG", "s": "munp", "J": "munpf", "W": "kmun", "B/s": "kMGT", "J/B": "np", "J/op": "npf", "J/cycle": "np",
}  # fmt: skip
UNITS: dict[str, tuple[str, float]] = {
    prefix + base: (base, _PREFIXES[prefix]) for base, prefixes in _BASES.items() for prefix in ("", *prefixes)
}
"""Unit -> its base unit and its size in that, as sim/config/unit_text.cpp reads them."""
UNITS |= {unit: ("B", size) for unit, size in
          {"B": 1.0, "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "kB": 1e3, "MB": 1e6, "GB": 1e9}.items()}
UNITS |= {"MiB/s": ("B/s", 2.0**20), "GiB/s": ("B/s", 2.0**30), "pJ/bit": ("J/B", 8e-12), "fJ/bit": ("J/B", 8e-15)}
UNITS |= {unit: (unit, 1.0) for unit in ("B/cycle", "op/cycle", "cycles")} | {"cycle": ("cycles", 1.0)}

_WHOLE = ("B", "B/cycle", "op/cycle", "cycles")
_AMOUNT = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S+)\s*")


@dataclass(frozen=True)
class Form:
    """How a parameter is written."""

    unit: str = ""
    """As it stands in the platform; "" for bare numbers."""
    whole: bool = False
    """Only whole numbers (of base units) can be written."""

    def number(self, value: Any, place: str) -> float:
        """In base units. Throws InputError where the value has another form."""
        number, form = read(value, place)
        if UNITS.get(form.unit, ("", 1.0))[0] != UNITS.get(self.unit, ("", 1.0))[0]:
            raise InputError(f"{place}: {plain(value, 40)} is no amount in {self.unit or 'plain numbers'}")
        return number

    def value(self, number: float) -> Any:
        """What configuration takes: the nearest that can be written."""
        if not self.unit:
            return round(number) if self.whole else float(f"{number:.6g}")
        base, size = UNITS[self.unit]
        return f"{round(number)} {base}" if self.whole else f"{number / size:.6g} {self.unit}"


def read(value: Any, place: str) -> tuple[float, Form]:
    """(number in base units, form) of a value of a platform. Throws InputError for anything but a number or an
    amount."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise InputError(f"{place}: {plain(value, 40)} is neither a number nor an amount; it cannot be fitted")
    if not isinstance(value, str):
        return float(value), Form(whole=isinstance(value, int))
    match = _AMOUNT.fullmatch(value)
    if match is None or match[2] not in UNITS:
        raise InputError(f'{place}: "{plain(value, 40)}" is no number with a unit; it cannot be fitted')
    base, size = UNITS[match[2]]
    number = float(match[1]) * size
    if not math.isfinite(number):
        raise InputError(f'{place}: "{plain(value, 40)}" is not finite')
    return number, Form(match[2], base in _WHOLE)
