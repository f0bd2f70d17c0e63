# SPDX-License-Identifier: Apache-2.0
"""Where every number of a forecast comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

TAGS = ("simulated", "platform file", "measured", "assumed", "derived")

UNITS = {
    "_w": "watts",
    "_j": "joules",
    "_s": "seconds",
    "_h": "hours",
    "_hz": "hertz",
    "_v": "volts",
    "_a": "amperes",
    "_c": "degrees Celsius",
    "_k": "kelvin",
    "_mah": "milliampere-hours",
    "_share": "of one",
    "_count": "a number of things",
}
"""The unit that each name of a number ends in."""

_SETTING = ("assumed", "asked for")
_POINT = ("platform file", "table of operating points")
_MEASURED_ERROR = ("measured", "forecast over measurement, less one, in docs/fidelity.md")
_STATED = ("platform file", "as stated there")
_SIMULATED = ("simulated", "by the run")

SOURCES: dict[str, tuple[str, str]] = {
    r"settings\.(period|duration)_s": _SETTING,
    r"settings\.rate_hz": _SETTING,
    r"settings\.cap_w": _SETTING,
    r"settings\.clocks\[\]\.clock_hz": _SETTING,
    r"settings\.clocks\[\]\.volts_v": _POINT,
    r"settings\.limits\[\]\.clock_hz": _SETTING,
    r"settings\.cores\[\]\.cores_count": _SETTING,
    r"settings\.loads\[\]\.level_share": _SETTING,
    r"settings\.loads\[\]\.full_w": (
        "platform file",
        "of a load; of a cluster or a memory, its peak rate priced",
    ),
    r"settings\.ambient_c": ("assumed", "asked for, else the platform file's"),
    r"settings\.battery\.(capacity_mah|volts_v)": ("assumed", "asked for, else the platform file's"),
    r"(jobs|late_jobs)_count": _SIMULATED,
    r"streams\[\]\.(jobs|late_jobs)_count": _SIMULATED,
    r"duration_s": ("simulated", "whole periods where there is a rate"),
    r"(average|peak)_power_w": ("simulated", "at the battery or the wall: domains, losses of rails, board"),
    r"window_s": ("simulated", "peaks are averages over so long"),
    r"energy_per_inference_j": ("derived", "average power over inferences a second, all jobs together"),
    r"dynamic_energy_per_inference_j": ("derived", "switched by the network's own work / jobs"),
    r"streams\[\]\.dynamic_energy_per_inference_j": ("derived", "switched by the network's own work / jobs"),
    r"(streams\[\]\.)?latency\.\w+_s": ("simulated", "from release to end"),
    r"(streams\[\]\.)?rate\.asked_hz": _SETTING,
    r"(streams\[\]\.)?rate\.achieved_hz": ("derived", "ends of the second half of the jobs"),
    r"rails\[\]\.\w+": ("simulated", "into the rail; loss by the platform file's efficiency"),
    r"domains\[\]\.(average|peak)_w": _SIMULATED,
    r"domains\[\]\.energy_j": _SIMULATED,
    r"domains\[\]\.(start|end|peak)_c": ("simulated", "thermal network of the platform file"),
    r"domains\[\]\.states\[\]\.\w+": _SIMULATED,
    r"domains\[\]\.operating_points\[\]\.(clock_hz|volts_v)": _POINT,
    r"domains\[\]\.operating_points\[\]\.\w+": _SIMULATED,
    r"components\[\]\.\w+": _SIMULATED,
    r"temperature\.(start|end|peak)_c": ("simulated", "hottest domain"),
    r"temperature\.nodes\[\]\.steady_c": (
        "derived",
        "average power into the thermal network of the platform file",
    ),
    r"temperature\.nodes\[\]\.throttle_c": _STATED,
    r"battery\.(life_h|current_a)": ("derived", "Peukert's law on the average power"),
    r"range\.rows_count": ("measured", "rows of docs/fidelity.md"),
    r"range\.(lowest|highest)_error_share": _MEASURED_ERROR,
    r"range\.\w+_(w|j|h)": ("derived", "forecast over one plus the error of validated rows"),
    r"validation\.(latency|energy)\.(families\[\]\.)?median_error_share": _MEASURED_ERROR,
    r"validation\.(latency|energy)\.families\[\]\.(lowest|highest)_error_share": _MEASURED_ERROR,
    r"validation\.(latency|energy)\.families\[\]\.\w+_count": ("measured", "rows of docs/fidelity.md"),
    r"validation\.(latency|energy)\.families\[\]\.time_share": _SIMULATED,
    r"sensitivity\[\]\.\w+": ("simulated", "the same run with one knob turned, and its difference"),
    r"sweep\[\]\.knobs\[\]\.value_hz": _SETTING,
    r"sweep\[\]\.knobs\[\]\.value_count": _SETTING,
    r"sweep\[\]\.\w+": _SIMULATED,
}
"""Source of a number by its path; `[]` stands for any index."""

_UNTAGGED = {"version"}


def numbers(value: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Every number of a document with its path."""
    if isinstance(value, dict):
        for name, member in value.items():
            if not (path == "" and name in ("provenance", *_UNTAGGED)):
                yield from numbers(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for member in value:
            yield from numbers(member, f"{path}[]")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, value


def source_of(path: str) -> tuple[str, str] | None:
    return next((source for pattern, source in SOURCES.items() if re.fullmatch(pattern, path)), None)


def provenance(report: dict[str, Any]) -> dict[str, dict[str, str]]:
    """An entry for each path at which the report has numbers: tag, unit and words."""
    out = {}
    for path in dict.fromkeys(path for path, _ in numbers(report)):
        source = source_of(path)
        if source is None:
            raise AssertionError(f"{path} has no source")
        out[path] = {"source": source[0], "unit": unit_of(path), "from": source[1]}
    return out


def unit_of(path: str) -> str:
    name = path.rpartition(".")[2]
    longest = max((end for end in UNITS if name.endswith(end)), key=len, default=None)
    if longest is None:
        raise AssertionError(f"{path} does not end in a unit")
    return UNITS[longest]
