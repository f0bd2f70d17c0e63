# SPDX-License-Identifier: Apache-2.0
"""Sequences of tensors, followed while the model is read: the graph knows tensors only."""

from __future__ import annotations

from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import Node, Unsupported, handles

MOST_PIECES = 1 << 16


def items(c: Context, node: Node, position: int = 0) -> list[str]:
    """The tensors of a sequence that is an input."""
    node.need(position + 1)
    found = c.sequences.get(node.inputs[position])
    if found is None:
        raise Unsupported(f"{node.kind} of a sequence that is not made in the model")
    return found


def place_in(c: Context, node: Node, position: int, length: int) -> int:
    index = c.int(node, position, "position")
    if not -length <= index < length:
        node.fail(f"position {index} is outside a sequence of {length} tensors; correct the model")
    return index % length


@handles("SequenceEmpty", "SequenceConstruct")
def construct(c: Context, node: Node) -> None:
    c.sequences[node.outputs[0]] = [
        c.x(node, position) for position in range(len(node.inputs)) if node.has(position)
    ]


@handles("SequenceInsert")
def insert(c: Context, node: Node) -> None:
    node.need(2)
    kept = list(items(c, node))
    at = place_in(c, node, 2, len(kept) + 1) if node.has(2) else len(kept)
    kept.insert(at, c.x(node, 1))
    c.sequences[node.outputs[0]] = kept


@handles("SequenceErase")
def erase(c: Context, node: Node) -> None:
    kept = list(items(c, node))
    if not kept:
        node.fail("erases from an empty sequence; correct the model")
    del kept[place_in(c, node, 1, len(kept)) if node.has(1) else -1]
    c.sequences[node.outputs[0]] = kept


@handles("SequenceAt")
def at(c: Context, node: Node) -> None:
    found = items(c, node)
    c.b.alias(node.outputs[0], found[place_in(c, node, 1, len(found))])


@handles("SequenceLength")
def length(c: Context, node: Node) -> None:
    c.add_number(node.outputs[0], len(items(c, node)))


@handles("SplitToSequence")
def split(c: Context, node: Node) -> None:
    """Pieces of given sizes, of one size, or of one element each (then without that axis, if keepdims is 0)."""
    node.need(1)
    shape = list(c.shape(node))
    axis = c.axis(node, node.int("axis", 0), len(shape))
    sizes = c.ints(node, 1, "split") if node.has(1) else [1]
    if shape[axis] > MOST_PIECES:
        node.fail(f"axis {axis} has {shape[axis]} elements; at most {MOST_PIECES} can become a sequence")
    if len(sizes) == 1 and (not node.has(1) or c.rank(node, 1) == 0):
        if sizes[0] < 1:
            node.fail(f"split {sizes[0]} is not at least 1; correct the model")
        full, rest = divmod(shape[axis], sizes[0])
        sizes = [sizes[0]] * full + ([rest] if rest else [])
    pieces = c.b.op(
        "split", [c.x(node)], len(sizes), name=node.name, place=node.place, axis=axis, sizes=sizes
    )
    if not node.has(1) and not node.int("keepdims", 1):
        del shape[axis]
        pieces = [c.reshaped(node, piece, shape, "squeeze") for piece in pieces]
    c.sequences[node.outputs[0]] = pieces


@handles("ConcatFromSequence")
def join(c: Context, node: Node) -> None:
    """Along an axis, or along a new one."""
    found = items(c, node)
    if not found:
        node.fail("joins an empty sequence; correct the model")
    rank = c.b.type(found[0]).rank
    axis = node.int("axis")
    if node.int("new_axis"):
        axis = c.axis(node, axis, rank + 1)
        found = [c.reshaped(node, x, [*c.b.shape(x)[:axis], 1, *c.b.shape(x)[axis:]], "axis") for x in found]
    c.emit(node, "concat", found, axis=axis)
