# SPDX-License-Identifier: Apache-2.0
"""Runs a sweep: points go to workers in batches, results to the store; whatever ends it, what was done is kept."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from chipcast._core import InputError
from chipcast.sweep.checks import check_paths
from chipcast.sweep.interrupts import Interrupts
from chipcast.sweep.jobs import Job, Jobs
from chipcast.sweep.space import Point, Space
from chipcast.sweep.spec import Sweep
from chipcast.sweep.store import Entry, Outcome, Store, StoreError
from chipcast.sweep.workers import Event, Finished, Lost, Returned, Task, Workers

_COMMIT_S = 0.25
_COMMIT_POINTS = 500
_RENEW_S = 10.0
_LEAST_CLAIM = 64
_LOOK_AGAIN_S = 0.5
_TICK_S = 0.1


@dataclass
class Progress:
    """How far a run is. `total` is exact where `bound` is False."""

    total: int
    bound: bool = False
    states: dict[str, int] = field(default_factory=dict)
    reused: int = 0
    """Of `states`: found in the store, or done by another engine meanwhile."""
    retries: int = 0

    @property
    def finished(self) -> int:
        return sum(self.states.values())

    def count(self, state: str) -> None:
        self.states[state] = self.states.get(state, 0) + 1


@dataclass(frozen=True)
class Summary:
    """How a run ended."""

    progress: Progress
    interrupted: bool
    seconds: float


@dataclass
class _Work:
    entry: Entry
    job: Job


class Engine:
    """One run of one sweep on one store. See `run_sweep` for what most callers need."""

    def __init__(
        self,
        sweep: Sweep,
        store: Store,
        *,
        limit: int | None = None,
        retry_failed: bool = False,
        progress: Callable[[Progress], object] | None = None,
    ) -> None:
        self._sweep = sweep
        self._store = store
        self._space = Space(sweep)
        self._jobs = Jobs(sweep)
        check_paths(self._space)
        self._points = islice(self._space.points(), limit)
        self._again = ("failed", "quarantined") if retry_failed else ()
        self._ready: deque[_Work] = deque()
        self._at_work: dict[int, _Work] = {}
        self._elsewhere: deque[_Work] = deque()
        """Points that another engine is at, or that stand twice in the sweep."""
        self._unwritten: list[Outcome] = []
        self._written_at = self._renewed_at = self._looked_at = time.monotonic()
        self._seconds_per_point = 0.0
        self._expanded = False
        self._behind = False
        """Workers have nothing to do, and there may be points for them."""
        self._report = progress
        known = self._space.count()
        total = self._space.size if known is None else known
        self.progress = Progress(total if limit is None else min(limit, total), bound=known is None)

    @property
    def sweep_key(self) -> str:
        """What the store has the rows of this sweep under."""
        return self._jobs.sweep_key

    def run(self, start: Callable[[Sweep], Workers]) -> Summary:
        """`start`: makes the workers. Raises StoreError where the store cannot be written, WorkersDoNotStart."""
        started = time.monotonic()
        self._store.reclaim()
        workers = start(self._sweep)
        with Interrupts() as interrupts:
            try:
                while self._goes_on(workers, interrupts):
                    self._step(workers, draining=interrupts.count > 0)
                self._write()
            except StoreError as error:
                raise self._told(error) from error
            finally:
                workers.stop()
                self._give_back()
            interrupted = interrupts.count > 0
        self._tell()
        return Summary(self.progress, interrupted, time.monotonic() - started)

    def _goes_on(self, workers: Workers, interrupts: Interrupts) -> bool:
        if interrupts.count:
            return interrupts.count == 1 and workers.outstanding > 0
        return not self._expanded or bool(self._ready or self._at_work or self._elsewhere)

    def _step(self, workers: Workers, *, draining: bool) -> None:
        if not draining:
            self._feed(workers)
        busy = workers.outstanding > 0
        for event in workers.wait(0.0 if self._behind else _TICK_S) if busy else self._idle():
            self._take(event)
        now = time.monotonic()
        if len(self._unwritten) >= _COMMIT_POINTS or now - self._written_at > _COMMIT_S:
            self._write()
            self._tell()
        if now - self._renewed_at > _RENEW_S:
            self._store.renew()
            self._renewed_at = now

    def _idle(self) -> list[Event]:
        """Nothing to do but to wait for another engine."""
        if self._elsewhere and not self._ready:
            time.sleep(_TICK_S)
        return []

    def _feed(self, workers: Workers) -> None:
        depth = self._depth(workers)
        self._behind = False
        if not workers.hungry(depth):
            return
        room = workers.room(depth)
        if not self._expanded and len(self._ready) < room:
            self._expand(max(room, _LEAST_CLAIM))
        if self._expanded and not self._ready:
            self._look_again()
        works = [self._ready.popleft() for _ in range(min(room, len(self._ready)))]
        self._at_work.update((work.entry.point, work) for work in works)
        workers.submit([Task(work.entry.point, work.job) for work in works], depth)
        self._behind = not works and not self._expanded

    def _depth(self, workers: Workers) -> int:
        """How many points a worker has before it."""
        if not self._seconds_per_point:
            return 2
        return int(min(max(workers.batch_s / self._seconds_per_point, 2), workers.most_batch))

    def _expand(self, most: int) -> None:
        """Takes the next points from the space into the store."""
        self._write()  # results first: where room runs out they are what counts
        works = list(self._works(islice(self._points, most)))
        if not works:
            self._expanded = True
            return
        states = self._store.claim(self._jobs.sweep_key, [work.entry for work in works], again=self._again)
        for work in works:
            self._sort(work, states[work.entry.point])

    def _works(self, points: Iterator[Point]) -> Iterator[_Work]:
        for point in points:
            try:
                job = self._jobs.job(point)
                key = self._jobs.key(job)
            except InputError as error:
                key, job = self._jobs.key_of_problem(point, str(error)), {"problem": str(error)}
            yield _Work(Entry(point.index, key, point.values), job)

    def _sort(self, work: _Work, state: str) -> None:
        if state == "running":
            self._elsewhere.append(work)
        elif state != "ours":
            self.progress.count(state)
            self.progress.reused += 1
        elif "problem" in work.job:
            self._finish(work, "invalid", None, work.job["problem"], 0.0)
        else:
            self._ready.append(work)

    def _look_again(self) -> None:
        """Points that were somebody else's: done by now, or free again because the other engine has died."""
        now = time.monotonic()
        if not self._elsewhere or now - self._looked_at < _LOOK_AGAIN_S:
            return
        self._looked_at = now
        self._write()
        self._store.reclaim()
        works = list(self._elsewhere)
        self._elsewhere.clear()
        states = self._store.claim(self._jobs.sweep_key, [work.entry for work in works])
        for work in works:
            self._sort(work, states[work.entry.point])

    def _take(self, event: Event) -> None:
        work = self._at_work.pop(event.task)
        if isinstance(event, Finished):
            self._finish(work, event.state, event.row, event.reason, event.seconds)
            seconds = max(event.seconds, 1e-4)
            before = self._seconds_per_point or seconds
            self._seconds_per_point = before + 0.1 * (seconds - before)
        elif isinstance(event, Returned):
            self._ready.appendleft(work)
        else:
            self._lost(work, event)

    def _lost(self, work: _Work, event: Lost) -> None:
        crashes = self._store.crashed(work.entry.key)
        if crashes > self._sweep.retries:
            times = "once" if crashes == 1 else f"{crashes} times"
            self._finish(work, "quarantined", None, f"{event.reason} ({times})", 0.0)
        else:
            self.progress.retries += 1
            self._ready.append(work)

    def _finish(
        self, work: _Work, state: str, row: dict[str, object] | None, reason: str, seconds: float
    ) -> None:
        self._unwritten.append(Outcome(work.entry.key, state, row, reason, seconds))
        self.progress.count(state)

    def _write(self) -> None:
        if self._unwritten:
            self._store.finish(self._unwritten)
            self._unwritten = []
        self._written_at = time.monotonic()

    def _give_back(self) -> None:
        """Best effort: a store that cannot be written frees the points when our lease is over."""
        try:
            self._write()
            self._store.release()
        except StoreError:
            pass

    def _told(self, error: StoreError) -> StoreError:
        left = max(self.progress.total - self.progress.finished + len(self._unwritten), 1)
        need = self._store.bytes_needed(left) / (1 << 20)
        return StoreError(
            f"{error}; {len(self._unwritten)} finished points are lost and all before them kept; the {left} points "
            f"that are left need about {need:.0f} MiB; make room and run it again, it goes on there"
        )

    def _tell(self) -> None:
        if self._report is not None:
            self._report(self.progress)
