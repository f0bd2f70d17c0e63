# SPDX-License-Identifier: Apache-2.0
"""The ONNX graph while it grows: nodes, initializers, fresh names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

DTYPES = {
    "fp64": TensorProto.DOUBLE,
    "fp32": TensorProto.FLOAT,
    "fp16": TensorProto.FLOAT16,
    "bf16": TensorProto.BFLOAT16,
    "int64": TensorProto.INT64,
    "int32": TensorProto.INT32,
    "int16": TensorProto.INT16,
    "int8": TensorProto.INT8,
    "uint8": TensorProto.UINT8,
    "int4": TensorProto.INT4,
    "uint4": TensorProto.UINT4,
    "bool": TensorProto.BOOL,
}
FLOATS = ("fp64", "fp32", "fp16", "bf16")


class Unsupported(Exception):
    """ONNX has no counterpart; the text says of what."""


@dataclass
class Op:
    """One operator of the document. `outputs` may be renamed while fused activations follow."""

    name: str
    kind: str
    inputs: list[str]
    outputs: list[str]
    attributes: Mapping[str, Any]
    fused: Sequence[Mapping[str, Any]]

    def get(self, key: str, default: Any = None) -> Any:
        value = self.attributes.get(key)
        return default if value is None else value

    def input(self, index: int) -> str:
        """Name of an input; empty where it is absent."""
        return self.inputs[index] if index < len(self.inputs) else ""


Handler = Callable[["Context", Op], None]


@dataclass
class Context:
    tensors: dict[str, Mapping[str, Any]]
    opset: int
    values: Callable[[str], np.ndarray]
    """Values of a parameter, by name."""
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    initializers: dict[str, onnx.TensorProto] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)
    _node_names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._taken.update(self.tensors)

    def shape(self, name: str) -> list[int]:
        return list(self.tensors[name]["shape"])

    def dtype(self, name: str) -> str:
        return str(self.tensors[name].get("dtype", "fp32"))

    def is_parameter(self, name: str) -> bool:
        return bool(self.tensors.get(name, {}).get("parameter"))

    def fresh(self, base: str) -> str:
        return _unique(base, self._taken)

    def use(self, name: str) -> str:
        """Name of a tensor that a node reads; a parameter is written down on its first use."""
        if self.is_parameter(name) and name not in self.initializers:
            stored = self.values(name).astype(numpy_dtype(self.dtype(name)), copy=False)
            self.initializers[name] = numpy_helper.from_array(stored, name)
        return name

    def stored(self, base: str, value: np.ndarray) -> str:
        """A new initializer with these values."""
        name = self.fresh(base)
        self.initializers[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def integers(self, base: str, value: Sequence[int] | int) -> str:
        return self.stored(base, np.asarray(value, dtype=np.int64))

    def scalar(self, base: str, value: float, dtype: str) -> str:
        return self.stored(base, np.asarray(value, dtype=numpy_dtype(dtype)))

    def node(
        self, kind: str, inputs: Sequence[str], outputs: Sequence[str], name: str, **attributes: Any
    ) -> None:
        """Adds a node; empty inputs at the end are left out, None attributes too."""
        read = [self.use(each) if each else "" for each in inputs]
        while read and not read[-1]:
            read.pop()
        given = {key: value for key, value in attributes.items() if value is not None}
        self.nodes.append(
            helper.make_node(kind, read, list(outputs), name=_unique(name, self._node_names), **given)
        )

    def step(self, kind: str, inputs: Sequence[str], name: str, **attributes: Any) -> str:
        """A node whose one output is new; returns it."""
        output = self.fresh(name)
        self.node(kind, inputs, [output], name, **attributes)
        return output

    def transposed(self, name: str, perm: Sequence[int], base: str) -> str:
        """The tensor with its axes permuted: a parameter is stored so, anything else goes through a node."""
        if self.is_parameter(name):
            return self.stored(base, np.transpose(self.values(name), perm))
        return self.step("Transpose", [name], base, perm=list(perm))


def numpy_dtype(dtype: str) -> Any:
    return helper.tensor_dtype_to_np_dtype(DTYPES[dtype])


def _unique(base: str, taken: set[str]) -> str:
    name, count = base, 1
    while name in taken:
        count += 1
        name = f"{base}.{count}"
    taken.add(name)
    return name
