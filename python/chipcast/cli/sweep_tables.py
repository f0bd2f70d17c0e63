# SPDX-License-Identifier: Apache-2.0
"""What a person reads of a sweep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chipcast.summary import Column, Table
from chipcast.sweep.names import short_names
from chipcast.text import plain, quantity

if TYPE_CHECKING:
    from chipcast.sweep import Point, Sweep, SweepResult

_UNITS = {"latency_s": "s", "analytic_latency_s": "s", "energy_j": "J", "average_power_w": "W"}
_TITLES = {
    "latency_s": "Latency",
    "analytic_latency_s": "Lower bound",
    "energy_j": "Energy",
    "average_power_w": "Power",
    "area_mm2": "Area",
}


def points_table(sweep: Sweep, points: Sequence[Point]) -> Table:
    """Points before they are run."""
    columns = [_column("Point", numeric=True), *(_column(title) for title in short_names(sweep.columns))]
    rows = [
        [str(point.index), *(_text(point.values.get(name)) for name in sweep.columns)] for point in points
    ]
    return Table("First points", columns, rows)


def counts_table(sweep: Sweep, result: SweepResult) -> Table:
    """How many points ended how, and how fast."""
    seconds = result.summary.seconds
    ran = result.summary.progress.finished - result.summary.progress.reused
    rate = f"{ran / seconds:.3g} points/s" if ran and seconds > 0 else ""
    rows = [[state, f"{count:,}", rate if state == "done" else ""] for state, count in result.counts.items()]
    return Table(plain(sweep.name), [_column("State"), _column("Points", numeric=True), _column("")], rows)


def fastest_table(sweep: Sweep, result: SweepResult, most: int) -> Table:
    """Points of least latency; of least lower bound where only that is known."""
    done = [line for line in result.table.records() if line["state"] == "done"]
    by = "latency_s" if any(line["latency_s"] is not None for line in done) else "analytic_latency_s"
    found = sorted(
        (line for line in done if line[by] is not None), key=lambda line: (line[by], line["point"])
    )
    axes = result.table.columns[2 : 2 + len(sweep.columns)]
    shown = [name for name in _TITLES if any(line.get(name) is not None for line in found)]
    if by == "latency_s" and "analytic_latency_s" in shown:
        shown.remove("analytic_latency_s")
    columns = [
        _column("Point", numeric=True),
        *(_column(title) for title in short_names(axes)),
        *(_column(_TITLES[name], numeric=True) for name in shown),
        _column("Limited by"),
    ]
    rows = [
        [
            str(line["point"]),
            *(_text(line[name]) for name in axes),
            *(_metric(name, line[name]) for name in shown),
            _text(line["limited_by"]),
        ]
        for line in found[:most]
    ]
    return Table("Fastest points", columns, rows)


def _column(title: str, numeric: bool = False) -> Column:
    return Column(title, lambda row: "", numeric=numeric, wraps=not numeric)


def _metric(name: str, value: Any) -> str:
    if name == "area_mm2":
        return "–" if value is None else f"{value:.3g} mm²"
    return quantity(value, _UNITS[name])


def _text(value: Any) -> str:
    if value is None:
        return "–"
    return plain(value if isinstance(value, str) else json.dumps(value), 40)
