# SPDX-License-Identifier: Apache-2.0
"""Operators that take scales and zero points as inputs and work on quantised tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.conv import check_kernel, window
from chipcast.importers.onnx.matrix import transposes
from chipcast.importers.onnx.node import MICROSOFT, Node, handles
from chipcast.importers.onnx.quantized import parameters_of

UNARY = {"QLinearSigmoid": ("sigmoid", None), "QLinearLeakyRelu": ("leaky_relu", 0.01)}
BINARY = {"QLinearAdd": "add", "QLinearMul": "mul"}


def emit(
    c: Context, node: Node, kind: str, inputs: Sequence[str], scale: int, zero_point: int, **attributes: Any
) -> None:
    """The operator with the format and the quantisation of its output."""
    y = c.emit(node, kind, inputs, outputs=1, **attributes)[0]
    c.quantized.check_zero_point(node, zero_point)
    dtype = c.type(node, zero_point).dtype if node.has(zero_point) else c.type(node).dtype
    parameters = parameters_of(c.value(node, scale), c.value(node, zero_point), node.int("axis", 1))
    if y in c.b.tensors:
        c.b.retype(y, dtype, c.quantized.known(node, parameters, c.b.shape(y)))


def weighted(c: Context, node: Node, position: int, axis: int) -> str:
    """A stored operand with its quantisation (scale and zero point follow it) written down."""
    name = c.b.declared(c.x(node, position), node.place)
    tensor = c.b.tensors[name]
    c.quantized.check_zero_point(node, position + 2)
    found = parameters_of(c.value(node, position + 1), c.value(node, position + 2), axis)
    known = c.quantized.known(node, found, tensor.type.shape)
    if tensor.quantization and tensor.quantization != known:
        c.b.differs(node.place, "reads a quantised tensor with another scale than it was written with")
    tensor.quantization = tensor.quantization or known
    return name


@handles("QLinearConv")
def conv(c: Context, node: Node) -> None:
    node.need(8)
    weight = weighted(c, node, 3, 0)
    check_kernel(c, node, weight)
    inputs = [weighted(c, node, 0, 1), weight, *([c.x(node, 8)] if node.has(8) else [])]
    emit(c, node, "conv", inputs, 6, 7, groups=node.int("group", 1), **window(node))


@handles("QLinearMatMul")
def matmul(c: Context, node: Node) -> None:
    node.need(8)
    emit(c, node, "matmul", [weighted(c, node, 0, -2), weighted(c, node, 3, -1)], 6, 7)


@handles("QGemm", domain=MICROSOFT)
def gemm(c: Context, node: Node) -> None:
    """Inputs: a, b (each with scale and zero point), c, scale and zero point of y (absent: fp32)."""
    node.need(6)
    if node.float("alpha", 1.0) != 1.0:
        c.b.differs(node.place, f"scales its product by alpha {node.float('alpha', 1.0)}")
    by_channel = 0 if node.int("transB") else 1
    inputs = [
        weighted(c, node, 0, 0),
        weighted(c, node, 3, by_channel),
        *([c.x(node, 6)] if node.has(6) else []),
    ]
    if node.has(7):
        emit(c, node, "gemm", inputs, 7, 8, **transposes(node))
    else:
        c.b.retype(c.emit(node, "gemm", inputs, outputs=1, **transposes(node))[0], "fp32")


@handles(*BINARY, domain=MICROSOFT)
def binary(c: Context, node: Node) -> None:
    node.need(7)
    inputs = [weighted(c, node, 0, 1), weighted(c, node, 3, 1)]
    emit(c, node, "binary", inputs, 6, 7, function=BINARY[node.op_type])


@handles(*UNARY, domain=MICROSOFT)
def unary(c: Context, node: Node) -> None:
    node.need(4)
    function, alpha = UNARY[node.op_type]
    extra = {} if alpha is None else {"alpha": node.float("alpha", alpha)}
    emit(c, node, "unary", [weighted(c, node, 0, 1)], 3, 4, function=function, **extra)


@handles("QLinearSoftmax", domain=MICROSOFT)
def softmax(c: Context, node: Node) -> None:
    node.need(4)
    emit(c, node, "softmax", [weighted(c, node, 0, 1)], 3, 4, axis=node.int("axis", -1))


@handles("QLinearAveragePool", domain=MICROSOFT)
def average_pool(c: Context, node: Node) -> None:
    node.need(4)
    layout = "nhwc" if node.int("channels_last") else "nchw"
    emit(c, node, "pool", [weighted(c, node, 0, 1)], 3, 4, function="avg", kernel=node.ints("kernel_shape"),
         layout=layout, ceil_mode=bool(node.int("ceil_mode")), count_include_pad=bool(node.int("count_include_pad")),
         **window(node))  # fmt: skip


@handles("QLinearGlobalAveragePool", domain=MICROSOFT)
def global_average_pool(c: Context, node: Node) -> None:
    node.need(4)
    layout = "nhwc" if node.int("channels_last") else "nchw"
    emit(c, node, "pool", [weighted(c, node, 0, 1)], 3, 4, function="avg", layout=layout, **{"global": True})


@handles("QLinearConcat", domain=MICROSOFT)
def concat(c: Context, node: Node) -> None:
    """Inputs: scale and zero point of y, then each tensor with its own."""
    node.need(5)
    names = [weighted(c, node, position, 1) for position in range(2, len(node.inputs) - 2, 3)]
    emit(c, node, "concat", names, 0, 1, axis=node.int("axis"))
