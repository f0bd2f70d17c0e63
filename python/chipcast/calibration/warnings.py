# SPDX-License-Identifier: Apache-2.0
"""Declared values that are fits themselves: errors before the fit and on what is left out flatter then."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from chipcast.calibration.rows import Row, described
from chipcast.error_bars import platform_names
from chipcast.fidelity.errors import groups
from chipcast.text import plain

_SET_ON_ROWS = re.compile(r"\b(calibrated|fitted|tuned)\b", re.IGNORECASE)


def warnings_of(rows: Sequence[Row], digest: str) -> list[str]:
    """A line for each chip whose declared values were set on measurements. `rows`: fitted to; `digest`: of their file.
    """
    platforms = dict.fromkeys((row.chip, row.platform) for row in rows)
    return [line for chip, platform in platforms if (line := _warning(chip, platform, digest))]


def _warning(chip: str, platform: Path, digest: str) -> str:
    why = _set_on(chip, platform, digest)
    if not why:
        return ""
    return (
        f"{plain(chip)}: its declared values are no blank start: {why}. Where these rows are among those, the errors "
        "before the fit and on what is left out are too small"
    )


def _set_on(chip: str, platform: Path, digest: str) -> str:
    document = described(platform)
    calibration = document.get("calibration", {})
    evidence = calibration.get("evidence") or {}
    if evidence.get("data_sha256") == digest:
        return "they were fitted to this very file"
    if evidence or calibration.get("fitted"):
        return f"they were fitted to {evidence.get('rows', 'some')} rows before"
    told = next((line for line in document.get("sources", ()) if _SET_ON_ROWS.search(line)), "")
    if told:
        return f'its sources say "{plain(told, 160)}"'
    names = set(platform_names(platform, chip))
    count = sum(g["count"] - g["scored"] for g in groups() if g["platform"] in names)
    return f"bundled parameters were set with {count} rows of it in view" if count else ""
