# SPDX-License-Identifier: Apache-2.0
"""Survival that protects what one set of criteria alone would lose.

CARS (Yang et al., CVPR 2020, arXiv:1909.04977, pNSGA-III) sorts a population twice, by model size and accuracy and by
model size and how fast accuracy still grows, and merges both: networks that are behind at first, but would win later,
are not driven out by those that were quick. Here the further sets are any columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymoo.algorithms.moo.nsga3 import (
    ReferenceDirectionSurvival,
    associate_to_niches,
    calc_niche_count,
    niching,
)
from pymoo.core.survival import Survival
from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

from chipcast.search.fronts import Floats

CRITERIA = "criteria"
"""Of an individual: values of its further sets of criteria, made small."""


class ProtectedSurvival(Survival):  # type: ignore[misc]
    """Front by front, each the union of the fronts of all sets; of the last one reference directions choose."""

    def __init__(self, directions: Floats) -> None:
        super().__init__(filter_infeasible=True)
        self._directions = directions
        self._plain = ReferenceDirectionSurvival(directions)
        self.opt: Any = None

    def _do(self, problem: Any, pop: Any, n_survive: int, random_state: Any = None, **others: Any) -> Any:
        self._plain._do(
            problem, pop, n_survive, random_state=random_state, **others
        )  # its norm follows the front
        self.opt = self._plain.opt
        if len(pop) <= n_survive:
            return pop
        kept: list[int] = []
        for front in merged_fronts(self._sets(pop)):
            if len(kept) + len(front) > n_survive:
                kept += self._niched(pop, kept, front, n_survive - len(kept), random_state)
                break
            kept += front
        return pop[kept]

    def _sets(self, pop: Any) -> list[Floats]:
        further = pop.get(CRITERIA)
        count = len(further[0])
        return [pop.get("F"), *(np.asarray([each[k] for each in further], float) for k in range(count))]

    def _niched(self, pop: Any, kept: list[int], front: list[int], room: int, random_state: Any) -> list[int]:
        norm = self._plain.norm
        niches, distances, _ = associate_to_niches(
            pop.get("F"), self._directions, norm.ideal_point, norm.nadir_point
        )
        counts = (
            calc_niche_count(len(self._directions), niches[kept])
            if kept
            else np.zeros(len(self._directions), int)
        )
        chosen = niching(pop[front], room, counts, niches[front], distances[front], random_state=random_state)
        return [front[place] for place in chosen]


def merged_fronts(sets: list[Floats]) -> list[list[int]]:
    """Level by level the union of the sets' fronts; who was taken at a level is not taken again. In each level those of
    the first set stand first."""
    sorting = NonDominatedSorting()
    levels: list[list[NDArray[Any]]] = [sorting.do(_finite(values)) for values in sets]
    taken: set[int] = set()
    merged = []
    for level in range(max(len(fronts) for fronts in levels)):
        front: list[int] = []
        for fronts in levels:
            for place in fronts[level] if level < len(fronts) else ():
                if int(place) not in taken:
                    taken.add(int(place))
                    front.append(int(place))
        if front:
            merged.append(front)
    return merged


def _finite(values: Floats) -> Floats:
    out: Floats = np.nan_to_num(values, nan=1e300, posinf=1e300, neginf=-1e300)
    return out
