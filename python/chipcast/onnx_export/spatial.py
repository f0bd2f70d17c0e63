# SPDX-License-Identifier: Apache-2.0
"""Operators with a layout: ONNX knows channels first only, so channels-last ones go between two transposes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chipcast.onnx_export.context import Context, Handler, Op, Unsupported

_AUTO_PAD = {"same_upper": "SAME_UPPER", "same_lower": "SAME_LOWER", "valid": "VALID"}
_POOLS = {"max": "MaxPool", "avg": "AveragePool", "lp": "LpPool"}


def _channels_last(op: Op) -> bool:
    return bool(op.get("layout", "nchw") == "nhwc")


def _to_front(rank: int) -> list[int]:
    """Permutation N,spatial,C -> N,C,spatial."""
    return [0, rank - 1, *range(1, rank - 1)]


def _to_back(rank: int) -> list[int]:
    return [0, *range(2, rank), 1]


def _around(ctx: Context, op: Op, body: Callable[[str, str], None]) -> None:
    """Runs `body(x, y)` with names of channels-first tensors."""
    x, y = op.input(0), op.outputs[0]
    if not _channels_last(op):
        body(x, y)
        return
    rank = len(ctx.shape(x))
    inner = ctx.fresh(f"{op.name}/nchw_output")
    body(ctx.transposed(x, _to_front(rank), f"{op.name}/nchw_input"), inner)
    ctx.node("Transpose", [inner], [y], f"{op.name}/nhwc_output", perm=_to_back(rank))


def _window(op: Op, spatial: int, *, dilations: bool = True) -> dict[str, Any]:
    """The attributes that all windows share."""
    pads = list(op.get("pads", []))
    if any(pad < 0 for pad in pads):
        raise Unsupported("negative padding")
    mode = op.get("pad_mode", "explicit")
    out: dict[str, Any] = {"strides": list(op.get("strides", [])) or [1] * spatial}
    if dilations:
        out["dilations"] = list(op.get("dilations", [])) or [1] * spatial
    if mode in _AUTO_PAD:
        out["auto_pad"] = _AUTO_PAD[mode]
    else:
        out["pads"] = pads or [0] * (2 * spatial)
    return out


def _kernel(ctx: Context, op: Op) -> list[int]:
    shape = ctx.shape(op.input(1))
    return shape[1:-1] if _channels_last(op) else shape[2:]


def _conv(ctx: Context, op: Op) -> None:
    kernel = _kernel(ctx, op)
    weight = op.input(1)
    if _channels_last(op):
        weight = ctx.transposed(weight, _to_front(len(kernel) + 2), f"{op.name}/nchw_weight")
    attributes = {"group": op.get("groups", 1), "kernel_shape": kernel, **_window(op, len(kernel))}
    _around(ctx, op, lambda x, y: ctx.node("Conv", [x, weight, op.input(2)], [y], op.name, **attributes))


def _conv_transpose(ctx: Context, op: Op) -> None:
    kernel = _kernel(ctx, op)
    weight = op.input(1)
    if _channels_last(op):  # O/groups,spatial,I -> I,O/groups,spatial
        last = len(kernel) + 1
        weight = ctx.transposed(weight, [last, *range(last)], f"{op.name}/nchw_weight")
    attributes = {"group": op.get("groups", 1), "kernel_shape": kernel, **_window(op, len(kernel))}
    for key in ("output_padding", "output_shape"):
        if op.get(key, []):
            attributes[key] = list(op.get(key))
    if "output_shape" in attributes:
        attributes.pop("pads", None)
    _around(
        ctx, op, lambda x, y: ctx.node("ConvTranspose", [x, weight, op.input(2)], [y], op.name, **attributes)
    )


def _pool(ctx: Context, op: Op) -> None:
    function = op.get("function", "max")
    kind = _POOLS[function]
    exponent = {"p": op.get("p")} if function == "lp" and op.get("p") is not None else {}
    if op.get("global", False):
        if len(op.outputs) > 1:
            raise Unsupported("global pool with indices")
        _around(ctx, op, lambda x, y: ctx.node(f"Global{kind}", [x], [y], op.name, **exponent))
        return
    kernel = list(op.get("kernel", []))
    if len(op.outputs) > 1 and _channels_last(op):
        raise Unsupported("channels-last max pool with indices")
    dilated = any(d != 1 for d in op.get("dilations", []))
    attributes = {"kernel_shape": kernel, **_window(op, len(kernel), dilations=dilated or function == "max")}
    attributes.update(exponent)
    if op.get("ceil_mode", False):
        attributes["ceil_mode"] = 1
    if function == "avg" and op.get("count_include_pad", False):
        attributes["count_include_pad"] = 1
    more = op.outputs[1:]
    _around(ctx, op, lambda x, y: ctx.node(kind, [x], [y, *more], op.name, **attributes))


def _batch_norm(ctx: Context, op: Op) -> None:
    epsilon = op.get("epsilon", 1e-5)
    # The channels of a matrix are its last axis either way.
    if _channels_last(op) and len(ctx.shape(op.input(0))) > 2:
        _around(ctx, op, lambda x, y: ctx.node(
            "BatchNormalization", [x, *op.inputs[1:5]], [y], op.name, epsilon=epsilon))  # fmt: skip
        return
    ctx.node("BatchNormalization", op.inputs[:5], op.outputs[:1], op.name, epsilon=epsilon)


def _space_depth(ctx: Context, op: Op) -> None:
    kind = "SpaceToDepth" if op.get("to_depth", False) else "DepthToSpace"
    order = {"mode": "CRD"} if op.get("column_row_depth", False) else {}
    if order and kind == "SpaceToDepth":
        raise Unsupported("space to depth with the block's place first")
    _around(ctx, op, lambda x, y: ctx.node(kind, [x], [y], op.name, blocksize=op.get("block", 2), **order))


def _channel_shuffle(ctx: Context, op: Op) -> None:
    """Channels as a matrix groups x rest, transposed."""
    shape = ctx.shape(op.input(0))
    axis = len(shape) - 1 if _channels_last(op) else 1
    groups = int(op.get("groups", 1))
    split = [*shape[:axis], groups, shape[axis] // groups, *shape[axis + 1 :]]
    perm = list(range(len(split)))
    perm[axis], perm[axis + 1] = axis + 1, axis
    x = ctx.step("Reshape", [op.input(0), ctx.integers(f"{op.name}/groups", split)], f"{op.name}/split")
    x = ctx.step("Transpose", [x], f"{op.name}/transpose", perm=perm)
    ctx.node("Reshape", [x, ctx.integers(f"{op.name}/shape", shape)], op.outputs, op.name)


HANDLERS: dict[str, Handler] = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "pool": _pool,
    "batch_norm": _batch_norm,
    "space_depth": _space_depth,
    "channel_shuffle": _channel_shuffle,
}
