# SPDX-License-Identifier: Apache-2.0
"""Look-ups and writes by index, one-hot vectors, non-maximum suppression."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipcast.importers.contents import STORED
from chipcast.importers.gathering import gather_elements, gather_nd
from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import Node, Unsupported, handles

REDUCTIONS = ("none", "add", "mul", "max", "min")


@handles("Gather")
def gather(c: Context, node: Node) -> None:
    node.need(2)
    c.emit(node, "gather", [c.x(node, 0), c.x(node, 1)], axis=node.int("axis", 0))


@handles("GatherElements")
def gather_single(c: Context, node: Node) -> None:
    node.need(2)
    gather_elements(c.b, c.x(node, 0), c.x(node, 1), node.int("axis", 0), node.outputs[0], name=node.name,
                    place=node.place)  # fmt: skip


@handles("GatherND")
def gather_tuples(c: Context, node: Node) -> None:
    node.need(2)
    if node.int("batch_dims"):
        raise Unsupported("GatherND with batch_dims")
    gather_nd(c.b, c.x(node, 0), c.x(node, 1), node.outputs[0], name=node.name, place=node.place)


@handles("ScatterND", "ScatterElements", "Scatter")
def scatter(c: Context, node: Node) -> None:
    node.need(3)
    where: dict[str, Any] = {} if node.op_type == "ScatterND" else {"axis": node.int("axis", 0)}
    reduction = node.text("reduction", "none")
    if reduction not in REDUCTIONS:
        node.fail(f"reduction {reduction!r} is not known; use one of {', '.join(REDUCTIONS)}")
    if reduction != "none":
        where["reduction"] = reduction
    c.emit(node, "scatter", [c.x(node, position) for position in range(3)], **where)


@handles("TensorScatter")
def tensor_scatter(c: Context, node: Node) -> None:
    """Inputs: cache, update, where to write (absent: at the beginning)."""
    node.need(2)
    c.b.differs(node.place, "writes each batch at a place of its own")
    indices = c.x(node, 2) if node.has(2) else c.b.constant(f"{node.name}/start", np.zeros(1, dtype=np.int64))
    c.emit(node, "scatter", [c.x(node, 0), indices, c.x(node, 1)])


@handles("OneHot")
def one_hot(c: Context, node: Node) -> None:
    """Each index compared with every class."""
    node.need(3)
    depth = c.int(node, 1, "depth")
    indices = list(c.shape(node))
    axis = c.axis(node, node.int("axis", -1), len(indices) + 1)
    if not 1 <= depth < 2**31:
        node.fail(f"depth {depth} is outside [1, {2**31 - 1}]; correct the model")
    extents, dtype = [depth] + [1] * (len(indices) - axis), c.type(node).dtype
    classes = c.b.weight(
        f"{node.name}/classes", extents, dtype, lambda: class_numbers(c, node, extents, dtype)
    )
    wide = c.reshaped(node, c.x(node), [*indices[:axis], 1, *indices[axis:]], "axis")
    hit = c.part(node, "binary", [wide, classes], "equal", function="equal")
    c.emit(node, "cast", [hit], to=c.type(node, 2).dtype)


def class_numbers(c: Context, node: Node, extents: list[int], dtype: str) -> np.ndarray:
    """0, 1, ...; the graph's form gives 0 and 1, and other values have no place in it."""
    values = c.b.content(node.inputs[2])
    if values is None or values.reshape(-1).tolist() != [0, 1]:
        node.fail(
            "values of a OneHot are computed for off and on values of 0 and 1 only; export it with these"
        )
    return np.arange(extents[0]).astype(STORED[dtype]).reshape(extents)


@handles("NonMaxSuppression")
def non_max_suppression(c: Context, node: Node) -> None:
    """Selected boxes as [batch, class, box]; how many there are depends on the data, the most that can be counts."""
    node.need(2)
    boxes, scores = c.shape(node, 0), c.shape(node, 1)
    if len(boxes) != 3 or len(scores) != 3:
        node.fail(f"boxes {boxes} and scores {scores} must have 3 axes each; correct the model")
    each = c.int(node, 2, "max_output_boxes_per_class") if node.has(2) else 0
    most = min(each, boxes[1]) * scores[0] * scores[1]
    if most < 1:
        node.fail("max_output_boxes_per_class is 0: nothing is selected; give the number of boxes to keep")
    c.b.differs(node.place, "selects as many boxes as the data have")
    rows = c.part(node, "detect", [c.x(node, 0), c.x(node, 1)], "detect", function="nms", max_detections=most)
    chosen = c.part(node, "slice", [rows], "columns", starts=[0], ends=[3], axes=[1])
    c.emit(node, "cast", [chosen], to="int64")
    c.b.note("import", node.name, f"how many boxes are selected depends on the data; {most} are assumed")
