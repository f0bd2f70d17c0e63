# SPDX-License-Identifier: Apache-2.0
"""Designs with all their columns: forecasts, accuracy and formulas together, each design once per tier."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chipcast.search.accuracy.columns import AccuracyColumn, Decibels
from chipcast.search.evaluation import Forecaster, Interrupted
from chipcast.search.proposers import Proposer
from chipcast.search.records import Record, add_formulas
from chipcast.search.spec import SQNR, SQNR_FROM, Search
from chipcast.search.variables import Genome, Variables

Done = Callable[[int, int], object]


class Explorer:
    """Asks for designs until the budget is spent, and forecasts them."""

    def __init__(
        self,
        search: Search,
        variables: Variables,
        forecaster: Forecaster,
        accuracy: AccuracyColumn | None,
        told: Done = lambda done, total: None,
    ) -> None:
        self._search, self._variables = search, variables
        self._forecaster, self._accuracy = forecaster, accuracy
        self._told = told
        self.rounds = 0

    def explore(
        self, proposer: Proposer, tier: str, done: list[Record], finish: Callable[[Record], Record]
    ) -> None:
        """Appends to `done` whatever was forecast, also when it is interrupted."""
        while (room := self._search.evaluations - len(done)) > 0:
            genomes = proposer.ask()[:room]
            if not genomes:
                return
            records = [finish(record) for record in self.forecast(genomes, tier)]
            done += records
            proposer.tell(records)
            self._told(len(done), self._search.evaluations)

    def forecast(self, genomes: Sequence[Genome], tier: str) -> list[Record]:
        """One record per design, in order. Raises Interrupted."""
        points = [self._variables.point(genome) for genome in genomes]
        rows = self._forecaster.rows(points, {"tier": tier})
        if len(rows) < len(points):
            raise Interrupted
        records = []
        for genome, row in zip(genomes, rows, strict=True):
            record = Record(genome, row.values, tier, self.rounds, row.state, row.reason)
            record.columns = {name: row.row.get(name) for name in row.row}
            records.append(record)
        if self._accuracy is not None:
            for record, found in zip(records, self._accuracy.of(points), strict=True):
                self.add_accuracy(record, found)
        for record in records:
            self.complete(record)
        self.rounds += 1
        return records

    def add_accuracy(self, record: Record, found: Decibels) -> None:
        """A run that failed fails the design where its accuracy decides something."""
        record.columns[SQNR] = found.value
        record.columns[SQNR_FROM] = found.source if found.value is not None else None
        if found.state == "done" or record.state != "done":
            return
        record.reason = f"{SQNR}: {found.reason}"
        if found.state != "invalid" and SQNR in self._search.asked:
            record.state = found.state

    def complete(self, record: Record) -> None:
        """Columns that follow from others."""
        add_formulas(record, self._search.formulas)
