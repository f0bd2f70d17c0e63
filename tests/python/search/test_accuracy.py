# SPDX-License-Identifier: Apache-2.0
"""Noise of mixed formats: by the kernels, against the quantiser, and as a sum over layers."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from chipcast import InputError
from chipcast.model import load_model
from chipcast.parameters import random_parameters
from chipcast.quantization import Quantizer, distance, random_inputs
from chipcast.quantization.running import Runner
from chipcast.quantization.scales import symmetric
from chipcast.search import Accuracy, read_search
from chipcast.search.accuracy.measurement import Measurement
from chipcast.search.accuracy.network import CALIBRATION, MOST_DB, RoundedNetwork, _look, decibels, heads_of
from chipcast.search.accuracy.scales import Seen, Tail, activation_scale, together, weight_scale
from chipcast.sweep import Axis, Store, Sweep
from chipcast.sweep.run import workers_of
from chipcast.sweep.spec import Limits

MODEL = "mlperf_tiny_kws"
SETTINGS = Accuracy(images=4)


@pytest.fixture(scope="module")
def network() -> RoundedNetwork:
    return RoundedNetwork(load_model(MODEL), SETTINGS)


def test_more_bits_are_less_noise(network: RoundedNetwork) -> None:
    found = [network.measure(dtype, None).sqnr_db for dtype in ("int4", "int7", "int8", "int16", None)]
    assert found == sorted(found)
    assert found[0] < 20.0 < found[1]
    assert found[2] - found[1] == pytest.approx(6.0, abs=2.0), "a bit is 6 dB"
    assert found[-1] == MOST_DB
    assert network.measure("fp16", None).sqnr_db > 40.0


@pytest.mark.parametrize("model", ["mlperf_tiny_ad", "mlperf_tiny_ic", MODEL])
def test_results_do_not_hang_on_the_images(model: str) -> None:
    """Ranges of few images, without headroom, made int16 no better than int8 and seeds 8 dB apart."""
    formats = ("int4", "int7", "int8", "int16")
    found = []
    for seed in range(4):
        network = RoundedNetwork(load_model(model), Accuracy(images=4, seed=seed))
        found.append([network.measure(dtype, None).sqnr_db for dtype in formats])
    for row in found:
        assert row == sorted(row)
        assert row[3] > row[2] + 30.0, "eight more bits"
    assert np.ptp([row[2] for row in found]) < 5.5


def test_formats_get_headroom_for_images_that_were_not_seen() -> None:
    random = np.random.default_rng(0)
    parts = []
    for _ in range(32):
        values = random.normal(size=200).astype(np.float32)
        ends = np.asarray([values.min()], float), np.asarray([values.max()], float)
        parts.append(Seen(values, np.ones(values.size), *ends))
    seen, unseen = together(parts), random.normal(size=200_000).astype(np.float32)
    wide = {method: activation_scale(seen, 16, method) for method in ("least_error", "min_max")}
    for scale in wide.values():
        assert np.abs(scale.rounded(unseen) - unseen).max() < 1e-3, "nothing is clipped"
    assert activation_scale(seen, 8, "min_max").scales[0] == pytest.approx(
        np.ptp(seen.values) / 255, rel=1e-3
    )


def test_the_tail_is_that_of_a_gumbel_distribution() -> None:
    largest = np.random.default_rng(1).gumbel(3.0, 0.5, 200_000)
    tail = Tail.of(largest)
    assert (tail.location, tail.scale) == (pytest.approx(3.0, rel=0.01), pytest.approx(0.5, rel=0.01))
    assert tail.passed_by(0.01) == pytest.approx(np.quantile(largest, 0.99), rel=0.01)
    beyond = np.square(np.maximum(largest - 6.0, 0.0)).mean()
    assert tail.clipped(6.0) == pytest.approx(beyond, rel=0.15)
    assert Tail.of(np.zeros(32)).clipped(0.0) == 0.0, "a relu's zero is passed by nothing"


@pytest.mark.parametrize("size", [100, 250, 257, 300, 320, 321, 5000])
def test_samples_stand_for_all_values(size: int) -> None:
    values = np.arange(size, dtype=np.float32)
    seen = _look(values, 256, 0)
    assert seen.weights.sum() == pytest.approx(size)
    assert (seen.values.min(), seen.values.max()) == (0.0, size - 1.0)


@pytest.mark.parametrize("dtype", ["uint8", "binary"])
def test_formats_without_a_scale_are_not_perfect(dtype: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"sqnr_db is not known for {dtype}"):
        read_search(
            {
                "space": {"model": MODEL, "platform": "rv1106", "axes": {"dtype": ["int8", dtype]}},
                "objectives": {"latency_s": "min", "sqnr_db": "max"},
                "accuracy": {},
            }
        )
    space = Sweep([MODEL], ["rv1106"], [Axis("dtype", ["int8", dtype])])
    with Store(tmp_path / "s.db") as store:
        for predict in (True, False):
            column = Measurement(space, Accuracy(images=2, predict=predict), store, workers_of(1, None))
            found = column.of([{"dtype": dtype}])[0]
            column.close()
            assert (found.value, found.state) == (None, "invalid")
            assert f"no scale for {dtype}" in found.reason


def test_runs_that_failed_are_told_and_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space = Sweep([MODEL], ["rv1106"], [Axis("dtype", ["int8", "int7"])], limits=Limits(seconds=1e-3))
    monkeypatch.setattr("chipcast.search.accuracy.measurement.EVALUATOR", "search_evaluators:broken_once")
    marker = tmp_path / "ran"
    monkeypatch.setenv("SEARCH_MARKER", str(marker))
    with Store(tmp_path / "s.db") as store:
        states = []
        for again in (False, False, True):
            settings = Accuracy(images=2, predict=False)
            column = Measurement(space, settings, store, workers_of(1, None), retry_failed=again)
            found = column.of([{"dtype": "int8"}])[0]
            column.close()
            states.append(found.state)
            assert found.state == "done" or "not this time" in found.reason
    assert states == ["failed", "failed", "done"]


def test_it_agrees_with_the_integer_kernels() -> None:
    """The quantiser's network runs on integers alone; min/max scales, no bias correction."""
    model = load_model("squeezenet1_1", model_options={"resolution": 64})
    rounded = RoundedNetwork(model, Accuracy(images=4, scales="min_max"))
    inputs = [random_inputs(model.graph, number) for number in range(CALIBRATION)]
    quantizer = Quantizer(model, random_parameters(model.graph), inputs)
    quantized = quantizer.quantize("min_max_affine", 7, correct_bias=False)
    exact = Runner(quantizer.graph, quantizer.parameters)
    integers = Runner(quantized.graph, quantized.parameters)
    head, stored = heads_of(quantizer.graph)[0], heads_of(quantized.graph)[0]
    tests = [random_inputs(model.graph, 100_000 + number) for number in range(4)]
    pairs = [(exact.run(each, {head})[head], integers.run(each, {stored})[stored]) for each in tests]
    expected = distance(np.stack([a for a, _ in pairs]), np.stack([b for _, b in pairs])).sqnr_db
    assert rounded.measure("int7", None).sqnr_db == pytest.approx(expected, abs=1.0)


def test_one_layer_alone_is_quieter_than_all(network: RoundedNetwork) -> None:
    layers = [op["name"] for op in network.graph["ops"] if op["kind"] == "conv"]
    everything = network.measure("int4", None).noise
    for layer in layers[:4]:
        assert 0.0 < network.measure(None, {layer: "int4"}).noise < everything


def test_patterns_that_fit_nothing_are_refused(network: RoundedNetwork) -> None:
    with pytest.raises(InputError, match=r"precision\.nowhere: no operator"):
        network.measure("int8", {"nowhere": "int4"})
    with pytest.raises(InputError, match="no scale for binary"):
        network.measure("binary", None)
    with pytest.raises(InputError, match="quantised already"):
        RoundedNetwork(load_model(_in_int8()), SETTINGS)


def _in_int8() -> dict[str, object]:
    graph = load_model(MODEL).graph
    for tensor in graph["tensors"].values():
        tensor["dtype"] = "int8" if tensor["dtype"] == "fp32" else tensor["dtype"]
    return graph


@pytest.mark.parametrize("predict", [True, False])
def test_columns_come_from_the_store(predict: bool, tmp_path: Path) -> None:
    axes = [Axis("precision.conv*", ["int7", "int8"]), Axis("npu.clock", ["300 MHz", "600 MHz"])]
    space = Sweep([MODEL], ["rv1106"], axes, set={"dtype": "int8"})
    points = [{"precision.conv*": dtype, "npu.clock": "300 MHz"} for dtype in ("int7", "int8")]
    points.append({"precision.conv*": "int7", "npu.clock": "600 MHz"})
    settings = Accuracy(images=2, predict=predict)
    with Store(tmp_path / "s.db") as store:
        column = Measurement(space, settings, store, workers_of(1, None))
        found = column.of(points)
        measured = column.measured(points)
        column.close()
    assert found[0] == found[2], "hardware does not matter"
    for predicted, true in zip(found, measured, strict=True):
        assert (predicted.source, true.source) == ("predicted" if predict else "measured", "measured")
        assert predicted.value == pytest.approx(true.value, abs=6.0), "twelve outputs of two images"


def test_noise_adds_up_as_predicted_on_a_residual_network(tmp_path: Path) -> None:
    space = Sweep(["mlperf_tiny_ic"], ["rv1106"], [Axis("dtype", ["int4", "int7", "int8"])])
    with Store(tmp_path / "s.db") as store:
        column = Measurement(space, Accuracy(images=8), store, workers_of(2, None))
        points = [{"dtype": dtype} for dtype in ("int7", "int8")]
        pairs = list(zip(column.of(points), column.measured(points), strict=True))
        shares = column.noise_by_layer(points[0])
        column.close()
    for predicted, measured in pairs:
        assert predicted.value == pytest.approx(measured.value, abs=2.5)
    assert pairs[0][0].value == pytest.approx(-10.0 * math.log10(sum(shares.values())), abs=0.01)


def test_least_error_beats_min_max_where_it_matters() -> None:
    values = np.random.default_rng(0).normal(size=5000).astype(np.float32)
    seen = Seen(values, np.ones(values.size))
    errors = {
        method: float(np.square(activation_scale(seen, 4, method).rounded(values) - values).sum())
        for method in ("min_max", "least_error")
    }
    assert errors["least_error"] < 0.8 * errors["min_max"]


def test_weights_have_a_scale_per_channel() -> None:
    weights = np.random.default_rng(1).normal(size=(3, 2, 5, 5)).astype(np.float32)
    weights[1] *= 100.0
    plainly = weight_scale(weights, 8, 0, "min_max")
    assert plainly.scales == pytest.approx(symmetric(np.abs(weights).max(axis=(1, 2, 3)), 8).scales)
    best = weight_scale(weights, 4, 0, "least_error")
    error = np.square(best.rounded(weights) - weights).sum(axis=(1, 2, 3))
    plain = np.square(weight_scale(weights, 4, 0, "min_max").rounded(weights) - weights).sum(axis=(1, 2, 3))
    assert (error <= plain * (1.0 + 1e-6)).all()


def test_decibels_have_ends() -> None:
    assert decibels(1.0, 0.0) == MOST_DB
    assert decibels(0.0, 1.0) == -MOST_DB
    assert decibels(100.0, 1.0) == pytest.approx(20.0)
