# SPDX-License-Identifier: Apache-2.0
"""Networks of the zoo in full size, on the fast kernels, against ONNX Runtime. Minutes long: set CHIPCAST_FULL_ZOO=1;
tests/python/native has small variants."""

from __future__ import annotations

import os

import numpy as np
import onnxruntime
import pytest
from chipcast.catalog import model_names
from chipcast.model import Model, load_model
from chipcast.native import Executor
from chipcast.onnx_export import to_onnx
from chipcast.parameters import random_inputs, random_parameters

TOLERANCE = 1e-4  # of the largest magnitude

pytestmark = pytest.mark.skipif(
    not os.environ.get("CHIPCAST_FULL_ZOO"), reason="takes minutes; set CHIPCAST_FULL_ZOO=1"
)


def with_logits(model: Model) -> Model:
    """What goes into a last softmax becomes an output too: random weights make its result one class alone."""
    graph = dict(model.graph)
    last = [op for op in graph["ops"] if op["kind"] == "softmax" and op["outputs"][0] in graph["outputs"]]
    graph["outputs"] = [*graph["outputs"], *(op["inputs"][0] for op in last)]
    return load_model(graph)


@pytest.mark.parametrize("name", model_names())
def test_matches_onnx_runtime(name: str) -> None:
    model = with_logits(load_model(name))
    inputs = random_inputs(model.graph)
    onnx = to_onnx(model.graph).SerializeToString()
    session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    got = Executor(model, random_parameters(model.graph)).run(inputs)
    for output, wanted in zip(names, session.run(names, inputs), strict=True):
        error = float(np.abs(got[output] - wanted).max() / np.abs(wanted).max())
        print(f"{name} {output}: {error:.1e}")
        assert error < TOLERANCE
