# SPDX-License-Identifier: Apache-2.0
"""Stand in for chipcast.sweep.points in workers: two objectives with a known front, and a tier that bounds one."""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chipcast import InputError


def bowl(job: Mapping[str, Any]) -> dict[str, Any]:
    """Latency falls with x.a and area grows with it; x.b and x.c are best in the middle, x.d where it is "fast"."""
    given = {name.removeprefix("x."): value for name, value in job["overrides"].items()}
    if "folder" in given:
        with (Path(given["folder"]) / "ran").open("a") as lines:
            lines.write(f"{job['tier']}\n")
    a, b, c = (float(given[name]) for name in "abc")
    if given.get("bad") == [a, b, c]:
        raise InputError("x: this one is not allowed")
    if given.get("kills") == [a, b, c]:
        os.kill(os.getpid(), signal.SIGKILL)
    waste = (b - 5.0) ** 2 + (c - 5.0) ** 2 + (0.0 if given.get("d", "fast") == "fast" else 9.0)
    bound = 1e-3 * (20.0 / (1.0 + a) + 0.1 * waste)
    contention = 1.0 + 0.05 * (1.0 + math.sin(7.0 * a + 3.0 * b + c))
    row: dict[str, Any] = {"analytic_latency_s": bound, "area_mm2": 1.0 + a + 0.2 * waste}
    if job["tier"] == "analytic":
        return row
    lies = given.get("lies", 1.0)
    return {**row, "latency_s": bound * contention * lies, "energy_j": 1e-3 * (1.0 + waste) * (1.0 + 0.1 * a)}


def broken_once(job: Mapping[str, Any]) -> dict[str, Any]:
    """Of accuracy: fails the first time."""
    marker = Path(os.environ["SEARCH_MARKER"])
    if not marker.exists():
        marker.touch()
        raise RuntimeError("not this time")
    return {"signal": 100.0, "noise": 1.0, "sqnr_db": 20.0}
