# SPDX-License-Identifier: Apache-2.0
"""What a search found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chipcast.search.fidelity import Promotion
from chipcast.search.fronts import Floats, corner_of, hypervolume, pareto_mask
from chipcast.search.records import Judge, Record
from chipcast.search.spec import SQNR, SQNR_FROM, TEXTS, Search
from chipcast.sweep.table import SweepTable

if TYPE_CHECKING:
    import pandas as pd

_HEAD = ("design", "state", "tier", "round", "front")


@dataclass(frozen=True)
class Step:
    """How far a search was after a round."""

    evaluations: int
    hypervolume: float
    front: int
    """Designs on the front."""


@dataclass(frozen=True)
class SearchResult:
    """`records`: every design that was forecast in the tier that counts, in the order in which it was."""

    search: Search
    records: Sequence[Record]
    screened: Sequence[Record] = ()
    """With multi-fidelity: the designs as the analytic tier has them."""
    promotion: Promotion | None = None
    interrupted: bool = False
    reused: int = 0
    """Forecasts that the store had."""
    seconds: float = 0.0

    @property
    def evaluations(self) -> int:
        return len(self.records)

    @property
    def counts(self) -> dict[str, int]:
        """Designs by state: done, invalid, failed, quarantined."""
        states = [record.state for record in self.records]
        return {state: states.count(state) for state in sorted(set(states))}

    @property
    def front(self) -> list[Record]:
        """Designs that keep all constraints and that no other one dominates, best first in the first objective; of
        several with equal objectives the first found."""
        feasible = self._judge.feasible(self.records)
        values = self._judge.objectives(feasible)
        best: dict[tuple[float, ...], Record] = {}
        for record, row, on_front in zip(feasible, values, pareto_mask(values), strict=True):
            if on_front:
                best.setdefault(tuple(row), record)
        return [best[row] for row in sorted(best)]

    @property
    def reference(self) -> Floats | None:
        """Corner of the hypervolume, in objectives made small; None where nothing is feasible."""
        given = self.search.reference
        if given:
            return np.asarray([each.made_small(given[each.column]) for each in self.search.objectives])
        values = self._judge.objectives(self._judge.feasible(self.records))
        return corner_of(values) if len(values) else None

    def history(self, reference: Floats | None = None) -> list[Step]:
        """Round by round. `reference`: another corner than the search's own."""
        corner = self.reference if reference is None else reference
        steps: list[Step] = []
        for count in self._round_ends():
            values = self._judge.objectives(self._judge.feasible(self.records[:count]))
            volume = hypervolume(values, corner) if corner is not None else 0.0
            steps.append(Step(count, volume, len({tuple(row) for row in values[pareto_mask(values)]})))
        return steps

    @property
    def hypervolume(self) -> float:
        corner = self.reference
        values = self._judge.objectives(self._judge.feasible(self.records))
        return hypervolume(values, corner) if corner is not None else 0.0

    @property
    def table(self) -> SweepTable:
        """A line per design: number, state, tier, round, whether it is on the front, axes, columns, whether
        it keeps all constraints, reason."""
        metrics = self.search.space.metrics
        columns = [*metrics, *(name for name in self.search.columns if name not in metrics)]
        if SQNR in columns:
            columns.insert(columns.index(SQNR) + 1, SQNR_FROM)
        on_front = {id(record) for record in self.front}
        lines = [
            (
                number,
                record.state,
                record.tier,
                record.round,
                id(record) in on_front,
                *record.values.values(),
                *(record.columns.get(name) for name in columns),
                self._judge.violation(record) == 0.0,
                record.reason or None,
            )
            for number, record in enumerate(self.records)
        ]
        axes = [axis.name for axis in self.search.space.all_axes]
        return SweepTable((*_HEAD, *axes, *columns, "feasible", "reason"), lines)

    def to_pandas(self) -> pd.DataFrame:
        return self.table.to_pandas()

    def write(self, path: Path) -> None:
        """The table as CSV or Parquet."""
        self.table.write(path)

    def to_dict(self) -> dict[str, Any]:
        """Plain values alone, for JSON."""
        corner = self.reference
        return {
            "format": "chipcast-search",
            "version": 1,
            "name": self.search.name,
            "interrupted": self.interrupted,
            "evaluations": self.evaluations,
            "counts": self.counts,
            "objectives": {each.column: each.goal for each in self.search.objectives},
            "reference": None
            if corner is None
            else {
                each.column: each.made_small(float(value))
                for each, value in zip(self.search.objectives, corner, strict=True)
            },
            "history": [vars(step) for step in self.history()],
            "promotion": None if self.promotion is None else self.promotion.to_dict(),
            "front": [{**record.values, **self._shown(record), "tier": record.tier} for record in self.front],
        }

    def _shown(self, record: Record) -> dict[str, Any]:
        names = [*self.search.columns, *TEXTS]
        return {name: record.columns[name] for name in names if record.columns.get(name) is not None}

    @property
    def _judge(self) -> Judge:
        return Judge(self.search)

    def _round_ends(self) -> Iterator[int]:
        for place, record in enumerate(self.records):
            if place + 1 == len(self.records) or self.records[place + 1].round != record.round:
                yield place + 1
