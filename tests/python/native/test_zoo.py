# SPDX-License-Identifier: Apache-2.0
"""Networks of the zoo, in small: fast kernels and plain loops against ONNX Runtime."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from chipcast.catalog import model_names
from chipcast.model import load_model
from chipcast.native import Executor
from chipcast.parameters import random_inputs, random_parameters
from native.oracle import TOLERANCE, onnx_runtime, relative_error, with_logits

SMALL: dict[str, dict[str, Any]] = {
    "mobilenet_v1": {"resolution": 64, "width": 0.5},
    "mobilenet_v2": {"resolution": 64, "width": 0.5},
    "mobilenet_v2_ncnn": {"resolution": 64, "width": 0.5},
    "mobilenet_v3_large": {"resolution": 64, "width": 0.5},
    "mobilenet_v3_large_ncnn": {"resolution": 64, "width": 0.5},
    "mobilenet_v3_small": {"resolution": 64},
    "resnet18": {"resolution": 32},
    "resnet18_ncnn": {"resolution": 32},
    "resnet50": {"resolution": 32},
    "resnet50_v1_5": {"resolution": 32},
    "squeezenet1_0": {"resolution": 63},
    "squeezenet1_1": {"resolution": 64},
    "squeezenet1_1_ncnn": {"resolution": 63},
    "bert_tiny": {"sequence_length": 24},
    "resnet34": {"resolution": 32},
    "resnet50_v2": {"resolution": 32},
    "resnet101_v1_5": {"resolution": 32},
    "efficientnet_b0": {"resolution": 64},
    "efficientnet_lite0": {"resolution": 64},
    "ssdlite_mobilenet_v2": {"resolution": 96},
    "retinaface_resnet50": {"resolution": 64},
}
LARGE = 5e9
"""Multiply-accumulates from which on a network is left to `scripts/validate` and the slow lanes."""


def options(name: str) -> dict[str, Any] | None:
    return {"resolution": 64} if name.startswith("yolo") else SMALL.get(name)


HEAVY = 40e6
"""Parameters from which on the plain loops take seconds; CHIPCAST_FULL_ZOO=1 runs those networks too."""


def small() -> list[str]:
    most = float("inf") if os.environ.get("CHIPCAST_FULL_ZOO") else HEAVY
    totals = {name: load_model(name, model_options=options(name)).totals for name in model_names()}
    return [name for name, each in totals.items() if each["macs"] < LARGE and each["parameters"] < most]


@pytest.mark.parametrize("name", small())
def test_matches_onnx_runtime(name: str) -> None:
    model = with_logits(load_model(name, model_options=options(name)))
    inputs = random_inputs(model.graph, seed=5)
    parameters = random_parameters(model.graph, seed=3)
    wanted = onnx_runtime(model.graph, inputs, seed=3)
    for reference in (False, True):
        got = Executor(model, parameters, reference=reference).run(inputs)
        assert got.keys() == wanted.keys()
        for output, value in wanted.items():
            assert relative_error(got[output], value) < TOLERANCE, (output, reference)


def test_batches_and_threads_change_nothing() -> None:
    model = load_model("mobilenet_v3_small", model_options={"resolution": 64, "batch": 3})
    inputs = random_inputs(model.graph, seed=1)
    one = Executor(model).run(inputs)
    two = Executor(model, threads=2).run(inputs)
    for name, value in one.items():
        assert np.array_equal(value, two[name])


def test_folding_keeps_the_numbers() -> None:
    model = load_model("mlperf_tiny_ic")
    inputs = random_inputs(model.graph)
    folded, plain = Executor(model), Executor(model, fold=False)
    assert len(folded.graph["ops"]) < len(plain.graph["ops"])
    got, wanted = folded.run(inputs), plain.run(inputs)
    for name, value in wanted.items():
        assert relative_error(got[name], value) < 1e-5
