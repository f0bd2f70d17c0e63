# SPDX-License-Identifier: Apache-2.0
"""Runs one network at a rate for whole periods."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chipcast import _core
from chipcast.catalog import platform_file, search_dirs
from chipcast.error_bars import with_validation
from chipcast.model import Model
from chipcast.power.knobs import Knobs
from chipcast.power.setup import Setup
from chipcast.power.units import seconds_text
from chipcast.streams import StreamsResult

STREAM = "inference"
Progress = Callable[[float], object]

_FEWEST_JOBS = 10
_MOST_JOBS = 200  # unless a duration is asked for
_MOST_ASKED = 1_000_000  # Stream::kMost
_MOST_CAPPED = 10_000
_GOVERNOR_PERIOD_S = 0.01  # the default, configs/schema/streams.schema.json
_SETTLED_PERIODS = 10
_SHORTEST_LIMIT_S, _LONGEST_LIMIT_S = 3600.0, 8e6


@dataclass(frozen=True)
class Work:
    """What is run again and again."""

    model: Model
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of the mapping: dtype, mapper, objective."""
    seed: int = 0


def simulate(
    work: Work,
    platform: str | os.PathLike[str],
    setup: Setup,
    knobs: Knobs,
    *,
    keep_trace: bool = False,
    progress: Progress | None = None,
) -> StreamsResult:
    """Runs as many jobs as `knobs` ask for.

    Two jobs first say how long one takes, with whatever had fallen asleep before it. The run proper then begins its
    first job so late that its last one ends with the last period: the run is whole periods, and averages over it are
    those of the steady duty cycle.
    """
    releases: dict[str, Any] = {"count": 2}
    releases |= {"closed_loop": True} if knobs.period_s is None else {"period": seconds_text(knobs.period_s)}
    limit_s = 0.0 if knobs.period_s is None else 8 * knobs.period_s
    first = _run(work, platform, setup, releases, limit_s, keep_trace=False, progress=None)
    latency = first.jobs[-1]["ended_s"] - first.jobs[-1]["released_s"]
    interval = latency if knobs.period_s is None else knobs.period_s
    points = sum(len(domain.points) for domain in setup.described.domains.values())
    count = jobs(knobs, interval, points)
    releases = {"count": count}
    if knobs.period_s is None:
        releases["closed_loop"] = True
    else:
        releases |= {"period": seconds_text(interval), "deadline": seconds_text(interval)}
        if latency < interval:
            releases["offset"] = seconds_text(interval - latency)
    limit_s = 4 * count * max(interval, latency)
    return _run(work, platform, setup, releases, limit_s, keep_trace=keep_trace, progress=progress)


def jobs(knobs: Knobs, interval_s: float, points: int = 0) -> int:
    """How many: what fills the duration; else ten, or as many as governors need to settle. A cap takes away one
    operating point a period (platform/power/cap.h), so that it may need as many periods as all domains have `points`.
    """
    if knobs.duration_s is not None:
        return min(max(1, math.ceil(knobs.duration_s / interval_s * (1 - 1e-9))), _MOST_ASKED)
    moves = knobs.governor or knobs.governors or knobs.cap_w is not None
    periods = (_SETTLED_PERIODS + (points if knobs.cap_w is not None else 0)) if moves else 0
    settled = math.ceil(periods * _GOVERNOR_PERIOD_S / interval_s)
    return min(max(_FEWEST_JOBS, settled), _MOST_JOBS if knobs.cap_w is None else _MOST_CAPPED)


def _run(
    work: Work,
    platform: str | os.PathLike[str],
    setup: Setup,
    releases: Mapping[str, Any],
    limit_s: float,
    *,
    keep_trace: bool,
    progress: Progress | None,
) -> StreamsResult:
    document = streams_document(work, setup, releases)
    document["max_simulated_time"] = seconds_text(max(_SHORTEST_LIMIT_S, min(limit_s, _LONGEST_LIMIT_S)))
    graphs = {STREAM: work.model.graph_json}
    with platform_file(platform) as path:
        streams = _core.Streams(str(path), search_dirs(path), setup.overrides, json.dumps(document), graphs)
    report, text = with_validation(streams.run(keep_trace, progress), streams.cores(), path)
    return StreamsResult(report, text, streams)


def streams_document(work: Work, setup: Setup, releases: Mapping[str, Any]) -> dict[str, Any]:
    """One periodic stream, as a file of streams states it."""
    options = {name: value for name, value in work.options.items() if value is not None}
    if setup.devices is not None:
        options["devices"] = setup.devices
    return {
        "name": work.model.name,
        "seed": work.seed,
        "streams": {STREAM: {"network": work.model.name, "options": options, **releases}},
        "power": setup.management,
    }
