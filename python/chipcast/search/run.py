# SPDX-License-Identifier: Apache-2.0
"""The call that people make."""

from __future__ import annotations

import dataclasses
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from chipcast.search.accuracy.columns import AccuracyColumn
from chipcast.search.evaluation import Forecaster, Interrupted, Start
from chipcast.search.explorer import Explorer
from chipcast.search.fidelity import (
    Promoter,
    Promotion,
    check_screening,
    screening_constraints,
    screening_objectives,
    stand_in,
)
from chipcast.search.libraries import need
from chipcast.search.proposers import proposer_of
from chipcast.search.read import read_search
from chipcast.search.records import Judge, Record
from chipcast.search.result import SearchResult
from chipcast.search.spec import SQNR, Search
from chipcast.search.variables import Variables
from chipcast.sweep.run import workers_of
from chipcast.sweep.store import Store


@dataclasses.dataclass(frozen=True)
class SearchProgress:
    """How far a search is. `stage`: what it is at."""

    stage: str
    done: int
    total: int


def run_search(
    search: Search | str | os.PathLike[str] | Mapping[str, Any],
    *,
    store: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    seed: int | None = None,
    evaluations: int | None = None,
    retry_failed: bool = False,
    progress: Callable[[SearchProgress], object] | None = None,
) -> SearchResult:
    """Looks for the best designs of a space.

    Args:
        search: a Search, a file or a dict of the same form (docs/search.md).
        store: file that forecasts are kept in, shared with sweeps; a search that was cut off goes the same way again
            without running anything twice. None keeps nothing.
        jobs, scheduler, retry_failed: as for `run_sweep`.
        seed, evaluations: instead of the search's own.
        progress: called after every round.

    The same search with the same seed gives the same result, whatever the number of jobs and whatever the store has.
    Ctrl-C lets points end that are at work and returns what there is (`interrupted`).

    Raises:
        InputError: the search is wrong, a library is missing (pip install 'chipcast[search]'), `store` is no store.
        StoreError: the store cannot be written.
    """
    wanted = search if isinstance(search, Search) else read_search(search)
    changes: dict[str, Any] = {"seed": seed, "evaluations": evaluations}
    wanted = dataclasses.replace(
        wanted, **{key: value for key, value in changes.items() if value is not None}
    )
    need("moocore")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="chipcast-"))
        journal = stack.enter_context(Store(Path(folder) / "search.db" if store is None else Path(store)))
        run = _Run(wanted, journal, workers_of(jobs, scheduler), progress, retry_failed)
        stack.callback(run.close)
        return run.run()


class _Run:
    def __init__(
        self,
        search: Search,
        journal: Store,
        start: Start,
        progress: Callable[[SearchProgress], object] | None,
        retry_failed: bool,
    ) -> None:
        self._search, self._judge = search, Judge(search)
        self._progress = progress
        self._variables = Variables(search.space)
        self._forecaster = Forecaster(search.space, journal, start, retry_failed=retry_failed)
        self._accuracy = _accuracy(search, journal, start, retry_failed)
        self._explorer = Explorer(search, self._variables, self._forecaster, self._accuracy, self._told)
        self._stage = "search"
        self._records: list[Record] = []
        self._screened: list[Record] = []
        self._promotion: Promotion | None = None

    def run(self) -> SearchResult:
        started = time.monotonic()
        interrupted = False
        try:
            if self._search.fidelity is None:
                proposer = proposer_of(self._judge, self._variables)
                self._explorer.explore(proposer, "systemc", self._records, lambda record: record)
            else:
                self._in_two_tiers()
            self._measure_front()
        except (Interrupted, KeyboardInterrupt):
            interrupted = True
        return SearchResult(
            self._search,
            self._records,
            self._screened,
            self._promotion,
            interrupted,
            self._forecaster.reused,
            time.monotonic() - started,
        )

    def close(self) -> None:
        self._forecaster.close()
        if self._accuracy is not None:
            self._accuracy.close()

    def _in_two_tiers(self) -> None:
        check_screening(self._search)
        self._stage = "screen"
        objectives = [self._search.objectives[place] for place in screening_objectives(self._search)]
        screen = dataclasses.replace(
            self._search,
            objectives=objectives,
            constraints=screening_constraints(self._search),
            reference={},
            fidelity=None,
        )
        proposer = proposer_of(Judge(screen), self._variables)
        started = time.monotonic()
        self._explorer.explore(proposer, "analytic", self._screened, stand_in)
        self._stage = "confirm"
        promoter = Promoter(self._judge, self._variables, self._screened, self._confirm)
        self._promotion = promoter.report
        promoter.report.screen_s = time.monotonic() - started
        started = time.monotonic()
        promoter.run()
        promoter.report.confirm_s = time.monotonic() - started

    def _confirm(self, screened: Sequence[Record]) -> list[Record]:
        found = self._explorer.forecast([record.genome for record in screened], "systemc")
        self._records += found
        self._told(len(self._records), len(self._screened))
        return found

    def _measure_front(self) -> None:
        """Predicted decibels of designs on the front give way to measured ones, until the front has no others."""
        settings = self._search.accuracy
        if (
            self._accuracy is None
            or settings is None
            or not settings.predict
            or SQNR not in self._search.asked
        ):
            return
        self._stage = "measure"
        measured: set[int] = set()
        while True:
            front = SearchResult(self._search, self._records).front
            new = [record for record in front if id(record) not in measured]
            if not new:
                return
            for record, found in zip(
                new, self._accuracy.measured([record.values for record in new]), strict=True
            ):
                self._explorer.add_accuracy(record, found)
                self._explorer.complete(record)
                measured.add(id(record))
            self._told(len(measured), len(measured))

    def _told(self, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(SearchProgress(self._stage, done, total))


def _accuracy(search: Search, journal: Store, start: Start, retry_failed: bool) -> AccuracyColumn | None:
    if search.accuracy is None:
        return None
    from chipcast.search.accuracy.measurement import Measurement

    return Measurement(search.space, search.accuracy, journal, start, retry_failed=retry_failed)
