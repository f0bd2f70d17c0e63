# SPDX-License-Identifier: Apache-2.0
"""Keeps worker processes at work. One that dies, hangs or runs out of time costs the point that it was at."""

from __future__ import annotations

import selectors
import time
from collections.abc import Iterator, Sequence

from chipcast.sweep.messages import Message
from chipcast.sweep.process import WorkerProcess
from chipcast.sweep.spec import EVALUATOR, Limits
from chipcast.sweep.workers import Event, Finished, Lost, Returned, Task, WorkersDoNotStart
from chipcast.text import one_line

_SILENCE_S = 60.0
_BOOT_S = 120.0
_MOST_BAD_STARTS = 3


class Supervisor:
    """`jobs` processes of this machine. See chipcast.sweep.workers.Workers."""

    batch_s = 0.3
    most_batch = 128

    def __init__(self, jobs: int, limits: Limits, evaluator: str = EVALUATOR) -> None:
        self._limits = limits
        self._evaluator = evaluator
        self._selector = selectors.DefaultSelector()
        self._workers: list[WorkerProcess] = []
        self._bad_starts = 0
        for _ in range(jobs):
            self._workers.append(self._start())

    @property
    def outstanding(self) -> int:
        return sum(len(worker.tasks) for worker in self._workers)

    @property
    def pids(self) -> list[int]:
        return [worker.pid for worker in self._workers]

    def room(self, depth: int) -> int:
        return sum(max(depth - len(worker.tasks), 0) for worker in self._workers)

    def hungry(self, depth: int) -> bool:
        """Whether some worker has done half of its batch."""
        return any(len(worker.tasks) <= depth // 2 for worker in self._workers)

    def submit(self, tasks: Sequence[Task], depth: int) -> None:
        """To whoever has the least to do, one message each."""
        left = list(tasks)
        for worker in sorted(self._workers, key=lambda each: len(each.tasks)):
            share = max(depth - len(worker.tasks), 0)
            if share and left:
                worker.send([(task.id, task.job) for task in left[:share]])
                self._watch_output(worker)
                left = left[share:]
        assert not left, "more tasks than room"

    def wait(self, timeout: float) -> list[Event]:
        events: list[Event] = []
        for key, ready in self._selector.select(timeout):
            worker, channel = key.data
            if worker in self._workers:  # not one that this very round has replaced
                events += self._serve(worker, channel, ready)
        for worker in list(self._workers):
            if reason := self._overdue(worker):
                events += self._replace(worker, reason)
        return events

    def stop(self) -> None:
        for worker in self._workers:
            self._forget(worker)
            worker.kill()
        self._workers = []
        self._selector.close()

    def _serve(self, worker: WorkerProcess, channel: str, ready: int) -> Iterator[Event]:
        if channel == "input":
            worker.flush()
            self._watch_output(worker)
        elif channel == "errors":
            if not worker.read_errors():
                self._selector.unregister(worker.errors)
        else:
            yield from self._hear(worker)

    def _hear(self, worker: WorkerProcess) -> Iterator[Event]:
        messages = worker.read()
        if messages is None:
            yield from self._replace(worker, "")
            return
        for message in messages:
            if "ready" in message:
                worker.ready = True
                self._bad_starts = 0
            if "task" in message:
                answer = _finished(message)
                if answer is None or not worker.finished(answer.task):
                    worker.nonsense = "no answer to what it was asked"
                    break
                yield answer
                if message.get("last"):
                    yield from self._replace(worker, None)
                    return
        if worker.nonsense:
            yield from self._replace(worker, f"the worker answered nonsense: {worker.nonsense}")

    def _overdue(self, worker: WorkerProcess) -> str:
        now = time.monotonic()
        most = self._limits.seconds
        if worker.ready and worker.tasks and most is not None and now - worker.since > most:
            return f"time: longer than {most:g} s"
        if now - worker.heard > (_SILENCE_S if worker.ready else _BOOT_S):
            return f"hang: no sign of life for {now - worker.heard:.0f} s"
        return ""

    def _replace(self, worker: WorkerProcess, reason: str | None) -> Iterator[Event]:
        """`reason`: why it has to go; empty: it has gone by itself; None: it is worn out and was at nothing."""
        tasks = list(worker.tasks)
        self._forget(worker)
        ending = worker.kill()
        self._count_start(worker, ending)
        if tasks and reason is not None and worker.ready:
            yield Lost(tasks.pop(0), reason or ending)
        yield from (Returned(task) for task in tasks)
        self._workers[self._workers.index(worker)] = self._start()

    def _count_start(self, worker: WorkerProcess, ending: str) -> None:
        if worker.ready:
            return
        self._bad_starts += 1
        if self._bad_starts >= _MOST_BAD_STARTS:
            raise WorkersDoNotStart(
                f"worker processes do not start ({ending}): {one_line(worker.last_words)}"
            )

    def _start(self) -> WorkerProcess:
        worker = WorkerProcess(self._evaluator, self._limits.memory_bytes or 0)
        self._selector.register(worker.answers, selectors.EVENT_READ, (worker, "answers"))
        self._selector.register(worker.errors, selectors.EVENT_READ, (worker, "errors"))
        return worker

    def _watch_output(self, worker: WorkerProcess) -> None:
        watched = worker.requests in self._selector.get_map()
        if worker.unsent and not watched:
            self._selector.register(worker.requests, selectors.EVENT_WRITE, (worker, "input"))
        elif watched and not worker.unsent:
            self._selector.unregister(worker.requests)

    def _forget(self, worker: WorkerProcess) -> None:
        for channel in (worker.requests, worker.answers, worker.errors):
            if channel in self._selector.get_map():
                self._selector.unregister(channel)


def _finished(message: Message) -> Finished | None:
    """None of what is no answer."""
    row, reason = message.get("row"), message.get("reason")
    if message.get("state") not in ("done", "invalid", "failed") or not isinstance(row, dict | None):
        return None
    try:
        return Finished(int(message["task"]), message["state"], row, str(reason), float(message["seconds"]))
    except (KeyError, TypeError, ValueError):
        return None
