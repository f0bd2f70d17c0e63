# SPDX-License-Identifier: Apache-2.0
"""Forecasts along a knob, or over a grid of several: the curve of latency and energy."""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chipcast._core import InputError
from chipcast.power.domains import Described
from chipcast.power.knobs import Knobs
from chipcast.power.units import amount, clock_text, hertz, whole
from chipcast.text import did_you_mean, plain

KINDS = ("clock", "cores", "rate")
MOST_POINTS = 1000
Report = dict[str, Any]


@dataclass(frozen=True)
class Axis:
    """The values that one knob takes."""

    kind: str
    name: str
    values: tuple[float, ...]

    def turned(self, knobs: Knobs, value: float) -> Knobs:
        if self.kind == "clock":
            return dataclasses.replace(knobs, clocks={**knobs.clocks, self.name: value})
        if self.kind == "cores":
            return dataclasses.replace(knobs, cores={**knobs.cores, self.name: int(value)})
        return dataclasses.replace(knobs, period_s=1.0 / value)

    def entry(self, value: float) -> Report:
        if self.kind == "cores":
            return {"knob": "cores", "of": self.name, "value_count": int(value)}
        return {"knob": self.kind, "of": self.name, "value_hz": value}

    def text(self, value: float) -> str:
        shown = {"cores": f"{int(value)}", "rate": f"{value:g} Hz"}.get(self.kind, clock_text(value))
        return f"{self.name} {shown}" if self.name else shown


def read_axis(text: str, described: Described) -> Axis:
    """clock=DOMAIN or clock=DOMAIN:600MHz,800MHz; cores=CLUSTER or cores=CLUSTER:1,2; rate=5,10,15 (per second)."""
    kind, equals, rest = text.partition("=")
    if kind not in KINDS or not equals or not rest:
        raise InputError(
            f'sweep: "{plain(text, 60)}" is not known; clock=DOMAIN, cores=CLUSTER or rate=5,10,15'
        )
    if kind == "rate":
        return Axis("rate", "", tuple(_rate(value) for value in rest.split(",")))
    name, colon, values = rest.partition(":")
    if kind == "cores":
        return _cores(name, values if colon else "all", described)
    return _clocks(name, values if colon else "all", described)


def _rate(text: str) -> float:
    """A bare number counts inferences a second."""
    try:
        bare = float(text)
    except ValueError:
        return amount(text, "Hz", "sweep rate")
    return hertz(bare, "sweep rate")


def _clocks(name: str, values: str, described: Described) -> Axis:
    """Domains that a pattern matches take the same clock."""
    domains = described.matching(name, "sweep clock")
    first = domains[0]
    if values == "all":
        if not first.points:
            first.point(first.clock_hz or 0.0, "sweep clock")  # says that there are none
        clocks = [point.clock_hz for point in first.points]
    else:
        clocks = [amount(value, "Hz", f"sweep {first.name}") for value in values.split(",")]
    for domain in domains:
        clocks = [domain.point(clock, f"sweep {domain.name}").clock_hz for clock in clocks]
    return Axis("clock", name if "*" in name else first.name, tuple(clocks))


def _cores(name: str, values: str, described: Described) -> Axis:
    if name not in described.clusters:
        raise InputError(
            f'sweep cores: no CPU cluster "{plain(name, 40)}"{did_you_mean(name, described.clusters)}'
        )
    most = described.clusters[name]
    counts = range(1, most + 1) if values == "all" else [whole(v, f"sweep {name}") for v in values.split(",")]
    if max(counts) > most:
        raise InputError(f"sweep {name}: {max(counts)} are more than its {most} cores")
    return Axis("cores", name, tuple(map(float, counts)))


def run_sweep(
    axes: Sequence[Axis],
    knobs: Knobs,
    forecast: Callable[[Knobs], Mapping[str, Any]],
    step: Callable[[str], object] = lambda text: None,
) -> list[Report]:
    """One row per point of the grid, the last axis fastest."""
    points = list(itertools.product(*(axis.values for axis in axes)))
    if len(points) > MOST_POINTS:
        raise InputError(f"sweep: {len(points)} points are more than {MOST_POINTS}; sweep fewer values")
    rows = []
    for values in points:
        turned = knobs
        for axis, value in zip(axes, values, strict=True):
            turned = axis.turned(turned, value)
        step(", ".join(axis.text(value) for axis, value in zip(axes, values, strict=True)))
        rows.append(_row(axes, values, forecast(turned)))
    return rows


def _row(axes: Sequence[Axis], values: Sequence[float], report: Mapping[str, Any]) -> Report:
    stream = report["streams"][0]
    row = {
        "knobs": [axis.entry(value) for axis, value in zip(axes, values, strict=True)],
        "latency_s": stream["latency"]["mean_s"],
        "energy_per_inference_j": report["energy_per_inference_j"],
        "dynamic_energy_per_inference_j": stream["dynamic_energy_per_inference_j"],
        "average_power_w": report["average_power_w"],
        "peak_power_w": report["peak_power_w"],
        "rate_met": stream["rate"]["met"],
    }
    if life := report.get("battery", {}).get("life_h"):
        row["battery_life_h"] = life
    return row


def sweep_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """The table; one column per knob."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    knobs = [_column(entry) for entry in rows[0]["knobs"]]
    measures = [name for name in rows[0] if name != "knobs"]
    writer.writerow([*knobs, *measures])
    for row in rows:
        values = [f"{entry.get('value_hz', entry.get('value_count')):.12g}" for entry in row["knobs"]]
        writer.writerow([*values, *(_cell(row[name]) for name in measures)])
    return out.getvalue()


def _column(entry: Mapping[str, Any]) -> str:
    unit = "count" if "value_count" in entry else "hz"
    return "_".join(word for word in (entry["knob"], entry["of"], unit) if word)


def _cell(value: Any) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value).lower()
