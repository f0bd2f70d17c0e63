# SPDX-License-Identifier: Apache-2.0
"""What a platform computes, beside fp32."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chipcast import InputError
from chipcast.crosscheck.numbers import numbers
from chipcast.crosscheck.numbers_forms import float_twin, narrowed, real_values
from chipcast.crosscheck.numbers_mapping import Placed
from chipcast.quantization.running import Runner

TFLITE = Path(__file__).parents[4] / "shared" / "models" / "tflite"


def test_placed_reads_the_arithmetic() -> None:
    placed = Placed("npu0", "int8 x int4 -> int16 then int32, TFLite rounding")
    assert (placed.data, placed.weights, placed.sums) == ("int8", "int4", "int16 then int32")
    moved = Placed("npu0", "fp16, exact")
    assert (moved.data, moved.weights, moved.sums) == ("fp16", "", "")


def test_int8_on_an_npu() -> None:
    report = numbers("mlperf_tiny_kws", "rk3588", dtype="int8", method="min_max", count=2)
    assert report.equal is True
    assert report.method == "min_max"
    convolutions = [each for each in report.layers if each.kind == "conv"]
    assert len(convolutions) == 9
    assert all("int8 x int8 -> int32" in each.arithmetic for each in convolutions)
    assert all(each.computed == "int8" and each.equal for each in convolutions)
    assert all(15.0 < each.distance.sqnr_db < 60.0 for each in convolutions)
    assert report.outputs[0].computed == "fp32"


def test_fp16_loses_little() -> None:
    report = numbers("mlperf_tiny_kws", "graphcore-gc200", dtype="fp16", count=1)
    assert report.equal is None
    convolutions = [each for each in report.layers if each.kind == "conv"]
    assert all(each.computed == "fp16" for each in convolutions)
    assert all(50.0 < each.distance.sqnr_db < 110.0 for each in convolutions)


def test_fp16_sums_and_stochastic_rounding_are_computed() -> None:
    chip = {"model": "mlperf_tiny_kws", "platform": "graphcore-gc200", "dtype": "fp16", "count": 1}
    sums = numbers(**chip)
    assert "fp16 x fp16 -> fp16" in sums.layers[0].arithmetic
    assert not sums.notes
    stochastic = numbers(**chip, overrides=["ipu.stochastic_rounding=true"])
    assert not stochastic.notes
    assert stochastic.layers[0].distance.sqnr_db < sums.layers[0].distance.sqnr_db - 1.0
    again = numbers(**chip, overrides=["ipu.stochastic_rounding=true"])
    assert again.layers[-1].distance.sqnr_db == stochastic.layers[-1].distance.sqnr_db


def test_truncation_costs_decibels() -> None:
    stated = {"fc": {"storing": "truncated"}}
    graph = small_graph()
    scale = {"scales": [2.0**-12], "zero_points": [0]}
    graph["tensors"]["x"] |= {"dtype": "int16", "quantization": scale}
    graph["tensors"]["w"] |= {"dtype": "int8", "quantization": {"scales": [0.5], "zero_points": [0]}}
    graph["tensors"]["y"] |= {"dtype": "int16", "quantization": scale}
    graph = {**graph, "outputs": ["y"], "ops": graph["ops"][:1]}
    del graph["tensors"]["z"]
    w = np.array([[1, -1], [1, -1], [1, -1], [1, -1]], np.int8)
    x = np.array([[1, 3, 5, 7]], np.int16)
    assert Runner(graph, {"w": w}).run({"x": x})["y"].tolist() == [[8, -8]]
    assert Runner(graph, {"w": w}, stated=stated).run({"x": x})["y"].tolist() == [[6, -10]]


def test_integer_inputs_stay_integers() -> None:
    report = numbers("bert_tiny", "rk3588", dtype="fp16", count=1)
    assert report.outputs
    assert all(each.distance.sqnr_db > 30.0 for each in report.outputs)


def test_what_kernels_do_otherwise_is_noted() -> None:
    report = numbers("mlperf_tiny_kws", "eyeriss", dtype="int16", method="min_max", count=1)
    assert any("truncated" in note for note in report.notes)
    assert any("weights of 8" in note for note in report.notes)


def test_fp32_is_exact() -> None:
    report = numbers("mlperf_tiny_kws", "systolic", dtype="fp32", count=1)
    assert all(each.distance.sqnr_db == math.inf for each in report.layers)


def test_the_answer_is_json() -> None:
    report = numbers("mlperf_tiny_kws", "systolic", dtype="bf16", count=1)
    answer: dict[str, Any] = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert set(answer) == {
        "model", "platform", "method", "inputs", "equal", "layers", "outputs", "notes",
    }  # fmt: skip
    assert {"sqnr_db", "cosine", "max_error", "max_relative_error", "equal"} <= set(answer["layers"][0])
    text = report.to_text()
    assert text.splitlines()[0] == "mlperf_tiny_kws on systolic"
    assert "bf16 x bf16 -> fp32" in text


@pytest.mark.skipif(not TFLITE.is_dir(), reason="models of ../shared are not here")
def test_a_model_keeps_its_own_scales() -> None:
    file = next(iter(sorted(TFLITE.rglob("*kws*.tflite"))), None)
    if file is None:
        pytest.skip("no keyword spotting network in ../shared/models/tflite")
    report = numbers(file, "ethos-u55-128", count=1)
    assert report.method == "as in the model"
    assert report.equal is True


def test_counts_are_checked() -> None:
    with pytest.raises(InputError, match="count: 0"):
        numbers("mlperf_tiny_kws", "systolic", count=0)


def small_graph() -> dict[str, Any]:
    return {
        "format": "chipcast-graph",
        "version": 1,
        "name": "small",
        "tensors": {
            "x": {"shape": [1, 4], "dtype": "fp32"},
            "w": {"shape": [4, 2], "dtype": "fp32", "parameter": True},
            "y": {"shape": [1, 2], "dtype": "fp32"},
            "z": {"shape": [1, 2], "dtype": "fp32"},
        },
        "inputs": ["x"],
        "outputs": ["z"],
        "ops": [
            {"name": "fc", "kind": "gemm", "inputs": ["x", "w"], "outputs": ["y"], "attributes": {}},
            {
                "name": "relu",
                "kind": "unary",
                "inputs": ["y"],
                "outputs": ["z"],
                "attributes": {"function": "relu"},
            },
        ],
    }


def test_narrowed_operators_are_cast() -> None:
    values = {"w": np.full((4, 2), 1 / 3, np.float32)}
    graph, narrow, found = narrowed(small_graph(), values, lambda op: "fp16" if op == "fc" else "fp32")
    assert graph["tensors"][found["y"]]["dtype"] == "fp16"
    assert graph["tensors"][found["z"]]["dtype"] == "fp32"
    assert [op["kind"] for op in graph["ops"]] == ["cast", "gemm", "cast", "unary"]
    x = np.full((1, 4), 0.1, np.float32)
    result = Runner(graph, narrow).run({"x": x})["z"]
    assert result == pytest.approx(4 * np.float16(0.1) * np.float16(1 / 3), rel=1e-3)
    assert (result == result.astype(np.float16)).all()


def test_the_float_twin_has_the_values_that_integers_stand_for() -> None:
    graph = small_graph()
    graph["tensors"]["w"] |= {
        "dtype": "int8",
        "quantization": {"scales": [0.5, 2.0], "zero_points": [0, 0], "axis": 1},
    }
    stored = np.array([[1, 1], [2, 2], [3, 3], [-4, -4]], np.int8)
    twin, values = float_twin(graph, {"w": stored})
    assert twin["tensors"]["w"] == {"shape": [4, 2], "dtype": "fp32", "parameter": True}
    assert values["w"].tolist() == [[0.5, 2.0], [1.0, 4.0], [1.5, 6.0], [-2.0, -8.0]]
    tensor = {"dtype": "uint8", "quantization": {"scales": [0.25], "zero_points": [128]}}
    assert real_values(np.array([128, 132], np.uint8), tensor).tolist() == [0.0, 1.0]
