# SPDX-License-Identifier: Apache-2.0
"""What a worker process of the workbench does: one function for each kind of question."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from chipcast import _core, api
from chipcast.catalog import is_file, platform_file, search_dirs
from chipcast.model import Model, load_model
from chipcast.serve.knobs import knobs_of
from chipcast.web import document
from chipcast.web.page import page

_SEARCHES = 20_000
"""Of tiles, whose results are kept from one position of a knob to the next: some 20 MB."""

Job = Mapping[str, Any]
Row = dict[str, Any]


def evaluate(job: Job) -> Row:
    """Raises what `chipcast.run` does."""
    return _KINDS[job["kind"]](job)


def _describe(job: Job) -> Row:
    """The platform with everything filled in, and what can be turned on it."""
    described = api.describe(job["platform"], overrides=job.get("overrides", {}))
    return {"platform": described, "knobs": knobs_of(described)}


def _import(job: Job) -> Row:
    model = _model(job["model"], "{}")
    return {"name": model.name, "totals": model.totals}


def _analytic(job: Job) -> Row:
    """The closed form alone: a lower bound of latency."""
    session = _session(job["model"], json.dumps(job["model_options"], sort_keys=True), job["platform"])
    simulation = session.simulation(api.override_list(job["overrides"]), json.dumps(job["options"]))
    return {"analytic_latency_s": simulation.analytic_latency_s()}


def _run(job: Job) -> Row:
    result = api.run(_model_of(job), job["platform"], overrides=job["overrides"], **job["options"])
    return {"report": result.report}


def _page(job: Job) -> Row:
    """The report as a page of its own, with everything that pictures need."""
    result = api.run(_model_of(job), job["platform"], overrides=job["overrides"], **job["options"])
    return {"html": page(document.of_run(result))}


def _power(job: Job) -> Row:
    from chipcast.power import power

    result = power(
        _model_of(job), job["platform"], overrides=job["overrides"], **job["options"], **job["knobs"]
    )
    row: Row = {"report": result.report}
    if job.get("nvpmodel"):
        row["text"] = result.nvpmodel_conf()
    return row


def _model_of(job: Job) -> Model:
    return _model(job["model"], json.dumps(job.get("model_options", {}), sort_keys=True))


@lru_cache(maxsize=8)
def _session(model: str, options: str, platform: str) -> _core.Session:
    """What many positions of knobs have in common. Files of a name never change while the server runs."""
    _core.remember_searches(_SEARCHES)
    with platform_file(platform) as path:
        return _core.Session(str(path), search_dirs(path), _model(model, options).graph_json)


@lru_cache(maxsize=16)
def _model(model: str, options: str) -> Model:
    # A path is always one of the server's own; names of the zoo have no folder.
    where: str | Path = Path(model) if is_file(Path(model)) else model
    return load_model(where, model_options=json.loads(options))


_KINDS: dict[str, Callable[[Job], Row]] = {
    "describe": _describe,
    "import": _import,
    "analytic": _analytic,
    "run": _run,
    "page": _page,
    "power": _power,
}
