# SPDX-License-Identifier: Apache-2.0
"""What an executor takes, gives and refuses."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from chipcast import InputError
from chipcast.formats import numpy_format
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
    with pytest.raises(InputError, match='parameter "v": the network has no such parameter'):
        Executor(small(), {"v": np.zeros(1, np.float32), **random_parameters(small())})
    with pytest.raises(InputError, match='parameter "x": the network has no such parameter'):
        Executor(small(), {**random_parameters(small()), **ones(np.float32)})
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


@pytest.mark.parametrize("threads", [0, -1, 1025, 1_000_000, 1.5, None, "2"])
def test_threads_are_bounded(threads: Any) -> None:
    with pytest.raises(InputError, match=r"threads: .* is not a whole number in \[1, 1024\]"):
        Executor(small(), threads=threads)


def test_threads_of_python_take_turns() -> None:
    executor = Executor(small(), threads=2)
    inputs = [{"x": np.full((1, 3, 8, 8), value, np.float32)} for value in range(4)]
    wanted = [executor.run(each)["pool"] for each in inputs]

    def many(i: int) -> bool:
        same = all(np.array_equal(executor.run(inputs[i])["pool"], wanted[i]) for _ in range(300))
        return same and len(executor.times) == len(executor.graph["ops"])

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(many, range(4)))


def test_pinned_executors_live_side_by_side() -> None:
    before = os.sched_getaffinity(0)
    if len(before) < 2:
        pytest.skip("one processor only")
    first, second = Executor(small(), threads=2, pinned=True), Executor(small(), threads=2, pinned=True)
    assert np.array_equal(first.run(ones(np.float32))["pool"], second.run(ones(np.float32))["pool"])
    del first, second
    assert os.sched_getaffinity(0) == before


def moved(dtype: str, values: np.ndarray) -> np.ndarray:
    graph = {
        "format": "chipcast-graph", "version": 1, "name": "moves",
        "tensors": {"x": {"shape": [values.size], "dtype": dtype}}, "inputs": ["x"], "outputs": ["y"],
        "ops": [{"name": "y", "kind": "reshape", "inputs": ["x"], "attributes": {"shape": [values.size, 1]}}],
    }  # fmt: skip
    return Executor(graph).run({"x": values})["y"].reshape(-1)


@pytest.mark.parametrize(
    ("dtype", "values", "words"),
    [
        ("int4", [7, 100], r"holds 100 at element 1; int4 values are in \[-8, 7\]"),
        ("int4", [-9, 0], r"holds -9 at element 0"),
        ("uint4", [0, 200], r"holds 200 at element 1; uint4 values are in \[0, 15\]"),
        ("int7", [63, 127], r"holds 127 at element 1; int7 values are in \[-64, 63\]"),
        ("binary", [1, 0], r"holds 0 at element 1; binary values are \+1 or -1"),
        ("binary", [5, 1], r"holds 5 at element 0"),
    ],
)
def test_values_outside_a_narrow_format_are_refused(dtype: str, values: list[int], words: str) -> None:
    with pytest.raises(InputError, match=f'input "x": {words}'):
        moved(dtype, np.array(values, numpy_format(dtype)))


def test_narrow_formats_are_taken_to_their_ends() -> None:
    for dtype, ends in (("int4", [-8, 7]), ("uint4", [0, 15]), ("int7", [-64, 63]), ("binary", [-1, 1])):
        values = np.array(ends, numpy_format(dtype))
        assert np.array_equal(moved(dtype, values), values)


def test_any_byte_is_a_truth() -> None:
    got = moved("bool", np.array([0, 1, 2, 255], np.uint8).view(np.bool_))
    assert got.view(np.uint8).tolist() == [0, 1, 1, 1]


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
