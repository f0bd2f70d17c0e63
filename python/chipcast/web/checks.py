# SPDX-License-Identifier: Apache-2.0
"""Is a report whole enough to be shown? What views can do without may be missing; what is there must be of its kind."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from chipcast._core import InputError
from chipcast.text import plain
from chipcast.web.comparison import comparison

_Kind = type | tuple[type, ...]
_Members = Mapping[str, _Kind]
_NUMBER = (int, float)
_NAMED: _Members = {"name": str}
_PARTS = {"devices": _NAMED, "memories": _NAMED, "caches": _NAMED}
"""Lists that may be missing, and what their entries must have."""
_OBJECTS = ("energy", "power", "validation", "search", "provenance", "analytic", "energy_by_component")
_RUN: _Members = {"network": dict, "platform": dict, "totals": dict, "ops": list}
_OP: _Members = {"name": str, "start_s": _NUMBER, "end_s": _NUMBER}
_JOB: _Members = {"stream": str, "job": int, "began_s": _NUMBER, "ended_s": _NUMBER}


def loads(text: str) -> Any:
    """JSON of which every number can be computed with. Throws ValueError where it is not."""
    return json.loads(text, parse_constant=_refused, parse_float=_finite, parse_int=_whole)


def check_run(report: Mapping[str, Any], name: str) -> None:
    """Throws InputError, in one line, where a report of a run lacks what its page or a comparison relies on."""
    _members(report, _RUN, name, "")
    _entries(report, "ops", _OP, name)
    _optional(report, name)
    try:
        rows = comparison([name], [report])
        numbers = [report["totals"].get(row["name"]) for row in rows["totals"]]
        for part, keys in (
            ("components", ("energy_j",)),
            ("layers", ("time_s", "energy_j", "traffic_bytes")),
            ("devices", ("busy_s", "utilisation", "energy_j")),
        ):
            numbers += [value for row in rows[part] for key in keys for value in row[key]]
        if not all(value is None or isinstance(value, _NUMBER) for value in numbers):
            raise TypeError("a text stands in place of a number")
        if not all(value is None or math.isfinite(value) for value in numbers):
            raise ValueError("a number is not finite")
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f'"{name}" is no whole report ({plain(error, 80)}); write it again') from None


def check_streams(report: Mapping[str, Any], name: str) -> None:
    """As check_run(), of a report of streams."""
    _members(report, {"streams": list}, name, "")
    _entries(report, "streams", _NAMED, name)
    if "jobs" in report:
        _members(report, {"jobs": list}, name, "")
        _entries(report, "jobs", _JOB, name)
    _optional(report, name)


def _optional(report: Mapping[str, Any], name: str) -> None:
    for member in _OBJECTS:
        if member in report:
            _members(report, {member: dict}, name, "")
    for member, entry in _PARTS.items():
        if member in report:
            _members(report, {member: list}, name, "")
            _entries(report, member, entry, name)
    power = report.get("power", {})
    for member in ("domains", "rails"):
        if member in power:
            _members(power, {member: list}, name, "power.")
            _entries(power, member, _NAMED, name, "power.")


def _entries(owner: Mapping[str, Any], member: str, wanted: _Members, name: str, place: str = "") -> None:
    for i, entry in enumerate(owner[member]):
        if not isinstance(entry, dict):
            raise InputError(f'"{name}": {place}{member}[{i}] is no object; write the report again')
        _members(entry, wanted, name, f"{place}{member}[{i}].")


def _members(owner: Mapping[str, Any], wanted: _Members, name: str, place: str) -> None:
    for member, kind in wanted.items():
        if not isinstance(owner.get(member), kind):
            raise InputError(
                f'"{name}": {place}{member} is missing or of the wrong kind; write the report again'
            )


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no number of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{plain(text, 24)} is beyond what a number holds")
    return value


def _whole(text: str) -> int:
    # Longer than any double: int() is slow with such, and refuses the longest.
    if len(text) > 309:
        raise ValueError(f"a number of {len(text)} digits is beyond what a number holds")
    value = int(text)
    _finite(text)
    return value
