# SPDX-License-Identifier: Apache-2.0
"""One point that is a scenario: networks that run again and again, with deadlines, power management and a battery."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.catalog import is_file
from chipcast.model import load_model
from chipcast.power.scenario import power_of_scenario, read_scenario
from chipcast.streams import SCENARIOS, find_spec, run_scenario
from chipcast.sweep.columns import METRICS, SCENARIO_METRICS
from chipcast.sweep.paths import ReportPath
from chipcast.technology import parts

Document = dict[str, Any]
_OF_A_RUN = ("max_simulated_time", "max_events", "max_idle_events")
_OF_MLPERF = ("dtype", "devices", "mapper", "seed")


def check_name(name: str, base: Path) -> None:
    """Raises InputError where there is no such scenario."""
    if name not in SCENARIOS:
        read(_named(name, base))


def resolved(name: str, base: Path) -> str:
    """The scenario as workers find it, wherever they run."""
    return _named(name, base)


def digest(name: str, network_digest: Callable[[str, Mapping[str, Any]], str]) -> str:
    """Of the scenario and the networks in it."""
    if name in SCENARIOS:
        return name
    document = read(name)
    networks = [
        network_digest(str(stream.get("network")), dict(stream.get("network_options") or {}))
        for stream in document["streams"].values()
    ]
    return hashlib.sha256(json.dumps([document, networks], sort_keys=True).encode()).hexdigest()


def read(name: str) -> Document:
    """A file of streams, bundled or not. Raises InputError."""
    return read_scenario(find_spec(name))


def evaluate(job: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a job whose `scenario` is one. Raises InputError, LimitError as its run does."""
    if job["tier"] != "systemc":
        raise InputError('tier: a scenario runs in the event simulation alone; use "systemc"')
    options = {name: value for name, value in job["options"].items() if value is not None}
    report = _mlperf(job, options) if job["scenario"] in SCENARIOS else _streams(job, options)
    row: dict[str, Any] = dict.fromkeys(METRICS) | report["columns"]
    if job["area"]:
        found = parts(job["platform"], overrides=job["overrides"])
        row["area_mm2"] = sum(part.area_mm2 for part in found) if found else None
    kept = {name: ReportPath.parse(path).value(report["report"]) for name, path in job["keep"].items()}
    return row | {
        name: len(value) if isinstance(value, Mapping | list) else value for name, value in kept.items()
    }


def _streams(job: Mapping[str, Any], options: Mapping[str, Any]) -> Document:
    """The point's options are those of every stream that does not state its own."""
    document = read(job["scenario"])
    own = {name: value for name, value in options.items() if name not in ("seed", *_OF_A_RUN)}
    for stream in document["streams"].values():
        stream["options"] = {**stream.get("options", {}), **own}
    if "seed" in options:
        document["seed"] = options["seed"]
    document.update({name: options[name] for name in _OF_A_RUN if name in options})
    with tempfile.TemporaryDirectory(prefix="chipcast-") as folder:
        path = Path(folder) / "scenario.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        report = power_of_scenario(path, job["platform"], overrides=job["overrides"]).report
    streams = report["streams"]
    columns = {
        "latency_s": max(each["latency"]["mean_s"] for each in streams),
        "p99_s": max(each["latency"]["p99_s"] for each in streams),
        "jobs": report["jobs_count"],
        "missed": sum(each["late_jobs_count"] for each in streams),
        "energy_j": report["average_power_w"] * report["duration_s"],
        "energy_per_job_j": report["energy_per_inference_j"],
        "average_power_w": report["average_power_w"],
        "peak_power_w": report["peak_power_w"],
        "battery_h": report.get("battery", {}).get("life_h"),
        "warnings": len(report["warnings"]),
    }
    return {"report": report, "columns": columns}


def _mlperf(job: Mapping[str, Any], options: Mapping[str, Any]) -> Document:
    others = sorted(set(options) - {*_OF_MLPERF, "max_events"})
    if others:
        raise InputError(f"{others[0]}: does not go with scenario {job['scenario']}; use a file of streams")
    if not job["model"]:
        raise InputError(f"scenario: {job['scenario']} needs a model")
    given = {name: options[name] for name in _OF_MLPERF if name in options}
    model = load_model(job["model"], model_options=job["model_options"])
    result = run_scenario(model, job["platform"], job["scenario"], overrides=job["overrides"], **given)
    run = result.run
    latency = run["streams"][0]["latency"]
    columns = {
        "latency_s": latency["mean_s"],
        "p99_s": latency["p99_s"],
        "jobs": len(run["jobs"]),
        "missed": run["streams"][0]["missed"],
        "energy_j": run["energy_j"],
        "energy_per_job_j": run["energy_j"] / max(len(run["jobs"]), 1),
        "average_power_w": run["average_power_w"],
        "warnings": len(run["warnings"]),
    }
    assert set(columns) <= {*METRICS, *SCENARIO_METRICS}
    return {"report": run, "columns": columns}


def _named(name: str, base: Path) -> str:
    path = base / name
    return str(path.resolve()) if path.suffix and is_file(path) else name
