# SPDX-License-Identifier: Apache-2.0
"""What a search knows of a design."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chipcast._core import InputError
from chipcast.search.fronts import Floats
from chipcast.search.spec import Search
from chipcast.search.variables import Genome
from chipcast.sweep import expressions


@dataclass
class Record:
    """A design with its columns. `state` as in sweeps."""

    genome: Genome
    values: dict[str, Any]
    """By axis."""
    tier: str
    round: int
    state: str = "done"
    reason: str = ""
    columns: dict[str, Any] = field(default_factory=dict)

    def number(self, column: str) -> float:
        """No number where there is none."""
        value = self.columns.get(column)
        return float(value) if isinstance(value, int | float) else math.nan


@dataclass(frozen=True)
class Judge:
    """Objectives and constraints of a search, over records."""

    search: Search

    def objectives(self, records: Sequence[Record]) -> Floats:
        """[n, m], made small."""
        rows = [
            [each.made_small(record.number(each.column)) for each in self.search.objectives]
            for record in records
        ]
        return np.asarray(rows, float).reshape(len(records), len(self.search.objectives))

    def violation(self, record: Record) -> float:
        """0 where a record keeps all bounds; infinite where it is not done."""
        if record.state != "done":
            return math.inf
        values = [record.number(each.column) for each in self.search.objectives]
        if not all(math.isfinite(value) for value in values):
            return math.inf
        return sum(each.violation(record.number(each.column)) for each in self.search.constraints)

    def feasible(self, records: Sequence[Record]) -> list[Record]:
        return [record for record in records if self.violation(record) == 0.0]


def add_formulas(record: Record, formulas: Mapping[str, str]) -> None:
    """In the order in which they stand. What cannot be computed is no number."""
    for name, text in formulas.items():
        known = {**record.values, **record.columns}
        formula = expressions.parse(text)
        try:
            value = (
                formula.value(known) if all(known.get(each) is not None for each in formula.names) else None
            )
        except InputError as error:
            value, record.reason = None, f"formulas.{name}: {error}"
        record.columns[name] = float(value) if isinstance(value, int | float) else None
