# SPDX-License-Identifier: Apache-2.0
"""Energy of MLPerf Tiny's networks on GAP9 and on ST's boards, with the constants of each chip."""

from __future__ import annotations

from dataclasses import dataclass

import chipcast
from mcu_tiny import NETWORKS, Submission, columns, profile_json, runtime_of
from rows import SHARED, table

TABLE = SHARED / "reference" / "mcu_mlperf_tiny.csv"

BOARDS = {
    "Nucleo-L4R5ZI": ("nucleo-l4r5zi", "m4"),
    "NUCLEO-L4R5ZI": ("nucleo-l4r5zi", "m4"),
    "NUCLEO-L4R5ZI-P": ("nucleo-l4r5zi-p", "m4"),
    "NUCLEO-U575ZI-Q": ("nucleo-u575", "m33"),
    "GAP9 EVK": ("gap9", "ne16"),
}

LATEST = "v1.2"
"""First round with ST's latest runtime that the platforms have (X-CUBE-AI 9.0; 10.2 is as fast)."""

ODD = {("v1.1", "NUCLEO_L4R5ZI", "IC")}
"""35.0 mW and 200.7 ms in energy mode, where the performance run took 214 ms and KWS of the same board and
round drew 45.0 mW: not the same clock or supply."""


GAP9_AT_370_MHZ = {"IC": (0.6219, 40.356), "KWS": (0.4744, 26.659)}
"""Milliseconds and microjoules at 0.8 V: mlcommons/tiny_results_v1.0,
closed/greenwaves-technologies/results/gap9_800_370/*/energy/results.txt. The reference has the rows at 0.65 V."""


@dataclass(frozen=True, kw_only=True)
class Row(Submission):
    profile: str | None
    """None: the platform's own runtime."""

    @property
    def by_the_vendor(self) -> bool:
        return self.submitter in {"STMicroelectronics", "greenwaves-technologies"}

    @property
    def odd(self) -> bool:
        return (self.round, self.system, self.benchmark) in ODD


def rows() -> list[Row]:
    out = []
    for entry in table(TABLE):
        platform, device = BOARDS[entry["board"]]
        out.append(Row(platform=platform, device=device, profile=runtime_of(entry), **columns(entry)))
    return out


def forecast(row: Row) -> tuple[float, float]:
    """Milliseconds and microjoules."""
    overrides = {f"{row.device}.profile": profile_json(row.profile)} if row.profile else {}
    result = chipcast.run(NETWORKS[row.benchmark], row.platform, dtype="int8", overrides=overrides)
    return result.latency_s * 1e3, result.energy_j * 1e6


def gap9_at(clock: str) -> dict[str, tuple[float, float]]:
    """Milliseconds and microjoules by benchmark at one of its operating points."""
    out = {}
    for benchmark, network in NETWORKS.items():
        result = chipcast.run(network, "gap9", dtype="int8", overrides={"power.domains.cluster.clock": clock})
        out[benchmark] = (result.latency_s * 1e3, result.energy_j * 1e6)
    return out


def tables() -> str:
    """Every row, as Markdown."""
    lines = [
        "| round | submitter | platform | network | measured uJ | forecast | error | error of the time |",
        "|---|---|---|---|---:|---:|---:|---:|",
    ]
    for row in rows():
        milliseconds, microjoules = forecast(row)
        energy, time = microjoules / row.measured_uj - 1, milliseconds / row.measured_ms - 1
        lines.append(
            f"| {row.round} | {row.submitter} | `{row.platform}` | {row.benchmark} | {row.measured_uj:.1f} "
            f"| {microjoules:.1f} | {energy:+.0%} | {time:+.0%} |"
        )
    return "\n".join(lines)
