# SPDX-License-Identifier: Apache-2.0
"""What a run returns."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipcast import _core
from chipcast.error_bars import lines, with_validation
from chipcast.html import report_html

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Result:
    """The report of one run. Units stand in the names: `_s` seconds, `_j` joules, `_w` watts, `_bytes`."""

    report: dict[str, Any]
    """The whole report, as in configs/schema/report.schema.json."""
    _json: str = field(repr=False)
    _simulation: _core.Simulation = field(repr=False)

    @classmethod
    def from_simulation(
        cls, simulation: _core.Simulation, report_json: str, platform: str | os.PathLike[str]
    ) -> Result:
        """`platform`: the file that it was loaded from."""
        report, text = with_validation(report_json, simulation.cores(), platform)
        return cls(report, text, simulation)

    @property
    def latency_s(self) -> float:
        """From the event simulation: contention, DMA queues and DRAM turnarounds included."""
        return float(self.report["totals"]["latency_s"])

    @property
    def analytic_latency_s(self) -> float:
        """Closed form over the same mapped program without contention: a lower bound."""
        return float(self.report["analytic"]["latency_s"])

    @property
    def energy_j(self) -> float:
        return float(self.report["totals"]["energy_j"])

    @property
    def average_power_w(self) -> float:
        return float(self.report["totals"]["average_power_w"])

    @property
    def peak_power_w(self) -> float:
        """Highest mean power over one window of `report["power"]`."""
        return float(self.report["totals"]["peak_power_w"])

    @property
    def macs(self) -> int:
        return int(self.report["totals"]["macs"])

    @property
    def traffic_bytes(self) -> int:
        return int(self.report["totals"]["traffic_bytes"])

    @property
    def ops(self) -> list[dict[str, Any]]:
        return list(self.report["ops"])

    @property
    def devices(self) -> list[dict[str, Any]]:
        return list(self.report["devices"])

    @property
    def memories(self) -> list[dict[str, Any]]:
        return list(self.report["memories"])

    @property
    def error_bars(self) -> dict[str, str]:
        """In words, of latency and of energy: what forecasts of this kind were off by, or "never validated"."""
        return dict(lines(self.report))

    @property
    def warnings(self) -> list[str]:
        """What to know before trusting the numbers."""
        return list(self.report.get("warnings", ()))

    def to_pandas(self) -> pd.DataFrame:
        """One row per operator, in the order of the report, with `time_s` = `end_s` - `start_s` added; parts of a
        field are columns of their own (`sram_accesses_ifmap_reads`)."""
        import pandas as pd

        frame = pd.json_normalize(self.ops, sep="_")
        if {"start_s", "end_s"} <= set(frame.columns):
            frame["time_s"] = frame["end_s"] - frame["start_s"]
        return frame

    def to_json(self) -> str:
        """The report as the core wrote it, and its error bar: equal inputs give equal bytes."""
        return self._json

    def mapping(self) -> dict[str, Any]:
        """What the mapper decided: device, part, order and tiles of every operator. May be edited and given to
        `run(mapping=...)`."""
        mapping: dict[str, Any] = json.loads(self._simulation.mapping())
        return mapping

    def program(self) -> dict[str, Any]:
        """The mapping as command queues: what every engine executes."""
        program: dict[str, Any] = json.loads(self._simulation.program())
        return program

    def trace_bytes(self) -> bytes:
        """The Perfetto trace of the run: one track per engine."""
        return self._simulation.trace()

    def write_trace(self, path: str | os.PathLike[str]) -> Path:
        """Writes the Perfetto trace; ui.perfetto.dev opens it."""
        target = Path(path)
        target.write_bytes(self.trace_bytes())
        return target

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Writes one page to look at, with everything in it: it opens from disk, without network."""
        from chipcast.web import document
        from chipcast.web.page import write_page

        return write_page(document.of_run(self), path)

    def __repr__(self) -> str:
        return (
            f"Result(latency_s={self.latency_s:.6g}, energy_j={self.energy_j:.6g}, "
            f"average_power_w={self.average_power_w:.6g}, ops={len(self.report['ops'])})"
        )

    def _repr_html_(self) -> str:
        return report_html(self.report)
