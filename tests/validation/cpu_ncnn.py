# SPDX-License-Identifier: Apache-2.0
"""CPU clusters against ncnn's own benchmark: every board and network, on one thread and on four."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import chipcast
from rows import SHARED, table


@dataclass(frozen=True)
class Board:
    """A chip of cpu_ncnn.csv and the clusters that are to give its rows."""

    soc: str
    platform: str
    device: str
    four_threads: str = ""
    """Cluster for four threads where that is another one."""


BOARDS = (
    Board("Jetson AGX Orin", "tegra-orin", "a78ae"),
    # Four threads on one fast core and three slower ones: these decide, as OpenMP shares the work out equally.
    Board("Snapdragon 855+ (SM8150-AC)", "snapdragon-855-plus", "a76_prime", four_threads="a76"),
    Board("RK3588 (OrangePi5 Plus)", "rk3588", "a76"),
    Board("RK3568 (Rock3A)", "rk3568", "a55"),
    Board("Kirin 970", "kirin-970", "a73"),
    Board("RK3399 (OrangePi4 LTS)", "rk3399", "a53"),
    Board("Raspberry Pi 4B (BCM2711)", "bcm2711", "a72"),
    Board("Raspberry Pi 3B+ (BCM2837B0)", "bcm2837", "a53"),
    Board("Allwinner H2+", "allwinner-h2-plus", "a7"),
)
BY_SOC = {board.soc: board for board in BOARDS}


@dataclass(frozen=True)
class Row:
    board: Board
    network: str
    dtype: str
    threads: int
    measured_ms: float

    @property
    def model(self) -> Path:
        suffix = "_int8" if self.dtype == "int8" else ""
        return SHARED / "models" / "ncnn" / f"{self.network}{suffix}.param"

    @property
    def device(self) -> str:
        return self.board.four_threads if self.threads == 4 and self.board.four_threads else self.board.device


def rows(threads: int, file: Path = SHARED / "reference" / "cpu_ncnn.csv") -> list[Row]:
    """The fastest of the benchmark's loops: the others hold scheduler noise."""
    return [
        Row(
            BY_SOC[entry["soc"]],
            entry["network"],
            entry["dtype"],
            int(entry["threads"]),
            float(entry["min_ms"]),
        )
        for entry in table(file)
        if int(entry["threads"]) == threads
    ]


@cache
def load(path: Path) -> chipcast.Model:
    """One file serves all boards and numbers of threads."""
    return chipcast.load_model(path)


@cache
def predicted_ms(row: Row) -> float:
    result = chipcast.run(
        load(row.model),
        row.board.platform,
        devices=[row.device],
        overrides={f"{row.device}.cores": row.threads},
    )
    return result.latency_s * 1e3


def error(row: Row) -> float:
    """-0.1: predicted ten per cent less time than was measured."""
    return predicted_ms(row) / row.measured_ms - 1.0


def median_abs_error(some: Iterable[Row]) -> float:
    return statistics.median(abs(error(row)) for row in some)


def tables() -> str:
    """Markdown."""
    return "\n\n".join(_table(threads) for threads in (1, 4))


def _table(threads: int) -> str:
    some = rows(threads)
    title = f"### ncnn on {threads} {'thread' if threads == 1 else 'threads'}, {len(some)} rows"
    lines = ["| board | format | networks: predicted / measured - 1 | median |", "| --- | --- | --- | ---: |"]
    for soc, dtype in dict.fromkeys((row.board.soc, row.dtype) for row in some):
        mine = [row for row in some if (row.board.soc, row.dtype) == (soc, dtype)]
        each = ", ".join(f"{row.network} {error(row) * 100:+.0f} %" for row in mine)
        lines.append(f"| {soc} | {dtype} | {each} | {median_abs_error(mine) * 100:.0f} % |")
    quantised = [row for row in some if row.dtype == "int8"]
    floats = [row for row in some if row.dtype != "int8"]
    summary = (
        f"Median absolute error {median_abs_error(some) * 100:.1f} % "
        f"(floats {median_abs_error(floats) * 100:.1f} %, int8 {median_abs_error(quantised) * 100:.1f} %)."
    )
    return "\n".join([title, "", *lines, "", summary])
