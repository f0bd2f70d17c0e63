# SPDX-License-Identifier: Apache-2.0
"""The call that people make."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipcast.sweep.engine import Engine, Progress, Summary
from chipcast.sweep.read import read_sweep
from chipcast.sweep.spec import Sweep
from chipcast.sweep.store import Store
from chipcast.sweep.supervisor import Supervisor
from chipcast.sweep.table import SweepTable, table_of
from chipcast.sweep.workers import Workers

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class SweepResult:
    """The table of a run, and how it ended."""

    table: SweepTable
    summary: Summary

    @property
    def counts(self) -> dict[str, int]:
        """Points by state: done, invalid, failed, quarantined."""
        return dict(sorted(self.summary.progress.states.items()))

    @property
    def interrupted(self) -> bool:
        """Ctrl-C ended it; the table has what was done."""
        return self.summary.interrupted

    def to_pandas(self) -> pd.DataFrame:
        return self.table.to_pandas()


def run_sweep(
    sweep: Sweep | str | os.PathLike[str] | Mapping[str, Any],
    *,
    store: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    limit: int | None = None,
    fresh: bool = False,
    retry_failed: bool = False,
    progress: Callable[[Progress], object] | None = None,
) -> SweepResult:
    """Forecasts every point of a sweep in worker processes.

    Args:
        sweep: a Sweep, a file or a dict of the same form (docs/sweeps.md).
        store: file that results are kept in; a run that was cut off goes on there, and points that it has are not run
            again. None keeps nothing.
        jobs: worker processes; None: one per processor that this process may use.
        scheduler: address or file of a Dask scheduler, whose workers do the work then; "local" starts a Dask cluster
            of `jobs` processes here. Needs chipcast[dask].
        limit: only the first so many points.
        fresh: throw away what the store has of this sweep.
        retry_failed: run failed and quarantined points of the store again.
        progress: called a few times a second.

    Ctrl-C once lets points end that are at work and returns what there is, twice stops at once.

    Raises:
        InputError: the sweep is wrong, or `store` is no store.
        StoreError: the store cannot be written (a full disk); what was written before is kept.
    """
    wanted = sweep if isinstance(sweep, Sweep) else read_sweep(sweep)
    with (
        tempfile.TemporaryDirectory(prefix="chipcast-") as folder,
        Store(Path(folder) / "sweep.db" if store is None else Path(store)) as journal,
    ):
        engine = Engine(wanted, journal, limit=limit, retry_failed=retry_failed, progress=progress)
        if fresh:
            journal.forget(engine.sweep_key)
        summary = engine.run(workers_of(jobs, scheduler, engine.progress.total))
        return SweepResult(table_of(wanted, journal.rows(engine.sweep_key), limit), summary)


def workers_of(
    jobs: int | None, scheduler: str | None, points: int | None = None
) -> Callable[[Sweep], Workers]:
    """What makes the workers; not more than there are points, where that is known."""
    count = jobs or len(os.sched_getaffinity(0))
    count = max(count if points is None else min(count, points), 1)
    if scheduler is None:
        return lambda sweep: Supervisor(count, sweep.limits, sweep.evaluator)
    from chipcast.sweep.cluster import ClusterWorkers

    return lambda sweep: ClusterWorkers(scheduler, count, sweep)
