# SPDX-License-Identifier: Apache-2.0
"""Conversions between floating point and quantised tensors."""

from __future__ import annotations

from typing import Any

from onnx import TensorProto

from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import MICROSOFT, Node, handles
from chipcast.importers.onnx.quantized import UNSIGNED, parameters_of
from chipcast.importers.onnx.tensors import dtype_name


def parameters(c: Context, node: Node, scale: int = 1, zero_point: int = 2) -> dict[str, Any] | None:
    """Scale and zero point of two inputs, where they are known and per tensor or per channel."""
    c.quantized.check_zero_point(node, zero_point)
    return parameters_of(c.value(node, scale), c.value(node, zero_point), node.int("axis", 1))


def quantize_linear(c: Context, node: Node) -> None:
    node.need(2)
    if node.int("output_dtype") == TensorProto.UINT16:
        c.b.differs(node.place, UNSIGNED)
    if node.has(2):
        dtype = c.type(node, 2).dtype
    else:
        dtype = dtype_name(node.int("output_dtype"), node.place) if node.int("output_dtype") else "uint8"
    c.quantized.quantize(node, c.x(node), dtype, parameters(c, node))


def dequantize_linear(c: Context, node: Node) -> None:
    node.need(2)
    c.quantized.dequantize(node, c.x(node), c.type(node, 1).dtype, parameters(c, node))


for _domain in ("", MICROSOFT):
    handles("QuantizeLinear", domain=_domain)(quantize_linear)
    handles("DequantizeLinear", domain=_domain)(dequantize_linear)


@handles("DynamicQuantizeLinear")
def dynamic_quantize(c: Context, node: Node) -> None:
    """Scale and zero point come from the extremes of the data."""
    node.need(1, 1)
    c.b.differs(node.place, "quantises with a scale that depends on the data")
    x = c.x(node)
    c.b.cast(x, "uint8", node.outputs[0], name=node.name, place=node.place)
    if node.wants(1):
        c.b.op("reduce", [x], node.outputs[1], name=f"{node.name}/max", place=node.place, function="max",
               keep_dims=False)  # fmt: skip
    if node.wants(2):
        least = c.part(node, "reduce", [x], "min", function="min", keep_dims=False)
        c.b.cast(least, "uint8", node.outputs[2], name=f"{node.name}/zero_point", place=node.place)
