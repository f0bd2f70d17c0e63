# SPDX-License-Identifier: Apache-2.0
"""Reads the #includes of a tree of C++ sources and holds them against rules.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

RULES = Path(__file__).with_name("rules.toml")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
FOLDERS = (
    "sim",
    "workloads",
    "kernels",
    "models",
    "accelerators",
    "mappers",
    "platform",
    "python",
    "tests",
    "bench",
)
SUFFIXES = {".h", ".hpp", ".cpp", ".cc", ".inc"}


@dataclass(frozen=True)
class Zone:
    name: str
    files: tuple[str, ...]
    may_include: frozenset[str]
    own_folder: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    """Groups of outside headers that are allowed: systemc, pybind, testing."""
    siblings: bool = False


@dataclass(frozen=True)
class Rules:
    zones: tuple[Zone, ...]
    headers: dict[str, tuple[str, ...]]

    def zone_of(self, path: str) -> Zone | None:
        return next((zone for zone in self.zones if any(matches(path, p) for p in zone.files)), None)

    def header_group(self, header: str) -> str | None:
        return next(
            (g for g, patterns in self.headers.items() if any(matches(header, p) for p in patterns)), None
        )


def load_rules(path: Path = RULES) -> Rules:
    data = tomllib.loads(path.read_text())
    groups = {name: tuple(patterns) for name, patterns in data["headers"].items()}
    zones = tuple(
        Zone(
            name=zone["name"],
            files=tuple(zone["files"]),
            may_include=frozenset(zone["may_include"]),
            own_folder=frozenset(zone.get("own_folder", ())),
            excluded=frozenset(zone.get("except", ())),
            headers=frozenset(group for group in groups if zone.get(group, False)),
            siblings=zone.get("siblings", False),
        )
        for zone in data["zone"]
    )
    names = {zone.name for zone in zones} | {"*"}
    for zone in zones:
        unknown = (zone.may_include | zone.own_folder | zone.excluded) - names
        if unknown:
            raise ValueError(f"{path}: zone {zone.name} names unknown zones {sorted(unknown)}")
    return Rules(zones, groups)


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*)", glob)
    return re.compile("".join({"**": ".*", "*": "[^/]*"}.get(part, re.escape(part)) for part in parts))


def matches(path: str, glob: str) -> bool:
    return _pattern(glob).fullmatch(path) is not None


def sources(root: Path) -> Iterator[str]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                yield path.relative_to(root).as_posix()


def includes(root: Path, path: str) -> list[tuple[bool, str]]:
    """(quoted, header) for each include of a file."""
    text = (root / path).read_text(encoding="utf-8")
    return [(mark == '"', header) for mark, header in INCLUDE.findall(text)]


def violations(root: Path, rules: Rules) -> list[str]:
    """One line for each include that the rules forbid; empty when the tree is in order."""
    found: list[str] = []
    for path in sources(root):
        zone = rules.zone_of(path)
        if zone is None:
            found.append(f"{path}: belongs to no zone; add its folder to tests/layering/rules.toml")
            continue
        for quoted, header in includes(root, path):
            problem = _quoted(root, rules, path, zone, header) if quoted else _outside(rules, zone, header)
            if problem:
                found.append(f'{path}: includes "{header}": {problem}')
    return found + _seen_through(root, rules)


def _outside(rules: Rules, zone: Zone, header: str) -> str | None:
    group = rules.header_group(header)
    if group is None or group in zone.headers:
        return None
    return f"zone {zone.name} must not see {group} headers"


def _quoted(root: Path, rules: Rules, path: str, zone: Zone, header: str) -> str | None:
    if header.endswith(".pb.h"):
        return None  # generated into the build folder
    if zone.siblings and ((root / path).parent / header).is_file():
        return None
    if not (root / header).is_file():
        return "no such file from the repository's root"
    target = rules.zone_of(header)
    if target is None:
        return "the header belongs to no zone"
    if target.name in zone.excluded:
        return f"zone {zone.name} must not include zone {target.name}"
    if "*" in zone.may_include or target.name in zone.may_include:
        return None
    if target.name in zone.own_folder:
        same = Path(path).parent == Path(header).parent or Path(path).parts[:2] == Path(header).parts[:2]
        return None if same else f"{target.name} of another folder"
    return f"zone {zone.name} must not include zone {target.name}"


def _seen_through(root: Path, rules: Rules) -> list[str]:
    """Files of zones without SystemC that reach it through other headers."""
    found = []
    for path in sources(root):
        zone = rules.zone_of(path)
        if zone is None or "systemc" in zone.headers:
            continue
        chain = _chain_to_systemc(root, rules, path)
        if len(chain) > 2:  # a direct include is reported already
            found.append(f"{path}: sees SystemC through {' -> '.join(chain[1:])}")
    return found


def _chain_to_systemc(root: Path, rules: Rules, start: str) -> list[str]:
    came_from: dict[str, str | None] = {start: None}
    queue = [start]
    while queue:
        path = queue.pop(0)
        for quoted, header in includes(root, path):
            if not quoted and rules.header_group(header) == "systemc":
                return [*_path_to(came_from, path), header]
            if quoted and header not in came_from and (root / header).is_file():
                came_from[header] = path
                queue.append(header)
    return []


def _path_to(came_from: dict[str, str | None], path: str) -> list[str]:
    steps: list[str] = []
    step: str | None = path
    while step is not None:
        steps.append(step)
        step = came_from[step]
    return steps[::-1]
