# SPDX-License-Identifier: Apache-2.0
"""Runs side by side: values by layer, device and component, `None` where a run has none of that name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from chipcast.text import quantity

Report = Mapping[str, Any]
FEWEST, MOST = 2, 5

TOTALS = (
    ("latency_s", "Latency", "s"),
    ("energy_j", "Energy", "J"),
    ("average_power_w", "Average power", "W"),
    ("peak_power_w", "Peak power", "W"),
    ("macs", "MACs", ""),
    ("traffic_bytes", "Traffic", "B"),
    ("memory_footprint_bytes", "Memory", "B"),
)


def comparison(labels: Sequence[str], reports: Sequence[Report]) -> dict[str, Any]:
    """{"labels", "notes", "totals", "layers", "devices", "components"}. Rows hold a list with a value of each run; the
    first run is what the others are held against, except where a row of totals is not `comparable`. Layers and
    components are matched by name, in the order in which they first appear."""
    return {
        "labels": list(labels),
        "notes": _notes(reports),
        "totals": [
            {
                "name": name,
                "title": title,
                "unit": unit,
                "values": [_total(each, name) for each in reports],
                "comparable": name != "peak_power_w" or len(windows(reports)) < 2,
            }
            for name, title, unit in TOTALS
        ],
        "layers": _layers(reports),
        "devices": _devices(reports),
        "components": _components(reports),
    }


def change(value: float | None, base: float | None) -> float | None:
    """Relative to the base: 0.1 is a tenth more. None where either is missing or the base is zero."""
    if value is None or base is None or base == 0:
        return None
    return value / base - 1


def windows(reports: Sequence[Report]) -> list[float | None]:
    """The different lengths of the windows over which peak power is an average; None where a report has none."""
    having = [report for report in reports if _total(report, "peak_power_w") is not None]
    found = {report.get("power", {}).get("window_s") for report in having}
    return sorted(found, key=lambda each: each or 0.0)


def _total(report: Report, name: str) -> float | None:
    value = report.get("totals", {}).get(name)
    return None if value is None else float(value)


def _notes(reports: Sequence[Report]) -> list[str]:
    networks = {_name(report, "network") for report in reports}
    notes = []
    if len(networks) > 1:
        notes.append(f"different networks ({', '.join(sorted(networks))}): layers are matched by name alone")
    models = {report.get("provenance", {}).get("model_sha256") for report in reports}
    if len(networks) == 1 and len(models) > 1:
        notes.append("the same name, but not the same graph: layers are matched by name alone")
    if len(windows(reports)) > 1:
        lengths = ", ".join("unknown" if each is None else quantity(each, "s") for each in windows(reports))
        notes.append(f"peak power is over windows of different lengths ({lengths}): its change is not shown")
    versions = {str(report.get("provenance", {}).get("tool_version")) for report in reports}
    if len(versions) > 1:
        notes.append(f"written by different versions of Chipcast ({', '.join(sorted(versions))})")
    return notes


def _name(report: Report, what: str) -> str:
    return str(report.get(what, {}).get("name", "?"))


def _in_order(names: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(name for each in names for name in each))


def _layers(reports: Sequence[Report]) -> list[dict[str, Any]]:
    tables = [{op["name"]: op for op in report.get("ops", ())} for report in reports]
    values: dict[str, Callable[[Mapping[str, Any]], Any]] = {
        "kind": lambda op: op.get("kind"),
        "device": lambda op: op.get("device"),
        "bound": lambda op: op.get("bound"),
        "time_s": lambda op: op["end_s"] - op["start_s"],
        "energy_j": lambda op: op.get("energy_j"),
        "traffic_bytes": lambda op: op.get("traffic_bytes"),
    }
    return [
        {"name": name, **{key: _each(tables, name, get) for key, get in values.items()}}
        for name in _in_order(tables)
    ]


def _devices(reports: Sequence[Report]) -> list[dict[str, Any]]:
    tables = [{device["name"]: device for device in report.get("devices", ())} for report in reports]
    keys = ("busy_s", "utilisation", "energy_j")
    return [
        {"name": name, **{key: [table.get(name, {}).get(key) for table in tables] for key in keys}}
        for name in _in_order(tables)
    ]


def _components(reports: Sequence[Report]) -> list[dict[str, Any]]:
    tables = [dict(report.get("energy", {}).get("by_component", {})) for report in reports]
    return [{"name": name, "energy_j": [table.get(name) for table in tables]} for name in _in_order(tables)]


def _each(
    tables: Sequence[Mapping[str, Mapping[str, Any]]], name: str, get: Callable[[Mapping[str, Any]], Any]
) -> list[Any]:
    return [get(table[name]) if name in table else None for table in tables]
