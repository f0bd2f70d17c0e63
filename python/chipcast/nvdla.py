# SPDX-License-Identifier: Apache-2.0
"""NVDLA's performance sheet: layers take as long as the slowest of array, DRAM and on-chip memory.

>>> from chipcast import nvdla
>>> nvdla.total(nvdla.published("AlexNet"))
591475.5625
>>> nvdla.total(nvdla.published("AlexNet", sram=False))
895443.5625
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from chipcast import _core


@dataclass(frozen=True)
class Machine:
    """The hardware; the defaults are those of the sheet. Bandwidths in bytes per cycle."""

    macs: float = 2048
    channels: int = 16
    bytes_per_element: float = 1
    fc_batch: int = 16
    kept_weights: float = 1
    dram: float = 10
    sram_read: float = 25
    sram_write: float = 25


@dataclass(frozen=True)
class Crossings:
    """How often a layer's operands cross a memory; weights once in `weight_frames` frames, 0: not at all."""

    input: float = 0
    weight_frames: int = 0
    output: bool = False


@dataclass(frozen=True)
class Layer:
    """A row of the sheet: the convolution, and which operands cross which memory.

    `padded`: as many positions as inputs, over the stride. `stored_height`, `stored_width`: of the output, behind a
    pool that follows. `expanded_weights`: stored as 4x4 for Winograd.
    """

    channels: int
    height: int
    width: int
    kernels: int
    kernel_height: int
    kernel_width: int
    stored_height: int
    stored_width: int
    padded: bool = False
    stride_v: int = 1
    stride_h: int = 1
    fully_connected: bool = False
    expanded_weights: bool = False
    dram: Crossings = field(default_factory=lambda: Crossings(1, 1, True))
    sram_read: Crossings = field(default_factory=Crossings)
    sram_write: Crossings = field(default_factory=Crossings)


@dataclass(frozen=True)
class LayerCycles:
    """Cycles of a layer by what could bound it."""

    mac: float
    dram: float
    sram_read: float
    sram_write: float

    @property
    def layer(self) -> float:
        return max(self.mac, self.dram, self.sram_read, self.sram_write)


def cycles(layers: Sequence[Layer], machine: Machine | None = None) -> list[LayerCycles]:
    """The sheet's columns for each layer."""
    rows = []
    for layer in layers:
        shape = asdict(layer)
        placement = {name: shape.pop(name) for name in ("dram", "sram_read", "sram_write")}
        rows.append({"layer": shape, "placement": placement})
    answer = _core.nvdla_cycles(json.dumps(rows), json.dumps(asdict(machine or Machine())))
    return [LayerCycles(*row) for row in json.loads(answer)]


def total(layers: Sequence[Layer], machine: Machine | None = None) -> float:
    """Cycles of a network: the sum of its layers."""
    return sum(row.layer for row in cycles(layers, machine))


def published(network: str, sram: bool = True) -> list[Layer]:
    """The layers of "AlexNet" or "GoogLeNet" as the sheet has them, beside 4 MB of SRAM or with DRAM alone.

    Rows that the sheet uses only as parts of a combined one are left out.
    """
    with Path(__file__).with_name("nvdla_sheet.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["combined"] == "0"]
    known = sorted({row["net"] for row in rows})
    if network not in known:
        raise _core.InputError(f"network: {network!r} is not in the sheet (known: {', '.join(known)})")
    return [_layer(row, sram) for row in rows if row["net"] == network]


def _layer(row: dict[str, str], sram: bool) -> Layer:
    def number(name: str) -> int:
        return int(row[name])

    beside = Crossings(number("dram_input"), number("dram_frames"), row["dram_output"] == "1")
    alone = Crossings(number("alone_input"), number("alone_frames"), True)
    read = Crossings(number("sram_input"), number("sram_frames"))
    return Layer(
        channels=number("channels"),
        height=number("height"),
        width=number("width"),
        kernels=number("kernels"),
        kernel_height=number("kernel_height"),
        kernel_width=number("kernel_width"),
        stored_height=number("stored"),
        stored_width=number("stored"),
        padded=row["padded"] == "1",
        stride_v=number("stride_v"),
        stride_h=number("stride_h"),
        fully_connected=row["fully_connected"] == "1",
        expanded_weights=row["expanded_weights"] == "1",
        dram=beside if sram else alone,
        sram_read=read if sram else Crossings(),
        sram_write=Crossings(output=row["sram_output"] == "1") if sram else Crossings(),
    )
