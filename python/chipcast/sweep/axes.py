# SPDX-License-Identifier: Apache-2.0
"""What is varied: named axes with values, listed or along a range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from chipcast._core import InputError
from chipcast.sweep import quantities
from chipcast.sweep.templates import tidy
from chipcast.text import plain

Scale = Literal["linear", "log"]
Number = int | float | str
MOST_STEPS = 1_000_000


@dataclass(frozen=True)
class Range:
    """From `start` to `stop`, both included: numbers, or quantities of one dimension ("64 KiB" to "1 MiB").

    `steps` values evenly apart, in `log` by a constant factor. Without steps only random and Latin hypercube samples
    can draw from it. `multiple_of` rounds to multiples of it; what coincides then counts once. Whole numbers at both
    ends give whole numbers; bytes, cycles and operations are whole always.
    """

    start: Number
    stop: Number
    steps: int | None = None
    scale: Scale = "linear"
    multiple_of: Number | None = None

    def __post_init__(self) -> None:
        if self.scale not in ("linear", "log"):
            raise InputError(f'scale: "{plain(self.scale)}" is not known (known: linear, log)')
        if self.steps is not None and not (_is_whole(self.steps) and 1 <= self.steps <= MOST_STEPS):
            raise InputError(f"steps: {plain(self.steps)} is not a whole number in [1, {MOST_STEPS}]")
        low, high = self._ends
        if not low < high:
            raise InputError(f"to: {plain(self.stop)} is not above from: {plain(self.start)}")
        if self.scale == "log" and low <= 0:
            raise InputError(f"from: {plain(self.start)} is not positive, as a log range needs")
        if self.multiple_of is not None and self._grain <= 0:
            raise InputError(f"multiple_of: {plain(self.multiple_of)} is not positive")

    def at(self, share: float) -> Any:
        """The value at `share` of the way, 0 to 1."""
        low, high = self._ends
        log = self.scale == "log"
        number = low * math.exp(share * math.log(high / low)) if log else low + share * (high - low)
        number = high if share >= 1.0 else min(max(number, low), high)
        if self.multiple_of is not None:
            # inside the range even where its ends are no multiples
            down, up = math.floor(high / self._grain), math.ceil(low / self._grain)
            number = max(min(round(number / self._grain), down), min(up, down)) * self._grain
        return self._shown(number)

    @cached_property
    def values(self) -> tuple[Any, ...]:
        """Those of its steps, each once."""
        assert self.steps is not None
        last = max(self.steps - 1, 1)
        return tuple(dict.fromkeys(self.at(step / last) for step in range(self.steps)))

    def _shown(self, number: float) -> Any:
        unit = self._unit
        if unit is not None:
            return quantities.text_of(number, unit)
        if _is_whole(self.start) and _is_whole(self.stop) and self.multiple_of is None:
            return round(number)
        return tidy(float(f"{number:.12g}"))

    @cached_property
    def _unit(self) -> quantities.Unit | None:
        quantity = quantities.parse(self.start)
        return None if quantity is None else quantity.unit

    @cached_property
    def _ends(self) -> tuple[float, float]:
        return self._in_unit(self.start, "from"), self._in_unit(self.stop, "to")

    @cached_property
    def _grain(self) -> float:
        assert self.multiple_of is not None
        return self._in_unit(self.multiple_of, "multiple_of")

    def _in_unit(self, value: Number, place: str) -> float:
        """As a number of the unit of `start`."""
        unit = self._unit
        if unit is None:
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                wanted = "a number, or one with a unit in quotes such as 800 MHz"
                raise InputError(f"{place}: {plain(value)} is not {wanted}")
            return float(value)
        quantity = quantities.parse(value)
        if quantity is None or quantity.unit.dimension != unit.dimension:
            known = ", ".join(s for s, u in quantities.UNITS.items() if u.dimension == unit.dimension)
            raise InputError(f"{place}: {plain(value)} is not a number with a unit (of {known})")
        if quantity.unit == unit:
            return quantity.number
        return quantity.base / quantities.Quantity(1.0, unit).base


@dataclass(frozen=True)
class Axis:
    """One thing that is varied. `sets`: the fields that take its value; by default the one that it is named after."""

    name: str
    values: Sequence[Any] | Range
    sets: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not isinstance(self.values, Range):
            object.__setattr__(self, "values", tuple(self.values))
            if not self.values:
                raise InputError(f"axes.{plain(self.name)}: no values; give at least one")
            if len({repr(value) for value in self.values}) != len(self.values):
                raise InputError(f"axes.{plain(self.name)}: a value stands there twice")
        if not self.sets:
            object.__setattr__(self, "sets", (self.name,))

    @property
    def levels(self) -> Sequence[Any] | None:
        """Its values; None along a range without steps."""
        if isinstance(self.values, Range):
            return None if self.values.steps is None else self.values.values
        return self.values

    def at(self, share: float) -> Any:
        """The value at `share` in [0, 1) of the axis, values alike likely."""
        levels = self.levels
        if levels is not None:
            return levels[min(int(share * len(levels)), len(levels) - 1)]
        assert isinstance(self.values, Range)
        return self.values.at(share)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
