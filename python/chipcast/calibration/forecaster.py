# SPDX-License-Identifier: Apache-2.0
"""Forecasts of rows at values of the variables: in parallel, and none twice."""

from __future__ import annotations

import json
import math
import multiprocessing
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from copy import copy
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from chipcast._core import InputError, LimitError
from chipcast.calibration.parameters import Parameter, Variable
from chipcast.calibration.rows import Row, described
from chipcast.fidelity.case import Case
from chipcast.fidelity.forecast import forecast

Array = np.ndarray[Any, np.dtype[np.float64]]
Progress = Callable[[float], object]
Request = tuple[int, str]
"""A row by its index, and overrides as JSON with sorted keys."""


def _forecast(case: Case, base: Path, platform: Path, overrides: str) -> float | str:
    """Logarithm of the forecast, or why there is none."""
    try:
        value = forecast(case, base=base, overrides=json.loads(overrides), platform=platform).value
    except (InputError, LimitError) as error:
        return str(error)
    return math.log(value) if value > 0.0 and math.isfinite(value) else f"forecast {value:g} has no logarithm"


class Forecaster:
    """Holds the rows, the variables, and every forecast that was made. A context: it may have processes."""

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
        self._pool = (
            ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) if jobs > 1 else None
        )
        self._members = [[self._members_of(row, each) for each in self.variables] for row in self.rows]

    def __enter__(self) -> Forecaster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

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
        if self._pool is None:
            for done, request in enumerate(missing, 1):
                self._known[request] = _forecast(*self._arguments(request))
                self._progress(done / len(missing))
            return
        futures = {self._pool.submit(_forecast, *self._arguments(request)): request for request in missing}
        for done, future in enumerate(as_completed(futures), 1):
            self._known[futures[future]] = future.result()
            self._progress(done / len(missing))

    def _arguments(self, request: Request) -> tuple[Case, Path, Path, str]:
        row = self.rows[request[0]]
        return row.case, self._base, row.platform, request[1]
