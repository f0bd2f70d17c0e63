# SPDX-License-Identifier: Apache-2.0
"""Microcontrollers: MLPerf Tiny's rows on Cortex-M4 and M33, and the CMSIS-NN paper's layers on Cortex-M7."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import chipcast
from chipcast import catalog
from mcu_networks import cifar10
from rows import SHARED, table

NETWORKS = {"IC": "mlperf_tiny_ic", "KWS": "mlperf_tiny_kws"}
PLATFORMS = {"STM32L4R5": ("stm32l4r5", "m4"), "STM32U575": ("stm32u575", "m33")}

# STMicroelectronics states no version before round v1.1. Krai's 7.3 of v1.1 repeats ST's times of v1.0 to 0.4 %.
ST_RUNTIMES = {"v0.7": "st-x-cube-ai-7.1", "v1.0": "st-x-cube-ai-7.3", "v1.1": "st-x-cube-ai-8.1"}
ST_LATEST = "st-x-cube-ai-10"

CMSIS_NN_PAPER_MS = {
    "conv1": 31.4,
    "pool1": 1.6,
    "conv2": 42.8,
    "pool2": 0.4,
    "conv3": 22.6,
    "pool3": 0.3,
    "fc": 0.1,
}
"""arXiv:1801.06601, CIFAR-10 on a NUCLEO-F746ZG at 216 MHz [R-high]; 99.1 ms in all."""


@dataclass(frozen=True)
class Submission:
    """A row of MLPerf Tiny's table, and the platform that stands for its board."""

    round: str
    submitter: str
    system: str
    benchmark: str
    platform: str
    device: str
    measured_ms: float
    measured_uj: float

    @property
    def label(self) -> str:
        return f"{self.round}-{self.submitter}-{self.system}-{self.benchmark}"


def columns(entry: dict[str, str]) -> dict[str, Any]:
    """The members of a Submission that the table has."""
    return {
        "round": entry["round"],
        "submitter": entry["submitter"],
        "system": entry["system"].replace("/", "_"),
        "benchmark": entry["benchmark"],
        "measured_ms": float(entry["latency_ms"]),
        "measured_uj": float(entry["energy_uJ_per_inf"]),
    }


@dataclass(frozen=True, kw_only=True)
class Row(Submission):
    profile: str


def runtime_of(entry: dict[str, str]) -> str | None:
    """Which profile stands for a row's runtime; none for what is no Cortex-M."""
    submitter = entry["submitter"]
    if submitter == "STMicroelectronics":
        return ST_RUNTIMES.get(entry["round"], ST_LATEST)
    if submitter == "OctoML":
        return "microtvm-cmsis-nn" if "cmsis_nn" in entry["system"] else "microtvm"
    return {"reference": "tflm-2.3", "Skymizer": "cmsis-nn-s8", "Krai": "st-x-cube-ai-7.3"}.get(submitter)


def rows() -> list[Row]:
    out = []
    for entry in table(SHARED / "reference" / "mcu_mlperf_tiny.csv"):
        profile = runtime_of(entry)
        if profile is None:
            continue
        platform, device = PLATFORMS[entry["soc"][: len("STM32L4R5")]]
        out.append(Row(platform=platform, device=device, profile=profile, **columns(entry)))
    return out


def profile_json(name: str) -> dict[str, Any]:
    """A bundled profile's members, as an override takes them."""
    file = catalog.config_root() / "profiles" / f"{name}.json"
    members: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return {key: value for key, value in members.items() if not key.startswith("$")}


@cache
def forecast(platform: str, device: str, profile: str, benchmark: str) -> tuple[float, float]:
    """Milliseconds and microjoules."""
    result = chipcast.run(
        NETWORKS[benchmark], platform, dtype="int8", overrides={f"{device}.profile": profile_json(profile)}
    )
    return result.latency_s * 1e3, result.energy_j * 1e6


def cifar10_layers() -> dict[str, float]:
    """Milliseconds by layer on the STM32F746, whose runtime is the paper's."""
    report = chipcast.run(cifar10(), "stm32f746", dtype="int8").report
    return {op["name"]: (op["end_s"] - op["start_s"]) * 1e3 for op in report["ops"]}


def tables() -> str:
    """Every row, as Markdown."""
    lines = [
        "| round | submitter | runtime | chip | network | measured ms | forecast ms | error | energy error |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows():
        milliseconds, microjoules = forecast(row.platform, row.device, row.profile, row.benchmark)
        lines.append(
            f"| {row.round} | {row.submitter} | `{row.profile}` | `{row.platform}` | {row.benchmark} "
            f"| {row.measured_ms:.1f} | {milliseconds:.1f} | {milliseconds / row.measured_ms - 1:+.0%} "
            f"| {microjoules / row.measured_uj - 1:+.0%} |"
        )
    return "\n".join(lines)
