# SPDX-License-Identifier: Apache-2.0
"""Errors by platform, family and quantity, as reports quote them (errors.json)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from chipcast.fidelity.families import TIMES
from chipcast.fidelity.outcome import Outcome
from chipcast.fidelity.statistics import statistics_of

FILE = Path(__file__).with_name("errors.json")
HELD_OUT = Path(__file__).with_name("held_out.json")
"""Errors of cross-validated fits, by hand from their READMEs: errors.json is made anew, these are not."""


def document(outcomes: Sequence[Outcome], made_by: str) -> dict[str, Any]:
    """The file's content. A group is a platform's cases of one device class, format and quantity; platform null stands
    for all platforms of the family. Errors are signed, forecast / measured - 1; rates and cycles count as latencies."""
    groups: dict[tuple[str, str, str, str], list[Outcome]] = {}
    for each in outcomes:
        quantity = "latency" if each.case.quantity in TIMES else each.case.quantity
        for platform in ("", each.found.platform):
            key = (each.found.device_class, each.dtype, quantity, platform)
            groups.setdefault(key, []).append(each)
    return {
        "format": "chipcast-errors",
        "version": 1,
        "made_by": made_by,
        "groups": [_group(key, groups[key]) for key in sorted(groups)],
    }


def _group(key: tuple[str, str, str, str], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    kind, dtype, quantity, platform = key
    some = statistics_of(outcomes)
    return {
        "platform": platform or None,
        "family": f"{kind} {dtype or 'own format'}",
        "device_class": kind,
        "dtype": dtype,
        "quantity": quantity,
        "count": some.count,
        "scored": some.scored,
        "platforms": len({each.found.platform for each in outcomes}),
        "median": _rounded(some.median_error),
        "p10": _rounded(some.p10),
        "p90": _rounded(some.p90),
        "median_ape": _rounded(some.median_ape),
        "errors": sorted(round(each.ratio - 1.0, 4) for each in outcomes) if platform else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


@cache
def groups() -> list[dict[str, Any]]:
    """Of the package's own errors.json; none where there is no such file. Groups of all platforms of a family whose fit
    was cross-validated also have `held_out_networks_median`, `held_out_chips_median`, `held_out_rows` and
    `held_out_chips` (chips that those rows are of)."""
    if not FILE.is_file():
        return []
    found: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["groups"]
    return [{**_held_out(group), **group} for group in found]


def _held_out(group: Mapping[str, Any]) -> dict[str, Any]:
    for each in _families_held_out():
        same = all(group[key] == each[key] for key in ("device_class", "quantity"))
        if same and group["platform"] is None and group["dtype"] in each["dtypes"]:
            return {
                f"held_out_{key}": each[key] for key in ("networks_median", "chips_median", "rows", "chips")
            }
    return {}


@cache
def _families_held_out() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(HELD_OUT.read_text(encoding="utf-8"))["families"]
    return found
