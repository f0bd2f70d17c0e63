# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from chipcast.quantization.easyquant import Sampled, candidates, objective, rounded, search
from chipcast.quantization.easyquant import _best_of_each as best_of_each
from chipcast.quantization.min_max import weight_scales
from hypothesis import given, settings
from hypothesis import strategies as st


def layer(seed: int, groups: int = 1, bits: int = 7, positions: int = 40) -> Sampled:
    channels, depth = 6, 20
    generator = np.random.default_rng(seed)
    matrix = generator.standard_normal((groups, channels, depth)).astype(np.float32)
    columns = generator.standard_normal((groups, depth, positions)).astype(np.float32)
    columns.flat[seed % columns.size] = 6.0
    steps = weight_scales(matrix.reshape(groups * channels, depth), bits, 0).scales
    return Sampled(matrix, matrix @ columns, columns, steps)


def reach(layers: list[Sampled]) -> float:
    return max(float(np.abs(some.columns).max()) for some in layers)


def test_candidates_are_those_of_the_paper() -> None:
    steps = candidates(1.0, 0.75)
    assert steps[0] == 0.75
    assert len(steps) == 102  # what is in use, and 100 intervals
    assert steps[1] == 2.0  # factor 0.5 of the scale that multiplies
    assert steps[-1] == 0.5
    assert 1.0 / steps[2] == pytest.approx(0.515)


def test_rounding_by_hand() -> None:
    values = np.array([0.26, -0.9, 40.0], np.float32)
    assert rounded(values, np.float32(0.5), 7) == pytest.approx([0.5, -1.0, 31.5])


def test_clipping_an_outlier_pays() -> None:
    layers = [
        layer(3, positions=4000)
    ]  # 80,000 normal values: the best range at 7 bits ends at 3.6 deviations
    first = reach(layers) / 63
    found = search(first, 7, 7, layers, None)
    assert found.step < first
    assert found.after > found.before


def test_best_of_each_tries_whole_sums() -> None:
    # Channel 0: trial 1 makes (4 + 1) / sqrt(8 + 1) of (3 + 1) / sqrt(9 + 1); channel 1: no trial is better.
    products, squares = np.array([[3.0, 1.0], [4.0, 0.5]]), np.array([[9.0, 1.0], [8.0, 1.0]])
    assert best_of_each(products, squares).tolist() == [1, 0]


@given(st.integers(0, 10_000), st.integers(1, 3), st.sampled_from([7, 8]), st.integers(2, 8), st.booleans())
@settings(max_examples=25, deadline=None)
def test_the_objective_never_falls(
    seed: int, count: int, bits: int, weight_bits: int, read_otherwise: bool
) -> None:
    layers = [layer(seed + i, groups=1 + i, bits=weight_bits) for i in range(count)]
    own = layers[0].columns.ravel() if read_otherwise else None
    first = reach(layers) / (2 ** (bits - 1) - 1)
    before = objective(first, bits, weight_bits, layers, own)
    found = search(first, bits, weight_bits, layers, own)
    assert found.before == before
    assert found.after >= before
    assert found.after == pytest.approx(objective(found.step, bits, weight_bits, layers, own), abs=1e-12)
    assert found.step > 0.0
    assert all((some.steps > 0.0).all() for some in layers)


def test_a_tensor_without_layers_is_judged_by_itself() -> None:
    own = np.random.default_rng(0).standard_normal(4096).astype(np.float32)
    own[0] = 20.0
    found = search(20.0 / 63, 7, 7, [], own)
    assert found.after > found.before


def test_zeros_are_left_alone() -> None:
    zeros = np.zeros((1, 4, 8), np.float32)
    some = Sampled(np.ones((1, 3, 4), np.float32), np.zeros((1, 3, 8), np.float32), zeros, np.ones(3))
    found = search(1e-12, 8, 8, [some], None)
    assert found.after == 1.0
    assert found.step > 0.0
