# SPDX-License-Identifier: Apache-2.0
"""One point in a worker: the forecast, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from chipcast import _core, api
from chipcast._core import InputError
from chipcast.catalog import platform_file, search_dirs
from chipcast.model import Model, load_model
from chipcast.sweep import metrics
from chipcast.sweep.columns import METRICS
from chipcast.technology import parts


def evaluate(job: Mapping[str, Any]) -> dict[str, Any]:
    """Of a job as chipcast.sweep.jobs makes them: metrics by name, then the columns that are to be kept.

    Raises InputError, LimitError, MemoryError as `chipcast.run` does.
    """
    model = _model(job["model"], json.dumps(job["model_options"], sort_keys=True))
    row = _analytic(job, model) if job["tier"] == "analytic" else _simulated(job, model)
    if job["area"]:
        row["area_mm2"] = _area(job["platform"], json.dumps(job["overrides"]))
    return row


def _simulated(job: Mapping[str, Any], model: Model) -> dict[str, Any]:
    options = dict(job["options"])
    unknown = {key: value for key, value in options.items() if value is None}
    for key in unknown:
        del options[key]
    result = api.run(model, job["platform"], overrides=job["overrides"], **options)
    return metrics.of_report(result.report, job["keep"])


def _analytic(job: Mapping[str, Any], model: Model) -> dict[str, Any]:
    """The closed form alone: a lower bound of latency, and nothing of energy."""
    options = {key: value for key, value in job["options"].items() if value is not None}
    if options.get("mapper") == "exact":
        raise InputError('tier: "analytic" does not go with mapper "exact"; use the systemc tier')
    with platform_file(job["platform"]) as path:
        overrides = api.override_list(job["overrides"])
        simulation = _core.Simulation(
            str(path), search_dirs(path), overrides, model.graph_json, json.dumps(options)
        )
    row: dict[str, Any] = dict.fromkeys((*METRICS, *job["keep"]))
    row["analytic_latency_s"] = simulation.analytic_latency_s()
    return row


@lru_cache(maxsize=64)
def _model(model: str, options: str) -> Model:
    return load_model(model, model_options=json.loads(options))


@lru_cache(maxsize=4096)
def _area(platform: str, overrides: str) -> float | None:
    """Of all parts that the technology prices; None where it prices none."""
    found = parts(platform, overrides=json.loads(overrides))
    return sum(part.area_mm2 for part in found) if found else None
