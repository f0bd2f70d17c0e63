# SPDX-License-Identifier: Apache-2.0
"""Calibration: its arithmetic, its shapes, and that what it writes is an ordinary platform."""

from __future__ import annotations

import json
from pathlib import Path

import chipcast
import numpy as np
import pytest
from chipcast.crosscheck.host import FEATURES, Calibration, Sample, calibrate, fit_families, fit_family
from chipcast.crosscheck.host_fit import fit_costs, non_negative_least_squares
from chipcast.crosscheck.host_graphs import after_its_like, conv, has_weights, unary
from chipcast.crosscheck.host_platform import quantity
from chipcast.crosscheck.host_shapes import calibration_cases, unseen_cases


def test_least_squares_finds_positive_costs_and_leaves_negative_ones_at_zero() -> None:
    random = np.random.default_rng(1)
    matrix = random.uniform(0.0, 1.0, (40, 4))
    x = non_negative_least_squares(matrix, matrix @ np.array([2.0, 0.5, 0.0, 3.0]))
    assert x == pytest.approx([2.0, 0.5, 0.0, 3.0], abs=1e-9)
    bound = non_negative_least_squares(matrix, matrix @ np.array([2.0, -0.5, 1.0, 3.0]))
    assert bound.min() >= 0.0 and bound[1] == 0.0


def test_a_fit_forgives_a_disturbed_sample_and_keeps_its_bounds() -> None:
    random = np.random.default_rng(2)
    features = np.exp(random.uniform(0.0, 9.0, (30, 3)))
    times = features @ np.array([5.0, 1.25, 0.01])
    times[7] *= 3.0  # somebody else ran
    fit = fit_costs(features.tolist(), times.tolist(), [0.0, 1.0, 0.0])
    assert fit.costs == pytest.approx((5.0, 1.25, 0.01), rel=1e-3)
    assert fit.median_error < 1e-3
    above = fit_costs(features.tolist(), times.tolist(), [0.0, 2.0, 0.0])
    assert above.costs[1] >= 2.0


@pytest.mark.parametrize("times", [[], [1.0, 0.0]])
def test_a_fit_refuses_times_that_are_none(times: list[float]) -> None:
    with pytest.raises(chipcast.InputError, match="fit: "):
        fit_costs([[1.0]] * len(times), times, [0.0])


def test_a_family_gets_back_the_costs_that_times_were_made_of() -> None:
    random = np.random.default_rng(3)
    clock, samples = 2e9, []
    for i in range(20):
        features = {name: 0.0 for name in FEATURES}
        features["multiply"], features["tiles"] = np.exp(random.uniform(5, 15)), np.exp(random.uniform(0, 8))
        seconds = 1e-6 + (1.25 * features["multiply"] + 30.0 * features["tiles"]) / clock
        samples.append(Sample(f"case {i}", "product, fp32", "gemm", seconds, 0.0, 0.0, 1, features))
    fit = fit_family("product, fp32", samples, clock)
    assert fit.costs["call"] == pytest.approx(1e-6, rel=1e-3)
    assert fit.costs["multiply"] == pytest.approx(1.25, rel=1e-3)
    assert fit.costs["tiles"] == pytest.approx(30.0, rel=1e-3)
    assert "arranged" not in fit.costs


def test_costs_stay_below_their_bounds_and_the_others_make_up_for_it() -> None:
    features = [[1.0, x, x * x] for x in (1.0, 2.0, 3.0, 5.0, 8.0)]
    fit = fit_costs(features, [1.0 + 3.0 * x for x in (1.0, 2.0, 3.0, 5.0, 8.0)], [0.0] * 3, [9.0, 1.0, 9.0])
    assert fit.costs[1] == pytest.approx(1.0) and fit.costs[2] > 0.0


def test_both_tile_sizes_of_winograd_have_one_set_of_costs() -> None:
    samples = []
    for i in range(12):
        features = {name: 0.0 for name in FEATURES} | {
            "multiply": 1e4 * (i + 1),
            "arranged": 2e3 * (i % 5 + 1),
        }
        seconds = 2e-6 + (features["multiply"] + 0.2 * features["arranged"]) / 2e9
        name = f"Winograd F({4 if i < 9 else 2}, 3), fp32"
        samples.append(Sample(f"case {i}", name, "winograd", seconds, 0.0, 0.0, 1, features))
    fits, _ = fit_families(samples, {}, 2e9)
    assert [fit.name for fit in fits] == ["Winograd F(4, 3), fp32", "Winograd F(2, 3), fp32"]
    assert fits[0].costs == fits[1].costs and [fit.shapes for fit in fits] == [9, 3]
    assert fits[0].costs["arranged"] == pytest.approx(0.2, rel=1e-2)


def test_few_samples_are_not_judged() -> None:
    features = {name: 0.0 for name in FEATURES} | {"multiply": 1e5}
    few = fit_family("product, fp32", [Sample("a", "product, fp32", "g", 1e-4, 0.0, 0.0, 1, features)], 2e9)
    assert not few.judged


def test_an_operator_behind_its_like_has_weights_of_its_own() -> None:
    graph = after_its_like(conv(8, 12, 5, 3)).graph
    before, op = graph["ops"]
    assert op["inputs"][0] == before["inputs"][0]
    assert not set(op["inputs"][1:]) & set(before["inputs"][1:]) and op["outputs"] != before["outputs"]
    chipcast.model.load_model(graph)
    assert has_weights(conv(8, 12, 5)) and not has_weights(unary("relu", [1, 100]))


def test_the_two_sets_of_shapes_have_none_in_common() -> None:
    fitted, tested = calibration_cases(), unseen_cases()
    assert len({case.key for case in tested}) == len(tested) >= 60
    assert len({case.key for case in fitted}) == len(fitted)
    assert not {case.key for case in fitted} & {case.key for case in tested}


def test_every_case_is_a_graph() -> None:
    for case in calibration_cases() + unseen_cases():
        chipcast.model.load_model(case.graph)


@pytest.mark.parametrize(
    ("text", "unit", "value"), [("3.5 GHz", "Hz", 3.5e9), ("12 ns", "s", 12e-9), ("1.5 TB/s", "B/s", 1.5e12)]
)
def test_quantities_are_read_in_base_units(text: str, unit: str, value: float) -> None:
    assert quantity(text, unit) == pytest.approx(value)


@pytest.fixture(scope="module")
def calibration(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    return calibrate(tmp_path_factory.mktemp("host") / "host.json", fast=True)


def test_a_calibration_is_a_platform_that_runs_networks(calibration: Calibration) -> None:
    slow = chipcast.run("mobilenet_v2", calibration.path)
    fast = chipcast.run("mlperf_tiny_kws", calibration.path)
    assert slow.latency_s > fast.latency_s > 0.0
    assert chipcast.run("mobilenet_v2", calibration.path, dtype="int8").latency_s > 0.0
    platform = chipcast.describe(calibration.path)
    assert platform["devices"]["cpu"]["warm"] is True
    assert {family["algorithm"] for family in platform["devices"]["cpu"]["profile"]["kernels"]} >= {
        "product",
        "elements",
    }


def test_a_calibration_tells_what_it_measured(calibration: Calibration) -> None:
    document = json.dumps(calibration.to_dict())
    assert "multiply-accumulates per cycle" in calibration.to_text()
    assert calibration.machine["processor"] in document
    assert calibration.fits and all(fit.samples > 0 for fit in calibration.fits)


def test_a_folder_is_no_platform_file(tmp_path: Path) -> None:
    with pytest.raises(chipcast.InputError, match="is a folder; give a file"):
        calibrate(tmp_path)
    with pytest.raises(chipcast.InputError, match="no folder"):
        calibrate(tmp_path / "missing" / "host.json")
    with pytest.raises(chipcast.InputError, match="threads: 0 is below 1"):
        calibrate(tmp_path / "host.json", threads=0)
