# SPDX-License-Identifier: Apache-2.0
"""Nodes that give tensors another shape or order."""

from __future__ import annotations

import math

from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import Node, handles


@handles("Reshape")
def reshape(c: Context, node: Node) -> None:
    node.need(2)
    shape = c.ints(node, 1, "shape")
    c.emit(node, "reshape", [c.x(node)], shape=shape, zero_copies=not node.int("allowzero"))


@handles("Flatten")
def flatten(c: Context, node: Node) -> None:
    node.need(1)
    shape, axis = c.shape(node), node.int("axis", 1)
    if not -len(shape) <= axis <= len(shape):
        node.fail(f"axis {axis} is outside [{-len(shape)}, {len(shape)}]; correct the model")
    axis = axis + len(shape) if axis < 0 else axis
    c.reshaped(node, c.x(node), [math.prod(shape[:axis]), math.prod(shape[axis:])])


@handles("Squeeze")
def squeeze(c: Context, node: Node) -> None:
    node.need(1)
    shape = list(c.shape(node))
    axes = c.ints_by_version(node, "axes", 1, 13)
    gone = {c.axis(node, axis, len(shape)) for axis in axes} if axes is not None else None
    for axis in gone or ():
        if shape[axis] != 1:
            node.fail(f"axis {axis} of {shape} is not 1 and cannot be squeezed; correct the model")
    kept = [e for axis, e in enumerate(shape) if (axis not in gone if gone is not None else e != 1)]
    c.reshaped(node, c.x(node), kept)


@handles("Unsqueeze")
def unsqueeze(c: Context, node: Node) -> None:
    node.need(1)
    shape = list(c.shape(node))
    axes = c.ints_by_version(node, "axes", 1, 13)
    if axes is None:
        node.fail("axes are missing; export the model again")
    rank = len(shape) + len(axes)
    places = sorted({c.axis(node, axis, rank) for axis in axes})
    if len(places) != len(axes):
        node.fail(f"axes {axes} name an axis twice; correct the model")
    for place in places:
        shape.insert(place, 1)
    c.reshaped(node, c.x(node), shape)


@handles("Transpose")
def transpose(c: Context, node: Node) -> None:
    node.need(1)
    c.emit(node, "transpose", [c.x(node)], perm=node.ints("perm"))


@handles("Expand")
def expand(c: Context, node: Node) -> None:
    node.need(2)
    c.emit(node, "expand", [c.x(node)], shape=c.ints(node, 1, "shape"))


@handles("Tile")
def tile(c: Context, node: Node) -> None:
    node.need(2)
    c.emit(node, "tile", [c.x(node)], repeats=c.ints(node, 1, "repeats"))


@handles("DepthToSpace", "SpaceToDepth")
def space_depth(c: Context, node: Node) -> None:
    node.need(1)
    c.emit(node, "space_depth", [c.x(node)], block=node.int("blocksize"), to_depth=node.op_type == "SpaceToDepth",
           column_row_depth=node.text("mode", "DCR") == "CRD")  # fmt: skip
