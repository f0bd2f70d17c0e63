# SPDX-License-Identifier: Apache-2.0
"""What a page shows, as one JSON document."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chipcast import summary
from chipcast._core import InputError
from chipcast.text import plain
from chipcast.web.checks import check_run, check_streams
from chipcast.web.columns import pack_trace
from chipcast.web.comparison import comparison
from chipcast.web.page import VERSION
from chipcast.web.peaks import peaks
from chipcast.web.tensors import edges, occupancy

if TYPE_CHECKING:
    from chipcast.result import Result
    from chipcast.streams import StreamsResult

Report = Mapping[str, Any]


def of_run(result: Result) -> dict[str, Any]:
    """A run with everything that pictures of it need."""
    simulation = result._simulation
    graph: dict[str, Any] = json.loads(simulation.graph())
    program = result.program()
    platform: dict[str, Any] = json.loads(simulation.platform())
    details = {
        "platform": platform,
        "peaks": peaks(platform),
        "edges": edges(graph),
        "parts": [[part["device"] for part in each["parts"]] for each in program["placements"]],
        "moved": _moved(program),
        "tensors": occupancy(graph, program, result.report),
        "flows": simulation.energy_flows(),
        "trace": pack_trace(simulation.trace_columns()),
    }
    return _document("run", [{"label": summary.title(result.report), "report": result.report, **details}])


def of_streams(result: StreamsResult) -> dict[str, Any]:
    """Streams, with their trace where the run kept it."""
    streams = result._streams
    columns = streams.trace_columns()
    platform: dict[str, Any] = json.loads(streams.platform())
    trace = pack_trace(columns) if columns["span_track"] else None
    label = f"{plain(result.run['name'])} on {plain(result.run['platform'])}"
    report, jobs = _without_jobs(result.run)
    run = {"label": label, "report": report, "jobs": jobs, "platform": platform, "trace": trace}
    return _document("streams", [run])


def of_report(report: Report) -> dict[str, Any]:
    """A report alone, as a file keeps it: without what was not written down (timeline, memory, graph). Throws
    InputError where it is no whole report."""
    if not isinstance(report, Mapping):
        raise InputError("report_page: a report is a mapping, as Result.report is")
    if "streams" in report:
        check_streams(report, "report")
        label = f"{plain(report.get('name', 'streams'))} on {plain(report.get('platform', 'platform'))}"
        rest, jobs = _without_jobs(report)
        return _document("streams", [{"label": label, "report": rest, "jobs": jobs}])
    check_run(report, "report")
    return _document("run", [{"label": summary.title(dict(report)), "report": report}])


def of_comparison(labels: Sequence[str], reports: Sequence[Report]) -> dict[str, Any]:
    """Two to five runs side by side."""
    runs = [{"label": label, "report": report} for label, report in zip(labels, reports, strict=True)]
    return {**_document("compare", runs), "comparison": comparison(labels, reports)}


def _document(kind: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    return {"format": "chipcast-page", "version": VERSION, "kind": kind, "runs": runs}


def _without_jobs(report: Report) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The rest of a report of streams, and its jobs as columns: a million of them fit. A place is a set of buffers."""
    jobs = report.get("jobs", ())
    keys = ("stream", "job", "began_s", "ended_s")
    columns: dict[str, list[Any]] = {key: [job[key] for job in jobs] for key in keys}
    columns["place"] = [f"{job.get('variant', 0)}.{job.get('slot', 0)}" for job in jobs]
    columns["late"] = [int(job["ended_s"] > _deadline(job)) for job in jobs]
    for key in ("stream", "place"):
        columns[key], columns[f"{key}s"] = _indexed(columns[key])
    return {name: value for name, value in report.items() if name != "jobs"}, columns


def _deadline(job: Mapping[str, Any]) -> float:
    deadline = job.get("deadline_s")
    return math.inf if deadline is None else float(deadline)


def _indexed(texts: Sequence[str]) -> tuple[list[int], list[str]]:
    """Positions among the distinct texts, and those."""
    names = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    return [names[text] for text in texts], list(names)


def _moved(program: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Bytes that each device loaded and stored, as its commands ask for them."""
    return {
        device["device"]: {
            f"{queue}_bytes": sum(int(command.get("bytes", 0)) for command in device["queues"][queue])
            for queue in ("load", "store")
        }
        for device in program["devices"]
    }
