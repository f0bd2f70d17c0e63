# SPDX-License-Identifier: Apache-2.0
"""How far a sweep is: points done, points a second, time left, troubles. On a terminal, after a second."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from chipcast.cli.terminal import stderr

if TYPE_CHECKING:
    from chipcast.sweep import Progress as Done

_DELAY_S = 1.0


class SweepBar:
    """`update` takes what the engine tells."""

    def __init__(self, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr.isatty()
        self._started = time.monotonic()
        self._running = False
        self._bar = Progress(
            TextColumn("Sweeping"),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=stderr(),
            transient=True,
        )
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> SweepBar:
        self._started = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        if self._running:
            self._bar.stop()

    def update(self, done: Done) -> None:
        elapsed = time.monotonic() - self._started
        if not self._shown or elapsed < _DELAY_S:
            return
        if not self._running:
            self._running = True
            self._bar.start()
        self._bar.update(
            self._task, completed=done.finished, total=done.total, description=progress_line(done, elapsed)
        )


def progress_line(done: Done, elapsed_s: float) -> str:
    """ "1,200/10,000, 85.3/s, 1 min 43 s left, 3 failed". Points that the store had count for no speed."""
    ran = done.finished - done.reused
    rate = ran / elapsed_s if elapsed_s > 0 else 0.0
    parts = [f"{done.finished:,}/{'≤ ' if done.bound else ''}{done.total:,}"]
    if rate > 0:
        parts.append(f"{rate:.3g}/s")
        parts.append(f"{duration(max(done.total - done.finished, 0) / rate)} left")
    troubles = {state: done.states.get(state, 0) for state in ("invalid", "failed", "quarantined")}
    parts += [f"{count:,} {state}" for state, count in troubles.items() if count]
    if done.retries:
        parts.append(f"{done.retries:,} tried again")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """ "2 h 5 min"; the two largest units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
