# SPDX-License-Identifier: Apache-2.0
"""A network as integer kernels want it: batch normalisation folded into the product before it, clamps merged."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chipcast._core import InputError

Document = dict[str, Any]
Parameters = dict[str, NDArray[Any]]

PRODUCTS = ("conv", "gemm")
_CLAMPED = (*PRODUCTS, "binary")


def folded(graph: Document, parameters: Parameters) -> tuple[Document, Parameters]:
    """The network without batch normalisations that follow a product and with relu and clip merged into the operator
    before them, where nothing else reads what lies between. Every product has a bias then. Parameters that are left
    over are dropped."""
    graph, values = copy.deepcopy(graph), dict(parameters)
    _check_values(graph, values)
    _merge(graph, lambda before, op: _fold_norm(graph, values, before, op))
    _merge(graph, _fold_clamp)
    for op in graph["ops"]:
        if op["kind"] in PRODUCTS and op["inputs"][1] in values:
            _give_bias(graph, values, op)
    used = {name for op in graph["ops"] for name in [*op["inputs"], *op["outputs"]]}
    used.update(graph["inputs"], graph["outputs"])
    graph["tensors"] = {name: tensor for name, tensor in graph["tensors"].items() if name in used}
    return graph, {name: value for name, value in values.items() if name in used}


def _check_values(graph: Document, values: Parameters) -> None:
    for name, tensor in graph["tensors"].items():
        if tensor.get("parameter") and name not in values:
            raise InputError(f"parameter {name}: has no values; give an array of shape {tensor['shape']}")


def _merge(graph: Document, merge: Any) -> None:
    """Asks `merge(before, op)` about every operator whose first input has one writer and no other reader; operators
    that it takes are removed and their output becomes that of the operator before."""
    readers = Counter(name for op in graph["ops"] for name in op["inputs"] if name)
    readers.update(graph["outputs"])
    writers: dict[str, Document] = {}
    kept = []
    for op in graph["ops"]:
        before = writers.get(op["inputs"][0]) if op["inputs"] else None
        if before is not None and readers[op["inputs"][0]] == 1 and merge(before, op):
            graph["tensors"].pop(op["inputs"][0], None)
            before["outputs"] = list(op["outputs"])
            writers[op["outputs"][0]] = before
            continue
        kept.append(op)
        if len(op["outputs"]) == 1:
            writers[op["outputs"][0]] = op
    graph["ops"] = kept


def output_axis(op: Document) -> int:
    """Axis of a product's weights that counts output channels."""
    return 1 if op["kind"] == "gemm" and not op["attributes"].get("transpose_b") else 0


def _fold_norm(graph: Document, values: Parameters, before: Document, op: Document) -> bool:
    """weight * s and (bias - mean) * s + offset with s = scale / sqrt(variance + epsilon), in fp64."""
    if op["kind"] != "batch_norm" or before["kind"] not in PRODUCTS or before.get("fused"):
        return False
    if before["inputs"][1] not in values:
        return False
    scale, offset, mean, variance = (values[name].astype(np.float64) for name in op["inputs"][1:5])
    factor = scale / np.sqrt(variance + op["attributes"].get("epsilon", 1e-5))
    weight, axis = before["inputs"][1], output_axis(before)
    wide = values[weight].astype(np.float64)
    along = [-1 if i == axis else 1 for i in range(wide.ndim)]
    bias_name = before["inputs"][2] if len(before["inputs"]) > 2 else ""
    bias = values[bias_name].astype(np.float64) if bias_name else np.zeros(len(factor))
    new_weight, new_bias = f"{before['name']}/folded.weight", f"{before['name']}/folded.bias"
    values[new_weight] = (wide * factor.reshape(along)).astype(np.float32)
    values[new_bias] = ((bias - mean) * factor + offset).astype(np.float32)
    graph["tensors"][new_weight] = {**graph["tensors"][weight], "parameter": True}
    graph["tensors"][new_bias] = {"shape": [len(factor)], "dtype": "fp32", "parameter": True}
    before["inputs"] = [before["inputs"][0], new_weight, new_bias]
    return True


def _give_bias(graph: Document, values: Parameters, op: Document) -> None:
    if len(op["inputs"]) > 2 and op["inputs"][2]:
        return
    name, count = f"{op['name']}/zero.bias", values[op["inputs"][1]].shape[output_axis(op)]
    dtype = graph["tensors"][op["inputs"][1]]["dtype"]
    graph["tensors"][name] = {"shape": [count], "dtype": dtype, "parameter": True}
    values[name] = np.zeros(count, values[op["inputs"][1]].dtype)
    op["inputs"] = [*op["inputs"][:2], name]


def _fold_clamp(before: Document, op: Document) -> bool:
    if op["kind"] != "unary" or op["attributes"].get("function") not in ("relu", "clip") or op.get("fused"):
        return False
    if before["kind"] not in _CLAMPED or before.get("fused"):
        return False
    if before["kind"] == "binary" and before["attributes"].get("function") not in ("add", "sub", "mul"):
        return False
    before["fused"] = [{"name": op["name"], "unary": dict(op["attributes"])}]
    return True
