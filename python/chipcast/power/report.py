# SPDX-License-Identifier: Apache-2.0
"""The forecast: what a run of streams says about power, in one document with a unit in every name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from chipcast._core import InputError
from chipcast.power.domains import Described
from chipcast.power.knobs import Knobs
from chipcast.power.setup import Setup
from chipcast.power.thermal import steady_celsius

Report = dict[str, Any]


def forecast(run: Mapping[str, Any], setup: Setup, knobs: Knobs, closed_loop: Collection[str] = ()) -> Report:
    """`run`: the report of streams (configs/schema/streams-report.schema.json). `closed_loop`: streams whose jobs
    follow one another; nobody asked them for a rate."""
    if "power" not in run:
        raise InputError("the compiled core reports no power over time; build it anew")
    power = run["power"]
    streams = [_stream(entry, run, entry["name"] not in closed_loop) for entry in run["streams"]]
    jobs = sum(entry["jobs_count"] for entry in streams)
    report: Report = {
        "format": "chipcast-power",
        "version": 1,
        "name": run["name"],
        "platform": run["platform"],
        "settings": settings(setup, knobs),
        "jobs_count": jobs,
        "duration_s": run["duration_s"],
        "average_power_w": run["average_power_w"],
        "peak_power_w": max(power["samples_w"], default=run["average_power_w"]),
        "window_s": power["window_s"],
        "energy_per_inference_j": run["energy_j"] / jobs if jobs else 0.0,
        "streams": streams,
        "rails": [_rail(rail) for rail in power["rails"]],
        "domains": [_domain(domain, run["duration_s"]) for domain in power["domains"]],
        "components": _components(run),
    }
    report |= _temperature(run, setup.described)
    report |= _battery(power)
    if "validation" in run:
        report["validation"] = run["validation"]
    report["warnings"] = list(run["warnings"])
    report["tool_version"] = run["tool_version"]
    report["platform_sha256"] = run["platform_sha256"]
    return report


def settings(setup: Setup, knobs: Knobs) -> Report:
    """The knobs as they were understood."""
    described, document = setup.described, setup.described.document
    out: Report = {
        "governor": knobs.governor or "fixed",
        "idle": knobs.idle or "menu",
        "start": knobs.start or "steady",
    }
    if knobs.period_s is not None:
        out |= {"rate_hz": 1.0 / knobs.period_s, "period_s": knobs.period_s}
    out["clocks"] = [
        {"domain": domain.name, "clock_hz": point.clock_hz, "volts_v": point.volts_v}
        for name, clock in knobs.clocks.items()
        for domain in described.matching(name, "clock")
        for point in [domain.point(clock, "clock")]
    ]
    out["limits"] = [{"domain": name, "clock_hz": clock} for name, clock in knobs.limits.items()]
    out["cores"] = [{"cluster": name, "cores_count": count} for name, count in knobs.cores.items()]
    out["loads"] = [
        {"load": load.name, "level_share": load.level, "full_w": load.full_w}
        for load in described.loads.values()
    ]
    out["governors"] = [{"domain": name, "governor": kind} for name, kind in knobs.governors.items()]
    out["off"] = list(knobs.off)
    if knobs.cap_w is not None:
        out["cap_w"] = knobs.cap_w
    if knobs.duration_s is not None:
        out["duration_s"] = knobs.duration_s
    if described.nodes:
        out["ambient_c"] = document["thermal"]["ambient_c"]
    if battery := document.get("power", {}).get("battery"):
        out["battery"] = {"capacity_mah": battery["capacity_mah"], "volts_v": battery["volts"]}
    return out


def _stream(entry: Mapping[str, Any], run: Mapping[str, Any], asked: bool) -> Report:
    jobs = [job for job in run["jobs"] if job["stream"] == entry["name"]]
    done = int(entry["completed"])
    latency = entry["latency"]
    return {
        "name": entry["name"],
        "network": entry["network"],
        "devices": sorted({name for variant in entry["variants"] for name in variant["devices"]}),
        "jobs_count": done,
        "late_jobs_count": entry["missed"],
        "latency": {name: latency[name] for name in ("min_s", "mean_s", "p99_s", "max_s")},
        "rate": rate(jobs, asked),
        "dynamic_energy_per_inference_j": entry["energy_j"] / done if done else 0.0,
    }


def rate(jobs: Sequence[Mapping[str, Any]], asked: bool = True) -> Report:
    """How often jobs were released and how often they ended, over the second half of them: what comes in faster than
    it goes out ends ever later. Kept within one per cent is kept, and so is a rate
    that nobody asked for."""
    half = len(jobs) // 2
    if len(jobs) - half < 2:
        return {"met": True}
    ends = sorted(job["ended_s"] for job in jobs)
    releases = sorted(job["released_s"] for job in jobs)
    intervals = len(jobs) - 1 - half
    spans = {name: times[-1] - times[half] for name, times in (("asked", releases), ("achieved", ends))}
    out: Report = {f"{name}_hz": intervals / span for name, span in spans.items() if span > 0}
    if not asked:
        out.pop("asked_hz", None)
    met = "asked_hz" not in out or out.get("achieved_hz", 0.0) >= 0.99 * out["asked_hz"]
    return {**out, "met": met}


def _rail(rail: Mapping[str, Any]) -> Report:
    return {name: rail[name] for name in ("name", "average_w", "peak_w", "energy_j", "loss_j")}


def _domain(domain: Mapping[str, Any], duration_s: float) -> Report:
    out: Report = {name: domain[name] for name in ("name", "rail", "average_w", "peak_w", "energy_j")}
    out["states"] = [_state(state, duration_s) for state in domain["states"]]
    out["operating_points"] = [
        {"clock_hz": point["clock_hz"], "volts_v": point["volts"], "time_s": point["time_s"]}
        for point in domain["operating_points"]
    ]
    if celsius := domain.get("celsius"):
        out |= {f"{name}_c": celsius[name] for name in ("start", "end", "peak")}
    return out


def _state(state: Mapping[str, Any], duration_s: float) -> Report:
    return {
        "state": state["state"],
        "time_s": state["time_s"],
        "time_share": state["time_s"] / duration_s if duration_s else 0.0,
        "energy_j": state["energy_j"],
        "entries_count": state["entries"],
    }


def _components(run: Mapping[str, Any]) -> list[Report]:
    seconds = run["duration_s"]
    entries = run["energy_by_component"].items()
    return [
        {"name": name, "average_w": joules / seconds if seconds else 0.0, "energy_j": joules}
        for name, joules in entries
    ]


def _temperature(run: Mapping[str, Any], described: Described) -> Report:
    if not described.nodes:
        return {}
    warm = [domain["celsius"] for domain in run["power"]["domains"] if domain.get("celsius")]
    hottest: Report = (
        {f"{name}_c": max(each[name] for each in warm) for name in ("start", "end", "peak")} if warm else {}
    )
    steady = steady_celsius(described.document["thermal"], _node_watts(run, described))
    nodes = []
    for name, node in described.nodes.items():
        entry: Report = {"name": name}
        if name in steady:
            entry["steady_c"] = steady[name]
        if node.get("throttle_c") is not None:
            entry["throttle_c"] = node["throttle_c"]
        nodes.append(entry)
    return {"temperature": {**hottest, "nodes": nodes}}


def _node_watts(run: Mapping[str, Any], described: Described) -> dict[str, float]:
    """Average heat into each node: all that its domains draw, but for the board around the chip, which is part of the
    last one (platform/power/domains.h)."""
    first = next(iter(described.nodes))
    around = run["energy_by_component"].get("board", 0.0) / (run["duration_s"] or 1.0)
    watts: dict[str, float] = {}
    for domain in run["power"]["domains"]:
        known = described.domains.get(domain["name"])
        node = known.node if known and known.node else first
        heat = domain["average_w"] - (around if domain is run["power"]["domains"][-1] else 0.0)
        watts[node] = watts.get(node, 0.0) + heat
    return watts


def _battery(power: Mapping[str, Any]) -> Report:
    battery = power.get("battery")
    if not battery:
        return {}
    return {"battery": {"life_h": battery["hours"], "current_a": battery["current_a"]}}
