# SPDX-License-Identifier: Apache-2.0
"""A batch of points on a machine of a cluster. Its points run in a process of their own there too, so that the limits,
and what a crash costs, are the same as at home."""

from __future__ import annotations

import atexit
import threading
from collections import deque
from collections.abc import Sequence

from chipcast.sweep.spec import Limits
from chipcast.sweep.supervisor import Supervisor
from chipcast.sweep.tool import tool_digest
from chipcast.sweep.workers import Event, Finished, Lost, Returned, Task

_TICK_S = 0.1
_supervisors: dict[tuple[int, str, Limits], Supervisor] = {}
_lock = threading.Lock()


class OtherChipcast(RuntimeError):
    """The cluster's Chipcast is not the one that asks: its results would not be what their keys say."""


def run_batch(tasks: Sequence[Task], evaluator: str, limits: Limits, tool: str) -> list[Event]:
    """An event for each task: Finished, or Lost where it took the process down."""
    if tool_digest() != tool:
        raise OtherChipcast(
            "this worker has another Chipcast than the one that asks; install the same on both"
        )
    supervisor = _supervisor(evaluator, limits)
    jobs = {task.id: task for task in tasks}
    waiting = deque(tasks)
    events: list[Event] = []
    while len(events) < len(jobs):
        most = min(supervisor.room(supervisor.most_batch), len(waiting))
        supervisor.submit([waiting.popleft() for _ in range(most)], supervisor.most_batch)
        for event in supervisor.wait(_TICK_S):
            if isinstance(event, Returned):
                waiting.append(jobs[event.task])
            else:
                assert isinstance(event, Finished | Lost)
                events.append(event)
    return events


def end_processes() -> None:
    """Those that batches of this process run in."""
    with _lock:
        for supervisor in _supervisors.values():
            supervisor.stop()
        _supervisors.clear()


def _supervisor(evaluator: str, limits: Limits) -> Supervisor:
    """One for each thread that runs batches, kept from batch to batch."""
    slot = threading.get_ident(), evaluator, limits
    with _lock:
        if slot not in _supervisors:
            if not _supervisors:
                atexit.register(end_processes)
            _supervisors[slot] = Supervisor(1, limits, evaluator)
        return _supervisors[slot]
