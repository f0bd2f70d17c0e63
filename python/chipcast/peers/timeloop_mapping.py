# SPDX-License-Identifier: Apache-2.0
"""Timeloop's loop nests, as its mapper prints them (`*.map.txt`) or as a v3 mapping YAML, to be replayed; and ours."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.peers.timeloop import LOOPS
from chipcast.text import did_you_mean, plain
from chipcast.yaml_tree import Value, read_yaml

LARGEST_FILE_BYTES = 1 << 20
LEVEL = re.compile(r"([A-Za-z_][A-Za-z_0-9.]*)\s*\[.*\]\s*")
LOOP = re.compile(r"\|\s*for ([A-Z]) in \[0:([0-9]{1,12})\)\s*(?:\((Spatial-([XY]))\))?\s*")
FACTOR = re.compile(r"([A-Z])\s*=?\s*([0-9]{1,12})")


@dataclass
class LevelNest:
    """The loops of one memory. Those side by side spread what this memory holds over what is inside it."""

    name: str
    temporal: list[tuple[str, int]] = field(default_factory=list)
    """Innermost first."""
    x: list[tuple[str, int]] = field(default_factory=list)
    y: list[tuple[str, int]] = field(default_factory=list)


def read_mapping(path: Path, architecture: dict[str, Any]) -> dict[str, Any]:
    """The mapping of a `.map.txt` or a mapping YAML, on an architecture that `timeloop.read_architecture` gave."""
    nests = yaml_nests(path) if path.suffix in (".yaml", ".yml") else text_nests(path)
    return joined(nests, architecture, str(path))


def text_nests(path: Path) -> list[LevelNest]:
    """Levels outermost first, loops outermost first, as printed."""
    nests: list[LevelNest] = []
    for number, line in enumerate(lines(path), 1):
        loop, level = LOOP.fullmatch(line), LEVEL.fullmatch(line)
        if level is not None:
            nests.append(LevelNest(level[1]))
        elif loop is not None and nests:
            added = (loop_name(loop[1], f"{path}:{number}"), int(loop[2]))
            nest = nests[-1]
            {None: nest.temporal, "X": nest.x, "Y": nest.y}[loop[4]].insert(0, added)
        elif line.strip("-| \t"):
            raise InputError(f"{path}:{number}: not a line of a loop nest: {plain(line.strip(), 80)}")
    return nests


def lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise InputError(f"{path}: more than {LARGEST_FILE_BYTES} bytes; is this a loop nest?")
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not a text in UTF-8") from None


def loop_name(name: str, place: str) -> str:
    if name not in LOOPS:
        raise InputError(f'{place}: loop "{plain(name, 20)}" is unknown{did_you_mean(name, LOOPS)}')
    return LOOPS[name]


def yaml_nests(path: Path) -> list[LevelNest]:
    """Version 3: permutations are innermost first, and loops before `split` lie along X."""
    nests: dict[str, LevelNest] = {}
    for entry in read_yaml(path).field("mapping").items():
        name = entry.field("target").text()
        nest = nests.setdefault(name, LevelNest(name))
        kind = entry.field("type").word(("temporal", "spatial", "bypass", "dataspace", "datatype"))
        if kind in ("temporal", "spatial"):
            loops = directive(entry)
            split = entry.members()["split"].whole(0, 999) if "split" in entry.members() else len(loops)
            if kind == "temporal":
                nest.temporal = loops
            else:
                nest.x, nest.y = loops[:split], loops[split:]
    return list(nests.values())


def directive(entry: Value) -> list[tuple[str, int]]:
    """Loops of one directive, innermost first, those of one iteration too (`split` counts them)."""
    place = entry.field("factors")
    text = place.data if isinstance(place.data, str) else " ".join(each.text() for each in place.items())
    if FACTOR.sub("", text).strip(" ,"):
        place.fail('factors are needed as "C=4 M=2"')
    factors = {name: int(value) for name, value in FACTOR.findall(text)}
    order = entry.members().get("permutation")
    names = list(factors) if order is None else permutation(order)
    names += [name for name in factors if name not in names]
    return [(loop_name(name, entry.place), factors.get(name, 1)) for name in names]


def permutation(order: Value) -> list[str]:
    if isinstance(order.data, str):
        return [name for name in order.data if name not in " ,"]
    return [each.text() for each in order.items()]


def joined(nests: list[LevelNest], architecture: dict[str, Any], source: str) -> dict[str, Any]:
    """All levels as one order, with the cut of every operand at each memory that holds it."""
    by_name = {nest.name: nest for nest in nests}
    known = [str(memory["name"]) for memory in architecture["memories"]]
    for name in by_name:
        if name not in known and any(f > 1 for part in parts(by_name[name]) for _, f in part):
            raise InputError(f'{source}: "{plain(name, 80)}" is no memory of {architecture["name"]}'
                             f"{did_you_mean(name, known)}")  # fmt: skip
    temporal: list[dict[str, Any]] = []
    cuts: dict[str, list[int]] = {"W": [], "I": [], "O": []}
    spatial: list[dict[str, Any]] = []
    for memory in architecture["memories"]:
        nest = by_name.get(str(memory["name"]), LevelNest(""))
        temporal += [{"loop": loop, "factor": factor} for loop, factor in nest.temporal if factor > 1]
        for operand in memory["operands"]:
            cuts[operand].append(len(temporal))
        spatial += unrolled(nest, architecture["array"], source)
    return {
        "spatial": spatial,
        "temporal": temporal,
        "weights": cuts["W"][:-1],
        "inputs": cuts["I"][:-1],
        "outputs": cuts["O"][:-1],
    }


def parts(nest: LevelNest) -> tuple[list[tuple[str, int]], ...]:
    return nest.temporal, nest.x, nest.y


def unrolled(nest: LevelNest, array: list[dict[str, Any]], source: str) -> list[dict[str, Any]]:
    """X is the first dimension of the array, Y the second."""
    result = []
    for axis, loops in enumerate((nest.x, nest.y)):
        for loop, factor in loops:
            if factor == 1:
                continue
            if axis >= len(array):
                raise InputError(
                    f"{source}: {loop} {factor} along axis {axis}: the array has {len(array)} dimensions"
                )
            result.append({"dimension": array[axis]["name"], "loop": loop, "factor": factor})
    return result


def nest_text(mapping: dict[str, Any], architecture: dict[str, Any]) -> str:
    """A mapping as Timeloop prints loop nests; `read_mapping` reads it again. Loops side by side are printed at the
    innermost memory that serves their dimension. Raises InputError where operands of a memory are cut apart."""
    ends = level_ends(mapping, architecture)
    names = {ours: theirs for theirs, ours in LOOPS.items()}
    sides = {str(each["name"]): axis for each, axis in zip(architecture["array"], "XY", strict=False)}
    lines: list[str] = []
    depth = 0
    begin = 0
    blocks: list[tuple[str, list[str]]] = []
    placed: set[str] = set()
    for memory, end in zip(architecture["memories"], ends, strict=True):
        loops = [(each, "") for each in mapping["temporal"][begin:end]]
        here = [side for side in sides if side in memory.get("serves", []) and side not in placed]
        placed.update(here)
        beside = [(each, f" (Spatial-{sides[each['dimension']]})") for each in mapping["spatial"]
                  if each["dimension"] in here]  # fmt: skip
        blocks.append((str(memory["name"]), [
            f"for {names[each['loop']]} in [0:{each['factor']}){side}" for each, side in (*beside, *loops)
        ]))  # fmt: skip
        begin = end
    for name, inside in reversed(blocks):
        lines.append(f"{name} [ ]")
        for loop in reversed(inside):
            lines.append(f"| {'  ' * depth}{loop}")
            depth += 1
    return "\n".join(lines) + "\n"


def level_ends(mapping: dict[str, Any], architecture: dict[str, Any]) -> list[int]:
    """How many temporal loops are inside each memory, innermost memory first."""
    count = len(mapping["temporal"])
    cuts = {
        "W": [*mapping["weights"], count],
        "I": [*mapping["inputs"], count],
        "O": [*mapping["outputs"], count],
    }
    ends, last = [], 0
    for memory in architecture["memories"]:
        places = {cuts[operand].pop(0) for operand in memory["operands"]}
        if len(places) != 1 or min(places) < last:
            raise InputError(
                f"mapping: {memory['name']} cuts its operands at different loops; Timeloop cannot"
            )
        last = places.pop()
        ends.append(last)
    return ends
