# SPDX-License-Identifier: Apache-2.0
"""ZigZag's files: hardware and mapping YAML as an architecture, saved temporal mappings as mappings to replay."""

from __future__ import annotations

import itertools
import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.text import did_you_mean, plain
from chipcast.yaml_tree import Value, read_yaml

OPERANDS = ("W", "I", "O")
USUAL_LINKS = {"I1": "I", "I2": "W", "O": "O"}
"""Memory operands of all of ZigZag's shipped files, and what layers call them."""
LOOPS = ("B", "G", "K", "C", "OY", "OX", "FY", "FX")
ALSO_CALLED = {"D": "B"}
"""Rows of a matrix product's left side: as images of a batch, weights stay and inputs and outputs move with them."""
DIRECTIONS = ("fh", "tl", "fl", "th")
HARDWARE = {"name", "memories", "operational_array", "dataflows"}
MEMORY = {
    "size", "r_cost", "w_cost", "area", "latency", "mem_type", "auto_cost_extraction", "operands", "ports",
    "served_dimensions", "double_buffering_support", "shared_memory_group_id",
}  # fmt: skip
PORT = {"name", "type", "bandwidth_min", "bandwidth_max", "allocation"}
ARRAY = {"unit_energy", "unit_area", "dimensions", "sizes", "is_imc"}
MAPPING = {"name", "spatial_mapping", "spatial_mapping_hint", "memory_operand_links", "temporal_ordering"}
LARGEST_SAVED_BYTES = 16 << 20


@dataclass(frozen=True)
class LayerMapping:
    """What a mapping file says for one name or kind of layer."""

    name: str
    unroll: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By array dimension; searched for where empty."""
    links: dict[str, str] = field(default_factory=lambda: dict(USUAL_LINKS))
    """From memory operands to W, I and O."""
    order: list[dict[str, Any]] = field(default_factory=list)
    """Temporal loops, innermost first, where the file fixes them."""


def read_mapping(path: Path) -> dict[str, LayerMapping]:
    """The entries of a mapping file by name: "default" and names or kinds of layers."""
    mappings = [mapping_of(each) for each in read_yaml(path).items()]
    if not any(each.name == "default" for each in mappings):
        raise InputError(f'{path}: an entry named "default" is missing')
    return {each.name: each for each in mappings}


def mapping_of(entry: Value) -> LayerMapping:
    known = entry.only(MAPPING)
    unroll: dict[str, list[dict[str, Any]]] = {}
    spatial = known.get("spatial_mapping")
    if spatial is not None and spatial.data is not None:
        for dimension, loops in spatial.members().items():
            unroll[dimension] = [unroll_of(each) for each in loops.items()]
    links = dict(USUAL_LINKS)
    if "memory_operand_links" in known:
        named = known["memory_operand_links"].members()
        links = {linked.text(): layer for layer, linked in named.items() if layer in OPERANDS}
    order = known.get("temporal_ordering")
    ordered = [] if order is None or order.data is None else [ordered_loop(each) for each in order.items()]
    return LayerMapping(known["name"].text() if "name" in known else "default", unroll, links, ordered)


def unroll_of(entry: Value) -> dict[str, Any]:
    """ "K, 32" """
    parts = [part.strip() for part in entry.text().split(",")]
    if len(parts) != 2 or not parts[1].isascii() or not parts[1].isdigit():
        entry.fail(f'"{plain(entry.data, 80)}" is not a loop and a factor; write "K, 32"')
    return {"loop": loop_name(parts[0], entry), "factor": max(1, int(parts[1][:9]))}


def ordered_loop(entry: Value) -> dict[str, Any]:
    """[OX, 112]"""
    parts = list(entry.items())
    if len(parts) != 2:
        entry.fail("a loop and its iterations are needed here: [OX, 112]")
    return {"loop": loop_name(parts[0].text(), entry), "factor": parts[1].whole(1, 1 << 40)}


def loop_name(name: str, place: Value) -> str:
    loop = ALSO_CALLED.get(name, name)
    return (
        loop
        if loop in LOOPS
        else place.fail(f'loop "{plain(name, 40)}" is unknown{did_you_mean(name, LOOPS)}')
    )


def read_architecture(hardware: Path, mapping: Path | None = None, kind: str = "default") -> dict[str, Any]:
    """A hardware file as an architecture for `chipcast.peers.search`; `mapping` gives what is unrolled where, by
    its entry `kind`. Without one, ZigZag tries unrollings of its own, and so does the search."""
    chosen = LayerMapping("default")
    if mapping is not None:
        entries = read_mapping(mapping)
        chosen = entries.get(kind, entries["default"])
    document = read_yaml(hardware)
    known = document.only(HARDWARE)
    array = document.field("operational_array")
    dimensions = array_of(array, chosen)
    names = [str(each["name"]) for each in dimensions]
    return {
        "name": known["name"].text() if "name" in known else hardware.stem,
        "array": dimensions,
        "mac_energy": picojoules(array.field("unit_energy")),
        "memories": [
            memory_of(name, memory, chosen, names)
            for name, memory in document.field("memories").members().items()
        ],
    }


def array_of(array: Value, mapping: LayerMapping) -> list[dict[str, Any]]:
    known = array.only(ARRAY)
    if "is_imc" in known and known["is_imc"].data:
        known["is_imc"].fail("arrays that compute in memory are not supported; give one of multipliers")
    names = [each.text() for each in array.field("dimensions").items()]
    sizes = [each.whole(1, 1 << 20) for each in array.field("sizes").items()]
    if len(names) != len(sizes):
        array.fail(f"{len(names)} dimensions have {len(sizes)} sizes; give one for each")
    for dimension in mapping.unroll:
        if dimension not in names:
            array.fail(f'the mapping unrolls "{plain(dimension, 40)}"{did_you_mean(dimension, names)}')
    return [
        {"name": name, "size": size, "unroll": mapping.unroll.get(name, [])}
        for name, size in zip(names, sizes, strict=True)
    ]


def memory_of(name: str, memory: Value, mapping: LayerMapping, dimensions: list[str]) -> dict[str, Any]:
    memory.only(MEMORY)
    served = [each.word(dimensions) for each in memory.field("served_dimensions").items()]
    return {
        "name": name,
        "size": memory.field("size").whole(1, 1 << 50),
        "operands": [operand_of(each, mapping) for each in memory.field("operands").items()],
        "serves": served,
        "ports": [port_of(each, mapping) for each in memory.field("ports").items()],
        "read_energy": picojoules(memory.field("r_cost")),
        "write_energy": picojoules(memory.field("w_cost")),
    }


def port_of(port: Value, mapping: LayerMapping) -> dict[str, Any]:
    port.only(PORT)
    return {
        "name": port.field("name").text(),
        "kind": port.field("type").word(("read", "write", "read_write")),
        "bandwidth": port.field("bandwidth_max").whole(1, 1 << 40),
        "granule": port.field("bandwidth_min").whole(1, 1 << 40),
        "uses": [use_of(each, mapping) for each in port.field("allocation").items()],
    }


def use_of(entry: Value, mapping: LayerMapping) -> dict[str, str]:
    """ "I1, fh" """
    parts = [part.strip() for part in entry.text().split(",")]
    if len(parts) != 2 or parts[1] not in DIRECTIONS:
        entry.fail(
            f'"{plain(entry.data, 80)}" is not an operand and a direction; write "I1, fh" (or tl, fl, th)'
        )
    return {"operand": operand_of(entry.at("operand", parts[0]), mapping), "direction": parts[1]}


def operand_of(entry: Value, mapping: LayerMapping) -> str:
    return mapping.links[entry.word(list(mapping.links))]


def picojoules(value: Value) -> str:
    return f"{value.number(0.0, 1e9)!r} pJ"


def usual_unrollings(
    architecture: dict[str, Any], layer: dict[str, int], least: int = 3
) -> list[list[dict[str, Any]]]:
    """What ZigZag tries where no mapping file says what is unrolled: one loop along each dimension, by a divisor of
    what fits, ranked by the elements in use and then by how many loops share them. It takes the first three of a
    ranking that has many ties; this returns all that are tied with the third.

    zigzag/stages/mapping/spatial_mapping_generation.py at 3.8.5. Arrays are expected whose innermost memories serve
    single elements; limits by the width of shared ones are not applied.
    """
    choices = [
        [
            *(
                [{"dimension": each["name"], "loop": loop, "factor": factor}]
                for loop in LOOPS
                for factor in divisors(min(layer.get(loop, 1), int(each["size"])))
                if factor > 1
            ),
            [],
        ]
        for each in architecture["array"]
    ]
    ranked = []
    for parts in itertools.product(*choices):
        unrolling = [each for part in parts for each in part]
        totals = {
            loop: math.prod(each["factor"] for each in unrolling if each["loop"] == loop) for loop in LOOPS
        }
        if all(total <= max(1, layer.get(loop, 1)) for loop, total in totals.items()):
            in_use = math.prod(totals.values())
            ranked.append((in_use + in_use / max(totals.values()) - 1, unrolling))
    ranked.sort(key=lambda each: -each[0])
    worst = ranked[min(least, len(ranked)) - 1][0]
    return [unrolling for rank, unrolling in ranked if rank >= worst]


def divisors(number: int) -> list[int]:
    return [each for each in range(number, 0, -1) if number % each == 0]


def read_saved_mapping(path: Path, architecture: dict[str, Any], layer: dict[str, int]) -> dict[str, Any]:
    """The mapping of a layer that ZigZag saved (its complete JSON), to be replayed on `architecture`."""
    return saved_mapping(saved_document(path), architecture, layer)


def saved_mapping(document: Value, architecture: dict[str, Any], layer: dict[str, int]) -> dict[str, Any]:
    """ZigZag writes loops by operand and memory, innermost first, after moving loops that do not change an operand to
    the memory below; joined they are one order for all operands, and the cuts are the lengths."""
    temporal = document.field("temporal_mapping").only(OPERANDS)
    if set(temporal) != set(OPERANDS):
        document.fail(f"temporal_mapping needs {', '.join(OPERANDS)}")
    nests = {
        operand: [[saved_loop(loop) for loop in level.items()] for level in temporal[operand].items()]
        for operand in OPERANDS
    }
    orders = {operand: [loop for level in nests[operand] for loop in level] for operand in OPERANDS}
    if any(order != orders["O"] for order in orders.values()):
        document.fail(
            "temporal_mapping has different orders of loops for its operands; save the mapping again"
        )
    spatial = saved_unrolling(document.field("spatial_mapping"), architecture)
    restore_remainders(spatial, orders["O"], layer)
    return {
        "spatial": spatial,
        "temporal": orders["O"],
        **{
            key: cuts(nests[operand])
            for key, operand in (("weights", "W"), ("inputs", "I"), ("outputs", "O"))
        },
    }


def restore_remainders(
    spatial: list[dict[str, Any]], temporal: list[dict[str, Any]], layer: dict[str, int]
) -> None:
    """ZigZag spreads a remainder evenly and saves the average (K 1000 in 32 turns: 31.25) or its floor; side by side
    are as many as the fullest turn has."""
    for each in spatial:
        loops = [*temporal, *(other for other in spatial if other is not each)]
        turns = math.prod(other["factor"] for other in loops if other["loop"] == each["loop"])
        each["factor"] = max(each["factor"], -(-layer.get(each["loop"], 1) // turns))


def saved_document(path: Path) -> Value:
    try:
        if path.stat().st_size > LARGEST_SAVED_BYTES:
            raise InputError(f"{path}: more than {LARGEST_SAVED_BYTES} bytes")
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise InputError(f"{path}: not JSON") from None
    document = Value(data, str(path))
    return document.field("inputs") if "inputs" in document.members() else document


SAVED_LOOP = re.compile(r"\(?\s*'?([A-Z]+)'?\s*,\s*([0-9]{1,12}(?:\.[0-9]+)?)\s*\)?")


def saved_loop(entry: Value) -> dict[str, Any]:
    """ "(K, 3)" """
    name, factor = saved_pair(entry)
    return {"loop": name, "factor": round(factor)}


def saved_pair(entry: Value) -> tuple[str, float]:
    found = SAVED_LOOP.fullmatch(entry.text()[:80].strip())
    if found is None:
        entry.fail(f'"{plain(entry.data, 80)}" is not a loop as ZigZag saves it, "(K, 3)"')
    return loop_name(found[1], entry), float(found[2])


def cuts(levels: list[list[dict[str, Any]]]) -> list[int]:
    lengths = [len(level) for level in levels[:-1]]
    return [sum(lengths[: i + 1]) for i in range(len(lengths))]


def saved_unrolling(spatial: Value, architecture: dict[str, Any]) -> list[dict[str, Any]]:
    """Saved loops are by operand and memory; which array dimension they are along follows from the architecture's own
    unrolling, and else from the first dimension that is large enough."""
    loops = [saved_pair(each) for level in spatial.field("O").items() for each in level.items()]
    free = {str(each["name"]): int(each["size"]) for each in architecture["array"]}
    named = [
        (str(each["name"]), unroll["loop"]) for each in architecture["array"] for unroll in each["unroll"]
    ]
    result = []
    for loop, factor in loops:
        whole = math.ceil(factor)
        own = [name for name, unrolled in named if unrolled == loop]
        dimension = next((name for name in (*own, *free) if free.get(name, 0) >= whole), None)
        if dimension is None:
            spatial.fail(f"{loop} {factor:g} does not fit the array of {architecture['name']}")
        free[dimension] //= whole
        result.append({"dimension": dimension, "loop": loop, "factor": whole})
    return result
