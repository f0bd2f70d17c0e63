# SPDX-License-Identifier: Apache-2.0
"""Functions of several tensors, number formats, and nodes that pass their input on."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from chipcast.importers.dtypes import is_float
from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import Node, Unsupported, handles
from chipcast.importers.onnx.tensors import dtype_name

WIDE_UNSIGNED = (TensorProto.UINT16, TensorProto.UINT32, TensorProto.UINT64)
BINARY = {
    "Add": "add", "And": "and", "Div": "div", "Equal": "equal", "Greater": "greater",
    "GreaterOrEqual": "greater_equal", "Less": "less", "LessOrEqual": "less_equal", "Mod": "mod", "Mul": "mul",
    "Or": "or", "Sub": "sub", "Xor": "xor",
}  # fmt: skip
VARIADIC = {"Sum": "add", "Mean": "add", "Max": "max", "Min": "min"}
POWERS = {2.0: "square", 0.5: "sqrt", -1.0: "reciprocal", -0.5: "rsqrt"}


@handles(*BINARY)
def binary(c: Context, node: Node) -> None:
    node.need(2)
    sign = {"fmod": True} if node.op_type == "Mod" and node.int("fmod") else {}
    c.emit(node, "binary", [c.x(node, 0), c.x(node, 1)], function=BINARY[node.op_type], **sign)


@handles("Pow")
def power(c: Context, node: Node) -> None:
    """Powers that are functions of their own become those."""
    node.need(2)
    exponent = c.value(node, 1)
    known = exponent is not None and exponent.size == 1 and float(exponent.reshape(-1)[0])
    if known in POWERS and c.rank(node, 1) <= c.rank(node):
        c.emit(node, "unary", [c.x(node)], function=POWERS[known])
    else:
        y = c.emit(node, "binary", [c.x(node, 0), c.x(node, 1)], function="pow")[0]
        if y in c.b.tensors:
            c.b.retype(y, c.type(node).dtype)


@handles(*VARIADIC)
def variadic(c: Context, node: Node) -> None:
    """A chain of two-sided operators."""
    node.need(len(node.inputs) or 1)
    total = c.x(node)
    for position in range(1, len(node.inputs)):
        total = c.part(node, "binary", [total, c.x(node, position)], node.op_type.lower(),
                       function=VARIADIC[node.op_type])  # fmt: skip
    if node.op_type == "Mean" and len(node.inputs) > 1:
        share = c.b.filled(f"{node.name}/share", [], c.b.type(total).dtype, 1 / len(node.inputs))
        total = c.part(node, "binary", [total, share], "scale", function="mul")
    c.b.alias(node.outputs[0], total)


@handles("Where")
def where(c: Context, node: Node) -> None:
    node.need(3)
    c.emit(node, "where", [c.x(node, position) for position in range(3)])


@handles("Identity", "Dropout")
def same(c: Context, node: Node) -> None:
    node.need(1)
    if node.wants(1):  # the mask of a Dropout, all true
        shape = c.shape(node)
        c.b.add_parameter(node.outputs[1], shape, "bool", values=lambda: np.ones(shape, np.bool_))
    c.b.alias(node.outputs[0], c.x(node))


@handles("Cast")
def cast(c: Context, node: Node) -> None:
    node.need(1)
    if node.int("to") in WIDE_UNSIGNED and is_float(c.type(node).dtype):
        c.b.differs(node.place, "gives unsigned numbers, which the graph holds as signed ones of that width")
    c.emit(node, "cast", [c.x(node)], to=dtype_name(node.int("to"), node.place))


@handles("CastLike")
def cast_like(c: Context, node: Node) -> None:
    node.need(2)
    c.emit(node, "cast", [c.x(node)], to=c.type(node, 1).dtype)


@handles("Trilu")
def trilu(c: Context, node: Node) -> None:
    """A triangle of the last two axes: folded where the input is known, else a choice by a stored mask."""
    node.need(1)
    x, upper = c.x(node), bool(node.int("upper", 1))
    diagonal = c.int(node, 1, "k") if node.has(1) else 0
    shape = c.shape(node)
    if len(shape) < 2:
        node.fail(f"input {shape} has no two axes; export the model again")
    value = c.b.value(x)
    if value is not None:
        c.b.add_value(node.outputs[0], np.triu(value, diagonal) if upper else np.tril(value, diagonal))
        return
    triangle = np.triu if upper else np.tril
    mask = c.b.weight(f"{node.name}/mask", shape[-2:], "bool",
                      lambda: triangle(np.ones(shape[-2:], np.bool_), diagonal))  # fmt: skip
    zero = c.b.filled(f"{node.name}/zero", [], c.type(node).dtype, 0)
    c.emit(node, "where", [mask, x, zero])


@handles("NonZero")
def non_zero(c: Context, node: Node) -> None:
    """Only of constants: otherwise the size of the result depends on the data."""
    node.need(1)
    value = c.value(node, 0)
    if value is None:
        raise Unsupported("NonZero")
    c.b.add_value(node.outputs[0], np.array(np.nonzero(np.atleast_1d(value)), dtype=np.int64))
