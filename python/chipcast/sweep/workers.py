# SPDX-License-Identifier: Apache-2.0
"""What an engine asks of its workers, be they processes of this machine or of a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class WorkersDoNotStart(RuntimeError):
    """Worker processes end before they can work, or there are none."""


@dataclass(frozen=True)
class Task:
    id: int
    job: dict[str, Any]


@dataclass(frozen=True)
class Finished:
    """A worker answered: done, invalid or failed."""

    task: int
    state: str
    row: dict[str, Any] | None
    reason: str
    seconds: float


@dataclass(frozen=True)
class Lost:
    """The worker went down with the task."""

    task: int
    reason: str


@dataclass(frozen=True)
class Returned:
    """The worker never began with it; it may go to another."""

    task: int


Event = Finished | Lost | Returned


class Workers(Protocol):
    """Whoever runs tasks. `submit` never waits, `wait` tells what happened."""

    batch_s: float
    """Work that each should have before it: little enough to drain soon, enough to hide what sending it costs."""
    most_batch: int

    @property
    def outstanding(self) -> int:
        """Tasks submitted of which no event has been told."""

    def room(self, depth: int) -> int:
        """How many tasks it takes until everyone has `depth` of them."""

    def hungry(self, depth: int) -> bool:
        """Whether someone will soon have nothing to do."""

    def submit(self, tasks: Sequence[Task], depth: int) -> None:
        """Not more than there is room for."""

    def wait(self, timeout: float) -> list[Event]:
        """What happened, at once where something has, at the latest after `timeout` seconds."""

    def stop(self) -> None:
        """All of it ends now, whatever it is at."""
