# SPDX-License-Identifier: Apache-2.0
"""Accelergy's energy reference tables (ERT) and area reference tables (ART), versions 0.3 and 0.4.

Energies are picojoules and areas square micrometres, as in the files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from chipcast.text import plain
from chipcast.yaml_tree import Value, read_yaml

VERSIONS = ("0.3", "0.4")
LARGEST_PJ, LARGEST_UM2 = 1e9, 1e18
_RANGE = re.compile(r"\[(\d+)\.\.(\d+)\]")

Energies = dict[str, dict[str, float]]
"""Picojoules by component and action. Components have their full name without ranges: "system.PE.mac"."""
Areas = dict[str, float]
"""Square micrometres of one instance, by component."""


@dataclass(frozen=True)
class Instances:
    """A component's name in a table: "chip.PE[1..12].mac[1..2]" stands for 24."""

    name: str
    count: int


def instances(text: str) -> Instances:
    count = 1
    for first, last in _RANGE.findall(text):
        count *= max(0, int(last) - int(first) + 1)
    return Instances(re.sub(r"\[[^\]]*\]", "", text), count)


def read_ert(path: Path) -> Energies:
    """Of actions that a table lists more than once, with different arguments, the dearest counts, as in Timeloop."""
    result: Energies = {}
    for name, table in _tables(path, "ERT"):
        actions = result.setdefault(name, {})
        for each in table.field("actions").items():
            energy = each.field("energy").number(0.0, LARGEST_PJ)
            action = each.field("name").text()
            actions[action] = max(energy, actions.get(action, 0.0))
    return result


def read_art(path: Path) -> Areas:
    return {name: table.field("area").number(0.0, LARGEST_UM2) for name, table in _tables(path, "ART")}


def _tables(path: Path, kind: str) -> Iterator[tuple[str, Value]]:
    document = read_yaml(path).field(kind)
    version = document.members().get("version")
    if version is not None and str(version.data) not in VERSIONS:
        version.fail(f'version "{plain(version.data, 20)}" is not read; {" and ".join(VERSIONS)} are')
    for table in document.field("tables").items():
        yield instances(table.field("name").text()).name, table


def ert_text(energies: Mapping[str, Mapping[str, float]], counts: Mapping[str, int] | None = None) -> str:
    """The tables as a file of version 0.4; `counts` are instances of components, one where it names none."""
    tables: list[dict[str, object]] = [
        {
            "name": _ranged(name, counts),
            "actions": [
                {"name": action, "arguments": {}, "energy": energy} for action, energy in actions.items()
            ],
        }
        for name, actions in energies.items()
    ]
    return _text("ERT", tables)


def art_text(areas: Mapping[str, float], counts: Mapping[str, int] | None = None) -> str:
    return _text("ART", [{"name": _ranged(name, counts), "area": area} for name, area in areas.items()])


def _ranged(name: str, counts: Mapping[str, int] | None) -> str:
    return f"{name}[1..{(counts or {}).get(name, 1)}]"


def _text(kind: str, tables: list[dict[str, object]]) -> str:
    document = {kind: {"version": "0.4", "tables": tables}}
    text: str = yaml.safe_dump(document, sort_keys=False, default_flow_style=None, width=200)
    return text
