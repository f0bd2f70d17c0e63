# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import numpy as np
import pytest
from chipcast import InputError
from chipcast.quantization.metrics import Accumulator, distance


def test_by_hand() -> None:
    found = distance(np.array([3.0, 4.0]), np.array([3.0, 4.5]))
    assert found.sqnr_db == pytest.approx(20.0)  # 25 / 0.25 = 100
    assert found.cosine == pytest.approx(27.0 / (5.0 * math.sqrt(29.25)))
    assert found.max_error == 0.5
    assert found.max_relative_error == 0.125


def test_equal_arrays_have_no_distance() -> None:
    found = distance(np.ones(4), np.ones(4))
    assert found.sqnr_db == math.inf
    assert (found.cosine, found.max_error, found.max_relative_error) == (1.0, 0.0, 0.0)


def test_zeros() -> None:
    assert distance(np.zeros(2), np.zeros(2)).cosine == 1.0
    lost = distance(np.zeros(2), np.ones(2))
    assert (lost.sqnr_db, lost.cosine, lost.max_relative_error) == (-math.inf, 0.0, math.inf)


def test_several_arrays_count_as_one() -> None:
    both = Accumulator()
    both.add(np.array([3.0]), np.array([3.0]))
    both.add(np.array([4.0]), np.array([4.5]))
    assert both.distance() == distance(np.array([3.0, 4.0]), np.array([3.0, 4.5]))


def test_shapes_must_agree() -> None:
    with pytest.raises(InputError, match="differ"):
        distance(np.zeros(2), np.zeros(3))


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_what_is_lost_to_infinity_does_not_look_exact(value: float) -> None:
    found = distance(np.array([1.0, 2.0]), np.array([1.0, value]))
    assert found.lost == 1
    assert (found.sqnr_db, found.cosine) == (-math.inf, 0.0)
    assert (found.max_error, found.max_relative_error) == (math.inf, math.inf)


def test_infinities_of_the_exact_network_are_right_where_they_are_kept() -> None:
    exact = np.array([1.0, -math.inf, math.nan])
    assert distance(exact, exact) == distance(np.ones(1), np.ones(1))
    assert distance(exact, np.array([1.0, -1e30, math.nan])).lost == 1


def test_errors_beyond_the_range_of_squares() -> None:
    found = distance(np.array([1e-200, 1.0]), np.array([1e200, 1.0]))
    assert found.sqnr_db == -math.inf
    assert found.lost == 0
