# SPDX-License-Identifier: Apache-2.0
"""Energies and areas of a platform: as tables, and as files that Accelergy's users read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chipcast import _core, api
from chipcast.catalog import platform_file, search_dirs
from chipcast.technology.accelergy import Areas, Energies, art_text, ert_text
from chipcast.technology.blocks import Block, as_json, blocks_of

PICO, SQUARE_UM = 1e12, 1e6

Platform = str | os.PathLike[str]


@dataclass(frozen=True)
class Part:
    """A block with what it costs: energy of one multiply-accumulate or of one byte, silicon and leakage of all."""

    name: str
    kind: str
    count: int
    energy_j: float
    area_mm2: float
    leakage_w: float


def energies(platform: Platform, *, overrides: api.Overrides = ()) -> Energies:
    """Everything that the platform charges energy for, pJ by component and action, as its reports name them."""
    found: Energies = {}
    with platform_file(platform) as path:
        text = _core.platform_actions(str(path), search_dirs(path), api.override_list(overrides))
    for row in json.loads(text):
        found.setdefault(row["component"], {})[row["action"]] = row["energy_j"] * PICO
    return found


def parts(
    platform: Platform,
    *,
    overrides: api.Overrides = (),
    volts: float | None = None,
    celsius: float | None = None,
) -> list[Part]:
    """What the platform's devices are made of, priced by its technology.

    Args:
        volts: supply of all of it; None: each device's own.
        celsius: temperature that leakage holds at; None: that of the table.
    """
    resolved = api.describe(platform, overrides=overrides)
    found = []
    for block in blocks_of(resolved):
        own = resolved["devices"].get(block.name.split(".")[0], {}).get("volts")
        found += price(resolved["technology"], [block], volts if volts is not None else own, celsius)
    return found


def price(
    technology: Mapping[str, Any],
    blocks: list[Block],
    volts: float | None = None,
    celsius: float | None = None,
) -> list[Part]:
    """Blocks in a technology, by default at its nominal voltage and the temperature that its leakage is stated at."""
    rows = json.loads(
        _core.technology_blocks(
            json.dumps(technology),
            json.dumps([as_json(block) for block in blocks]),
            float(technology["nominal_volts"] if volts is None else volts),
            float(technology["leakage_celsius"] if celsius is None else celsius),
        )
    )
    return [Part(**row) for row in rows]


def write_ert(platform: Platform, path: Path, *, overrides: api.Overrides = ()) -> None:
    """The platform's energies as an ERT of version 0.4; components are "PLATFORM.npu0.array[1..1]"."""
    name = _name(platform, overrides)
    table = {f"{name}.{component}": row for component, row in energies(platform, overrides=overrides).items()}
    path.write_text(ert_text(table), encoding="utf-8")


def write_art(platform: Platform, path: Path, *, overrides: api.Overrides = ()) -> None:
    """The silicon of the platform's arithmetic, memories and registers as an ART of version 0.4."""
    name = _name(platform, overrides)
    areas: Areas = {}
    counts: dict[str, int] = {}
    for part in parts(platform, overrides=overrides):
        areas[f"{name}.{part.name}"] = part.area_mm2 / part.count * SQUARE_UM
        counts[f"{name}.{part.name}"] = part.count
    path.write_text(art_text(areas, counts), encoding="utf-8")


def _name(platform: Platform, overrides: api.Overrides) -> str:
    return str(api.describe(platform, overrides=overrides)["name"]).replace(".", "_")
