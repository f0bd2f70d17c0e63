# SPDX-License-Identifier: Apache-2.0
"""Designs through the engine and the store of sweeps: nothing that the store has runs again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chipcast.sweep.engine import Engine, Progress
from chipcast.sweep.spec import Sweep
from chipcast.sweep.store import Row, Store
from chipcast.sweep.workers import Event, Task, Workers

Start = Callable[[Sweep], Workers]


class Interrupted(Exception):
    """Ctrl-C; what was done is in the store."""


class KeptWorkers:
    """Workers that outlive a batch: starting a process costs more than most batches do."""

    def __init__(self, start: Start) -> None:
        self._make = start
        self._workers: Workers | None = None
        self.batch_s = 0.0
        self.most_batch = 0

    def start(self, sweep: Sweep) -> KeptWorkers:
        if self._workers is None:
            self._workers = self._make(sweep)
            self.batch_s, self.most_batch = self._workers.batch_s, self._workers.most_batch
        return self

    @property
    def _own(self) -> Workers:
        assert self._workers is not None
        return self._workers

    @property
    def outstanding(self) -> int:
        return self._own.outstanding

    def room(self, depth: int) -> int:
        return self._own.room(depth)

    def hungry(self, depth: int) -> bool:
        return self._own.hungry(depth)

    def submit(self, tasks: Sequence[Task], depth: int) -> None:
        self._own.submit(tasks, depth)

    def wait(self, timeout: float) -> list[Event]:
        return self._own.wait(timeout)

    def stop(self) -> None:
        """At the end of a batch. Workers that are still at something belong to one that was cut off."""
        if self._workers is not None and self._workers.outstanding:
            self.close()

    def close(self) -> None:
        if self._workers is not None:
            self._workers.stop()
            self._workers = None


class Forecaster:
    """Runs batches of points of one space with one evaluator."""

    def __init__(
        self,
        space: Sweep,
        store: Store,
        start: Start,
        *,
        progress: Callable[[Progress], object] | None = None,
        retry_failed: bool = False,
    ) -> None:
        self._space = space
        self._store = store
        self._workers = KeptWorkers(start)
        self._progress = progress
        self._retry_failed = retry_failed
        self.reused = 0
        """Points that the store had."""

    def rows(self, points: Sequence[Mapping[str, Any]], fixed: Mapping[str, Any]) -> list[Row]:
        """One per point, in order. `fixed`: fields that are the same for all, such as the tier. Raises Interrupted."""
        if not points:
            return []
        sweep = self._sweep(points, fixed)
        engine = Engine(sweep, self._store, retry_failed=self._retry_failed, progress=self._progress)
        summary = engine.run(self._workers.start)
        self.reused += summary.progress.reused
        if summary.interrupted:
            raise Interrupted
        return list(self._store.rows(engine.sweep_key))

    def _sweep(self, points: Sequence[Mapping[str, Any]], fixed: Mapping[str, Any]) -> Sweep:
        return dataclasses.replace(
            self._space, chosen=[dict(point) for point in points], where=(), set={**self._space.set, **fixed}
        )

    def close(self) -> None:
        """Ends its workers."""
        self._workers.close()
