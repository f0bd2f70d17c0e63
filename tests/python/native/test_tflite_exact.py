# SPDX-License-Identifier: Apache-2.0
"""Do quantised networks give the bits that TensorFlow Lite's reference kernels give, layer by layer? And do those in
floating point give its numbers?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from chipcast.model import load_model
from chipcast.native import Executor
from native.tflite_oracle import Oracle, uniform_inputs

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "models" / "tflite"
QUANTIZED = ("ad01_int8", "kws_ref_model", "pretrainedResnet_quant", "vww_96_int8")
FLOAT = ("ad01_fp32", "kws_ref_model_float32", "pretrainedResnet", "vww_96_float")
SAMPLES = 100


def network(name: str) -> Path:
    path = FOLDER / f"{name}.tflite"
    if not path.is_file():
        pytest.skip(f"no {path.name} beside the checkout (../shared/models/tflite)")
    return path


@pytest.mark.parametrize("name", QUANTIZED)
def test_outputs_are_equal_bit_for_bit(name: str) -> None:
    path = network(name)
    model, oracle = load_model(path), Oracle(path)
    executor = Executor(model)
    for seed in range(SAMPLES):
        inputs = uniform_inputs(model, seed)
        wanted = oracle.run(inputs)
        for output, value in executor.run(inputs).items():
            np.testing.assert_array_equal(value, wanted[output], err_msg=f"{output}, seed {seed}")


@pytest.mark.parametrize("reference", [True, False])
@pytest.mark.parametrize("name", QUANTIZED)
def test_layers_are_equal_bit_for_bit(name: str, reference: bool) -> None:
    path = network(name)
    model, oracle = load_model(path), Oracle(path, layers=True)
    executor = Executor(model, reference=reference, fold=False)
    inputs = uniform_inputs(model, 1000)
    wanted = oracle.run(inputs)
    written = {name for op in model.graph["ops"] for name in op["outputs"]} & wanted.keys()
    assert len(written) >= len(model.graph["ops"]) // 2
    found = executor.run(inputs, keep=written)
    for layer in written:
        value = wanted[layer].reshape(found[layer].shape)
        # A fused activation is an operator of its own here: what comes before it has another name in the file.
        np.testing.assert_array_equal(found[layer], value, err_msg=layer)


@pytest.mark.parametrize("name", FLOAT)
def test_floating_point_networks_agree(name: str) -> None:
    path = network(name)
    model, oracle = load_model(path), Oracle(path)
    executor = Executor(model)
    for seed in range(10):
        inputs = uniform_inputs(model, seed)
        wanted = oracle.run(inputs)
        for output, value in executor.run(inputs).items():
            largest = np.abs(wanted[output]).max()
            np.testing.assert_allclose(value, wanted[output], rtol=1e-5, atol=1e-5 * largest, err_msg=output)
