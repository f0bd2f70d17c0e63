# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import numpy as np
import pytest
from chipcast.quantization.kl import BINS, Histogram, best_bins, divergence


def test_a_group_that_is_even_loses_nothing() -> None:
    assert divergence(np.array([2.0, 2.0, 5.0, 5.0]), 0.0, 2) == pytest.approx(0.0, abs=1e-12)


def test_divergence_by_hand() -> None:
    # P = (1, 3) / 4; one level spreads 4 over both: Q = (2, 2) / 4.
    expected = 0.25 * math.log(0.25 / 0.5) + 0.75 * math.log(0.75 / 0.5)
    assert divergence(np.array([1.0, 3.0]), 0.0, 1) == pytest.approx(expected)
    # Four outliers join the last bin of P only: P = (1, 7) / 8.
    expected = 0.125 * math.log(0.125 / 0.5) + 0.875 * math.log(0.875 / 0.5)
    assert divergence(np.array([1.0, 3.0]), 4.0, 1) == pytest.approx(expected)


def test_empty_bins_get_nothing() -> None:
    assert divergence(np.array([4.0, 0.0, 1.0, 1.0]), 0.0, 2) == pytest.approx(0.0, abs=1e-12)


def test_a_far_outlier_is_clipped() -> None:
    values = np.random.default_rng(1).standard_normal(100_000).astype(np.float32)
    values[0] = 100.0
    histogram = Histogram(100.0)
    histogram.add(values)
    limit = float(histogram.scale(8).scales[0]) * 127
    assert limit < 20.0


def test_even_values_are_kept_whole() -> None:
    assert best_bins(np.full(BINS, 10.0), 128) == BINS


def test_zeros_alone_keep_all() -> None:
    counts = np.zeros(BINS)
    counts[0] = 10.0
    assert best_bins(counts, 128) == BINS
    assert Histogram(0.0).scale(8).scales[0] > 0.0
