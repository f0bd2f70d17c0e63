# SPDX-License-Identifier: Apache-2.0
"""One point in a worker: the forecast, and what is kept of it."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from chipcast import _core, api
from chipcast._core import InputError
from chipcast.catalog import platform_file, search_dirs
from chipcast.error_bars import with_validation
from chipcast.model import Model, load_model
from chipcast.sweep import metrics
from chipcast.sweep.columns import METRICS
from chipcast.technology.blocks import Block, blocks_of
from chipcast.technology.platform import price

_SEARCHES = 20_000
"""Of tiles, whose results a worker keeps: some 20 MB."""
_MAPPED = 64
"""Points of the analytic tier whose mappings are kept, for when they are asked for again."""
_mapped: OrderedDict[str, _core.Simulation] = OrderedDict()


def evaluate(job: Mapping[str, Any]) -> dict[str, Any]:
    """Of a job as chipcast.sweep.jobs makes them: metrics by name, then the columns that are to be kept.

    Raises InputError, LimitError, MemoryError as `chipcast.run` does.
    """
    if job["options"].get("mapper") == "exact":
        return _proven(job)
    simulation = _simulation(job)
    row = _analytic(simulation, job) if job["tier"] == "analytic" else _simulated(simulation, job)
    if job["area"]:
        row["area_mm2"] = _area(simulation.platform())
    return row


def _simulation(job: Mapping[str, Any]) -> _core.Simulation:
    """Mapped before, where the analytic tier was asked about the same. What has run is large and not kept."""
    if job["tier"] != "analytic" and not _mapped:
        return _made(job)
    key = json.dumps([job[name] for name in ("model", "model_options", "platform", "overrides", "options")])
    simulation = _mapped.pop(key, None) or _made(job)
    if job["tier"] == "analytic":
        _mapped[key] = simulation
        if len(_mapped) > _MAPPED:
            _mapped.popitem(last=False)
    return simulation


def _made(job: Mapping[str, Any]) -> _core.Simulation:
    """As `chipcast.run` makes it."""
    options = {key: value for key, value in job["options"].items() if value is not None}
    session = _session(job["model"], json.dumps(job["model_options"], sort_keys=True), job["platform"])
    return session.simulation(api.override_list(job["overrides"]), json.dumps(options))


def _simulated(simulation: _core.Simulation, job: Mapping[str, Any]) -> dict[str, Any]:
    """The whole report where `keep` takes something out of it."""
    keep = job["keep"]
    if not keep:
        return metrics.of_report(json.loads(simulation.run_figures()), {})
    if not any(path.startswith("validation") for path in keep.values()):
        return metrics.of_report(json.loads(simulation.run()), keep)
    with platform_file(job["platform"]) as path:
        report, _ = with_validation(simulation.run(), simulation.cores(), path)
    return metrics.of_report(report, keep)


def _analytic(simulation: _core.Simulation, job: Mapping[str, Any]) -> dict[str, Any]:
    """The closed form alone: a lower bound of latency, and nothing of energy."""
    row: dict[str, Any] = dict.fromkeys((*METRICS, *job["keep"]))
    row["analytic_latency_s"] = simulation.analytic_latency_s()
    return row


def _proven(job: Mapping[str, Any]) -> dict[str, Any]:
    """By the solver, which is Python's."""
    if job["tier"] == "analytic":
        raise InputError('tier: "analytic" does not go with mapper "exact"; use the systemc tier')
    options = {key: value for key, value in job["options"].items() if value is not None}
    model = _model(job["model"], json.dumps(job["model_options"], sort_keys=True))
    result = api.run(model, job["platform"], overrides=job["overrides"], **options)
    row = metrics.of_report(result.report, job["keep"])
    if job["area"]:
        row["area_mm2"] = _area(json.dumps(api.describe(job["platform"], overrides=job["overrides"])))
    return row


@lru_cache(maxsize=16)
def _session(model: str, options: str, platform: str) -> _core.Session:
    _remember_searches()
    with platform_file(platform) as path:
        return _core.Session(str(path), search_dirs(path), _model(model, options).graph_json)


@lru_cache(maxsize=1)
def _remember_searches() -> None:
    _core.remember_searches(_SEARCHES)


@lru_cache(maxsize=64)
def _model(model: str, options: str) -> Model:
    return load_model(model, model_options=json.loads(options))


def _area(platform: str) -> float | None:
    """Of all parts that the technology prices, in a resolved platform; None where it prices none."""
    resolved = json.loads(platform)
    technology = json.dumps(resolved["technology"])
    found: list[float] = []
    for block in blocks_of(resolved):
        volts = resolved["devices"].get(block.name.split(".")[0], {}).get("volts")
        found += _priced(technology, block, volts)
    return sum(found) if found else None


@lru_cache(maxsize=4096)
def _priced(technology: str, block: Block, volts: float | None) -> tuple[float, ...]:
    return tuple(part.area_mm2 for part in price(json.loads(technology), [block], volts))
