# SPDX-License-Identifier: Apache-2.0
"""Tables of designs that tests look at."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from chipcast.sweep import SweepTable
from chipcast.sweep.columns import METRICS

AXES = ("npu.clock", "npu.buffer", "lanes", "mapper")
COLUMNS = ("point", "state", *AXES, *METRICS, "npu_utilisation", "reason")


def grid(models: tuple[str, ...] = ()) -> SweepTable:
    """36 designs by plain laws: faster clocks and wider arrays are quicker, larger and thirstier. One failed, one
    cannot be, one has no energy."""
    lines = []
    for model in models or ("",):
        for clock in (300, 600, 900):
            for buffer in (64, 128, 256):
                for lanes in (8, 16):
                    for mapper in ("greedy", "heft"):
                        lines.append(_line(len(lines), model, clock, buffer, lanes, mapper))
    columns = (*COLUMNS[:2], "model", *COLUMNS[2:]) if models else COLUMNS
    cells = [tuple(each for each in line if each != "") for line in lines]
    return SweepTable(columns, cells)


def _line(number: int, model: str, clock: int, buffer: int, lanes: int, mapper: str) -> tuple[Any, ...]:
    axes = (f"{clock} MHz", f"{buffer} KiB", lanes, mapper)
    head = (number, "done", model, *axes)
    if number == 5:
        return (number, "failed", model, *axes, *(None,) * (len(METRICS) + 1), "limit: 10 s")
    if number == 6:
        return (number, "invalid", model, *axes, *(None,) * (len(METRICS) + 1), "no such thing")
    work = 2.0 if model == "large" else 1.0
    latency = work * (1.0 / clock + 0.2 / lanes / 100 + 0.02 / buffer)
    energy = work * (1e-3 * clock**0.5 + 1e-4 * lanes) * (1.1 if mapper == "heft" else 1.0)
    return (
        *head, latency, 0.9 * latency, None if number == 7 else energy, energy / latency, 2 * energy / latency,
        1_000_000, 2_000_000, 0.01 * lanes + 0.002 * buffer, "compute", 0, 0.5, None,
    )  # fmt: skip


def points(*pairs: tuple[float, ...], **columns: list[Any]) -> pd.DataFrame:
    """A table of bare objectives a, b, c."""
    names = "abc"[: len(pairs[0])]
    return pd.DataFrame({**{name: [pair[k] for pair in pairs] for k, name in enumerate(names)}, **columns})


NAN = math.nan
