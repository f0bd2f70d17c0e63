# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime, and how far two results lie apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnxruntime
from chipcast.model import Model, load_model
from chipcast.onnx_export import to_onnx

TOLERANCE = 1e-4


def onnx_runtime(
    graph: Mapping[str, Any], inputs: Mapping[str, np.ndarray], seed: int = 0
) -> dict[str, np.ndarray]:
    """What ONNX Runtime computes for the exported graph with the same seeded weights."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    model = to_onnx(graph, seed=seed).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(inputs)), strict=True))


def relative_error(got: np.ndarray, wanted: np.ndarray) -> float:
    """Largest difference over the largest magnitude wanted; infinite where NaN or infinities disagree."""
    assert got.shape == wanted.shape, (got.shape, wanted.shape)
    assert got.dtype == wanted.dtype, (got.dtype, wanted.dtype)
    got, wanted = got.astype(np.float64), wanted.astype(np.float64)
    finite = np.isfinite(wanted)
    if (
        not np.array_equal(got[~finite], wanted[~finite], equal_nan=True)
        or not np.isfinite(got[finite]).all()
    ):
        return float("inf")
    if not finite.any():
        return 0.0
    return float(np.abs(got - wanted)[finite].max() / max(np.abs(wanted[finite]).max(), 1e-30))


def with_logits(model: Model) -> Model:
    """What goes into a last softmax becomes an output too: random weights make its result one class alone. What goes
    into a last sigmoid becomes one in its place: a step shows no more than a sign."""
    graph = dict(model.graph)
    softmax = [op for op in graph["ops"] if op["kind"] == "softmax" and op["outputs"][0] in graph["outputs"]]
    sigmoid = [op for op in graph["ops"] if is_sigmoid(op) and op["outputs"][0] in graph["outputs"]]
    steps = {op["outputs"][0] for op in sigmoid}
    kept = [name for name in graph["outputs"] if name not in steps]
    graph["outputs"] = [*kept, *(op["inputs"][0] for op in [*softmax, *sigmoid])]
    graph["ops"] = [op for op in graph["ops"] if op["outputs"][0] not in steps]
    graph["tensors"] = {name: tensor for name, tensor in graph["tensors"].items() if name not in steps}
    return load_model(graph)


def is_sigmoid(op: dict[str, Any]) -> bool:
    return bool(op["kind"] == "unary" and op.get("attributes", op).get("function") == "sigmoid")
