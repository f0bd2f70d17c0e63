# SPDX-License-Identifier: Apache-2.0
"""Errors by platform, family and quantity, as reports quote them (errors.json)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from chipcast.fidelity.families import TIMES
from chipcast.fidelity.outcome import Outcome
from chipcast.fidelity.statistics import statistics_of

FILE = Path(__file__).with_name("errors.json")


def document(outcomes: Sequence[Outcome], made_by: str) -> dict[str, Any]:
    """The file's content. A group is a platform's cases of one device class, format and quantity; platform null stands
    for all platforms of the family. Errors are signed, forecast / measured - 1; rates and cycles count as latencies."""
    groups: dict[tuple[str, str, str, str], list[Outcome]] = {}
    for each in outcomes:
        quantity = "latency" if each.case.quantity in TIMES else each.case.quantity
        for platform in ("", each.found.platform):
            key = (each.found.device_class, each.case.dtype, quantity, platform)
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
    """Of the package's own errors.json; none where there is no such file."""
    if not FILE.is_file():
        return []
    found: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["groups"]
    return found
