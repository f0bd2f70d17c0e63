# SPDX-License-Identifier: Apache-2.0
"""QuantizeLinear and DequantizeLinear around operators: where both sides of an operator are quantised, it runs on
the quantised tensors themselves, as runtimes do; elsewhere the conversions stay, as casts."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import GraphProto, NodeProto

from chipcast.importers.builder import Builder
from chipcast.importers.dtypes import is_float
from chipcast.importers.onnx.node import Node
from chipcast.importers.onnx.order import reads

QUANTIZE, DEQUANTIZE = "QuantizeLinear", "DequantizeLinear"
ACTIVATIONS = {"Relu", "LeakyRelu", "PRelu", "Clip", "Sigmoid", "Tanh", "HardSwish", "HardSigmoid"}
# Operators that read stored quantised weights as they are and give floating point.
WEIGHTED = {"Conv", "ConvTranspose", "Gemm", "MatMul", "Gather", "LSTM", "GRU", "RNN"}
NOT_STORED = "has a scale that is computed at run time or counts for blocks"
UNSIGNED = "gives uint16, which the graph holds as int16"
INTEGERS = ("int8", "uint8", "int16", "int4", "uint4", "int32")


class Quantized:
    """Knows the readers of each tensor and which tensors stand for a dequantised one."""

    def __init__(self, graph: GraphProto, builder: Builder) -> None:
        self.b = builder
        self.readers: dict[str, list[NodeProto]] = {}
        for node in graph.node:
            for name in reads(node):
                self.readers.setdefault(name, []).append(node)
        self.outputs = {output.name for output in graph.output}
        self.dequantized: dict[str, tuple[str, str, str]] = {}
        """Output of a DequantizeLinear -> the quantised tensor, the wanted format, the node's name."""
        self.floats: dict[str, str] = {}

    def enter(self, node: Node) -> None:
        """Decides whether the node runs on quantised tensors."""
        if not self.dequantized or node.op_type in (QUANTIZE, DEQUANTIZE):
            return
        given = [name for name in node.inputs if name and not self.b.is_parameter(self.source(name))]
        node.unit = (
            any(name in self.dequantized for name in given)
            and all(name in self.dequantized or not is_float(self.b.type(name).dtype) for name in given)
            and all(self.is_quantized_next(name) for name in node.outputs if name)
        )

    def is_quantized_next(self, name: str, after_activation: bool = False) -> bool:
        """Only QuantizeLinear reads the tensor, or only an activation whose result only QuantizeLinear reads."""
        readers = self.readers.get(name, [])
        if not readers or name in self.outputs:
            return False
        if all(reader.op_type == QUANTIZE and reader.input[0] == name for reader in readers):
            return True
        one = readers[0] if len(readers) == 1 and not after_activation else None
        return one is not None and one.op_type in ACTIVATIONS and self.is_quantized_next(one.output[0], True)

    def leave(self, node: Node) -> None:
        """Says in the history that a node was changed; stored weights that were quantised give floats again."""
        if node.unit:
            self.b.note(
                "quantize", node.name, "runs on quantised tensors; the conversions around it are left out"
            )
        elif self.dequantized and node.op_type in WEIGHTED:
            formats = [self.dequantized[name][1] for name in node.inputs if name in self.dequantized]
            for name in node.outputs:
                if formats and name in self.b.tensors and self.b.type(name).dtype in INTEGERS:
                    self.b.retype(name, formats[0])

    def source(self, name: str) -> str:
        """The quantised tensor behind a name, where there is one."""
        return self.dequantized[name][0] if name in self.dequantized else name

    def read(self, node: Node, name: str) -> str:
        """The tensor that a node reads: quantised, or converted by a cast that all such readers share."""
        if name not in self.dequantized:
            return name
        source, dtype, origin = self.dequantized[name]
        if node.unit or (node.op_type in WEIGHTED and self.b.is_parameter(source)):
            return source
        if name not in self.floats:
            self.floats[name] = self.b.cast(source, dtype, name, name=origin, place=node.place)
        return self.floats[name]

    def dequantize(self, node: Node, x: str, dtype: str, parameters: dict[str, Any] | None) -> None:
        """`parameters` are scale and zero point, as far as they are known."""
        output = node.outputs[0]
        self.dequantized[output] = (x, dtype, node.name)
        tensor = self.b.tensors[self.b.declared(x, node.place)]
        known = self.known(node, parameters, tensor.type.shape)
        if not tensor.quantization:
            tensor.quantization = known
        elif tensor.quantization != known:
            self.b.differs(node.place, "reads a quantised tensor with another scale than it was written with")
        if output in self.outputs:
            self.floats[output] = self.b.cast(x, dtype, output, name=node.name, place=node.place)

    def quantize(self, node: Node, x: str, dtype: str, parameters: dict[str, Any] | None) -> None:
        """The tensor itself where its producer runs quantised; else a conversion while the network runs."""
        resolved = self.b.resolve(x)
        tensor = self.b.tensors.get(resolved)
        if tensor is not None and not tensor.parameter and not is_float(tensor.type.dtype):
            known = self.known(node, parameters, tensor.type.shape)
            if not tensor.quantization:
                self.b.retype(resolved, dtype, known)
            elif tensor.quantization != known:
                self.b.differs(node.place, "is the second quantisation of a tensor that the graph has once")
            if self.b.type(resolved).dtype == dtype:
                self.b.alias(node.outputs[0], resolved)
                return
        y = self.b.cast(x, dtype, node.outputs[0], name=node.name, place=node.place)
        if y in self.b.tensors:
            self.b.tensors[y].quantization = self.known(node, parameters, self.b.shape(y))

    def check_zero_point(self, node: Node, position: int) -> None:
        """One that is not among the small constants counts as 0, a wide unsigned one as signed."""
        if not node.has(position):
            return
        if self.b.type(node.inputs[position]).dtype == "int16":
            value = self.b.value(node.inputs[position])
            if value is None or value.dtype == np.uint16:
                self.b.differs(node.place, UNSIGNED)
        stored = self.b.content(node.inputs[position])
        if stored is None or (self.b.value(node.inputs[position]) is None and stored.astype(np.int64).any()):
            self.b.differs(node.place, "has a zero point that the graph does not keep")

    def known(
        self, node: Node, parameters: dict[str, Any] | None, shape: tuple[int, ...]
    ) -> dict[str, Any] | None:
        """The parameters where they fit the shape."""
        found = fitting(parameters, shape)
        if found is None:
            self.b.differs(node.place, NOT_STORED)
        return found


def fitting(parameters: dict[str, Any] | None, shape: tuple[int, ...]) -> dict[str, Any] | None:
    """The parameters where they fit the shape; blocked quantisation has no form in the document."""
    if not parameters:
        return None
    axis = parameters.get("axis")
    if axis is None:
        return parameters
    rank = len(shape)
    if not -rank <= axis < rank or shape[axis] != len(parameters["scales"]):
        return None
    return {**parameters, "axis": axis % rank}


def parameters_of(
    scale: np.ndarray | None, zero_point: np.ndarray | None, axis: int
) -> dict[str, Any] | None:
    """Scale and zero point as the document writes them; None where they are not known or not finite."""
    if scale is None or scale.size == 0 or scale.ndim > 1 or not np.isfinite(scale.astype(np.float64)).all():
        return None
    scales = [float(each) for each in scale.reshape(-1)]
    zeros = [0] * len(scales)
    if zero_point is not None and zero_point.size == scale.size:
        zeros = [int(each) for each in zero_point.reshape(-1)]
    out: dict[str, Any] = {"scales": scales, "zero_points": zeros}
    return out | {"axis": axis} if len(scales) > 1 else out
