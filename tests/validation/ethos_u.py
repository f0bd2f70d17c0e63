# SPDX-License-Identifier: Apache-2.0
"""Ethos-U55 with 128 multiply-accumulates against the cycle counts of Arm's evaluation kit."""

from __future__ import annotations

from dataclasses import dataclass

import chipcast

PLATFORM, CLOCK_HZ = "ethos-u55-128", 500e6


@dataclass(frozen=True)
class UseCase:
    name: str
    network: str
    cycles: int
    """NPU TOTAL of the kit's log: alif_ml-embedded-evaluation-kit @ b1b93fc0, docs/use_cases/*.md."""


USE_CASES = (
    UseCase("img_class", "mobilenet_v2", 7_346_172),
    UseCase("kws", "micronet_kws_m", 414_172),
    UseCase("ad", "micronet_ad_m", 968_172),
)


def forecast_cycles(use_case: UseCase) -> float:
    """From first start to last end, everything on the NPU."""
    result = chipcast.run(use_case.network, PLATFORM, dtype="int8", devices=["npu"])
    return result.latency_s * CLOCK_HZ


def tables() -> str:
    """Every use case, as Markdown."""
    lines = [
        "| use case | network | published cycles | forecast | error |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for use_case in USE_CASES:
        cycles = forecast_cycles(use_case)
        lines.append(
            f"| {use_case.name} | {use_case.network} | {use_case.cycles:,} | {cycles:,.0f} "
            f"| {(cycles / use_case.cycles - 1) * 100:+.1f} % |"
        )
    return "\n".join(lines)
