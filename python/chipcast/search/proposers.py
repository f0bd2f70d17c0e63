# SPDX-License-Identifier: Apache-2.0
"""Who proposes designs. Libraries are loaded where one of theirs is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chipcast.search.libraries import need
from chipcast.search.records import Judge, Record
from chipcast.search.variables import Genome, Variables

_GRID_BATCH = 256
"""Designs of a grid at once: an interrupted search has those that were done before."""


class Proposer(Protocol):
    """Asked and told in turn."""

    def ask(self) -> list[Genome]:
        """Designs that conditions admit; none where it has no more to propose."""

    def tell(self, records: Sequence[Record]) -> None:
        """What came of the designs that were asked for last, in order; of the first of them where the budget ended."""


class Listed:
    """Designs that are known before, in batches."""

    def __init__(self, genomes: Sequence[Genome], batch: int) -> None:
        self._left = list(genomes)
        self._batch = batch

    def ask(self) -> list[Genome]:
        taken, self._left = self._left[: self._batch], self._left[self._batch :]
        return taken

    def tell(self, records: Sequence[Record]) -> None:
        pass


def proposer_of(judge: Judge, variables: Variables) -> Proposer:
    """Of a search's algorithm. Raises InputError where its library is not there."""
    search = judge.search
    name = search.algorithm.name
    if name == "grid":
        return Listed(variables.at_most(search.evaluations, [search.seed]), _GRID_BATCH)
    if name == "random":
        drawn = variables.begin(search.algorithm.start, search.evaluations, [search.seed])
        return Listed(drawn, search.algorithm.population)
    if name in ("nsga2", "nsga3", "protected_nsga3"):
        need("pymoo")
        from chipcast.search.genetic import Genetic

        return Genetic(judge, variables)
    need("optuna")
    from chipcast.search.optuna_sampling import OptunaSampling

    return OptunaSampling(judge, variables)
