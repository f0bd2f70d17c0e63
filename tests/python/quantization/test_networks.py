# SPDX-License-Identifier: Apache-2.0
"""Whole networks, quantised and run in the integer kernels."""

from __future__ import annotations

import numpy as np
import pytest
from chipcast import InputError, load_model
from chipcast.parameters import random_parameters
from chipcast.quantization import METHODS, Method, Quantizer, random_inputs
from chipcast.quantization.metrics import Accumulator
from chipcast.quantization.running import Runner

HELD_OUT = range(1_000_000, 1_000_008)


@pytest.fixture(scope="module")
def keywords() -> Quantizer:
    model = load_model("mlperf_tiny_kws")
    return Quantizer(model, random_parameters(model.graph, 0))


def output_sqnr(quantizer: Quantizer, method: Method, bits: int, weight_bits: int | None = None) -> float:
    """Of the logits: what the last product gives."""
    logits = str(quantizer.plan.products[-1].op["outputs"][0])
    quantized = quantizer.quantize(method, bits, weight_bits)
    runner = Runner(quantized.graph, quantized.parameters)
    scale = quantized.activations[quantizer.plan.scaled[logits]]
    distance = Accumulator()
    for seed in HELD_OUT:
        inputs = random_inputs(quantizer.graph, seed)
        stored = runner.run(inputs, {f"{logits}/stored"})[f"{logits}/stored"]
        distance.add(quantizer.calibration.activations(inputs, {logits})[logits], scale.dequantized(stored))
    return distance.distance().sqnr_db


@pytest.mark.parametrize("bits", [7, 8])
@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_a_network_that_runs(keywords: Quantizer, method: Method, bits: int) -> None:
    assert output_sqnr(keywords, method, bits) > 10.0


@pytest.mark.parametrize("bits", [7, 8])
def test_the_search_beats_min_max(keywords: Quantizer, bits: int) -> None:
    assert output_sqnr(keywords, "easyquant", bits) > output_sqnr(keywords, "min_max", bits)


def test_a_bit_more_is_better(keywords: Quantizer) -> None:
    for method in ("min_max", "easyquant"):
        assert output_sqnr(keywords, method, 8) > output_sqnr(keywords, method, 7)  # type: ignore[arg-type]


def test_weights_of_4_bits(keywords: Quantizer) -> None:
    quantized = keywords.quantize("min_max", 8, 4)
    formats = {tensor["dtype"] for tensor in quantized.graph["tensors"].values() if tensor.get("parameter")}
    assert formats == {"int4", "int32"}
    assert max(np.abs(v).max() for v in quantized.parameters.values() if v.dtype == np.int8) == 7
    assert 0.0 < output_sqnr(keywords, "min_max", 8, 4) < output_sqnr(keywords, "min_max", 8)


def test_16_bits_are_better_than_8(keywords: Quantizer) -> None:
    assert output_sqnr(keywords, "min_max", 16) > output_sqnr(keywords, "min_max", 8)


def test_the_document_has_tflites_form(keywords: Quantizer) -> None:
    quantized = keywords.quantize("min_max", 7)
    graph = quantized.graph
    first = next(op for op in graph["ops"] if op["kind"] == "conv")
    data, weight, bias = (graph["tensors"][name] for name in first["inputs"])
    assert (data["dtype"], weight["dtype"], bias["dtype"]) == ("int7", "int7", "int32")
    assert weight["quantization"]["axis"] == 0
    step = data["quantization"]["scales"][0]
    expected = [step * scale for scale in weight["quantization"]["scales"]]
    assert bias["quantization"]["scales"] == pytest.approx(expected)
    stored = quantized.parameters[first["inputs"][1]]
    assert np.abs(stored).max() == 63
    assert [graph["tensors"][name]["dtype"] for name in graph["inputs"] + graph["outputs"]] == [
        "fp32",
        "fp32",
    ]


def test_the_search_never_lowers_its_objective(keywords: Quantizer) -> None:
    found = keywords.quantize("easyquant", 7).found
    assert found
    assert all(each.after >= each.before for each in found.values())
    assert all(each.step > 0.0 for each in found.values())


def test_what_moves_data_keeps_its_scale(keywords: Quantizer) -> None:
    plan = keywords.plan
    assert plan.scaled["flatten"] == plan.scaled["pool"]


def test_softmax_stays_float(keywords: Quantizer) -> None:
    kinds = [op["kind"] for op in keywords.quantize("min_max", 8).graph["ops"]]
    assert kinds[0] == "cast"
    assert kinds[-2:] == ["cast", "softmax"]


def test_mistakes_are_named(keywords: Quantizer) -> None:
    with pytest.raises(InputError, match=r"^bits: 6 is not one of 7, 8, 16$"):
        keywords.quantize("min_max", 6)
    with pytest.raises(InputError, match=r"^weight_bits: 9 is not one of 2, 3, 4, 5, 6, 7, 8$"):
        keywords.quantize("min_max", 8, 9)
    with pytest.raises(InputError, match="not known"):
        keywords.quantize("median")  # type: ignore[arg-type]
    model = load_model("mlperf_tiny_kws")
    with pytest.raises(InputError, match="has no values"):
        Quantizer(model, {})
    with pytest.raises(InputError, match="no inputs"):
        Quantizer(model, random_parameters(model.graph), [])
