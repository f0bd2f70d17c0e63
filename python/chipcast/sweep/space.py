# SPDX-License-Identifier: Apache-2.0
"""The points of a sweep by number: nothing is expanded before it is asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from chipcast._core import InputError
from chipcast.sweep import expressions
from chipcast.sweep.spec import Sweep

if TYPE_CHECKING:
    import numpy as np

_MOST_DRAWS = 10_000


@dataclass(frozen=True)
class Point:
    """One design. `values` by axis, in the order of the axes. `problem`: why it cannot be one."""

    index: int
    values: Mapping[str, Any]
    problem: str = ""


class Space:
    """Points 0 to size - 1; a number always names the same point."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self._axes = sweep.all_axes
        self._conditions = [expressions.parse(text) for text in sweep.where]

    @cached_property
    def size(self) -> int:
        """How many there are before conditions."""
        sweep = self.sweep
        if sweep.points is not None:
            return len(sweep.points)
        if sweep.chosen is not None:
            return len(sweep.chosen)
        if sweep.sample.points is not None:
            return sweep.sample.points
        return math.prod(len(axis.levels or ()) for axis in self._axes)

    def point(self, index: int) -> Point | None:
        """None where a condition fails. A random sample draws again instead."""
        if not 0 <= index < self.size:
            raise IndexError(index)
        if self.sweep.sample.method == "random":
            return self._random(index)
        return self._admitted(Point(index, self._values(index)))

    def points(self, start: int = 0) -> Iterator[Point]:
        """Those that all conditions admit, in order."""
        found = (self.point(index) for index in range(start, self.size))
        return (point for point in found if point is not None)

    def count(self, most: int = 100_000) -> int | None:
        """How many points conditions admit; None where more than `most` would have to be looked at."""
        if not self._conditions or self.sweep.sample.method == "random":
            return self.size
        return sum(1 for _ in self.points()) if self.size <= most else None

    def first(self, most: int) -> list[Point]:
        return list(islice(self.points(), most))

    def admits(self, values: Mapping[str, Any]) -> bool:
        """Whether conditions let these values of all axes pass."""
        point = self._admitted(Point(0, values))
        return point is not None and not point.problem

    def _values(self, index: int) -> dict[str, Any]:
        if self.sweep.points is not None:
            return dict(self.sweep.points[index])
        if self.sweep.chosen is not None:
            return dict(self.sweep.chosen[index])
        if self.sweep.sample.method == "latin_hypercube":
            return self._at(self._hypercube[index])
        values: dict[str, Any] = {}
        for axis in reversed(self._axes):  # the last axis changes fastest
            levels = axis.levels
            assert levels is not None
            index, place = divmod(index, len(levels))
            values[axis.name] = levels[place]
        return dict(reversed(values.items()))

    def _random(self, index: int) -> Point:
        import numpy as np

        seeds = np.random.SeedSequence([self.sweep.sample.seed, index])
        random = np.random.Generator(np.random.PCG64(seeds))
        for _ in range(_MOST_DRAWS):
            if point := self._admitted(Point(index, self._at(random.random(len(self._axes))))):
                return point
        raise InputError(f"where: {_MOST_DRAWS} points drawn and none admitted; loosen the conditions")

    @cached_property
    def _hypercube(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """McKay, Beckman, Conover (1979): each axis is cut into as many strips as there are points, one in each."""
        import numpy as np
        from scipy.stats import qmc

        random = np.random.Generator(np.random.PCG64(self.sweep.sample.seed))
        drawn: np.ndarray[Any, np.dtype[np.float64]]
        drawn = qmc.LatinHypercube(d=max(len(self._axes), 1), rng=random).random(self.size)
        return drawn

    def _at(self, shares: Any) -> dict[str, Any]:
        return {axis.name: axis.at(float(share)) for axis, share in zip(self._axes, shares, strict=False)}

    def _admitted(self, point: Point) -> Point | None:
        for number, condition in enumerate(self._conditions):
            if lacking := sorted(condition.names - set(point.values)):
                return Point(point.index, point.values, f'where[{number}]: the point has no "{lacking[0]}"')
            try:
                if not condition.value(point.values):
                    return None
            except InputError as error:
                return Point(point.index, point.values, f"where[{number}]: {error}")
        return point
