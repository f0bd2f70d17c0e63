# SPDX-License-Identifier: Apache-2.0
"""Does each quantised operator give the bits that TensorFlow Lite's reference kernel gives, over random shapes, scales
and zero points, by plain loops and by the SIMD kernels?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from chipcast.importers import tflite
from chipcast.importers.contents import Contents
from chipcast.importers.limits import ImportLimits
from chipcast.model import load_model
from chipcast.native import Executor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from native.tflite_cases import CASES
from native.tflite_oracle import Oracle, uniform_inputs


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1))
def test_operator_is_equal_bit_for_bit(tmp_path: Path, case: str, seed: int) -> None:
    check_bits(tmp_path, case, seed)


@pytest.mark.parametrize("seed", [72, 148, 203, 313, 315, 341, 6614])
def test_tables_of_16_bits_are_made_in_double_precision(tmp_path: Path, seed: int) -> None:
    """Sums whose reciprocals lie at the two samples that single precision rounds the other way."""
    check_bits(tmp_path, "softmax-7-7", seed)


def check_bits(tmp_path: Path, case: str, seed: int) -> None:
    path = tmp_path / f"{case}.tflite"
    data = CASES[case](np.random.default_rng(seed))
    path.write_bytes(data)
    oracle, contents = Oracle(path), Contents()
    # In this process: the importer's own takes ten times as long to start as everything else here.
    model = load_model(tflite.convert(data, path.name, ImportLimits(), {}, contents))
    executors = [Executor(model, contents.arrays, fold=fold) for fold in (False, True)]
    for sample in range(3):
        inputs = uniform_inputs(model, seed + sample)
        (wanted,) = oracle.run(inputs).values()
        for executor in executors:
            (value,) = executor.run(inputs).values()
            np.testing.assert_array_equal(value, wanted.reshape(value.shape))
