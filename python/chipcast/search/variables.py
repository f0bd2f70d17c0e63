# SPDX-License-Identifier: Apache-2.0
"""Axes as whole numbers: a design is a tuple of them, one per axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from chipcast._core import InputError
from chipcast.search.random_draws import generator, strata
from chipcast.sweep import quantities
from chipcast.sweep.axes import Axis
from chipcast.sweep.space import Space
from chipcast.sweep.spec import Sweep
from chipcast.text import did_you_mean, plain

Genome = tuple[int, ...]
STEPS_OF_A_RANGE = 1 << 12
"""A range without steps has so many places."""
_PATIENCE = 50
"""Hypercubes without a new design after which drawing ends."""
_REST = 1 << 20
"""Stream of random numbers for designs that hypercubes did not meet."""
_LISTED = 100_000
"""Spaces up to which conditions are tried on every design."""


@dataclass(frozen=True)
class Gene:
    """One axis. `ordered`: neighbours on it are alike, as clocks are and names of mappers are not."""

    axis: Axis
    places: int
    ordered: bool

    def value(self, place: int) -> Any:
        levels = self.axis.levels
        return levels[place] if levels is not None else self.axis.at(place / (self.places - 1))


class Variables:
    """The axes of a space as genes, and what its conditions admit."""

    def __init__(self, space: Sweep) -> None:
        self.genes = [_gene(axis) for axis in space.all_axes]
        self._conditions = Space(space)
        self._conditional = bool(space.where)

    @cached_property
    def size(self) -> int:
        """Designs before conditions."""
        count = 1
        for gene in self.genes:
            count *= gene.places
        return count

    @property
    def places(self) -> list[int]:
        return [gene.places for gene in self.genes]

    def point(self, genome: Genome) -> dict[str, Any]:
        return {gene.axis.name: gene.value(place) for gene, place in zip(self.genes, genome, strict=True)}

    def admits(self, genome: Genome) -> bool:
        return self._conditions.admits(self.point(genome))

    def all(self) -> list[Genome]:
        """Every design that conditions admit, the last axis fastest."""
        grid = np.indices(self.places).reshape(len(self.genes), -1).T
        genomes = (tuple(int(place) for place in row) for row in grid)
        return [genome for genome in genomes if self.admits(genome)]

    def begin(self, wanted: Sequence[Mapping[str, Any]], count: int, seed: Sequence[int]) -> list[Genome]:
        """Designs to begin with: those that are wanted, filled up with drawn ones. Raises InputError for an axis or a
        value that is not there, or values that conditions do not admit."""
        drawn = self.draw(count, seed)
        asked: dict[Genome, None] = {}
        for number, design in enumerate(wanted):
            place = f"algorithm.start[{number}]"
            given = self._given(design, place)
            around = [*drawn[number % len(drawn) :], *drawn]
            filled = next(filter(self.admits, (_filled(each, given) for each in around)), None)
            if filled is None:
                raise InputError(f"{place}: space.where admits no design with these values")
            asked[filled] = None
        rest = [genome for genome in drawn if genome not in asked]
        return [*asked, *rest][: max(count, len(asked))]

    def _given(self, design: Mapping[str, Any], place: str) -> dict[int, int]:
        """Places by gene."""
        given: dict[int, int] = {}
        for pattern, value in design.items():
            for gene in self._matching(pattern, place):
                given[gene] = self._place(gene, value, f"{place}.{plain(pattern)}")
        return given

    def _matching(self, pattern: str, place: str) -> list[int]:
        names = [gene.axis.name for gene in self.genes]
        if pattern in names:
            return [names.index(pattern)]
        found = [number for number, name in enumerate(names) if fnmatchcase(name, pattern)]
        if not found:
            raise InputError(f'{place}: no axis "{plain(pattern)}"{did_you_mean(pattern, names)}')
        return found

    def _place(self, gene: int, value: Any, place: str) -> int:
        levels = self.genes[gene].axis.levels
        if levels is None:
            raise InputError(f"{place}: a range without steps has no values to name")
        if value not in levels:
            known = ", ".join(plain(level, 20) for level in levels[:10])
            raise InputError(f"{place}: {plain(value, 60)} is no value of the axis (known: {known})")
        return list(levels).index(value)

    def at_most(self, count: int, seed: Sequence[int]) -> list[Genome]:
        """All designs that conditions admit, or `count` of them where there are more."""
        if self.size <= count or (self._conditional and self.size <= _LISTED):
            every = self.all()
            if len(every) <= count:
                return every
        return self.draw(count, seed)

    def draw(
        self, count: int, seed: Sequence[int], besides: Mapping[Genome, Any] | None = None
    ) -> list[Genome]:
        """Different designs that conditions admit, spread along each axis; fewer where no more are to be found. Raises
        InputError where none is."""
        taken = besides or {}
        found = dict.fromkeys(self._drawn(count, seed, taken))
        if len(found) < count and self.size <= _LISTED:
            left = [genome for genome in self.all() if genome not in found and genome not in taken]
            order = generator([*seed, _REST]).permutation(len(left))[: count - len(found)]
            found.update(dict.fromkeys(left[place] for place in order))
        if not found and not taken:
            raise InputError("space.where: no point drawn is admitted; loosen the conditions")
        return list(found)

    def _drawn(self, count: int, seed: Sequence[int], taken: Mapping[Genome, Any]) -> list[Genome]:
        """Latin hypercube after Latin hypercube, until several in a row have nothing new."""
        found: dict[Genome, None] = {}
        attempt = idle = 0
        while idle < _PATIENCE and len(found) + len(taken) < self.size:
            shares = strata(count, len(self.genes), [*seed, attempt])
            before = len(found)
            for row in shares:
                genome = tuple(min(int(share * n), n - 1) for share, n in zip(row, self.places, strict=True))
                if genome not in found and genome not in taken and self.admits(genome):
                    found[genome] = None
                    if len(found) == count:
                        return list(found)
            attempt, idle = attempt + 1, 0 if len(found) > before else idle + 1
        return list(found)

    def distances(self, genomes: Sequence[Genome], from_: Sequence[Genome]) -> np.ndarray:
        """[len(genomes), len(from_)]: shares of the axes apart, summed; unlike names are a whole axis apart."""
        a, b = np.asarray(genomes, float), np.asarray(from_, float)
        apart = np.zeros((len(a), len(b)))
        for column, gene in enumerate(self.genes):
            delta = np.abs(a[:, None, column] - b[None, :, column])
            apart += delta / max(gene.places - 1, 1) if gene.ordered else delta > 0
        return apart


def _filled(genome: Genome, given: Mapping[int, int]) -> Genome:
    return tuple(given.get(gene, place) for gene, place in enumerate(genome))


def _gene(axis: Axis) -> Gene:
    levels = axis.levels
    if levels is None:
        return Gene(axis, STEPS_OF_A_RANGE, ordered=True)
    return Gene(axis, len(levels), ordered=_is_ordered(levels))


def _is_ordered(levels: Sequence[Any]) -> bool:
    """Numbers or quantities that rise or fall all the way."""
    numbers = [_number(level) for level in levels]
    known = [number for number in numbers if number is not None]
    if len(known) != len(numbers):
        return False
    steps = [b - a for a, b in pairwise(known)]
    return all(step > 0 for step in steps) or all(step < 0 for step in steps)


def _number(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    quantity = quantities.parse(value)
    return None if quantity is None else quantity.base
