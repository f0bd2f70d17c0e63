# SPDX-License-Identifier: Apache-2.0
"""The few lines and tables that stand for a report, shared by the terminal and the notebook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chipcast.error_bars import lines
from chipcast.text import percent, plain, quantity

Report = dict[str, Any]
Row = Sequence[str]


@dataclass(frozen=True)
class Column:
    title: str
    text: Callable[[dict[str, Any]], str]
    numeric: bool = True
    gives_way: bool = False
    """Cut short where the terminal is narrow."""
    wraps: bool = False
    """Goes on in the next line instead."""


@dataclass(frozen=True)
class Table:
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]


def title(report: Report) -> str:
    """mobilenet_v2 on rk3588"""
    network = report.get("network", {}).get("name", "network")
    return f"{plain(network)} on {plain(report.get('platform', {}).get('name', 'platform'))}"


def headline(report: Report) -> list[tuple[str, str, str]]:
    """(what, value, remark) for the totals."""
    totals, analytic = report["totals"], report["analytic"]
    latency = totals["latency_s"]
    fps = quantity(1 / latency, "").strip() if latency else "–"
    network = report.get("network", {})
    return [
        ("Latency", quantity(latency, "s"), "systemc: with contention, DMA, DRAM turnarounds"),
        (
            "",
            quantity(analytic["latency_s"], "s"),
            "analytic: no contention, a lower bound",
        ),
        *_error_bar(report, "latency"),
        ("Throughput", f"{fps} fps", "one inference after the other"),
        ("Energy", quantity(totals["energy_j"], "J"), "for the run"),
        *_error_bar(report, "energy"),
        (
            "Power",
            quantity(totals["average_power_w"], "W"),
            f"average; peak {quantity(totals['peak_power_w'], 'W')}",
        ),
        ("Work", f"{quantity(totals['macs'], '').strip()} MACs", _parameters(network)),
        ("Traffic", quantity(totals["traffic_bytes"], "B"), "moved to and from memory"),
    ]


def _error_bar(report: Report, name: str) -> list[tuple[str, str, str]]:
    """What forecasts of this kind were off by: a line under the number that it is about."""
    words = dict(lines(report)).get(name)
    if words is None:
        return []
    if not words.startswith("±"):
        return [("", "", plain(words))]
    error, _, which = words.partition(" (")
    return [("", error, f"against silicon: {plain(which.removesuffix(')'))}")]


def _parameters(network: dict[str, Any]) -> str:
    return f"{quantity(network['parameters'], '').strip()} parameters" if "parameters" in network else ""


def _table(title: str, columns: Sequence[Column], entries: Sequence[dict[str, Any]]) -> Table:
    return Table(title, columns, [[column.text(entry) for column in columns] for entry in entries])


def devices(report: Report) -> Table:
    columns = [
        Column("Device", lambda d: plain(d["name"]), numeric=False),
        Column("Busy", lambda d: quantity(d["busy_s"], "s")),
        Column("Utilisation", lambda d: percent(d["utilisation"])),
        Column("Energy", lambda d: quantity(d["energy_j"], "J")),
    ]
    return _table("Devices", columns, report["devices"])


def memories(report: Report) -> Table:
    columns = [
        Column("Memory", lambda m: plain(m["name"]), numeric=False),
        Column("Read", lambda m: quantity(m["read_bytes"], "B")),
        Column("Written", lambda m: quantity(m["written_bytes"], "B")),
        Column("Bandwidth used", lambda m: percent(m["bandwidth_utilisation"])),
    ]
    return _table("Memories", columns, report["memories"])


def time_of(op: dict[str, Any]) -> float:
    return float(op["end_s"]) - float(op["start_s"])


def _longest_first(report: Report) -> list[dict[str, Any]]:
    return sorted(report["ops"], key=time_of, reverse=True)


def mappings(report: Report, count: int) -> Table:
    """How the `count` operators that take longest were cut, and why."""
    columns = [
        Column("Layer", lambda o: plain(o["name"], 48), numeric=False, gives_way=True),
        Column("Cycles", lambda o: quantity(o["compute_cycles"], "")),
        Column("How it runs", lambda o: plain(o.get("mapping", ""), 1000), numeric=False, wraps=True),
    ]
    return _table("Mapping of the busiest", columns, _longest_first(report)[:count])


def explanation(report: Report) -> Table:
    """Every operator that does something, in order: what was chosen, what its time is made of, what came second."""
    columns = [
        Column("Layer", lambda o: plain(o["name"], 48), numeric=False, gives_way=True),
        Column("Device", lambda o: plain(o["device"]), numeric=False),
        Column("Time", lambda o: quantity(time_of(o), "s")),
        Column("Bound", lambda o: plain(o["bound"]), numeric=False),
        Column("Compute", lambda o: quantity(o["compute_s"], "s")),
        Column("Transfer", lambda o: quantity(o["transfer_s"], "s")),
        Column("Launch", lambda o: quantity(o["launch_s"], "s")),
        Column("Waited", lambda o: quantity(o["waiting_s"], "s")),
        Column("How it runs", lambda o: plain(o["mapping"], 1000), numeric=False, wraps=True),
        Column("Tiles", lambda o: plain(_tiles(o), 1000) or "–", numeric=False, wraps=True),
        Column("Runner-up", lambda o: plain(o["runner_up"], 1000) or "–", numeric=False, wraps=True),
    ]
    return _table("Layers", columns, [op for op in report["ops"] if op["device"]])


def _tiles(op: dict[str, Any]) -> str:
    search = op.get("tile_search") or {}
    return str(search.get("text", ""))


def search_lines(report: Report) -> list[str]:
    """How the mapping was found, and how far it may be from the best."""
    search = report["search"]
    unit = {"latency": "s", "energy": "J", "edp": "Js"}[search["objective"]]
    lines = [f"mapped by {search['method']} for {search['objective']}"]
    if search["budget"]:
        lines[0] += (
            f", seed {search['seed']}, {search['evaluations']} of {search['budget']} schedules evaluated"
        )
    if search["value"]:
        lines.append(f"estimate {quantity(search['value'], unit)}")
        if search.get("lower_bound"):
            above = search["value"] / search["lower_bound"] - 1
            lines[-1] += (
                f", lower bound {quantity(search['lower_bound'], unit)} (at most {percent(above)} above the best)"
            )
    tiles = search["tiles"]
    if tiles["operators"]:
        lines.append(
            f"tiles of {tiles['exact']} of {tiles['operators']} searched operators are the best of their space, "
            f"{tiles['evaluations']} plans estimated of at most {tiles['budget']} each"
        )
    for warning in (search["warning"], tiles["warning"]):
        if warning:
            lines.append(f"warning: {plain(warning, 1000)}")
    return lines


def busiest_layers(report: Report, count: int) -> Table:
    """The `count` operators that take longest, longest first."""
    latency = report["totals"]["latency_s"] or 1.0
    ops = _longest_first(report)
    columns = [
        Column("Layer", lambda o: plain(o["name"], 48), numeric=False, gives_way=True),
        Column("Kind", lambda o: plain(o["kind"]), numeric=False),
        Column("Device", lambda o: plain(o["device"]) or "–", numeric=False),
        Column("Time", lambda o: quantity(time_of(o), "s")),
        Column("Share", lambda o: percent(time_of(o) / latency)),
        Column("MACs", lambda o: quantity(o["macs"], "")),
        Column("Traffic", lambda o: quantity(o["traffic_bytes"], "B")),
        Column("Energy", lambda o: quantity(o["energy_j"], "J")),
    ]
    if ops and all("bound" in op for op in ops):
        columns.insert(5, Column("Bound", lambda o: plain(o["bound"]), numeric=False))
    shown = ops[:count]
    return _table(f"Busiest layers ({len(shown)} of {len(ops)})", columns, shown)
