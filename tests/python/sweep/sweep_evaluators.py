# SPDX-License-Identifier: Apache-2.0
"""Stands in for chipcast.sweep.evaluate in workers: squares a number, and fails in every way that a point may."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chipcast import InputError, LimitError


def faulty(job: Mapping[str, Any]) -> dict[str, Any]:
    given = {name.removeprefix("x."): value for name, value in job["overrides"].items()}
    folder, n = Path(given["folder"]), given["n"]
    _note(folder / "begun", n)
    _note(folder / "workers", os.getpid())
    time.sleep(given.get("pause", 0.0))
    if n in given.get("at", []) and _wanted(folder / f"failed-{n}", given):
        _FAULTS[given["fault"]]()
    _note(folder / "ended", n)
    return {"latency_s": n * n * 1e-3, "warnings": 0}


def _wanted(marker: Path, given: Mapping[str, Any]) -> bool:
    """With `once` only the first time."""
    first = not marker.exists()
    marker.touch()
    return first or not given.get("once")


def _note(file: Path, number: int) -> None:
    with file.open("a") as lines:
        lines.write(f"{number}\n")


def _invalid() -> None:
    raise InputError("x.n: this one is not allowed")


def _limit() -> None:
    raise LimitError("too many events")


def _bug() -> None:
    raise RuntimeError("something\nelse")


def _memory() -> None:
    """Untouched, so that it costs nothing where no limit stops it."""
    bytearray(16 << 30)


def _nonsense() -> None:
    for channel in range(3, 20):  # whichever the answers go to
        try:
            os.write(channel, b"\xff\xff\xff\xffnonsense")
        except OSError:
            continue
    time.sleep(5)


_FAULTS = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "segfault": lambda: ctypes.string_at(0),
    "abort": os.abort,
    "exit": lambda: os._exit(7),
    "hang": lambda: time.sleep(1000),
    "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "memory": _memory,
    "invalid": _invalid,
    "limit": _limit,
    "bug": _bug,
    "nonsense": _nonsense,
}
