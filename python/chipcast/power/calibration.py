# SPDX-License-Identifier: Apache-2.0
"""How far forecasts of energy were from measurements: the range around a forecast.

`calibration.json` holds the errors of docs/fidelity.md by platform; `python python/chipcast/power/calibration.py
docs/fidelity.md` writes it anew from that page.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from chipcast.catalog import config_root, find_platform

_FILE = Path(__file__).with_name("calibration.json")
Report = dict[str, Any]


@cache
def table() -> dict[str, Any]:
    platforms: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))["platforms"]
    return platforms


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
    errors = known["errors_share"]
    switched = _switched_share(report)
    low, high = (1.0 + switched * (1.0 / (1.0 + error) - 1.0) for error in (max(errors), min(errors)))
    of = "" if source == report["platform"] else f" of {source}"
    out: Report = {
        "validated": True,
        "words": f"{len(errors)} measured rows{of} of active inferences ({known['section']}, "
        "docs/fidelity.md); sleep power was never measured",
        "rows_count": len(errors),
        "lowest_error_share": min(errors),
        "highest_error_share": max(errors),
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


def read_page(text: str) -> dict[str, Any]:
    """Errors of energy or power by platform, from the tables of docs/fidelity.md."""
    platforms: dict[str, Any] = {}
    for section, cells in _rows(text):
        error = _percent(cells.get("energy error", ""))
        chip = cells.get("chip", "").strip("`")
        if error is None and section.startswith("Eyeriss"):
            chip, error = "eyeriss", _percent(cells.get("power mW", ""))
        if chip and error is not None:
            entry = platforms.setdefault(chip, {"section": section, "errors_share": []})
            entry["errors_share"].append(error)
    return platforms


def _rows(text: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """(section, cells by column) of every row of every table."""
    section = ""
    columns: list[str] = []
    for line in text.splitlines():
        if line.startswith("#"):
            section, columns = line.lstrip("# "), []
        elif not line.startswith("|"):
            columns = []
        else:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if not columns:
                columns = cells
            elif not all(set(cell) <= set("-: ") for cell in cells):
                yield section, dict(zip(columns, cells, strict=False))


def _percent(cell: str) -> float | None:
    match = re.search(r"([+-]\d+(?:\.\d+)?) ?%", cell)
    return round(float(match[1]) / 100, 6) if match else None


if __name__ == "__main__":
    found = read_page(Path(sys.argv[1]).read_text(encoding="utf-8"))
    _FILE.write_text(
        json.dumps({"generated_from": "docs/fidelity.md", "platforms": found}, indent=1) + "\n",
        encoding="utf-8",
    )
