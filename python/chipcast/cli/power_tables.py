# SPDX-License-Identifier: Apache-2.0
"""The forecast of `chipcast power` as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table as RichTable
from rich.text import Text

from chipcast.cli.terminal import print_table, stdout
from chipcast.power.units import clock_text
from chipcast.summary import Column, Table
from chipcast.text import percent, plain, quantity

Report = Mapping[str, Any]
_SENSITIVITY_ROWS = 12


def print_forecast(report: Report) -> None:
    console = stdout()
    console.print(Text(title(report), style="bold"))
    grid = RichTable.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(style="dim")
    for what, value, remark in headline(report):
        grid.add_row(Text(what), Text(value, style="bold"), Text(remark))
    console.print(grid)
    for table in tables(report):
        if table.rows:
            console.print()
            print_table(console, table)


def print_sweep(report: Report) -> None:
    console = stdout()
    console.print(Text(title(report), style="bold"))
    console.print()
    print_table(console, _sweep(report))


def title(report: Report) -> str:
    settings = report["settings"]
    rate = f"{settings['rate_hz']:.4g} a second" if "rate_hz" in settings else "back to back"
    if "scenario" in settings:
        rate = "scenario"
    return f"{plain(report['name'])} on {plain(report['platform'])}, {rate}, governor {settings['governor']}"


def headline(report: Report) -> list[tuple[str, str, str]]:
    """(what, value, remark)."""
    lines = [
        (
            "Power",
            quantity(report["average_power_w"], "W"),
            f"average; peak {quantity(report['peak_power_w'], 'W')} over {quantity(report['window_s'], 's')}",
        ),
        _range(report),
        (
            "Energy",
            quantity(report["energy_per_inference_j"], "J"),
            f"per {_job(report)}, all that is on; {_switched(report)}",
        ),
    ]
    lines += [_latency(stream, len(report["streams"]) > 1) for stream in report["streams"]]
    if "temperature" in report:
        lines.append(_temperature(report["temperature"], report["settings"]))
    if "battery" in report:
        lines.append(_battery(report))
    return [line for line in lines if line[1]]


def _job(report: Report) -> str:
    return "job of any stream" if len(report["streams"]) > 1 else "inference"


def _switched(report: Report) -> str:
    joules = sum(s["dynamic_energy_per_inference_j"] * s["jobs_count"] for s in report["streams"])
    jobs = report["jobs_count"] or 1
    return f"{quantity(joules / jobs, 'J')} switched by {'networks' if len(report['streams']) > 1 else 'the network'}"


def _range(report: Report) -> tuple[str, str, str]:
    spread = report["range"]
    if not spread["validated"]:
        return ("", "?", spread["words"])
    low, high = (quantity(spread[f"{end}_average_power_w"], "W") for end in ("low", "high"))
    return ("", f"{low} to {high}", f"range from {spread['words']}")


def _latency(stream: Report, several: bool) -> tuple[str, str, str]:
    rate = stream["rate"]
    words = f"mean; p99 {quantity(stream['latency']['p99_s'], 's')}; on {', '.join(map(plain, stream['devices']))}"
    if "asked_hz" in rate:
        achieved = quantity(rate.get("achieved_hz"), "").strip()
        words += "; rate kept" if rate["met"] else f"; RATE NOT KEPT: {achieved} a second"
    if stream["late_jobs_count"]:
        words += f"; {stream['late_jobs_count']} of {stream['jobs_count']} late"
    return (
        f"Latency {plain(stream['name'], 24)}" if several else "Latency",
        quantity(stream["latency"]["mean_s"], "s"),
        words,
    )


def _temperature(temperature: Report, settings: Report) -> tuple[str, str, str]:
    steady = [node["steady_c"] for node in temperature["nodes"] if "steady_c" in node]
    words = f"hottest domain at the end; air {settings['ambient_c']:g} °C"
    if steady:
        words += f", would end at {max(steady):.1f} °C"
    if "peak_c" in temperature:
        words += f", peak {temperature['peak_c']:.1f} °C"
    return ("Temperature", f"{temperature['end_c']:.1f} °C" if "end_c" in temperature else "–", words)


def _battery(report: Report) -> tuple[str, str, str]:
    hours = report["battery"]["life_h"]
    battery = report["settings"].get("battery", {})
    words = "from a full battery"
    if battery:
        words += f" of {battery['capacity_mah']:g} mAh at {battery['volts_v']:g} V"
    return ("Battery", hours_text(hours), words)


def hours_text(hours: float | None) -> str:
    if hours is None:
        return "–"
    return f"{hours:.3g} h" if hours < 100 else f"{hours / 24:.3g} days"


def tables(report: Report) -> list[Table]:
    return [_domains(report), _states(report), _rails(report), _components(report), _sensitivity(report)]


def _table(title: str, columns: Sequence[Column], entries: Sequence[dict[str, Any]]) -> Table:
    return Table(title, columns, [[column.text(entry) for column in columns] for entry in entries])


def _domains(report: Report) -> Table:
    total = report["average_power_w"] or 1.0
    columns = [
        Column("Domain", lambda d: plain(d["name"]), numeric=False),
        Column("Average", lambda d: quantity(d["average_w"], "W")),
        Column("Share", lambda d: percent(d["average_w"] / total)),
        Column("Peak", lambda d: quantity(d["peak_w"], "W")),
        Column("Clock", _clocks, numeric=False),
        Column("Rail", lambda d: plain(d["rail"]) or "–", numeric=False),
    ]
    if any("end_c" in domain for domain in report["domains"]):
        columns.append(Column("At the end", lambda d: f"{d['end_c']:.1f} °C" if "end_c" in d else "–"))
    return _table("Domains", columns, report["domains"])


def _clocks(domain: Report) -> str:
    """Operating points in the order of the time that was spent in them."""
    points = sorted((p for p in domain["operating_points"] if p["time_s"] > 0), key=lambda p: -p["time_s"])
    words = [f"{clock_text(p['clock_hz'])} at {p['volts_v']:g} V" for p in points[:2]]
    return ", ".join(words) + (", ..." if len(points) > 2 else "") or "–"


def _states(report: Report) -> Table:
    """Domains that were ever anything else than waiting."""
    entries = [
        {"domain": domain["name"], **state}
        for domain in report["domains"]
        for state in domain["states"]
        if state["time_s"] > 0 and any(s["time_s"] > 0 and s["state"] != "waiting" for s in domain["states"])
    ]
    columns = [
        Column("Domain", lambda s: plain(s["domain"]), numeric=False),
        Column("State", lambda s: plain(s["state"]), numeric=False),
        Column("Time", lambda s: percent(s["time_share"])),
        Column("Energy", lambda s: quantity(s["energy_j"], "J")),
        Column("Entries", lambda s: str(s["entries_count"])),
    ]
    return _table("States", columns, entries)


def _rails(report: Report) -> Table:
    columns = [
        Column("Rail", lambda r: plain(r["name"]), numeric=False),
        Column("Into it", lambda r: quantity(r["average_w"], "W")),
        Column("Peak", lambda r: quantity(r["peak_w"], "W")),
        Column("Lost in the regulator", lambda r: quantity(r["loss_j"] / (report["duration_s"] or 1.0), "W")),
    ]
    return _table("Rails", columns, report["rails"])


def _components(report: Report) -> Table:
    entries = sorted(report["components"], key=lambda c: -c["average_w"])[:8]
    columns = [
        Column("Component", lambda c: plain(c["name"]), numeric=False),
        Column("Average", lambda c: quantity(c["average_w"], "W")),
    ]
    return _table(f"Components ({len(entries)} of {len(report['components'])})", columns, entries)


def _sensitivity(report: Report) -> Table:
    rows = report.get("sensitivity", [])[:_SENSITIVITY_ROWS]
    columns = [
        Column("One knob turned", lambda r: plain(r["change"], 60), numeric=False, gives_way=True),
        Column("Saves", lambda r: quantity(r["saved_w"], "W")),
        Column("Power", lambda r: quantity(r["average_power_w"], "W")),
        Column("Latency", lambda r: quantity(r["latency_s"], "s")),
        Column("Costs", lambda r: quantity(r["latency_cost_s"], "s")),
        Column("Rate", lambda r: "kept" if r["rate_met"] else "NOT KEPT", numeric=False),
    ]
    return _table("What buys most", columns, rows)


def _sweep(report: Report) -> Table:
    columns = [
        Column("Knobs", _knob_text, numeric=False, gives_way=True),
        Column("Latency", lambda r: quantity(r["latency_s"], "s")),
        Column("Energy per inference", lambda r: quantity(r["energy_per_inference_j"], "J")),
        Column("Switched", lambda r: quantity(r["dynamic_energy_per_inference_j"], "J")),
        Column("Power", lambda r: quantity(r["average_power_w"], "W")),
        Column("Rate", lambda r: "kept" if r["rate_met"] else "NOT KEPT", numeric=False),
    ]
    if any("battery_life_h" in row for row in report["sweep"]):
        columns.append(Column("Battery", lambda r: hours_text(r.get("battery_life_h"))))
    return _table("Sweep", columns, report["sweep"])


def _knob_text(row: Report) -> str:
    def text(entry: Mapping[str, Any]) -> str:
        value = clock_text(entry["value_hz"]) if "value_hz" in entry else str(entry["value_count"])
        return f"{plain(entry['of'] or entry['knob'], 24)} {value}"

    return ", ".join(map(text, row["knobs"]))
