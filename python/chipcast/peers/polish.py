# SPDX-License-Identifier: Apache-2.0
"""The last steps of a search, with the cost itself: neighbours of a mapping, until none is better.

ZigZag's balancing of transfers that happen once looks at a whole mapping, which no bound on a part of one sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chipcast._core import InputError

CUTS = ("weights", "inputs", "outputs")
Mapping = dict[str, Any]


def polished(mapping: Mapping, cost_of: Callable[[Mapping], float]) -> tuple[Mapping, int]:
    """A mapping none of whose neighbours costs less, by steepest descent, and how many costs that took. `cost_of` may
    raise InputError for a mapping that does not fit."""
    best, evaluations = cost_of(mapping), 1
    while True:
        step: Mapping | None = None
        for each in neighbours(mapping):
            evaluations += 1
            try:
                cost = cost_of(each)
            except InputError:
                continue
            if cost < best:
                best, step = cost, each
        if step is None:
            return mapping, evaluations
        mapping = step


def neighbours(mapping: Mapping) -> Iterator[Mapping]:
    """Two loops exchanged, or one cut moved by up to two loops."""
    loops = mapping["temporal"]
    for i in range(len(loops)):
        for j in range(i + 1, len(loops)):
            if loops[i] != loops[j]:
                swapped = list(loops)
                swapped[i], swapped[j] = swapped[j], swapped[i]
                yield mapping | {"temporal": swapped}
    for name in CUTS:
        for i in range(len(mapping[name])):
            for shift in (-2, -1, 1, 2):
                moved = list(mapping[name])
                moved[i] += shift
                if 0 <= moved[i] <= len(loops) and moved == sorted(moved):
                    yield mapping | {name: moved}
