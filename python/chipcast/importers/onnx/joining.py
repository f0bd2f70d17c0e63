# SPDX-License-Identifier: Apache-2.0
"""Nodes that join, cut and pad tensors."""

from __future__ import annotations

import math

from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import Node, handles

FAR = 2**62


@handles("Concat")
def concat(c: Context, node: Node) -> None:
    """Empty constants add nothing and are left out."""
    node.need(len(node.inputs) or 1)
    if "axis" not in node.attributes:
        node.fail("attribute axis is missing; export the model again")
    names = [c.x(node, position) for position in range(len(node.inputs))]
    filled = [name for name in names if 0 not in c.b.shape(name)]
    c.emit(node, "concat", filled or names[:1], axis=node.int("axis"))


@handles("Split")
def split(c: Context, node: Node) -> None:
    """Sizes are an attribute, then an input (opset 13), or even pieces of which the last may be smaller."""
    node.need(1)
    count = len(node.outputs)
    axis = c.axis(node, node.int("axis", 0), c.rank(node))
    sizes = c.ints_by_version(node, "split", 1, 13)
    extent = c.shape(node)[axis]
    if sizes is None:
        wanted = node.int("num_outputs", count)
        if wanted != count:
            node.fail(f"num_outputs {wanted} differs from its {count} outputs; export the model again")
        piece = -(-extent // count)
        sizes = [piece] * (count - 1) + [extent - piece * (count - 1)]
    if len(sizes) != count:
        node.fail(f"split has {len(sizes)} entries for {count} outputs; one per output is needed")
    for output, size in zip(node.outputs, sizes, strict=True):
        if size == 0 and output:
            c.add_empty(node, output, [0 if place == axis else e for place, e in enumerate(c.shape(node))])
    filled = [(output, size) for output, size in zip(node.outputs, sizes, strict=True) if size != 0]
    if not filled:
        return
    c.b.op("split", [c.x(node)], [output for output, _ in filled], name=node.name, place=node.place, axis=axis,
           sizes=[size for _, size in filled])  # fmt: skip


@handles("Slice")
def slice_(c: Context, node: Node) -> None:
    """Attributes before opset 10, inputs since."""
    node.need(1)
    if node.version < 10:
        starts, ends = node.ints("starts"), node.ints("ends")
        axes, steps = node.ints("axes") or list(range(len(starts))), [1] * len(starts)
    else:
        node.need(3)
        starts, ends = c.ints(node, 1, "starts"), c.ints(node, 2, "ends")
        axes = c.ints(node, 3, "axes") if node.has(3) else list(range(len(starts)))
        steps = c.ints(node, 4, "steps") if node.has(4) else [1] * len(starts)
    if not len(starts) == len(ends) == len(axes) == len(steps):
        node.fail("starts, ends, axes and steps differ in length; export the model again")
    if 0 in steps:
        node.fail("a step is 0; it must not be")
    ends = [max(-FAR, min(FAR, end)) for end in ends]
    starts = [max(-FAR, min(FAR, start)) for start in starts]
    axes = [c.axis(node, axis, c.rank(node)) for axis in axes]
    shape = list(c.shape(node))
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        if step > 0:
            shape[axis] = len(range(*slice(start, end, step).indices(shape[axis])))
    if 0 in shape:
        c.add_empty(node, node.outputs[0], shape)
        return
    c.emit(node, "slice", [c.x(node)], starts=starts, ends=ends, axes=axes, steps=steps)


@handles("Pad")
def pad(c: Context, node: Node) -> None:
    """pads is an attribute before opset 11, then an input; axes since opset 18."""
    node.need(1)
    pads = c.ints_by_version(node, "pads", 1, 11)
    if pads is None:
        node.fail("pads are missing; export the model again")
    rank = c.rank(node)
    if node.version >= 18 and node.has(3):
        axes = [c.axis(node, axis, rank) for axis in c.ints(node, 3, "axes")]
        if len(pads) != 2 * len(axes):
            node.fail(f"pads has {len(pads)} entries for {len(axes)} axes; two per axis are needed")
        spread = [0] * (2 * rank)
        for position, axis in enumerate(axes):
            spread[axis], spread[rank + axis] = pads[position], pads[len(axes) + position]
        pads = spread
    if not any(pads) and len(pads) == 2 * rank:
        c.b.alias(node.outputs[0], c.x(node))
        return
    c.emit(node, "pad", [c.x(node)], pads=pads, mode=node.text("mode", "constant"), **pad_value(c, node))


def pad_value(c: Context, node: Node) -> dict[str, float]:
    """What constant padding is filled with: an attribute before opset 11, then an input."""
    if node.version < 11:
        value = node.float("value", 0.0)
    elif not node.has(2):
        return {}
    else:
        known = c.value(node, 2)
        if known is None or known.size != 1:
            c.b.differs(node.place, "fills with a computed value")
            return {}
        value = float(known.reshape(-1)[0])
    if not math.isfinite(value):
        c.b.differs(node.place, f"fills with {value}")
        return {}
    return {"value": value} if value else {}


@handles("CenterCropPad")
def center_crop_pad(c: Context, node: Node) -> None:
    """Cropped where the input is larger, padded where it is smaller."""
    node.need(2)
    shape, wanted = c.shape(node), c.ints(node, 1, "shape")
    given = node.ints("axes") or range(len(wanted))
    axes = [c.axis(node, axis, len(shape)) for axis in given]
    if len(axes) != len(wanted):
        node.fail(f"shape has {len(wanted)} entries for {len(axes)} axes; one per axis is needed")
    pads = [0] * (2 * len(shape))
    for axis, extent in zip(axes, wanted, strict=True):
        missing = extent - shape[axis]
        before = abs(missing) // 2 * (1 if missing > 0 else -1)
        pads[axis], pads[len(shape) + axis] = before, missing - before
    c.emit(node, "pad", [c.x(node)], pads=pads)
