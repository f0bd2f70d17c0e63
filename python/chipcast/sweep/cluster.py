# SPDX-License-Identifier: Apache-2.0
"""Workers of a Dask cluster. The store stays here: they get jobs and give back rows, as processes here do."""

from __future__ import annotations

import contextlib
import importlib
import queue
import time
from collections.abc import Iterator, Sequence
from typing import Any

from chipcast._core import InputError
from chipcast.catalog import is_file
from chipcast.sweep import remote
from chipcast.sweep.spec import Sweep
from chipcast.sweep.tool import tool_digest
from chipcast.sweep.workers import Event, Lost, Returned, Task, WorkersDoNotStart
from chipcast.text import one_line, plain

_CONNECT_S = 10.0
"""Also how long it is looked for again where it was lost."""
_WORKERS_S = 300.0
_COUNT_S = 2.0
_AHEAD = 2
"""Batches for each thread of the cluster: one at work, one waiting."""


class ClusterWorkers:
    """See chipcast.sweep.workers.Workers."""

    batch_s = 1.0
    most_batch = 1024

    def __init__(self, scheduler: str, jobs: int, sweep: Sweep) -> None:
        """`scheduler`: address, file of one, or "local" for a cluster of `jobs` processes on this machine."""
        self._dask = _dask()
        self._sweep = sweep
        self._tool = tool_digest()
        self._own: Any = None
        self._client = self._connect(scheduler, jobs)
        self._batches: dict[Any, list[Task]] = {}
        self._ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._suspects: set[int] = set()
        """Of batches that took a whole Dask worker down; each goes alone, to find the one that did."""
        self._counted = 1
        self._counted_until = 0.0
        self._wait_for_workers()

    @property
    def outstanding(self) -> int:
        return sum(map(len, self._batches.values()))

    def room(self, depth: int) -> int:
        return max(self._threads * _AHEAD * depth - self.outstanding, 0)

    def hungry(self, depth: int) -> bool:
        return self.room(depth) >= depth

    def submit(self, tasks: Sequence[Task], depth: int) -> None:
        together = [task for task in tasks if task.id not in self._suspects]
        batches = [together[start : start + depth] for start in range(0, len(together), depth)]
        batches += [[task] for task in tasks if task.id in self._suspects]
        for batch in batches:
            with self._scheduler_there():
                future = self._client.submit(
                    remote.run_batch, batch, self._sweep.evaluator, self._sweep.limits, self._tool, pure=False
                )
            self._batches[future] = batch
            future.add_done_callback(self._ended.put)

    def wait(self, timeout: float) -> list[Event]:
        with self._scheduler_there():
            pass
        events: list[Event] = []
        with contextlib.suppress(queue.Empty):
            events += self._events(self._ended.get(timeout=timeout) if timeout else self._ended.get_nowait())
            while True:
                events += self._events(self._ended.get_nowait())
        return events

    def stop(self) -> None:
        with contextlib.suppress(Exception):  # whatever is left of the cluster
            self._client.cancel(list(self._batches), force=True)
            self._client.run(remote.end_processes, on_error="ignore")
        with contextlib.suppress(Exception):
            self._client.close(timeout=5)
        if self._own is not None:
            with contextlib.suppress(Exception):
                self._own.close(timeout=10)

    @property
    def _threads(self) -> int:
        """Of the cluster as it is now: it may grow and shrink."""
        now = time.monotonic()
        if now > self._counted_until:
            with self._scheduler_there():
                self._counted = max(sum(self._client.nthreads().values()), 1)
            self._counted_until = now + _COUNT_S
        return self._counted

    @contextlib.contextmanager
    def _scheduler_there(self) -> Iterator[None]:
        try:
            if self._client.status in ("closed", "closing"):
                raise OSError("closed")
            yield
        except (OSError, RuntimeError, TimeoutError) as error:
            raise WorkersDoNotStart(
                f"the Dask scheduler is gone ({one_line(error)}); what was done is kept, run it again and it goes on"
            ) from None

    def _events(self, future: Any) -> list[Event]:
        batch = self._batches.pop(future, None)
        if batch is None:
            return []
        try:
            found: list[Event] = future.result()
            self._suspects -= {task.id for task in batch}
            return found
        except self._dask.client.FutureCancelledError:  # the scheduler has forgotten it
            with self._scheduler_there():
                return [Returned(task.id) for task in batch]
        except remote.OtherChipcast as error:
            raise WorkersDoNotStart(str(error)) from None
        except Exception as error:  # a worker that is gone, or one that has no Chipcast
            return self._of_lost_batch(batch, error)

    def _of_lost_batch(self, batch: list[Task], error: Exception) -> list[Event]:
        if isinstance(error, ImportError):
            raise WorkersDoNotStart(f"the cluster's workers have no Chipcast: {one_line(error)}") from None
        if len(batch) > 1:
            self._suspects |= {task.id for task in batch}
            return [Returned(task.id) for task in batch]
        return [Lost(batch[0].id, f"{type(error).__name__}: {one_line(error)}")]

    def _connect(self, scheduler: str, jobs: int) -> Any:
        try:
            if scheduler == "local":
                self._own = self._dask.LocalCluster(
                    n_workers=jobs, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
                )
                return self._dask.Client(self._own)
            if is_file_name(scheduler):
                return self._dask.Client(scheduler_file=scheduler, timeout=_CONNECT_S)
            return self._dask.Client(scheduler, timeout=_CONNECT_S)
        except (OSError, ValueError) as error:
            raise InputError(f'scheduler: no answer from "{plain(scheduler)}": {one_line(error)}') from None

    def _wait_for_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=_WORKERS_S)
        except TimeoutError:
            self.stop()
            raise WorkersDoNotStart(f"the Dask scheduler has no workers after {_WORKERS_S:g} s") from None


def is_file_name(scheduler: str) -> bool:
    """Of a file that a scheduler writes (--scheduler-file)."""
    from pathlib import Path

    return "://" not in scheduler and is_file(Path(scheduler))


def _dask() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise InputError("engine: Dask needs distributed; pip install 'chipcast[dask]'") from None
