# SPDX-License-Identifier: Apache-2.0
"""Timeloop's v0.4 architecture with Accelergy's energy table, as an architecture; areas; problem shapes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chipcast.technology.accelergy import read_art, read_ert
from chipcast.yaml_tree import Value, read_yaml

LOOPS = {"N": "B", "G": "G", "M": "K", "C": "C", "P": "OX", "Q": "OY", "R": "FX", "S": "FY"}
"""Timeloop's names for the loops of a convolution, and ours."""
OPERANDS = {"Weights": "W", "Inputs": "I", "Outputs": "O"}
STORES = ("dram", "sram", "rf", "regfile", "storage", "smartbuffer", "buffer", "memory")
COMPUTES = ("mac", "compute", "multiplier")
NODE = {"name", "class", "subclass", "attributes", "constraints", "spatial", "nodes", "area_scale", "energy_scale",
        "required_actions", "enabled"}  # fmt: skip
UNLIMITED_BITS = 1 << 50
UNLIMITED_BANDWIDTH = 1 << 40
MOST_BITS = 1 << 50


@dataclass(frozen=True)
class Tables:
    """What Accelergy worked out: picojoules by component and action, square micrometres by component."""

    energy: dict[str, dict[str, float]] = field(default_factory=dict)
    area: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """A convolution as Timeloop states it, as a layer for `chipcast.peers.search`."""

    name: str
    layer: dict[str, int]


@dataclass
class Hierarchy:
    """Nodes in the order of the file: containers open array dimensions, components are memories or arithmetic."""

    dimensions: list[dict[str, Any]] = field(default_factory=list)
    stores: list[tuple[Value, list[str]]] = field(default_factory=list)
    """Outermost first, with the dimensions outside which they stand."""
    arithmetic: Value | None = None


def read_tables(energy: Path, area: Path | None = None) -> Tables:
    """The ERT, and the ART where given; components by the last part of their names."""
    energies = {component(name): actions for name, actions in read_ert(energy).items()}
    areas = {} if area is None else {component(name): value for name, value in read_art(area).items()}
    return Tables(energies, areas)


def component(name: str) -> str:
    """ "system_top_level.PE.mac" is the table of "mac"."""
    return name.rsplit(".", 1)[-1]


def read_architecture(architecture: Path, energy: Path) -> dict[str, Any]:
    """An architecture file (version 0.4, as written by hand: no Jinja) with its ERT for `chipcast.peers.search`."""
    document = read_yaml(architecture).field("architecture")
    tables = read_tables(energy)
    tree = Hierarchy()
    walk(document.field("nodes"), tree, [])
    if tree.arithmetic is None or not tree.stores:
        document.fail("a compute component inside at least one storage component is needed")
    mac = action(tables, tree.arithmetic, ("compute", "mac_random", "mac", "mult"))
    names = [str(each["name"]) for each in tree.dimensions]
    return {
        "name": architecture.name.split(".")[0],
        "even": True,
        "array": tree.dimensions,
        "mac_energy": f"{mac!r} pJ",
        "memories": [memory(store, outside, names, tables) for store, outside in reversed(tree.stores)],
    }


def walk(nodes: Value, tree: Hierarchy, outside: list[str]) -> None:
    for node in nodes.items():
        node.only(NODE)
        tag = node.tag()
        if tag in ("Parallel", "Hierarchical", "Pipelined"):
            walk(node.field("nodes"), tree, outside)
        elif tag == "Container":
            outside.extend(open_dimensions(node, tree))
        elif tag == "Component":
            place_component(node, tree, outside)
        else:
            node.fail("a node is !Container, !Component, !Parallel or !Hierarchical")


def open_dimensions(container: Value, tree: Hierarchy) -> list[str]:
    """meshX and meshY of a container are array dimensions inside it."""
    members = container.members()
    if "spatial" not in members:
        return []
    meshes = members["spatial"].only(("meshX", "meshY"))
    names = []
    for axis, size in meshes.items():
        extent = size.whole(1, 1 << 20)
        if extent > 1:
            name = container.field("name").text() + ("" if len(meshes) == 1 else f".{axis}")
            fixed = one_factors(members.get("constraints"), "spatial")
            tree.dimensions.append({"name": name, "size": extent, "loops": free_loops(fixed)})
            names.append(name)
    return names


def place_component(node: Value, tree: Hierarchy, outside: list[str]) -> None:
    kind = node.field("class").text().lower()
    if any(word in kind for word in STORES):
        if tree.arithmetic is not None:
            node.fail("a memory stands inside the arithmetic; list the compute component last")
        tree.stores.append((node, list(outside)))
    elif any(word in kind for word in COMPUTES):
        tree.arithmetic = node
    else:
        node.fail(
            f'class "{kind[:80]}" is neither storage ({", ".join(STORES)}) nor compute ({", ".join(COMPUTES)})'
        )


def one_factors(constraints: Value | None, kind: str) -> set[str]:
    """Loops that `factors: [N=1, ...]` keep out."""
    if constraints is None or kind not in constraints.members():
        return set()
    fixed = set()
    members = constraints.members()[kind].members()
    if "factors" in members:
        for factor in members["factors"].items():
            name, _, value = factor.text().replace(" ", "").partition("=")
            if name not in LOOPS or value != "1":
                factor.fail("only factors of 1 can be required of a level; write N=1")
            fixed.add(LOOPS[name])
    return fixed


def free_loops(fixed: set[str]) -> list[str]:
    return [loop for loop in LOOPS.values() if loop not in fixed]


def kept(node: Value) -> list[str]:
    """Operands that stay here; without a constraint all of them, as Timeloop's mapper may choose, are taken to stay."""
    constraints = node.members().get("constraints")
    members = constraints.members() if constraints is not None else {}
    if "dataspace" not in members:
        return list(OPERANDS.values())
    named = members["dataspace"].only(("keep", "bypass", "keep_only"))
    keep = named.get("keep") or named.get("keep_only")
    if keep is not None:
        return [OPERANDS[each.word(OPERANDS)] for each in keep.items()]
    gone = {OPERANDS[each.word(OPERANDS)] for each in named["bypass"].items()} if "bypass" in named else set()
    return [operand for operand in OPERANDS.values() if operand not in gone]


def memory(node: Value, outside: list[str], dimensions: list[str], tables: Tables) -> dict[str, Any]:
    attributes = node.field("attributes")
    known = attributes.members()
    width = attributes.field("width").whole(1, 1 << 20)
    datawidth = attributes.field("datawidth").whole(1, 128)
    off_chip = "dram" in node.field("class").text().lower()
    if width % datawidth:
        attributes.fail(f"width {width} is not a whole number of words of {datawidth} bits")
    size = known["depth"].whole(1, 1 << 40) * width if "depth" in known and not off_chip else UNLIMITED_BITS
    if size > MOST_BITS:
        known["depth"].fail("depth times width is beyond 2^50 bits")
    operands = kept(node)
    energies = tables.energy.get(node.field("name").text())
    if energies is None:
        node.fail("the energy table has no component of this name; give the ERT of this architecture")
    fixed = one_factors(known_constraints(node), "temporal")
    result = {
        "name": node.field("name").text(),
        "size": size,
        "operands": operands,
        "serves": [name for name in dimensions if name not in outside],
        "ports": [
            {"name": way, "kind": way, "bandwidth": words(known.get(f"{way}_bandwidth"), datawidth),
             "granule": datawidth}
            for way in ("read", "write")
        ],
        "read_energy": f"{action(tables, node, ('read',))!r} pJ",
        "write_energy": f"{action(tables, node, ('fill', 'write'))!r} pJ",
        "update_energy": f"{action(tables, node, ('update', 'write'))!r} pJ",
        "access_bits": width,
        "buffering": "overlapped",
        "widths": [{"operand": operand, "bits": datawidth} for operand in operands],
    }  # fmt: skip
    if fixed:
        result["loops"] = free_loops(fixed)
    return result


def known_constraints(node: Value) -> Value | None:
    return node.members().get("constraints")


def words(bandwidth: Value | None, datawidth: int) -> int:
    """Words in a cycle as bits; Timeloop takes an unstated bandwidth for unlimited."""
    return UNLIMITED_BANDWIDTH if bandwidth is None else bandwidth.whole(1, 1 << 30) * datawidth


def action(tables: Tables, node: Value, names: tuple[str, ...]) -> float:
    """The first of these actions that the table knows, as Timeloop looks them up."""
    name = node.field("name").text()
    energies = tables.energy.get(name, {})
    for each in names:
        if each in energies:
            return energies[each]
    node.fail(f'the energy table has no action {" or ".join(names)} for "{name}"')


def read_problem(path: Path) -> Problem:
    """The shape of a convolution: `problem: {instance: {C: 3, M: 96, P: 55, ..., Wstride: 4, Hstride: 4}}`."""
    document = read_yaml(path).field("problem")
    instance = document.members().get("instance", document)
    sizes = {}
    for name, value in instance.members().items():
        if name in (*LOOPS, "Wstride", "Hstride", "Wdilation", "Hdilation"):
            sizes[name] = value.whole(1, 1 << 40)
    for name in ("C", "M", "P", "Q", "R", "S"):
        if name not in sizes:
            instance.fail(f'"{name}" is missing')
    return Problem(path.name.split(".")[0], layer_of(sizes))


def layer_of(sizes: dict[str, int]) -> dict[str, int]:
    """A layer from Timeloop's letters; inputs reach as far as the windows do."""
    layer = {ours: sizes.get(theirs, 1) for theirs, ours in LOOPS.items()}
    stride_x, stride_y = sizes.get("Wstride", 1), sizes.get("Hstride", 1)
    dilation_x, dilation_y = sizes.get("Wdilation", 1), sizes.get("Hdilation", 1)
    return layer | {
        "stride_x": stride_x,
        "stride_y": stride_y,
        "dilation_x": dilation_x,
        "dilation_y": dilation_y,
        "in_width": (layer["OX"] - 1) * stride_x + (layer["FX"] - 1) * dilation_x + 1,
        "in_height": (layer["OY"] - 1) * stride_y + (layer["FY"] - 1) * dilation_y + 1,
    }
