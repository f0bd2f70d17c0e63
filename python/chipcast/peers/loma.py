# SPDX-License-Identifier: Apache-2.0
"""How ZigZag spreads a given order of loops over memories (its LOMA allocator), for files that give an order alone.

From the innermost memory outwards, each memory takes for its operands the innermost loops that still fit, in the
combination that leaves the fewest bits to move from above: remaining iterations times tile, summed over operands
(Symons et al., LOMA, AICAS 2021; zigzag/opt/loma/memory_allocator.py at 3.8.5).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chipcast._core import InputError

RELEVANT = {"W": ("G", "K", "C", "FY", "FX"), "I": ("B", "G", "C"), "O": ("B", "G", "K", "OY", "OX")}
SUMMED = ("C", "FY", "FX")
CUT_NAMES = {"W": "weights", "I": "inputs", "O": "outputs"}
Loop = tuple[str, float]


@dataclass
class _Operand:
    """What is inside the memories looked at so far."""

    loops: list[Loop] = field(default_factory=list)
    """Temporal and spatial loops inside."""
    taken: int = 0
    """Temporal loops inside."""
    cuts: list[int] = field(default_factory=list)


def allocate(
    architecture: Mapping[str, Any],
    layer: Mapping[str, int],
    order: Sequence[Mapping[str, Any]],
    spatial: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """A mapping with `order` (innermost first) and `spatial`, cut as ZigZag would. Raises InputError where a memory
    is too small for what is unrolled below it."""
    temporal = [(str(each["loop"]), float(each["factor"])) for each in order]
    outside = unrolled(layer, spatial)
    operands = {name: _Operand() for name in RELEVANT}
    for name, waiting in served_below(architecture, outside).items():
        operands[name].loops += waiting.pop(0)
    below = served_below(architecture, outside)
    tops = {name: last_memory(architecture, name) for name in RELEVANT}
    for memory in architecture["memories"]:
        choice = best_choice(memory, layer, temporal, operands, below, tops)
        for name, count in choice.items():
            each = operands[name]
            each.loops += temporal[each.taken : count] + below[name][len(each.cuts) + 1]
            each.taken = count
            each.cuts.append(count)
    cuts = {CUT_NAMES[name]: each.cuts[:-1] for name, each in operands.items()}
    return {"spatial": list(spatial), "temporal": [dict(each) for each in order], **cuts}


def unrolled(layer: Mapping[str, int], spatial: Sequence[Mapping[str, Any]]) -> dict[str, list[Loop]]:
    """By array dimension. A factor that does not divide its loop counts with the share of it that does work."""
    result: dict[str, list[Loop]] = {}
    for each in spatial:
        size, factor = layer.get(each["loop"], 1), int(each["factor"])
        result.setdefault(each["dimension"], []).append((each["loop"], size / math.ceil(size / factor)))
    return result


def served_below(
    architecture: Mapping[str, Any], outside: Mapping[str, list[Loop]]
) -> dict[str, list[list[Loop]]]:
    """By operand: the spatial loops below each memory that holds it, and in the last entry those above all."""
    result: dict[str, list[list[Loop]]] = {}
    for name in RELEVANT:
        left = dict(outside)
        levels: list[list[Loop]] = []
        for memory in architecture["memories"]:
            if name in memory["operands"]:
                levels.append([loop for one in memory.get("serves", []) for loop in left.pop(one, [])])
        result[name] = [*levels, [loop for loops in left.values() for loop in loops]]
    return result


def last_memory(architecture: Mapping[str, Any], operand: str) -> str:
    return [str(memory["name"]) for memory in architecture["memories"] if operand in memory["operands"]][-1]


def best_choice(
    memory: Mapping[str, Any],
    layer: Mapping[str, int],
    temporal: list[Loop],
    operands: Mapping[str, _Operand],
    below: Mapping[str, list[list[Loop]]],
    tops: Mapping[str, str],
) -> dict[str, int]:
    """How many temporal loops of each operand are inside `memory`."""
    names = list(memory["operands"])
    options = []
    for name in names:
        found = tiles(layer, name, temporal, operands[name], below[name], int(memory["size"]))
        if not found:
            raise InputError(f"{memory['name']}: too small for what is unrolled below it ({name})")
        top = tops[name] == memory["name"]
        options.append([(*found[-1][:2], 0.0)] if top else found)
    best: tuple[float, tuple[int, ...]] | None = None
    for combination in itertools.product(*options):
        moved = sum(each[2] for each in combination)
        if sum(each[1] for each in combination) <= memory["size"] and (best is None or moved <= best[0]):
            best = moved, tuple(each[0] for each in combination)
    if best is None:
        raise InputError(f"{memory['name']}: too small for all its operands together")
    return dict(zip(names, best[1], strict=True))


def tiles(
    layer: Mapping[str, int],
    name: str,
    temporal: list[Loop],
    operand: _Operand,
    below: list[list[Loop]],
    capacity: int,
) -> list[tuple[int, float, float]]:
    """(loops inside, bits of the tile, bits still to be moved from above) for every number of loops that fits."""
    level = len(operand.cuts)
    bits = width(
        layer, name, temporal[operand.taken :], [loop for each in below[level + 1 :] for loop in each]
    )
    result = []
    for count in range(operand.taken, len(temporal) + 1):
        size = elements(layer, name, operand.loops + temporal[operand.taken : count]) * bits
        if size > capacity:
            break
        result.append((count, size, size * math.prod(factor for _, factor in temporal[count:])))
    return result


def width(layer: Mapping[str, int], name: str, temporal: Sequence[Loop], spatial: Sequence[Loop]) -> int:
    if name != "O":
        return layer.get("weight_bits" if name == "W" else "input_bits", 8)
    partial = any(loop in SUMMED for loop, _ in (*temporal, *spatial))
    return layer.get("partial_bits", 16) if partial else layer.get("output_bits", 8)


def elements(layer: Mapping[str, int], name: str, loops: Sequence[Loop]) -> float:
    """Elements of an operand that these loops touch; those of inputs by ZigZag's formula for overlapping windows."""
    sizes: dict[str, float] = {}
    for loop, factor in loops:
        sizes[loop] = sizes.get(loop, 1.0) * factor
    total = math.prod(sizes.get(loop, 1.0) for loop in RELEVANT[name])
    if name == "I":
        for out, tap, axis, whole in (("OY", "FY", "y", "in_height"), ("OX", "FX", "x", "in_width")):
            stride, dilation = layer.get(f"stride_{axis}", 1), layer.get(f"dilation_{axis}", 1)
            a, b, common = int(sizes.get(out, 1)), int(sizes.get(tap, 1)), math.gcd(stride, dilation)
            span = a * b - max(0, b - stride // common) * (a - dilation // common)
            total *= min(layer.get(whole, span), span)
    return total
