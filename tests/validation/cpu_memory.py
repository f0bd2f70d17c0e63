# SPDX-License-Identifier: Apache-2.0
"""CPU clusters and their memory against boards: latency by block size, copies of one core, gain from more threads."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from functools import cache
from typing import Any

import chipcast
from rows import SHARED, table


@dataclass(frozen=True)
class Board:
    """A curve of cpu_memlat_sbc.csv (ramlat, one chain of pointers) and the cluster that is to give it."""

    name: str
    core: str
    platform: str
    device: str
    clock: str
    """What sbc-bench measured on this board; the platform's own may differ by some per cent."""
    page: str = "4 KiB"


BOARDS = (
    Board("ODROID-XU4 (Exynos 5422)", "cpu4:Cortex-A15", "exynos5422", "a15", "2.0 GHz"),
    Board("ODROID-XU4 (Exynos 5422)", "cpu0:Cortex-A7", "exynos5422", "a7", "1.4 GHz"),
    Board("OrangePi 4 (RK3399)", "cpu4:Cortex-A72", "rk3399", "a72", "2.014 GHz"),
    Board("OrangePi 4 (RK3399)", "cpu0:Cortex-A53", "rk3399", "a53", "1.509 GHz"),
    Board("ODROID-M1 (RK3568)", "cpu0:Cortex-A55", "rk3568", "a55", "2.07 GHz"),
    Board("Radxa ROCK 5B (RK3588)", "cpu4:Cortex-A76", "rk3588", "a76", "2.348 GHz"),
    Board("Radxa ROCK 5B (RK3588)", "cpu0:Cortex-A55", "rk3588", "a55", "1.828 GHz"),
    Board("ODROID-N2+ (Amlogic S922X)", "cpu2:Cortex-A73", "s922x", "a73", "2.398 GHz"),
    Board("ODROID-N2+ (Amlogic S922X)", "cpu0:Cortex-A53", "s922x", "a53", "2.013 GHz"),
    Board("Jetson Nano", "cpu0:Cortex-A57", "tegra-x1", "a57", "1.479 GHz"),
    Board("i.MX8MPlus EVK", "cpu0:Cortex-A53", "imx8mp", "a53", "1.8 GHz"),
    Board("Raspberry Pi 5 B (BCM2712)", "cpu0:Cortex-A76", "bcm2712", "a76", "2.4 GHz", page="16 KiB"),
)


@dataclass(frozen=True)
class Curve:
    board: Board
    sizes: tuple[int, ...]
    measured_ns: tuple[float, ...]
    predicted_ns: tuple[float, ...]

    @property
    def errors(self) -> list[float]:
        return [p / m - 1.0 for p, m in zip(self.predicted_ns, self.measured_ns, strict=True)]

    @property
    def median_abs_error(self) -> float:
        return statistics.median(abs(error) for error in self.errors)


@cache
def curve(board: Board) -> Curve:
    points = _measured_curve(board)
    predicted = chipcast.memory_curve(
        board.platform,
        board.device,
        [size for size, _ in points],
        page=board.page,
        overrides={f"{board.device}.clock": board.clock},
    )
    return Curve(
        board,
        tuple(size for size, _ in points),
        tuple(latency for _, latency in points),
        tuple(point["latency_s"] * 1e9 for point in predicted),
    )


def _measured_curve(board: Board) -> list[tuple[int, float]]:
    """Of the first result file that has it: some boards were measured several times."""
    rows = [
        row
        for row in table(SHARED / "reference" / "cpu_memlat_sbc.csv")
        if row["device"] == board.name and row["core"] == board.core and row["lat_1xPTR_ns"]
    ]
    if not rows:
        raise ValueError(f"no curve of {board.name}, {board.core}")
    return [
        (int(row["block_KiB"]) * 1024, float(row["lat_1xPTR_ns"]))
        for row in rows
        if row["path"] == rows[0]["path"]
    ]


@dataclass(frozen=True)
class Copy:
    """memcpy of one core, GB/s, every byte counted once: reference/cpu.md, section 4 (lowest and highest)."""

    platform: str
    device: str
    lowest: float
    highest: float

    @property
    def measured(self) -> float:
        return (self.lowest + self.highest) / 2.0


COPIES = (
    Copy("bcm2711", "a72", 2.24, 2.78),
    Copy("rk3399", "a72", 3.7, 4.1),
    Copy("rk3568", "a55", 3.1, 3.1),
    Copy("rk3588", "a76", 10.83, 12.8),
)
COPIED = 64 << 20


@cache
def simulated_copy(row: Copy) -> float:
    """GB/s of a network that only moves 64 MiB."""
    elements = COPIED // 4
    network = {
        "format": "chipcast-graph",
        "version": 1,
        "name": "copy",
        "tensors": {"from": {"shape": [1024, elements // 1024], "dtype": "fp32"}},
        "inputs": ["from"],
        "outputs": ["to"],
        "ops": [
            {
                "name": "copy",
                "kind": "transpose",
                "inputs": ["from"],
                "outputs": ["to"],
                "attributes": {"perm": [1, 0]},
            }
        ],
    }
    # The path to memory alone: a copy that is not held up by a library's loops.
    alone = {"cores": 1, "profiles": [], "profile.data_movement": 1.0}
    overrides = {f"{row.device}.{name}": value for name, value in alone.items()}
    result = chipcast.run(network, row.platform, devices=[row.device], overrides=overrides)
    return COPIED / result.latency_s * 1e-9


def closed_form_copy(row: Copy) -> dict[str, Any]:
    return chipcast.memory_curve(row.platform, row.device, [COPIED])[0]


@dataclass(frozen=True)
class Threads:
    """A network on one thread and on four, milliseconds."""

    note: str
    clock: str
    measured_ms: tuple[float, float]


# Tencent/ncnn's benchmark, MobileNetV1 in fp32 on a Raspberry Pi 4; older versions of the page have the slower clock.
THREADS = (
    Threads("1.8 GHz", "1.8 GHz", (123.76, 60.74)),
    Threads("1.5 GHz", "1.5 GHz", (145.36, 71.59)),
)


@cache
def simulated_threads(row: Threads) -> tuple[float, float]:
    model = str(SHARED / "models/ncnn/mobilenet.param")
    one, four = (
        chipcast.run(
            model,
            "raspberry-pi-4",
            dtype="fp32",
            devices=["a72"],
            overrides={"a72.clock": row.clock, "a72.cores": cores},
        ).latency_s
        * 1e3
        for cores in (1, 4)
    )
    return one, four


def tables() -> str:
    """Markdown."""
    return "\n\n".join(
        [
            "### CPU memory latency by block size (ramlat), closed form\n\n" + _curves(),
            "### Copies of one core, simulated\n\n" + _copies(),
            "### Raspberry Pi 4, MobileNetV1 fp32 (ncnn), 1 and 4 threads\n\n" + _threads(),
        ]
    )


def _curves() -> str:
    lines = ["| board | core | sizes | median error | largest size: measured ns | predicted ns |"]
    lines.append("| --- | --- | ---: | ---: | ---: | ---: |")
    for board in BOARDS:
        got = curve(board)
        lines.append(
            f"| {board.name} | {board.core.split(':')[-1]} | {len(got.sizes)} | {got.median_abs_error * 100:.0f} % "
            f"| {got.measured_ns[-1]:.0f} | {got.predicted_ns[-1]:.0f} |"
        )
    return "\n".join(lines)


def _copies() -> str:
    lines = ["| chip | core | measured GB/s | simulated GB/s | error | closed form GB/s | limited by |"]
    lines.append("| --- | --- | ---: | ---: | ---: | ---: | --- |")
    for row in COPIES:
        got, form = simulated_copy(row), closed_form_copy(row)
        lines.append(
            f"| {row.platform} | {row.device} | {row.lowest:.2f} to {row.highest:.2f} | {got:.2f} "
            f"| {(got / row.measured - 1) * 100:+.0f} % | {form['copy_bytes_per_s'] * 1e-9:.2f} "
            f"| {form['copy_bound']} |"
        )
    return "\n".join(lines)


def _threads() -> str:
    lines = ["| clock | measured 1, 4 threads ms | predicted ms | measured gain | predicted gain |"]
    lines.append("| --- | ---: | ---: | ---: | ---: |")
    for row in THREADS:
        one, four = simulated_threads(row)
        lines.append(
            f"| {row.note} | {row.measured_ms[0]:.1f}, {row.measured_ms[1]:.1f} | {one:.1f}, {four:.1f} "
            f"| {row.measured_ms[0] / row.measured_ms[1]:.2f} | {one / four:.2f} |"
        )
    return "\n".join(lines)
