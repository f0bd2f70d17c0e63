# SPDX-License-Identifier: Apache-2.0
"""What is kept of a point's report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chipcast.fidelity.forecast import limiting
from chipcast.sweep.columns import METRICS
from chipcast.sweep.paths import ReportPath


def of_report(report: Mapping[str, Any], keep: Mapping[str, str]) -> dict[str, Any]:
    """Metrics and the columns of `keep`; None where the report has no such thing. Areas are the caller's."""
    totals = report["totals"]
    found = {
        "latency_s": totals["latency_s"],
        "analytic_latency_s": report["analytic"]["latency_s"],
        "energy_j": totals["energy_j"],
        "average_power_w": totals["average_power_w"],
        "peak_power_w": totals["peak_power_w"],
        "traffic_bytes": totals["traffic_bytes"],
        "memory_bytes": totals.get("memory_footprint_bytes"),
        "limited_by": limiting(report),
        "warnings": len(report.get("warnings", ())),
    }
    row = {name: found.get(name) for name in METRICS}
    return row | {name: plain_value(ReportPath.parse(path).value(report)) for name, path in keep.items()}


def plain_value(value: Any) -> Any:
    """What a table's cell can hold: how many there are, of a list or an object."""
    return len(value) if isinstance(value, Mapping | list) else value
