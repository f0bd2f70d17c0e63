# SPDX-License-Identifier: Apache-2.0
"""How far forecasts of energy were from measurements: the range around a forecast. The errors are those of
chipcast/fidelity/errors.json, which docs/fidelity.md shows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from typing import Any

from chipcast.catalog import config_root, find_platform
from chipcast.fidelity import errors

Report = dict[str, Any]
_ENERGIES = ("energy", "power")


@cache
def table() -> dict[str, Any]:
    """Family and errors of energy or power by platform. Rows of a board count for its chip too."""
    platforms: dict[str, Any] = {}
    for group in errors.groups():
        if group["platform"] is None or group["quantity"] not in _ENERGIES:
            continue
        for name in _with_bases(group["platform"]):
            entry = platforms.setdefault(name, {"family": group["family"], "errors_share": []})
            entry["errors_share"] += group["errors"]
    return platforms


def _with_bases(platform: str) -> Iterator[str]:
    """A bundled platform and those that it extends."""
    path = config_root() / "platforms" / f"{platform}.json"
    yield platform
    while path.is_file():
        base = str(json.loads(path.read_text(encoding="utf-8")).get("extends", ""))
        if not base.startswith("platforms/"):
            return
        path = config_root() / base
        yield path.stem


def validated_as(platform: str | os.PathLike[str], name: str) -> str | None:
    """The platform in the table whose rows serve: of this name, or a bundled one that a bundled file extends (a board
    is its chip). `name`: what a platform calls itself, which serves for files of one's own."""
    if name in table():
        return name
    path = find_platform(platform)
    while path.parent == config_root() / "platforms":
        if path.stem in table():
            return path.stem
        base = json.loads(path.read_text(encoding="utf-8")).get("extends", "")
        if not str(base).startswith("platforms/"):
            break
        path = config_root() / str(base)
    return None


def with_range(report: Report, platform: str | os.PathLike[str]) -> Report:
    """Adds `range`: what a measurement would show if the error were one of those met in validation of this platform:
    forecast / (1 + error), between the lowest and the highest error. A platform that was never compared has none.

    What was measured is the energy of inferences, without the time between them: errors hold for what the networks
    switch. Power that flows anyway (leakage, sleep, the board) counts as forecast; it was never measured.
    """
    source = validated_as(platform, report["platform"])
    if source is None:
        return {
            **report,
            "range": {
                "validated": False,
                "words": f"energy of {report['platform']} was never validated against a measurement: no range",
            },
        }
    known = table()[source]
    shares = known["errors_share"]
    switched = _switched_share(report)
    low, high = (1.0 + switched * (1.0 / (1.0 + error) - 1.0) for error in (max(shares), min(shares)))
    of = "" if source == report["platform"] else f" of {source}"
    out: Report = {
        "validated": True,
        "words": f"{len(shares)} measured rows{of} of active inferences ({known['family']}, "
        "docs/fidelity.md); sleep power was never measured",
        "rows_count": len(shares),
        "lowest_error_share": min(shares),
        "highest_error_share": max(shares),
        "low_average_power_w": low * report["average_power_w"],
        "high_average_power_w": high * report["average_power_w"],
        "low_energy_per_inference_j": low * report["energy_per_inference_j"],
        "high_energy_per_inference_j": high * report["energy_per_inference_j"],
    }
    if life := report.get("battery", {}).get("life_h"):
        # Not through Peukert's law again: its exponents are near 1.
        out |= {"low_battery_life_h": life / high, "high_battery_life_h": life / low}
    return {**report, "range": out}


def _switched_share(report: Report) -> float:
    """Of all energy, what the networks switched."""
    switched = sum(s["dynamic_energy_per_inference_j"] * s["jobs_count"] for s in report["streams"])
    total = report["average_power_w"] * report["duration_s"]
    return min(1.0, switched / total) if total else 0.0
