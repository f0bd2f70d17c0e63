# SPDX-License-Identifier: Apache-2.0
"""A network in other number formats: the fp32 twin of a quantised one, and floats narrowed operator by operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chipcast.formats import FLOATS, numpy_format
from chipcast.quantization.folding import Document, Parameters
from chipcast.quantization.scales import Scale

_CLAMPS = ("relu", "relu6", "clip")


def scale_of(tensor: Document) -> Scale | None:
    """Of an integer tensor that stands for real numbers."""
    quantization = tensor.get("quantization")
    if not quantization or not quantization.get("scales") or tensor["dtype"] in FLOATS:
        return None
    scales = np.asarray(quantization["scales"], np.float64)
    zeros = np.asarray(quantization.get("zero_points") or [0] * len(scales), np.int64)
    if len(zeros) != len(scales):
        zeros = np.resize(zeros, len(scales))
    axis = quantization.get("axis") if len(scales) > 1 else None
    return Scale(scales, zeros, 8, axis)


def real_values(values: NDArray[Any], tensor: Document) -> NDArray[np.float64]:
    """What stored values stand for."""
    scale = scale_of(tensor)
    if scale is None:
        return np.asarray(values, np.float64)
    shape = [] if scale.axis is None else [-1 if i == scale.axis else 1 for i in range(values.ndim)]
    real: NDArray[np.float64] = scale.scales.reshape(shape) * (
        values.astype(np.int64) - scale.zero_points.reshape(shape)
    )
    return real


def is_quantized(graph: Document) -> bool:
    """Some activation has integers that stand for real numbers."""
    return any(scale_of(tensor) and not tensor.get("parameter") for tensor in graph["tensors"].values())


def float_twin(graph: Document, parameters: Parameters) -> tuple[Document, Parameters]:
    """The same network in fp32 with the values that its integers stand for; casts between them copy."""
    quantized = {name for name, tensor in graph["tensors"].items() if scale_of(tensor)}
    tensors = {
        name: {**_without_scale(tensor), "dtype": "fp32"} if name in quantized else tensor
        for name, tensor in graph["tensors"].items()
    }
    values = {
        name: real_values(value, graph["tensors"][name]).astype(np.float32) if name in quantized else value
        for name, value in parameters.items()
    }
    ops = []
    for op in graph["ops"]:
        if op["kind"] == "cast" and quantized.intersection([*op["inputs"], *op["outputs"]]):
            op = {**op, "attributes": {**op["attributes"], "to": tensors[op["outputs"][0]]["dtype"]}}
        ops.append(op)
    return {**graph, "tensors": tensors, "ops": ops}, values


def clamped_already(graph: Document) -> set[str]:
    """Tensors whose only reader is a relu or clip with the same scale: their integers saturate where that clamps, so
    that only what comes after it has a counterpart in floats."""
    readers: dict[str, list[Document]] = {}
    for op in graph["ops"]:
        for name in op["inputs"]:
            readers.setdefault(name, []).append(op)
    tensors = graph["tensors"]

    def clamped(name: str, op: Document) -> bool:
        after = tensors[op["outputs"][0]]
        clamps = op["kind"] == "unary" and op["attributes"].get("function") in _CLAMPS
        return clamps and after.get("quantization") == tensors[name].get("quantization")

    return {
        name
        for name, ops in readers.items()
        if len(ops) == 1
        and name not in graph["outputs"]
        and scale_of(tensors[name])
        and clamped(name, ops[0])
    }


def _without_scale(tensor: Document) -> Document:
    return {key: value for key, value in tensor.items() if key != "quantization"}


def narrowed(
    graph: Document, parameters: Parameters, format_of: Callable[[str], str]
) -> tuple[Document, Parameters, dict[str, str]]:
    """Operators of an fp32 network in the formats that `format_of` names for them, casts between them; inputs and
    outputs stay fp32. Last comes where each tensor of the original is found."""
    writer = _Narrowing(graph, parameters)
    for op in graph["ops"]:
        writer.add(op, format_of(str(op["name"])))
    return writer.finish()


class _Narrowing:
    def __init__(self, graph: Document, parameters: Parameters) -> None:
        self._graph, self._parameters = graph, parameters
        self._tensors: dict[str, Any] = {name: graph["tensors"][name] for name in graph["inputs"]}
        self._values: Parameters = {}
        self._ops: list[Document] = []
        self._written = {name: str(graph["tensors"][name]["dtype"]) for name in graph["inputs"]}
        self._names: dict[tuple[str, str], str] = {
            (name, dtype): name for name, dtype in self._written.items()
        }

    def add(self, op: Document, dtype: str) -> None:
        inputs = [self._in(name, dtype) if name else "" for name in op["inputs"]]
        outputs = []
        for name in op["outputs"]:
            kept = (
                dtype
                if self._graph["tensors"][name]["dtype"] == "fp32"
                else self._graph["tensors"][name]["dtype"]
            )
            self._written[name] = kept
            outputs.append(self._declare(name, kept))
        self._ops.append({**op, "inputs": inputs, "outputs": outputs})

    def finish(self) -> tuple[Document, Parameters, dict[str, str]]:
        found = {name: self._names[name, dtype] for name, dtype in self._written.items()}
        for name in self._graph["outputs"]:
            self._in(name, self._graph["tensors"][name]["dtype"])
        return {**self._graph, "tensors": self._tensors, "ops": self._ops}, self._values, found

    def _declare(self, name: str, dtype: str) -> str:
        own = self._graph["tensors"][name]
        shown = name if dtype == own["dtype"] else f"{name}/{dtype}"
        self._tensors[shown] = {**own, "dtype": dtype}
        self._names[name, dtype] = shown
        return shown

    def _in(self, name: str, dtype: str) -> str:
        """The tensor in a format; made by a cast where it is not there yet. Integers stay what they are."""
        own = str(self._graph["tensors"][name]["dtype"])
        if own != "fp32":
            dtype = own
        if (name, dtype) in self._names:
            return self._names[name, dtype]
        shown = self._declare(name, dtype)
        if name in self._parameters:
            value = self._parameters[name]
            self._values[shown] = value.astype(numpy_format(dtype)) if own == "fp32" else value
            return shown
        source = self._names[name, self._written[name]]
        cast = {"inputs": [source], "outputs": [shown], "attributes": {"to": dtype}}
        self._ops.append({"name": f"{name}/to_{dtype}", "kind": "cast", **cast})
        return shown
