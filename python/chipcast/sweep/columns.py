# SPDX-License-Identifier: Apache-2.0
"""Columns of a sweep's table beside its axes."""

from __future__ import annotations

METRICS = (
    "latency_s",
    "analytic_latency_s",
    "energy_j",
    "average_power_w",
    "peak_power_w",
    "traffic_bytes",
    "memory_bytes",
    "area_mm2",
    "limited_by",
    "warnings",
)
SCENARIO_METRICS = ("p99_s", "jobs", "missed", "energy_per_job_j", "battery_h")
"""Where a sweep has scenarios."""
HEAD = ("point", "state")
TAIL = ("reason",)
RESERVED = (*HEAD, *METRICS, *SCENARIO_METRICS, *TAIL)
