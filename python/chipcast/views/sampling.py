# SPDX-License-Identifier: Apache-2.0
"""Which points tell how much each axis matters: SALib's samples, laid over the axes of a sweep."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from chipcast._core import InputError
from chipcast.search.libraries import need
from chipcast.sweep.axes import Axis, Range
from chipcast.sweep.spec import Sample, Sweep
from chipcast.text import plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Method = Literal["sobol", "morris"]
METHODS = ("sobol", "morris")
MORRIS_LEVELS = 4
_MOST_EVALUATIONS = 10_000_000


@dataclass(frozen=True, eq=False)
class Plan:
    """`samples` blocks of points: base points for sobol, trajectories for morris. SALib sees each axis between 0 and 1:
    a share of its range, by factors where it is logarithmic, or of its list of values, each alike likely."""

    axes: Sequence[Axis]
    method: Method
    samples: int
    seed: int = 0
    second_order: bool = False

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InputError(f'method: "{plain(self.method)}" is not known (known: {", ".join(METHODS)})')
        if not _is_whole(self.seed) or not 0 <= self.seed < 2**63 - 1:
            raise InputError(f"seed: {plain(self.seed)} is not a whole number, 0 or more")
        if self.second_order and self.method != "sobol":
            raise InputError("second_order: only method sobol has it")
        if not self.axes:
            raise InputError("axes: none takes more than one value; vary something")
        self._check_samples()

    def _check_samples(self) -> None:
        count = self.samples
        if not _is_whole(count) or count < 2:
            raise InputError(f"samples: {plain(count)} is not a whole number, 2 or more")
        if self.evaluations > _MOST_EVALUATIONS:
            raise InputError(
                f"samples: {count} make {self.evaluations:,} points; {_MOST_EVALUATIONS:,} at most"
            )
        if self.method == "sobol" and count & (count - 1):
            below = 1 << (count.bit_length() - 1)
            raise InputError(
                f"samples: {count} is not a power of two, as sobol needs ({below} and {2 * below} are)"
            )

    @property
    def block(self) -> int:
        """Points that belong together."""
        count = len(self.axes)
        if self.method == "morris":
            return count + 1
        return 2 * count + 2 if self.second_order else count + 2

    @property
    def evaluations(self) -> int:
        return self.samples * self.block

    @cached_property
    def problem(self) -> dict[str, Any]:
        """As SALib wants it."""
        names = [axis.name for axis in self.axes]
        return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """[evaluations, axes] between 0 and 1. Saltelli (2002) on scrambled Sobol points;
        trajectories of Morris (1991)."""
        import numpy as np

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            if self.method == "sobol":
                sampler = need("SALib.sample.sobol")
                drawn = sampler.sample(
                    self.problem, self.samples, calc_second_order=self.second_order, seed=self.seed
                )
            else:
                sampler = need("SALib.sample.morris")
                drawn = sampler.sample(self.problem, self.samples, num_levels=MORRIS_LEVELS, seed=self.seed)
        shares: NDArray[np.float64] = np.asarray(drawn, dtype=float)
        return shares

    def points(self) -> list[dict[str, Any]]:
        """Values by axis, one for each row of `shares`."""
        pick = _step if self.method == "morris" else Axis.at
        return [
            {axis.name: pick(axis, float(share)) for axis, share in zip(self.axes, row, strict=True)}
            for row in self.shares
        ]


def _step(axis: Axis, share: float) -> Any:
    """Of a list, so that the steps of a trajectory are alike at both ends."""
    levels = axis.levels
    if levels is not None:
        return levels[math.floor(share * (len(levels) - 1) + 0.5)]
    assert isinstance(axis.values, Range)
    return axis.values.at(share)


def step_of(axis: Axis) -> float:
    """How far along the axis one step of a trajectory goes, as a share of it; SALib takes it for 2/3 always."""
    step = MORRIS_LEVELS / (2.0 * (MORRIS_LEVELS - 1.0))
    if axis.levels is None:
        return step
    last = len(axis.levels) - 1
    return math.floor(step * last + 0.5) / last


def axes_of(sweep: Sweep) -> list[Axis]:
    """Those that take more than one value. Raises InputError for a sweep that lists its points."""
    if sweep.points is not None:
        raise InputError("points: a sensitivity chooses its own points; give axes instead")
    return [axis for axis in sweep.all_axes if axis.levels is None or len(axis.levels) > 1]


def chosen_points(sweep: Sweep, points: Sequence[Mapping[str, Any]]) -> tuple[Sweep, list[int]]:
    """(the sweep of these points alone, each once; for each of `points` its number in it). Axes of one value are filled
    in, conditions put aside."""
    fixed = {axis.name: axis.levels[0] for axis in sweep.all_axes if axis.levels is not None}
    places: dict[str, int] = {}
    unique: list[dict[str, Any]] = []
    rows = []
    for point in points:
        whole = {axis.name: point.get(axis.name, fixed.get(axis.name)) for axis in sweep.all_axes}
        place = places.setdefault(json.dumps(whole, sort_keys=True, default=str), len(unique))
        if place == len(unique):
            unique.append(whole)
        rows.append(place)
    return replace(sweep, sample=Sample(), chosen=unique, where=()), rows


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
