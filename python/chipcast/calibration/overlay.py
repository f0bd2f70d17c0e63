# SPDX-License-Identifier: Apache-2.0
"""Fitted values as a platform file of a few lines that extends the platform they were fitted for."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.calibration.rows import described
from chipcast.catalog import config_root
from chipcast.text import plain


def overlay_document(
    platform: Path, target: Path, fitted: Mapping[str, Mapping[str, Any]], evidence: Mapping[str, Any]
) -> dict[str, Any]:
    """`fitted`: path -> {value, low, high, prior}. Throws InputError where a file at `target` could not extend
    `platform`."""
    return {
        "extends": _name_from(platform, target),
        "name": described(platform)["name"],
        "calibration": {"fitted": {path: dict(entry) for path, entry in fitted.items()}, "evidence": dict(evidence)},
    }


def write_overlay(document: Mapping[str, Any], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _name_from(platform: Path, target: Path) -> str:
    """As "extends" names it: presets are found among the bundled ones, and beside the file or below."""
    file, folder = platform.resolve(), target.resolve().parent
    if file == target.resolve():
        raise InputError(f"{plain(target)}: would overwrite the platform that it extends; choose another name")
    if file.suffix != ".json":
        raise InputError(f"{plain(platform)}: only platforms in JSON can be extended; convert it first")
    for root in (config_root().resolve(), folder):
        if file.is_relative_to(root):
            return file.relative_to(root).as_posix()
    raise InputError(
        f"{plain(target)}: cannot extend {plain(platform)} from there; write it to "
        f"{plain(os.fspath(file.parent))} or above"
    )


def targets(output: Path, platforms: Sequence[Path]) -> dict[Path, Path]:
    """File of each platform's overlay: `output` itself for one, files in that folder for several."""
    if len(platforms) == 1:
        return {platforms[0]: output}
    if output.suffix == ".json":
        raise InputError(f"{plain(output)}: {len(platforms)} platforms were fitted; name a folder for their overlays")
    return {platform: output / f"{platform.stem}-fitted.json" for platform in platforms}
