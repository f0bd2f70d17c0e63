# SPDX-License-Identifier: Apache-2.0
"""Graphs of one operator: what is calibrated with, and what is predicted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Tensor = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One operator of one shape."""

    name: str
    graph: dict[str, Any] = field(repr=False, compare=False)
    key: str = ""
    """Everything but the name; equal keys are equal work."""

    @property
    def graph_json(self) -> str:
        return json.dumps(self.graph)


def _tensor(shape: Sequence[int], dtype: str, parameter: bool = False, channels: int = 0) -> Tensor:
    tensor: Tensor = {"shape": list(shape), "dtype": dtype}
    if parameter:
        tensor["parameter"] = True
    if dtype in ("int8", "uint8"):
        scale = 0.01 if channels else 0.05
        tensor["quantization"] = (
            {"scales": [scale] * channels, "zero_points": [0] * channels, "axis": 0}
            if channels
            else {"scales": [scale], "zero_points": [3]}
        )
    return tensor


def _case(name: str, op: dict[str, Any], tensors: Mapping[str, Tensor], inputs: Sequence[str]) -> Case:
    graph = {
        "format": "chipcast-graph",
        "version": 1,
        "name": name,
        "tensors": dict(tensors),
        "inputs": list(inputs),
        "outputs": [op["outputs"][0]],
        "ops": [{"name": "op", **op}],
    }
    key = json.dumps(
        [
            op["kind"],
            op.get("attributes", {}),
            sorted((k, v["shape"], v["dtype"]) for k, v in tensors.items()),
        ]
    )
    return Case(name, graph, key)


def after_its_like(case: Case) -> Case:
    """The operator behind another of the same shape with weights of its own: whatever was read before both, the second
    one finds its inputs, its kernel's code and its workspace where a network's operators find theirs, and no weights.
    """
    graph: dict[str, Any] = json.loads(json.dumps(case.graph))
    tensors, op = graph["tensors"], graph["ops"][-1]
    renamed = {
        name: f"{name} before"
        for name in [*op["inputs"], *op["outputs"]]
        if name and (tensors[name].get("parameter") or name in op["outputs"])
    }
    tensors.update({new: dict(tensors[name]) for name, new in renamed.items()})
    before = {
        **op,
        "name": f"{op['name']} before",
        "inputs": [renamed.get(name, name) for name in op["inputs"]],
        "outputs": [renamed[name] for name in op["outputs"]],
    }
    graph["ops"].insert(len(graph["ops"]) - 1, before)
    return Case(case.name, graph, case.key)


def has_weights(case: Case) -> bool:
    """The operator has parameters that pass through the caches."""
    return any(tensor.get("parameter") for tensor in case.graph["tensors"].values())


def conv(
    channels: int,
    out_channels: int,
    size: int,
    kernel: int = 1,
    stride: int = 1,
    *,
    groups: int = 1,
    dtype: str = "fp32",
    width: int = 0,
) -> Case:
    """A convolution of an image of size x (width or size) with padding kernel // 2; channels first in fp32, last in
    int8."""
    pad = kernel // 2
    wide = width or size
    out = [(extent + 2 * pad - kernel) // stride + 1 for extent in (size, wide)]
    kind = "dw" if groups == channels > 1 else "conv"
    name = f"{kind} {kernel}x{kernel}/{stride} {channels}>{out_channels} at {size}x{wide} {dtype}"
    last = dtype != "fp32"  # as TensorFlow Lite has them; floats as ONNX
    taps = [kernel, kernel]
    tensors = {
        "x": _tensor([1, size, wide, channels] if last else [1, channels, size, wide], dtype),
        "w": _tensor(
            [out_channels, *taps, channels // groups] if last else [out_channels, channels // groups, *taps],
            dtype,
            True,
            out_channels,
        ),
        "y": _tensor([1, *out, out_channels] if last else [1, out_channels, *out], dtype),
    }
    names = ["x", "w"]
    if dtype == "fp32":
        tensors["b"] = _tensor([out_channels], "fp32", True)
        names.append("b")
    elif dtype == "int8":
        tensors["b"] = {"shape": [out_channels], "dtype": "int32", "parameter": True}
        names.append("b")
    attributes = {
        "layout": "nhwc" if last else "nchw",
        "strides": [stride, stride],
        "dilations": [],
        "pads": [pad, pad, pad, pad],
        "pad_mode": "explicit",
        "groups": groups,
    }
    op = {"kind": "conv", "inputs": names, "outputs": ["y"], "attributes": attributes}
    return _case(name, op, tensors, ["x"])


def depthwise(channels: int, size: int, kernel: int = 3, stride: int = 1, *, dtype: str = "fp32") -> Case:
    return conv(channels, channels, size, kernel, stride, groups=channels, dtype=dtype)


def fully_connected(rows: int, inputs: int, outputs: int, dtype: str = "fp32") -> Case:
    """rows x inputs by the transpose of outputs x inputs, with a bias."""
    tensors = {
        "x": _tensor([rows, inputs], dtype),
        "w": _tensor([outputs, inputs], dtype, True, outputs),
        "b": {"shape": [outputs], "dtype": "fp32" if dtype == "fp32" else "int32", "parameter": True},
        "y": _tensor([rows, outputs], dtype),
    }
    op = {
        "kind": "gemm",
        "inputs": ["x", "w", "b"],
        "outputs": ["y"],
        "attributes": {"transpose_a": False, "transpose_b": True},
    }
    return _case(f"fc {rows}x{inputs}>{outputs} {dtype}", op, tensors, ["x"])


def matmul(batch: int, rows: int, depth: int, columns: int) -> Case:
    """Products of two activations, as in attention."""
    tensors = {
        "a": _tensor([batch, rows, depth], "fp32"),
        "b": _tensor([batch, depth, columns], "fp32"),
        "y": _tensor([batch, rows, columns], "fp32"),
    }
    op = {
        "kind": "matmul",
        "inputs": ["a", "b"],
        "outputs": ["y"],
        "attributes": {"transpose_a": False, "transpose_b": False},
    }
    return _case(f"matmul {batch}x{rows}x{depth}x{columns} fp32", op, tensors, ["a", "b"])


def pool(function: str, channels: int, size: int, kernel: int = 2, stride: int = 2, pad: int = 0) -> Case:
    """`kernel` 0: over the whole plane."""
    whole = kernel == 0
    out = 1 if whole else (size + 2 * pad - kernel) // stride + 1
    tensors = {"x": _tensor([1, size, size, channels], "fp32"), "y": _tensor([1, out, out, channels], "fp32")}
    attributes = {
        "layout": "nhwc",
        "strides": [] if whole else [stride, stride],
        "dilations": [],
        "pads": [] if whole else [pad] * 4,
        "pad_mode": "explicit",
        "function": function,
        "global": whole,
        "kernel": [] if whole else [kernel, kernel],
        "ceil_mode": False,
        "count_include_pad": False,
    }
    window = "global" if whole else f"{kernel}x{kernel}/{stride}"
    op = {"kind": "pool", "inputs": ["x"], "outputs": ["y"], "attributes": attributes}
    return _case(f"{function} pool {window} {channels} at {size}x{size} fp32", op, tensors, ["x"])


def unary(function: str, shape: Sequence[int]) -> Case:
    tensors = {"x": _tensor(shape, "fp32"), "y": _tensor(shape, "fp32")}
    op = {"kind": "unary", "inputs": ["x"], "outputs": ["y"], "attributes": {"function": function}}
    return _case(f"{function} {'x'.join(map(str, shape))} fp32", op, tensors, ["x"])


def binary(function: str, shape: Sequence[int]) -> Case:
    tensors = {name: _tensor(shape, "fp32") for name in ("a", "b", "y")}
    op = {"kind": "binary", "inputs": ["a", "b"], "outputs": ["y"], "attributes": {"function": function}}
    return _case(f"{function} {'x'.join(map(str, shape))} fp32", op, tensors, ["a", "b"])


def softmax(rows: int, columns: int) -> Case:
    tensors = {"x": _tensor([rows, columns], "fp32"), "y": _tensor([rows, columns], "fp32")}
    op = {"kind": "softmax", "inputs": ["x"], "outputs": ["y"], "attributes": {"axis": -1, "log": False}}
    return _case(f"softmax {rows}x{columns} fp32", op, tensors, ["x"])


def layer_norm(rows: int, columns: int) -> Case:
    tensors = {
        "x": _tensor([rows, columns], "fp32"),
        "s": _tensor([columns], "fp32", True),
        "b": _tensor([columns], "fp32", True),
        "y": _tensor([rows, columns], "fp32"),
    }
    attributes = {"function": "layer", "axis": -1, "groups": 1, "epsilon": 1e-5}
    op = {"kind": "norm", "inputs": ["x", "s", "b"], "outputs": ["y"], "attributes": attributes}
    return _case(f"layer norm {rows}x{columns} fp32", op, tensors, ["x"])


def transpose(shape: Sequence[int], order: Sequence[int]) -> Case:
    tensors = {"x": _tensor(shape, "fp32"), "y": _tensor([shape[i] for i in order], "fp32")}
    op = {"kind": "transpose", "inputs": ["x"], "outputs": ["y"], "attributes": {"perm": list(order)}}
    return _case(f"transpose {'x'.join(map(str, shape))} fp32", op, tensors, ["x"])


def concat(parts: int, shape: Sequence[int]) -> Case:
    """Along the last axis."""
    names = [f"x{i}" for i in range(parts)]
    tensors = {name: _tensor(shape, "fp32") for name in names}
    tensors["y"] = _tensor([*shape[:-1], shape[-1] * parts], "fp32")
    op = {"kind": "concat", "inputs": names, "outputs": ["y"], "attributes": {"axis": len(shape) - 1}}
    return _case(f"concat {parts} of {'x'.join(map(str, shape))} fp32", op, tensors, names)


def chain(length: int) -> Case:
    """`length` small operators, one after the other."""
    tensors = {f"t{i}": _tensor([1, 8, 8, 16], "fp32") for i in range(length + 1)}
    ops = [
        {
            "name": f"op{i}",
            "kind": "unary",
            "inputs": [f"t{i}"],
            "outputs": [f"t{i + 1}"],
            "attributes": {"function": function},
        }
        for i, function in zip(range(length), ("abs", "neg") * length, strict=False)
    ]
    graph = {
        "format": "chipcast-graph",
        "version": 1,
        "name": f"chain of {length}",
        "tensors": tensors,
        "inputs": ["t0"],
        "outputs": [f"t{length}"],
        "ops": ops,
    }
    return Case(f"chain of {length}", graph, f"chain {length}")
