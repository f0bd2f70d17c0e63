# SPDX-License-Identifier: Apache-2.0
"""Folding leaves every result as it was."""

from __future__ import annotations

import numpy as np
import pytest
from chipcast import load_model
from chipcast.parameters import random_parameters
from chipcast.quantization.folding import folded
from chipcast.quantization.inputs import random_inputs
from chipcast.quantization.running import Runner


@pytest.mark.parametrize("name", ["mlperf_tiny_ic", "micronet_ad_m", "mlperf_tiny_ad"])
def test_results_are_the_same(name: str) -> None:
    graph = load_model(name).graph
    values = random_parameters(graph, 3)
    small, small_values = folded(graph, values)
    inputs = random_inputs(graph, 4)
    before, after = Runner(graph, values).run(inputs), Runner(small, small_values).run(inputs)
    for output in graph["outputs"]:
        np.testing.assert_allclose(after[output], before[output], rtol=1e-4, atol=1e-4)


def test_nothing_is_left_to_fold() -> None:
    graph = load_model("mlperf_tiny_ic").graph
    small, values = folded(graph, random_parameters(graph, 0))
    kinds = {op["kind"] for op in small["ops"]}
    assert "batch_norm" not in kinds
    assert "unary" not in kinds  # relu behind convolutions and additions
    assert set(values) == {name for name, tensor in small["tensors"].items() if tensor.get("parameter")}
    assert all(op["inputs"][2] for op in small["ops"] if op["kind"] in ("conv", "gemm"))


def test_the_given_graph_stays() -> None:
    graph = load_model("mlperf_tiny_kws").graph
    count = len(graph["ops"])
    folded(graph, random_parameters(graph, 0))
    assert len(graph["ops"]) == count
