# SPDX-License-Identifier: Apache-2.0
"""What an executor takes, gives and refuses."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from chipcast import InputError
from chipcast.native import Executor
from chipcast.parameters import random_inputs, random_parameters


def small(dtype: str = "fp32") -> dict[str, Any]:
    """conv -> relu -> global pool"""
    return {
        "format": "chipcast-graph",
        "version": 1,
        "name": "small",
        "tensors": {
            "x": {"shape": [1, 3, 8, 8], "dtype": dtype},
            "w": {"shape": [4, 3, 3, 3], "dtype": dtype, "parameter": True},
        },
        "inputs": ["x"],
        "outputs": ["pool"],
        "ops": [
            {"name": "conv", "kind": "conv", "inputs": ["x", "w"], "attributes": {"pads": [1, 1, 1, 1]}},
            {"name": "relu", "kind": "unary", "inputs": ["conv"], "attributes": {"function": "relu"}},
            {"name": "pool", "kind": "pool", "inputs": ["relu"],
             "attributes": {"function": "avg", "global": True}},
        ],
    }  # fmt: skip


def ones(dtype: Any) -> dict[str, np.ndarray]:
    return {"x": np.ones((1, 3, 8, 8), dtype)}


def test_keeps_intermediate_tensors_in_the_graphs_order() -> None:
    executor = Executor(small(), fold=False)
    got = executor.run(ones(np.float32), keep=["conv", "relu"])
    assert set(got) == {"conv", "relu", "pool"}
    assert got["conv"].shape == (1, 4, 8, 8)
    assert np.array_equal(got["relu"], np.maximum(got["conv"], 0))
    assert np.allclose(got["pool"], got["relu"].mean((2, 3), keepdims=True))


def test_tells_the_time_of_each_operator() -> None:
    executor = Executor(small(), fold=False)
    executor.run(ones(np.float32))
    assert [each.op for each in executor.times] == ["conv", "relu", "pool"]
    assert all(each.elapsed_s >= 0 and each.relayout_s >= 0 for each in executor.times)
    assert executor.times[0].kernel.startswith("conv_")


@pytest.mark.parametrize(
    ("dtype", "kind"), [("fp16", np.float16), ("bf16", ml_dtypes.bfloat16), ("fp64", float)]
)
def test_other_floats(dtype: str, kind: Any) -> None:
    model = small(dtype)
    parameters = random_parameters(model)
    wide = {name: value.astype(np.float32) for name, value in parameters.items()}
    got = Executor(model, parameters).run(ones(kind))["pool"]
    wanted = Executor(small(), wide).run(ones(np.float32))["pool"]
    assert got.dtype == kind
    assert np.allclose(got.astype(np.float32), wanted, rtol=0.02, atol=0.01)


def test_parameters_are_checked_by_name_and_type() -> None:
    with pytest.raises(InputError, match='parameter "w": has no values; give an array of 4x3x3x3 fp32'):
        Executor(small(), {})
    with pytest.raises(InputError, match='array "w" is float64; float32 is needed'):
        Executor(small(), {"w": np.zeros((4, 3, 3, 3))})
    with pytest.raises(InputError, match='parameter "w": is 3x3; 4x3x3x3 is needed'):
        Executor(small(), {"w": np.zeros((3, 3), np.float32)})


def test_inputs_are_checked() -> None:
    executor = Executor(small())
    with pytest.raises(InputError, match='input "x": is missing'):
        executor.run({})
    with pytest.raises(InputError, match="the network has no such input"):
        executor.run({**ones(np.float32), "y": np.zeros(1, np.float32)})
    with pytest.raises(InputError, match="is 1x3x8; 1x3x8x8 is needed"):
        executor.run({"x": np.zeros((1, 3, 8), np.float32)})
    with pytest.raises(InputError, match='"nothing" is written by no operator'):
        executor.run(ones(np.float32), keep=["nothing"])
    with pytest.raises(InputError, match="threads: 0 is not at least 1"):
        Executor(small(), threads=0)


def test_packed_formats_take_a_byte_each() -> None:
    graph: dict[str, Any] = {
        "format": "chipcast-graph", "version": 1, "name": "moves",
        "tensors": {"x": {"shape": [3, 5], "dtype": "int4"}}, "inputs": ["x"], "outputs": ["y"],
        "ops": [{"name": "y", "kind": "transpose", "inputs": ["x"], "attributes": {"perm": [1, 0]}}],
    }  # fmt: skip
    x = random_inputs(graph)["x"]
    assert x.dtype == np.int8
    assert np.array_equal(Executor(graph).run({"x": x})["y"], x.T)
    graph["tensors"]["x"]["dtype"] = "binary"
    x = random_inputs(graph)["x"]
    assert set(np.unique(x)) <= {-1, 1}
    assert np.array_equal(Executor(graph).run({"x": x})["y"], x.T)


def test_refuses_what_the_graph_does_not_say() -> None:
    graph: dict[str, Any] = {
        "format": "chipcast-graph", "version": 1, "name": "detector",
        "tensors": {"x": {"shape": [1, 4]}}, "inputs": ["x"], "outputs": ["y"],
        "ops": [{"name": "y", "kind": "detect", "inputs": ["x"], "attributes": {"function": "yolo"}}],
    }  # fmt: skip
    with pytest.raises(InputError, match='detect "y": function yolo has no values here'):
        Executor(graph).run({"x": np.zeros((1, 4), np.float32)})
