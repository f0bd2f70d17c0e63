# SPDX-License-Identifier: Apache-2.0
"""A bar on stderr for whatever takes longer than a second; nothing off a terminal."""

from __future__ import annotations

import sys
import threading
from types import TracebackType

from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from chipcast.cli.terminal import stderr

_DELAY_S = 1.0


class DelayedProgress:
    """`step` names what is being done, `update` takes the fraction done. Shows itself after a second."""

    def __init__(self, quiet: bool = False) -> None:
        self._shown = not quiet and sys.stderr.isatty()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=stderr(),
            transient=True,
        )
        self._task = self._bar.add_task("", total=None)
        self._timer = threading.Timer(_DELAY_S, self._bar.start)
        self._timer.daemon = True

    def __enter__(self) -> DelayedProgress:
        if self._shown:
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._timer.cancel()
            self._timer.join()
            self._bar.stop()

    def step(self, description: str) -> None:
        """A new step whose length is not known."""
        self._bar.reset(self._task, description=description, total=None)

    def update(self, fraction: float) -> bool:
        """What the simulation calls; True lets it go on."""
        self._bar.update(self._task, completed=min(max(fraction, 0.0), 1.0), total=1.0)
        return True
