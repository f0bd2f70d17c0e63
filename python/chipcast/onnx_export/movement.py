# SPDX-License-Identifier: Apache-2.0
"""Operators that move or pick data. What ONNX takes as an input tensor is stored as an initializer."""

from __future__ import annotations

import numpy as np

from chipcast.onnx_export.context import DTYPES, Context, Handler, Op, Unsupported


def _concat(ctx: Context, op: Op) -> None:
    ctx.node("Concat", op.inputs, op.outputs, op.name, axis=op.get("axis", 0))


def _split(ctx: Context, op: Op) -> None:
    axis = int(op.get("axis", 0))
    sizes = ctx.integers(f"{op.name}/sizes", [ctx.shape(each)[axis] for each in op.outputs])
    ctx.node("Split", [op.input(0), sizes], op.outputs, op.name, axis=axis)


def _slice(ctx: Context, op: Op) -> None:
    starts = list(op.get("starts", []))
    lists = {
        "starts": starts,
        "ends": list(op.get("ends", [])),
        "axes": list(op.get("axes", [])) or list(range(len(starts))),
        "steps": list(op.get("steps", [])) or [1] * len(starts),
    }
    read = [ctx.integers(f"{op.name}/{key}", value) for key, value in lists.items()]
    ctx.node("Slice", [op.input(0), *read], op.outputs, op.name)


def _transpose(ctx: Context, op: Op) -> None:
    ctx.node("Transpose", [op.input(0)], op.outputs, op.name, perm=list(op.get("perm", [])) or None)


def _reshape(ctx: Context, op: Op) -> None:
    shape = list(op.get("shape", []))
    literal = 0 in shape and not op.get("zero_copies", True)
    read = [op.input(0), ctx.integers(f"{op.name}/shape", shape)]
    ctx.node("Reshape", read, op.outputs, op.name, allowzero=1 if literal else None)


def _pad(ctx: Context, op: Op) -> None:
    pads = ctx.integers(f"{op.name}/pads", list(op.get("pads", [])))
    value = op.get("value", 0.0)
    filled = ctx.scalar(f"{op.name}/value", value, ctx.dtype(op.input(0))) if value else ""
    ctx.node("Pad", [op.input(0), pads, filled], op.outputs, op.name, mode=op.get("mode", "constant"))


def _resize(ctx: Context, op: Op) -> None:
    # Extents rather than scales where they say the same: they are exact.
    given = op.get("coordinate_scales", []) or op.get("scales", [])
    shape, result = ctx.shape(op.input(0)), ctx.shape(op.outputs[0])
    exact = all(extent * scale == out for extent, scale, out in zip(shape, given, result, strict=False))
    sizes = ctx.integers(f"{op.name}/sizes", result) if exact else ""
    scales = "" if exact else ctx.stored(f"{op.name}/scales", np.asarray(given, dtype=np.float32))
    if not exact and [int(extent * scale) for extent, scale in zip(shape, given, strict=True)] != result:
        raise Unsupported("resize to sizes and by other scales")
    mode = op.get("mode", "nearest")
    coordinates = op.get("coordinates", "half_pixel")
    cubic = op.attributes.get("cubic_coefficient") if mode == "cubic" else None
    outside = 1 if op.get("exclude_outside", False) else None
    ctx.node("Resize", [op.input(0), "", scales, sizes], op.outputs, op.name, mode=mode,
             coordinate_transformation_mode=coordinates, cubic_coeff_a=cubic, exclude_outside=outside,
             nearest_mode=op.get("rounding", "round_prefer_floor") if mode == "nearest" else None)  # fmt: skip


def _gather(ctx: Context, op: Op) -> None:
    ctx.node("Gather", op.inputs[:2], op.outputs, op.name, axis=op.get("axis", 0))


def _cast(ctx: Context, op: Op) -> None:
    to = op.get("to", "fp32")
    if to not in DTYPES:
        raise Unsupported(f"cast to {to}")
    ctx.node("Cast", [op.input(0)], op.outputs, op.name, to=DTYPES[to])


def _expand(ctx: Context, op: Op) -> None:
    shape = ctx.integers(f"{op.name}/shape", list(op.get("shape", [])))
    ctx.node("Expand", [op.input(0), shape], op.outputs, op.name)


def _tile(ctx: Context, op: Op) -> None:
    repeats = ctx.integers(f"{op.name}/repeats", list(op.get("repeats", [])))
    ctx.node("Tile", [op.input(0), repeats], op.outputs, op.name)


def _top_k(ctx: Context, op: Op) -> None:
    k = ctx.integers(f"{op.name}/k", [int(op.get("k", 1))])
    largest = int(op.get("largest", True))
    ctx.node("TopK", [op.input(0), k], op.outputs, op.name, axis=op.get("axis", -1), largest=largest)


def _scatter(ctx: Context, op: Op) -> None:
    reduction = op.attributes.get("reduction")
    if op.attributes.get("axis") is not None:
        axis = op.attributes["axis"]
        ctx.node("ScatterElements", op.inputs[:3], op.outputs, op.name, axis=axis, reduction=reduction)
        return
    data, indices, updates = (ctx.shape(each) for each in op.inputs[:3])
    if not indices or updates != indices[:-1] + data[indices[-1] :]:
        raise Unsupported("scatter of other shapes than whole coordinates have")
    ctx.node("ScatterND", op.inputs[:3], op.outputs, op.name, reduction=reduction)


def _cum_sum(ctx: Context, op: Op) -> None:
    axis = ctx.integers(f"{op.name}/axis", int(op.get("axis", 0)))
    ctx.node("CumSum", [op.input(0), axis], op.outputs, op.name, exclusive=int(op.get("exclusive", False)),
             reverse=int(op.get("reverse", False)))  # fmt: skip


HANDLERS: dict[str, Handler] = {
    "concat": _concat,
    "split": _split,
    "slice": _slice,
    "transpose": _transpose,
    "reshape": _reshape,
    "pad": _pad,
    "resize": _resize,
    "gather": _gather,
    "cast": _cast,
    "expand": _expand,
    "tile": _tile,
    "top_k": _top_k,
    "scatter": _scatter,
    "cum_sum": _cum_sum,
}
