# SPDX-License-Identifier: Apache-2.0
"""Forecasts of rows at values of the variables: in parallel, and none twice."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np

from chipcast.calibration.parameters import Parameter, Variable
from chipcast.calibration.rows import Row, described
from chipcast.fidelity.pool import Answer, answers
from chipcast.fidelity.worker import answer

Array = np.ndarray[Any, np.dtype[np.float64]]
Progress = Callable[[float], object]
Request = tuple[int, str]
"""A row by its index, and overrides as JSON with sorted keys."""


def _logarithm(got: Answer) -> float | str:
    """Of the forecast, or why there is none."""
    if "found" not in got:
        return str(got.get("error", "no forecast"))
    value = float(got["found"]["predicted"])
    return math.log(value) if value > 0.0 and math.isfinite(value) else f"forecast {value:g} has no logarithm"


class Forecaster:
    """Holds the rows, the variables, and every forecast that was made. `jobs` above 1: in worker processes, which live
    as long as one call; one that dies costs the forecast it was at."""

    def __init__(
        self,
        rows: Sequence[Row],
        variables: Sequence[Variable],
        base: Path,
        jobs: int = 1,
        progress: Progress = lambda done: None,
    ) -> None:
        self.rows = list(rows)
        self.variables = list(variables)
        self._base = base
        self._progress = progress
        self._known: dict[Request, float | str] = {}
        self._jobs = jobs
        self._members = [[self._members_of(row, each) for each in self.variables] for row in self.rows]

    @property
    def runs(self) -> int:
        """Forecasts made so far."""
        return len(self._known)

    def keep(self, indices: Sequence[int]) -> None:
        """Only these rows from now on."""
        new = {old: i for i, old in enumerate(indices)}
        self.rows = [self.rows[i] for i in indices]
        self._members = [self._members[i] for i in indices]
        self._known = {(new[row], text): log for (row, text), log in self._known.items() if row in new}

    def head(self, count: int) -> Forecaster:
        """The first rows only; forecasts and processes are shared."""
        out = copy(self)
        out.rows, out._members = self.rows[:count], self._members[:count]
        return out

    def reaches(self, row: int, variable: int) -> bool:
        """The variable has a parameter that can move the row's forecast."""
        return bool(self._members[row][variable])

    def logs(self, offsets: Array, rows: Iterable[int] | None = None) -> Array:
        """Logarithms of the rows' forecasts, NaN where there is none; `rows`: only these, NaN elsewhere."""
        wanted = range(len(self.rows)) if rows is None else list(rows)
        plans = {row: self._plan(row, offsets) for row in wanted}
        self._make([request for plan in plans.values() for request, _ in plan])
        out = np.full(len(self.rows), math.nan)
        for row, plan in plans.items():
            values = [self._known[request] for request, _ in plan]
            if all(isinstance(value, float) for value in values):
                out[row] = sum(
                    weight * float(value) for value, (_, weight) in zip(values, plan, strict=True)
                )
        return out

    def problem(self, row: int, offsets: Array) -> str:
        """Why the row has no forecast."""
        for request, _ in self._plan(row, offsets):
            if isinstance(known := self._known.get(request), str):
                return known
        return ""

    def _members_of(self, row: Row, variable: Variable) -> list[Parameter]:
        devices = described(row.platform)["devices"]
        return [m for m in variable.on(row.platform) if row.reads(m.path, m.head, devices)]

    def _plan(self, row: int, offsets: Array) -> list[tuple[Request, float]]:
        """(forecast, weight). Parameters that are whole numbers are interpolated between their neighbours, one at a
        time, so that the forecast is a continuous function of them."""
        lower: dict[str, Any] = {}
        steps: list[tuple[str, Any, float]] = []
        for members, offset in zip(self._members[row], offsets, strict=True):
            for member in members:
                number = min(max(member.at(float(offset)), member.low), member.high)
                if not member.form.whole:
                    lower[member.path] = member.form.value(number)
                    continue
                floor = math.floor(number + 1e-9)
                lower[member.path] = member.form.value(floor)
                if number - floor > 1e-6:
                    steps.append((member.path, member.form.value(floor + 1), number - floor))
        plan = [((row, json.dumps(lower, sort_keys=True)), 1.0 - sum(share for _, _, share in steps))]
        for path, value, share in steps:
            plan.append(((row, json.dumps({**lower, path: value}, sort_keys=True)), share))
        return plan

    def _make(self, requests: Sequence[Request]) -> None:
        missing = list(dict.fromkeys(request for request in requests if request not in self._known))
        if not missing:
            return
        for done, (index, got) in enumerate(self._answers(missing), 1):
            self._known[missing[index]] = _logarithm(got)
            self._progress(done / len(missing))

    def make(self, wanted: Iterable[tuple[Array, Iterable[int]]]) -> None:
        """Makes the forecasts of rows at several offsets together: more of them run at a time."""
        self._make([r for offsets, rows in wanted for row in rows for r, _ in self._plan(row, offsets)])

    def _answers(self, missing: Sequence[Request]) -> Iterable[tuple[int, Answer]]:
        asked = [self._arguments(request) for request in missing]
        if self._jobs > 1 and len(missing) > 1:
            return answers(asked, self._jobs)
        return ((index, answer(each)) for index, each in enumerate(asked))

    def _arguments(self, request: Request) -> dict[str, Any]:
        row = self.rows[request[0]]
        return {
            "case": dataclasses.asdict(row.case),
            "base": str(self._base),
            "overrides": json.loads(request[1]),
            "platform": str(row.platform),
        }
