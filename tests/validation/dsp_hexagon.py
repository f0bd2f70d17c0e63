# SPDX-License-Identifier: Apache-2.0
"""Hexagon V68 against Qualcomm AI Hub's published latencies of w8a8 networks on a QCS6490."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import chipcast
from rows import SHARED, table

NETWORKS = {
    "squeezenet1_1": "squeezenet1_1",
    "mobilenet_v2": "mobilenet_v2",
    "resnet50": "resnet50_v1_5",
    "googlenet": str(SHARED / "models" / "ncnn" / "googlenet.param"),
}
"""Rows' networks as they are at hand. ncnn's GoogLeNet has 5x5 kernels and normalisation that AI Hub's has not."""

RUNTIMES = ("tflite", "qnn_dlc")
"""ONNX rows ran on the CPU."""


@dataclass(frozen=True)
class Row:
    network: str
    runtime: str
    measured_ms: float


def rows() -> list[Row]:
    return [
        Row(entry["model_id"], entry["runtime"], float(entry["inference_ms"]))
        for entry in table(SHARED / "reference" / "hexagon_aihub.csv")
        if entry["chipset"] == "qcs6490"
        and entry["runtime"] in RUNTIMES
        and entry["primary_compute_unit"] == "NPU"
        and entry["model_id"] in NETWORKS
    ]


@cache
def forecast_ms(network: str) -> float:
    """All operators on the DSP, as in the rows."""
    return chipcast.run(NETWORKS[network], "qcs6490", dtype="int8", devices=["dsp"]).latency_s * 1e3


def tables() -> str:
    """Every row, as Markdown."""
    lines = ["| network | runtime | measured ms | forecast ms | error |", "|---|---|---|---|---|"]
    for row in rows():
        forecast = forecast_ms(row.network)
        lines.append(
            f"| {row.network} | {row.runtime} | {row.measured_ms:.3f} | {forecast:.3f} "
            f"| {forecast / row.measured_ms - 1:+.0%} |"
        )
    return "\n".join(lines)
