# SPDX-License-Identifier: Apache-2.0
"""Amounts as people type them on a command line: "600MHz", "1 s", "2 W"."""

from __future__ import annotations

import math
import re

from chipcast._core import InputError
from chipcast.text import plain

_UNITS = {
    "Hz": {"Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9},
    "s": {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "min": 60.0, "h": 3600.0},
    "W": {"W": 1.0, "mW": 1e-3, "uW": 1e-6, "µW": 1e-6, "kW": 1e3},
}
_EXAMPLES = {"Hz": "600MHz", "s": "1s", "W": "2.5W"}
_AMOUNT = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-zA-Zµ]+)")


def amount(text: str, unit: str, place: str) -> float:
    """amount("600 MHz", "Hz", "--clock") == 600e6; finite and positive. Throws InputError with the place."""
    match = _AMOUNT.fullmatch(str(text).strip())
    known = _UNITS[unit]
    if match is None or match[2] not in known:
        raise InputError(
            f'{place}: "{plain(text, 40)}" is no number with a unit ({", ".join(known)}), as in {_EXAMPLES[unit]}'
        )
    # Through decimal text, so that 600.5 MHz is 600500000 Hz and not a neighbour of it.
    value = float(f"{float(match[1]) * known[match[2]]:.15g}")
    if not (math.isfinite(value) and value > 0):
        raise InputError(f'{place}: "{plain(text, 40)}" is not above zero; give a positive value in {unit}')
    return value


def fraction(value: object, place: str) -> float:
    """A level between 0 and 1."""
    try:
        level = float(str(value))
    except ValueError:
        level = math.nan
    if not 0.0 <= level <= 1.0:
        raise InputError(f'{place}: "{plain(value, 40)}" is not a level between 0 and 1')
    return level


def whole(value: object, place: str, least: int = 1) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = least - 1
    if number < least:
        raise InputError(f'{place}: "{plain(value, 40)}" is not a whole number from {least} on')
    return number


def clock_text(hertz: float) -> str:
    """A clock as a configuration file takes it, without loss."""
    for scale, unit in ((1e9, "GHz"), (1e6, "MHz"), (1e3, "kHz")):
        if hertz >= scale:
            return f"{hertz / scale:.12g} {unit}"
    return f"{hertz:.12g} Hz"


def seconds_text(seconds: float) -> str:
    """A time as a configuration file takes it, to the picosecond."""
    return f"{round(seconds * 1e12)} ps" if seconds < 1e-3 else f"{seconds:.12g} s"


def hertz(value: float | str, place: str) -> float:
    """A rate or clock: a number in hertz or text with a unit."""
    return _number(value, "Hz", place)


def seconds(value: float | str, place: str) -> float:
    return _number(value, "s", place)


def watts(value: float | str, place: str) -> float:
    return _number(value, "W", place)


def _number(value: float | str, unit: str, place: str) -> float:
    if isinstance(value, str):
        return amount(value, unit, place)
    if isinstance(value, bool) or not (math.isfinite(value) and value > 0):
        raise InputError(f"{place}: {plain(value, 40)} is not above zero; give a positive value in {unit}")
    return float(value)
