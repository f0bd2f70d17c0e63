# SPDX-License-Identifier: Apache-2.0
"""Small ONNX and TFLite models for the tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import numpy as np
import tflite
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT


def onnx_model(
    nodes: Sequence[NodeProto],
    inputs: dict[str, Sequence[Any]],
    outputs: Sequence[str],
    weights: dict[str, np.ndarray] | None = None,
    opset: int = 17,
    dtype: int = FLOAT,
    domains: Sequence[str] = (),
) -> ModelProto:
    """A model whose outputs have no declared shapes."""
    graph = helper.make_graph(
        list(nodes),
        "test",
        [helper.make_tensor_value_info(name, dtype, shape) for name, shape in inputs.items()],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in (weights or {}).items()],
    )
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    return helper.make_model(graph, opset_imports=imports)


@dataclass
class TfliteTensor:
    name: str
    shape: Sequence[int]
    type: int = tflite.TensorType.FLOAT32
    data: np.ndarray | None = None
    scales: Sequence[float] = ()
    zeros: Sequence[int] = ()
    axis: int = 0


@dataclass
class TfliteOp:
    code: int
    inputs: Sequence[int]
    outputs: Sequence[int]
    options: tuple[str, dict[str, int]] | None = None
    custom: tuple[str, bytes] | None = None


@dataclass
class TfliteModel:
    """Writes a flatbuffer with the writers that come with the tflite package."""

    tensors: Sequence[TfliteTensor]
    ops: Sequence[TfliteOp]
    inputs: Sequence[int]
    outputs: Sequence[int]
    b: flatbuffers.Builder = field(default_factory=lambda: flatbuffers.Builder(1024))

    def bytes(self) -> bytes:
        buffers = [self.table("Buffer")] + [
            self.table("Buffer", Data=self.b.CreateNumpyVector(np.frombuffer(t.data.tobytes(), np.uint8)))
            for t in self.tensors
            if t.data is not None
        ]
        tensors = self.tables([self.tensor(t, i) for i, t in enumerate(self.tensors)])
        codes = self.tables([self.code(op) for op in self.ops])
        ops = self.tables([self.op(op, i) for i, op in enumerate(self.ops)])
        graph = self.table(
            "SubGraph",
            Tensors=tensors,
            Inputs=self.ints(self.inputs),
            Outputs=self.ints(self.outputs),
            Operators=ops,
        )
        model = self.table(
            "Model",
            Version=3,
            OperatorCodes=codes,
            Subgraphs=self.tables([graph]),
            Buffers=self.tables(buffers),
        )
        self.b.Finish(model, b"TFL3")
        return bytes(self.b.Output())

    def table(self, kind: str, **fields: int) -> int:
        getattr(tflite, f"{kind}Start")(self.b)
        for name, value in fields.items():
            getattr(tflite, f"{kind}Add{name}")(self.b, value)
        return getattr(tflite, f"{kind}End")(self.b)

    def ints(self, values: Sequence[int]) -> int:
        return self.b.CreateNumpyVector(np.array(values, dtype=np.int32))

    def tables(self, offsets: Sequence[int]) -> int:
        self.b.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            self.b.PrependUOffsetTRelative(offset)
        return self.b.EndVector()

    def tensor(self, tensor: TfliteTensor, index: int) -> int:
        stored = sum(t.data is not None for t in self.tensors[: index + 1])
        fields = {
            "Shape": self.ints(tensor.shape),
            "Type": tensor.type,
            "Buffer": stored if tensor.data is not None else 0,
            "Name": self.b.CreateString(tensor.name),
        }
        if tensor.scales:
            scale = self.b.CreateNumpyVector(np.array(tensor.scales, dtype=np.float32))
            zero = self.b.CreateNumpyVector(np.array(tensor.zeros or [0] * len(tensor.scales), dtype=np.int64))
            fields["Quantization"] = self.table(
                "QuantizationParameters", Scale=scale, ZeroPoint=zero, QuantizedDimension=tensor.axis
            )
        return self.table("Tensor", **fields)

    def code(self, op: TfliteOp) -> int:
        fields = {"DeprecatedBuiltinCode": min(op.code, 127), "BuiltinCode": op.code}
        if op.custom:
            fields["CustomCode"] = self.b.CreateString(op.custom[0])
        return self.table("OperatorCode", **fields)

    def op(self, op: TfliteOp, index: int) -> int:
        fields = {"OpcodeIndex": index, "Inputs": self.ints(op.inputs), "Outputs": self.ints(op.outputs)}
        if op.options:
            kind, values = op.options
            fields["BuiltinOptionsType"] = getattr(tflite.BuiltinOptions, kind)
            fields["BuiltinOptions"] = self.table(kind, **values)
        if op.custom:
            fields["CustomOptions"] = self.b.CreateNumpyVector(np.frombuffer(op.custom[1], np.uint8))
        return self.table("Operator", **fields)
