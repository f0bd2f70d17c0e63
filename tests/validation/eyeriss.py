# SPDX-License-Identifier: Apache-2.0
"""Eyeriss on the convolutions of AlexNet in batches of 4: forecast beside the chip."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chipcast
from chipcast.fidelity.case import Case
from chipcast.fidelity.outcome import Found, Outcome
from rows import SHARED, table

PLATFORM = Path(__file__).resolve().parents[2] / "configs" / "platforms" / "eyeriss.json"
BATCH, CORE_HZ, WORD_BYTES = 4, 200e6, 2


@dataclass(frozen=True)
class Layer:
    """Filters and channels are those of all groups."""

    name: str
    groups: int
    filters: int
    channels: int
    kernel: int
    size: int
    stride: int = 1
    pad: int = 0


LAYERS = (
    Layer("conv1", 1, 96, 3, 11, 227, stride=4),
    Layer("conv2", 2, 256, 96, 5, 27, pad=2),
    Layer("conv3", 1, 384, 256, 3, 13, pad=1),
    Layer("conv4", 2, 384, 384, 3, 13, pad=1),
    Layer("conv5", 2, 256, 384, 3, 13, pad=1),
)


@dataclass(frozen=True)
class Figures:
    power_mw: float
    total_ms: float
    processing_ms: float
    active_pes: float
    buffer_mb: float
    dram_mb: float


def measured(shared: Path = SHARED) -> dict[str, Figures]:
    rows = {row["Layer"].lower(): row for row in table(shared / "reference" / "eyeriss_alexnet.csv")}
    return {
        layer.name: Figures(
            power_mw=float(rows[layer.name]["Power (mW)"]),
            total_ms=float(rows[layer.name]["Total Latency (ms)"]),
            processing_ms=float(rows[layer.name]["Processing Latency (ms)"]),
            active_pes=float(rows[layer.name]["Num. of Active PEs"]),
            buffer_mb=float(rows[layer.name]["Global Buffer Accesses (MB)"]),
            dram_mb=float(rows[layer.name]["DRAM Accesses (MB)"]),
        )
        for layer in LAYERS
    }


def graph(layer: Layer) -> dict[str, Any]:
    image = [BATCH, layer.channels, layer.size, layer.size]
    kernel = [layer.filters, layer.channels // layer.groups, layer.kernel, layer.kernel]
    attributes = {"strides": [layer.stride] * 2, "pads": [layer.pad] * 4, "groups": layer.groups}
    return {
        "format": "chipcast-graph",
        "version": 1,
        "name": layer.name,
        "tensors": {
            "x": {"shape": image, "dtype": "int16"},
            "w": {"shape": kernel, "dtype": "int16", "parameter": True},
        },
        "inputs": ["x"],
        "outputs": [layer.name],
        "ops": [{"name": layer.name, "kind": "conv", "inputs": ["x", "w"], "attributes": attributes}],
    }


def forecast(layer: Layer) -> Figures:
    """The chip's energy over the layer's whole time; the host of the platform has nothing to do."""
    result = chipcast.run(graph(layer), PLATFORM)
    op = result.ops[0]
    npu = next(device for device in result.devices if device["name"] == "npu")
    elements = re.search(r"(\d+) of \d+ elements", op["mapping"])
    assert elements is not None, op["mapping"]
    return Figures(
        power_mw=npu["energy_j"] / result.latency_s * 1e3,
        total_ms=result.latency_s * 1e3,
        processing_ms=op["compute_cycles"] / CORE_HZ * 1e3,
        active_pes=float(elements.group(1)),
        buffer_mb=sum(op["sram_accesses"].values()) * WORD_BYTES / 1e6,
        dram_mb=op["traffic_bytes"] / 1e6,
    )


def power_outcomes() -> list[Outcome]:
    """Power of the chip alone, which no column of a case can say: its platform has a host."""
    chip = measured()
    return [
        Outcome(
            Case(layer.name, "eyeriss", "npu", "", layer.name, "int16", 1, BATCH, "power",
                 chip[layer.name].power_mw, "mW", "Chen et al., JSSC 52(1), table V", "score"),
            Found(forecast(layer).power_mw, "", "row_stationary", "eyeriss", {}),
        )
        for layer in LAYERS
    ]  # fmt: skip


def tables() -> str:
    """Every layer, as Markdown: forecast and its error."""
    chip = measured()
    lines = [
        "| layer | power mW | latency ms | processing ms | active PEs | global buffer MB | DRAM MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for layer in LAYERS:
        ours = vars(forecast(layer))
        cells = [
            f"{ours[name]:.4g} ({(ours[name] / value - 1) * 100:+.1f} %)"
            for name, value in vars(chip[layer.name]).items()
        ]
        lines.append(f"| {layer.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
