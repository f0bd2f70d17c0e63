# SPDX-License-Identifier: Apache-2.0
"""Worker processes that forecast for the workbench: a crash or a hang costs one answer, not the server."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from chipcast.sweep.spec import Limits
from chipcast.sweep.supervisor import Supervisor
from chipcast.sweep.workers import Finished, Lost, Task, WorkersDoNotStart

_EVALUATOR = "chipcast.serve.evaluate:evaluate"
_MOST_WAITING = 32


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
    job: dict[str, Any]
    answer: Future[dict[str, Any]] = field(default_factory=Future)


class Lane:
    """One worker process and who waits for it, in order. Of one caller (`key`) only the newest waits."""

    def __init__(self, name: str, seconds: float, memory_bytes: int) -> None:
        self._limits = Limits(seconds=seconds, memory_bytes=memory_bytes)
        self._waiting: OrderedDict[str, _Ask] = OrderedDict()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name=f"chipcast-{name}", daemon=True)
        self._thread.start()

    async def ask(self, key: str, job: dict[str, Any]) -> dict[str, Any]:
        """Raises Superseded, Failed."""
        ask = _Ask(job)
        with self._changed:
            if key not in self._waiting and len(self._waiting) >= _MOST_WAITING:
                raise Failed("too many are waiting; try again", wrong=False)
            if older := self._waiting.pop(key, None):
                older.answer.set_exception(Superseded())
            self._waiting[key] = ask
            self._changed.notify()
        return await asyncio.wrap_future(ask.answer)

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        supervisor: Supervisor | None = None
        numbers = itertools.count()
        while ask := self._next():
            try:
                supervisor = supervisor or Supervisor(1, self._limits, _EVALUATOR)
                self._settle(ask, self._run(supervisor, Task(next(numbers), ask.job)))
            except WorkersDoNotStart as error:
                supervisor = None
                self._settle(ask, Failed(str(error), wrong=False))
        if supervisor:
            supervisor.stop()

    def _next(self) -> _Ask | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopped)
            if self._stopped:
                for ask in self._waiting.values():
                    self._settle(ask, Failed("the server is stopping", wrong=False))
                self._waiting.clear()
                return None
            return self._waiting.popitem(last=False)[1]

    def _run(self, supervisor: Supervisor, task: Task) -> dict[str, Any] | Failed:
        supervisor.submit([task], 1)
        while True:
            for event in supervisor.wait(0.2):
                if isinstance(event, Finished):
                    if event.state == "done":
                        return event.row or {}
                    return Failed(event.reason, wrong=event.state == "invalid")
                if isinstance(event, Lost):
                    return Failed(event.reason, wrong=False)
                supervisor.submit([task], 1)  # it never began
            if self._stopped:
                return Failed("the server is stopping", wrong=False)

    @staticmethod
    def _settle(ask: _Ask, outcome: dict[str, Any] | Failed) -> None:
        if ask.answer.cancelled() or not ask.answer.set_running_or_notify_cancel():
            return
        if isinstance(outcome, Failed):
            ask.answer.set_exception(outcome)
        else:
            ask.answer.set_result(outcome)
