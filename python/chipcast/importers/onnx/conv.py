# SPDX-License-Identifier: Apache-2.0
"""Convolutions and pools."""

from __future__ import annotations

from typing import Any

from chipcast.importers.onnx.activation import MERGED
from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import MICROSOFT, Node, handles

PAD_MODES = {"NOTSET": "explicit", "": "explicit", "SAME_UPPER": "same_upper", "SAME_LOWER": "same_lower",
             "VALID": "valid"}  # fmt: skip
POOLS = {"MaxPool": "max", "AveragePool": "avg", "LpPool": "lp"}
GLOBAL_POOLS = {"GlobalMaxPool": "max", "GlobalAveragePool": "avg", "GlobalLpPool": "lp"}


def window(node: Node) -> dict[str, Any]:
    """Strides, dilations and padding; pads count only where auto_pad does not compute them."""
    auto_pad = node.text("auto_pad", "NOTSET")
    if auto_pad not in PAD_MODES:
        node.fail(f"auto_pad {auto_pad!r} is not known; use one of {', '.join(filter(None, PAD_MODES))}")
    mode = PAD_MODES[auto_pad]
    out: dict[str, Any] = {
        "strides": node.ints("strides"),
        "dilations": node.ints("dilations"),
        "pad_mode": mode,
    }
    return out | {"pads": node.ints("pads")} if mode == "explicit" else out


def check_kernel(c: Context, node: Node, weight: str) -> None:
    """kernel_shape repeats what the weight's shape says."""
    given, shape = node.ints("kernel_shape"), c.b.shape(weight)
    if given and tuple(given) != shape[2:]:
        node.fail(f"kernel_shape {given} differs from the weight's {list(shape[2:])}; export the model again")


def operands(c: Context, node: Node) -> list[str]:
    """x, weight and the bias where there is one."""
    node.need(2)
    return [c.x(node, position) for position in range(3) if position < 2 or node.has(position)]


@handles("Conv")
def conv(c: Context, node: Node) -> None:
    inputs = operands(c, node)
    check_kernel(c, node, inputs[1])
    c.emit(node, "conv", inputs, outputs=1, groups=node.int("group", 1), **window(node))


@handles("ConvTranspose")
def conv_transpose(c: Context, node: Node) -> None:
    inputs = operands(c, node)
    check_kernel(c, node, inputs[1])
    rank = max(c.rank(node) - 2, 1)
    c.emit(node, "conv_transpose", inputs, outputs=1, groups=node.int("group", 1), **window(node),
           output_padding=node.ints("output_padding"), output_shape=node.ints("output_shape")[-rank:])  # fmt: skip


@handles("ConvInteger")
def conv_integer(c: Context, node: Node) -> None:
    node.need(2)
    weight = c.x(node, 1)
    check_kernel(c, node, weight)
    plain_integers(c, node)
    y = c.emit(node, "conv", [c.x(node), weight], groups=node.int("group", 1), **window(node))[0]
    c.b.retype(y, "int32")


def plain_integers(c: Context, node: Node) -> None:
    """The graph multiplies integers as they are: zero points (inputs 2 and 3) must be 0."""
    for position in (2, 3):
        zero = c.value(node, position)
        if node.has(position) and (zero is None or zero.any()):
            c.b.differs(node.place, "takes a zero point off its operands before it multiplies them")


@handles("FusedConv", domain=MICROSOFT)
def fused_conv(c: Context, node: Node) -> None:
    """A convolution, what is added to it (Z), and its activation."""
    inputs = operands(c, node)
    y = c.part(node, "conv", inputs, "conv", groups=node.int("group", 1), **window(node))
    if node.has(3):
        y = c.b.binary("add", y, c.x(node, 3), name=f"{node.name}/add", place=node.place)
    activate(c, node, y)


def activate(c: Context, node: Node, y: str) -> None:
    """The activation that runtimes have merged into a node."""
    kind = node.text("activation")
    if kind not in MERGED:
        node.fail(f"activation {kind!r} is not known; use one of {', '.join(filter(None, MERGED))}")
    function, names = MERGED[kind]
    if function is None:
        c.b.alias(node.outputs[0], y)
        return
    values = dict(zip(names, node.floats("activation_params"), strict=False))
    c.b.unary(function, y, node.outputs[0], name=node.name, place=node.place, **values)


@handles(*POOLS)
def pool(c: Context, node: Node) -> None:
    node.need(1)
    kernel = node.ints("kernel_shape")
    if not kernel:
        node.fail("attribute kernel_shape is missing; export the model again")
    c.emit(node, "pool", [c.x(node)], function=POOLS[node.op_type], kernel=kernel, **window(node),
           ceil_mode=bool(node.int("ceil_mode")), count_include_pad=bool(node.int("count_include_pad")),
           **norm_exponent(c, node))  # fmt: skip


def norm_exponent(c: Context, node: Node) -> dict[str, int]:
    if len(node.outputs) > 1 and node.int("storage_order"):
        c.b.differs(node.place, "counts indices column by column (storage_order 1)")
    return {"p": node.int("p", 2)} if "LpPool" in node.op_type else {}


@handles(*GLOBAL_POOLS)
def global_pool(c: Context, node: Node) -> None:
    node.need(1)
    c.emit(node, "pool", [c.x(node)], function=GLOBAL_POOLS[node.op_type], **{"global": True},
           **norm_exponent(c, node))  # fmt: skip


@handles("CausalConvWithState")
def causal_conv(c: Context, node: Node) -> None:
    """A depthwise convolution over what came before (the state, or zeros) and the new steps."""
    node.need(2)
    x, weight = c.x(node), c.x(node, 1)
    if c.rank(node) != 3 or c.rank(node, 1) != 3:
        node.fail(
            f"input {c.shape(node)} and weight {c.shape(node, 1)} must have 3 axes each; correct the model"
        )
    before = c.b.shape(weight)[-1] - 1
    if before and node.has(3):
        x = c.part(node, "concat", [c.x(node, 3), x], "steps", axis=2)
    elif before:
        x = c.part(node, "pad", [x], "steps", pads=[0, 0, before, 0, 0, 0])
    inputs = [x, weight, *([c.x(node, 2)] if node.has(2) else [])]
    y = c.part(node, "conv", inputs, "conv", groups=c.shape(node)[1])
    activation = node.text("activation", "none")
    if activation == "none":
        c.b.alias(node.outputs[0], y)
    else:
        function = "swish" if activation in ("silu", "swish") else activation
        c.b.unary(function, y, node.outputs[0], name=node.name, place=node.place)
    if node.wants(1) and before:
        length = c.b.shape(x)[2]
        c.b.op("slice", [x], node.outputs[1], name=f"{node.name}/state", place=node.place, starts=[length - before],
               ends=[length], axes=[2])  # fmt: skip
    elif node.wants(1):
        c.add_empty(node, node.outputs[1], [*c.shape(node)[:2], 0])
