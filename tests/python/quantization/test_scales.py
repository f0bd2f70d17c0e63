# SPDX-License-Identifier: Apache-2.0
"""Scales against arithmetic worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from chipcast import InputError
from chipcast.quantization.min_max import Extremes, weight_scales
from chipcast.quantization.scales import affine, check_bits, largest, round_half_away, symmetric
from hypothesis import given
from hypothesis import strategies as st

FINITE = st.floats(-1e6, 1e6, width=32)


def test_symmetric_formats_leave_the_lowest_value_out() -> None:
    assert [largest(bits) for bits in (2, 4, 7, 8)] == [1, 7, 63, 127]


def test_symmetric_scale_makes_the_limit_the_largest_stored_value() -> None:
    scale = symmetric(6.35, 8)  # 6.35 / 127 = 0.05
    assert scale.scales[0] == pytest.approx(0.05, rel=1e-7)
    values = np.array([-6.35, -0.12, 0.0, 0.03, 100.0], np.float32)  # / 0.05: -127, -2.4, 0, 0.6, 2000
    assert scale.quantized(values).tolist() == [-127, -2, 0, 1, 127]
    assert scale.rounded(values) == pytest.approx([-6.35, -0.1, 0.0, 0.05, 6.35], rel=1e-6)


def test_affine_scale_by_hand() -> None:
    scale = affine(-1.0, 3.0, 8)  # 4 / 255; -128 + 1 / (4/255) = -128 + 63.75 -> -64
    assert scale.scales[0] == pytest.approx(4.0 / 255.0, rel=1e-7)
    assert scale.zero_points[0] == -64
    assert scale.quantized(np.array([0.0, 3.0, -1.0, 9.0], np.float32)).tolist() == [-64, 127, -128, 127]


def test_int7_by_hand() -> None:
    scale = symmetric(1.26, 7)  # 1.26 / 63 = 0.02
    assert scale.quantized(np.array([1.26, -1.26, 5.0, -5.0], np.float32)).tolist() == [63, -63, 63, -63]


def test_weights_have_a_scale_per_output_channel() -> None:
    weights = np.array([[1.27, -0.5], [0.1, -0.254]], np.float32)
    assert weight_scales(weights, 8, 0).scales == pytest.approx([0.01, 0.002], rel=1e-6)
    assert weight_scales(weights, 8, 1).scales == pytest.approx([0.01, 0.5 / 127], rel=1e-6)
    assert weight_scales(weights, 8, 0).rounded(weights)[0] == pytest.approx([1.27, -0.5], rel=1e-6)


def test_ties_go_away_from_zero() -> None:
    x = np.array([0.5, -0.5, 1.5, 2.5, 0.49999997, -1.4], np.float32)
    assert round_half_away(x).tolist() == [1.0, -1.0, 2.0, 3.0, 0.0, -1.0]


def test_extremes_hold_zero() -> None:
    seen = Extremes()
    seen.add(np.array([2.0, 5.0], np.float32))
    assert (seen.low, seen.high, seen.reach) == (0.0, 5.0, 5.0)
    assert seen.affine(8).zero_points[0] == -128


def test_bits_are_checked() -> None:
    with pytest.raises(InputError, match=r"^bits: 9 is not one of 7, 8$"):
        check_bits(9, (7, 8), "bits")


@given(st.lists(FINITE, min_size=1, max_size=50), st.sampled_from([7, 8]))
def test_scales_are_positive_and_errors_half_a_step(values: list[float], bits: int) -> None:
    x = np.array(values, np.float32)
    for scale in (symmetric(float(np.abs(x).max()), bits), affine(float(x.min()), float(x.max()), bits)):
        assert scale.scales[0] > 0.0
        stored = scale.quantized(x)
        assert stored.min() >= -(1 << (bits - 1))
        assert stored.max() <= largest(bits)
        # The zero point is rounded too: one more half step at an end.
        assert np.abs(scale.rounded(x) - x).max() <= scale.scales[0] * 1.01 + 1e-30


@given(st.lists(FINITE, min_size=1, max_size=50))
def test_int7_never_leaves_its_range(values: list[float]) -> None:
    x = np.array(values, np.float32)
    stored = symmetric(float(np.abs(x).max()), 7).quantized(2 * x)
    assert np.abs(stored).max() <= 63
