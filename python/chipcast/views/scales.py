# SPDX-License-Identifier: Apache-2.0
"""How a column lies along an axis of a picture: in which unit, evenly or by factors, or as a list of names."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from chipcast.sweep import quantities
from chipcast.views.designs import MISSING, Designs
from chipcast.views.units import BARE, Unit, label, prefixed, unit_of, words_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_LEVELS = 8
"""With more values than this, ticks are round numbers rather than the values."""
_MOST_NAMES = 16
_FAR = 1000.0
_LOG_SPREAD = 30.0
"""Largest over smallest value from which on measured numbers are shown by factors."""


@dataclass(frozen=True, eq=False)
class Scale:
    """`numbers` of the column in its shown unit (NaN: none), or places of its names."""

    column: str
    label: str
    numbers: NDArray[np.float64]
    unit: Unit = BARE
    log: bool = False
    names: tuple[str, ...] = ()
    levels: tuple[float, ...] = ()
    """Where the column takes few values: those."""

    def shares(self) -> NDArray[np.float64]:
        """Places between 0 (smallest) and 1; one half where all are alike."""
        return self.share(self.numbers)

    def share(self, numbers: Any) -> NDArray[np.float64]:
        import numpy as np

        low, high = self.ends
        if not low < high:
            return np.where(np.isfinite(numbers), 0.5, np.nan)
        values, ends = np.asarray(numbers, dtype=float), (low, high)
        if self.log:
            values, ends = np.log(values), (math.log(low), math.log(high))
        found: NDArray[np.float64] = (values - ends[0]) / (ends[1] - ends[0])
        return found

    @property
    def ends(self) -> tuple[float, float]:
        import numpy as np

        known = self.numbers[np.isfinite(self.numbers)]
        return (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)

    def ticks(self) -> list[tuple[float, str]]:
        """(number, text) within the ends."""
        if self.names:
            step = math.ceil(len(self.names) / _MOST_NAMES)
            return [(float(place), name) for place, name in enumerate(self.names) if place % step == 0]
        if self.levels:
            return [(number, f"{number:.4g}") for number in self.levels]
        if self.decades:
            symbol = self.unit.symbol
            return [(number, prefixed(symbol, [number]).text(number)) for number in self._round()]
        return [(number, f"{number:.4g}") for number in self._round()]

    @property
    def decades(self) -> bool:
        """Whether it spreads so far that every tick has a prefix of its own."""
        low, high = self.ends
        return self.log and high >= _FAR * low

    def _round(self) -> list[float]:
        from matplotlib import ticker

        low, high = self.ends
        if not low < high:
            return [low]
        locator: Any = ticker.MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10])
        if self.log:
            locator = ticker.LogLocator(subs=(1.0,) if self.decades else (1.0, 2.0, 5.0), numticks=12)
        margin = 1e-9 * (high - low)
        found = [float(each) for each in locator.tick_values(low, high)]
        return [each for each in found if low - margin <= each <= high + margin] or [low, high]


def scale_of(designs: Designs, column: str, *, log: bool | None = None) -> Scale:
    """`log`: None decides by the values, which are by factors where steps between them are, or where measured numbers
    spread widely."""
    numbers = designs.numbers(column)
    if numbers is not None:
        unit = prefixed(unit_of(column), numbers)
        return _numeric(column, numbers, unit, log, measured=column not in designs.axes)
    parsed = [quantities.parse(value) for value in designs.frame[column]]
    if parsed and all(each is not None for each in parsed):
        found = [each for each in parsed if each is not None]
        if len({each.unit.dimension for each in found}) == 1:
            return _quantities(column, found, log)
    return _names(designs, column)


def _numeric(column: str, numbers: Any, unit: Unit, log: bool | None, *, measured: bool) -> Scale:
    import numpy as np

    shown = np.asarray(numbers, dtype=float) / unit.scale
    shown = np.where(np.isfinite(shown), shown, np.nan)
    levels = tuple(float(each) for each in np.unique(shown[np.isfinite(shown)]))
    few = levels if 0 < len(levels) <= _MOST_LEVELS and not measured else ()
    possible = bool(levels) and levels[0] > 0.0
    chosen = possible and (_by_factors(levels, measured) if log is None else log)
    if chosen and not few and levels[-1] >= _FAR * levels[0]:
        bare = Unit(unit_of(column))
        return Scale(column, words_of(column), shown * unit.scale, bare, chosen)
    return Scale(column, label(words_of(column), unit), shown, unit, chosen, levels=few)


def _quantities(column: str, found: Sequence[quantities.Quantity], log: bool | None) -> Scale:
    import numpy as np

    numbers = np.array([each.base for each in found])
    binary = any(each.unit.binary and each.unit.dimension == "B" for each in found)
    unit = prefixed(found[0].unit.dimension, numbers, binary=binary)
    return _numeric(column, numbers, unit, log, measured=False)


def _names(designs: Designs, column: str) -> Scale:
    import numpy as np

    texts = designs.texts(column)
    names = tuple(sorted(set(texts), key=_as_counted))
    places = {name: float(place) for place, name in enumerate(names)}
    return Scale(column, words_of(column), np.array([places[text] for text in texts]), names=names)


def _as_counted(text: str) -> tuple[bool, list[tuple[int, str]]]:
    """int4 before int16, and what is missing last."""
    parts = re.findall(r"\d+|\D+", text)
    return text == MISSING, [
        (int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in parts
    ]


def _by_factors(levels: Sequence[float], measured: bool) -> bool:
    """Whether positive values, in ascending order, lie apart by factors rather than by differences."""
    low, high = levels[0], levels[-1]
    if measured or len(levels) < 3:
        return measured and high >= _LOG_SPREAD * low
    if len(levels) > _MOST_LEVELS:  # drawn from a range: which middle is theirs?
        middle = levels[len(levels) // 2]
        geometric, arithmetic = math.sqrt(low * high), 0.5 * (low + high)
        return high >= 4.0 * low and abs(math.log(middle / geometric)) < abs(math.log(middle / arithmetic))
    pairs = list(itertools.pairwise(levels))
    factors = [after / before for before, after in pairs]
    steps = [after - before for before, after in pairs]
    return max(factors) / min(factors) < 0.999 * max(steps) / min(steps)


def lay(axes: Any, which: Literal["x", "y"], scale: Scale) -> None:
    """Makes a scale of the x or y axis of matplotlib's `axes`."""
    from matplotlib import ticker

    axis = getattr(axes, f"{which}axis")
    axis.set_label_text(scale.label)
    if scale.log:
        getattr(axes, f"set_{which}scale")("log")
        axis.set_minor_locator(ticker.NullLocator())
    if scale.names or scale.levels or scale.log:
        axis.set_major_locator(ticker.FixedLocator([place for place, _ in scale.ticks()]))
        axis.set_major_formatter(ticker.FixedFormatter([text for _, text in scale.ticks()]))
    else:
        axis.get_major_formatter().set_useOffset(False)
