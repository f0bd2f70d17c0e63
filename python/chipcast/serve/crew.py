# SPDX-License-Identifier: Apache-2.0
"""Worker processes that forecast for the workbench: a crash or a hang costs one answer, not the server."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from chipcast.sweep.spec import Limits
from chipcast.sweep.supervisor import Supervisor
from chipcast.sweep.workers import Finished, Lost, Task
from chipcast.text import one_line

_EVALUATOR = "chipcast.serve.evaluate:evaluate"
_MOST_WAITING = 32
_PATIENCE_S = 2.0
"""Work that its caller no longer wants may go on so long: a new process costs about as much."""


class Superseded(Exception):
    """The same caller has asked for something newer."""


class Failed(Exception):
    """No answer: `reason` says why. `wrong`: what was asked is at fault, and not the server."""

    def __init__(self, reason: str, wrong: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wrong = wrong


@dataclass
class _Ask:
    key: str
    job: dict[str, Any]
    answer: Future[dict[str, Any]] = field(default_factory=Future)


class Lane:
    """One worker process and who waits for it, in order. Of one caller (`key`) only the newest counts."""

    def __init__(self, name: str, seconds: float, memory_bytes: int, evaluator: str = _EVALUATOR) -> None:
        self._limits = Limits(seconds=seconds, memory_bytes=memory_bytes)
        self._evaluator = evaluator
        self._supervisor: Supervisor | None = None
        self._waiting: OrderedDict[str, _Ask] = OrderedDict()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name=f"chipcast-{name}", daemon=True)
        self._thread.start()

    async def ask(self, key: str, job: dict[str, Any]) -> dict[str, Any]:
        """Raises Superseded, Failed."""
        ask = _Ask(key, job)
        with self._changed:
            if key not in self._waiting and len(self._waiting) >= _MOST_WAITING:
                raise Failed("too many are waiting; try again", wrong=False)
            if older := self._waiting.pop(key, None):
                _settle(older, Superseded())
            self._waiting[key] = ask
            self._changed.notify()
        try:
            return await asyncio.wrap_future(ask.answer)
        finally:
            with self._changed:  # a caller that has gone waits for nothing
                if self._waiting.get(key) is ask:
                    del self._waiting[key]

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        numbers = itertools.count()
        while ask := self._next():
            try:
                outcome = self._run(ask, Task(next(numbers), ask.job))
            except Exception as error:  # no process, no pipe: the next question may have better luck
                self._drop_worker()
                outcome = Failed(one_line(f"no worker: {error}"), wrong=False)
            _settle(ask, outcome)
        self._drop_worker()

    def _next(self) -> _Ask | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopped)
            if not self._stopped:
                return self._waiting.popitem(last=False)[1]
            for ask in self._waiting.values():
                _settle(ask, Failed("the server is stopping", wrong=False))
            self._waiting.clear()
            return None

    def _run(self, ask: _Ask, task: Task) -> dict[str, Any] | Exception:
        if self._supervisor is None:
            self._supervisor = Supervisor(1, self._limits, self._evaluator)
        self._supervisor.submit([task], 1)
        begun = time.monotonic()
        while True:
            for event in self._supervisor.wait(0.2):
                if isinstance(event, Finished):
                    return _outcome(event)
                if isinstance(event, Lost):
                    return Failed(event.reason, wrong=False)
                self._supervisor.submit([task], 1)  # it never began
            if self._stopped:
                return Failed("the server is stopping", wrong=False)
            if time.monotonic() - begun > _PATIENCE_S and self._unwanted(ask):
                self._drop_worker()
                return Superseded()

    def _unwanted(self, ask: _Ask) -> bool:
        with self._changed:
            return ask.answer.cancelled() or ask.key in self._waiting

    def _drop_worker(self) -> None:
        if self._supervisor is not None:
            self._supervisor.stop()
            self._supervisor = None


def _outcome(event: Finished) -> dict[str, Any] | Failed:
    return event.row or {} if event.state == "done" else Failed(event.reason, wrong=event.state == "invalid")


def _settle(ask: _Ask, outcome: dict[str, Any] | Exception) -> None:
    if not ask.answer.set_running_or_notify_cancel():
        return
    if isinstance(outcome, Exception):
        ask.answer.set_exception(outcome)
    else:
        ask.answer.set_result(outcome)
