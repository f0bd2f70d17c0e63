# SPDX-License-Identifier: Apache-2.0
"""Fronts and hypervolumes against counting by hand."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from chipcast import InputError
from chipcast.search.fronts import corner_of, hypervolume, pareto_mask
from chipcast.search.libraries import need


def dominated(points: np.ndarray, at: int) -> bool:
    return any((other <= points[at]).all() and (other < points[at]).any() for other in points)


@pytest.mark.parametrize("objectives", [1, 2, 3, 4])
def test_the_mask_is_what_the_definition_says(objectives: int) -> None:
    points = np.random.default_rng(objectives).integers(0, 6, (80, objectives)).astype(float)
    assert pareto_mask(points).tolist() == [not dominated(points, at) for at in range(len(points))]


def test_equal_rows_stay_together_and_what_is_not_finite_goes() -> None:
    rows = [[1.0, 2.0], [1.0, 2.0], [np.nan, 0.0], [0.0, np.inf], [2.0, 2.0]]
    assert pareto_mask(rows).tolist() == [True, True, False, False, False]
    assert pareto_mask([]).tolist() == []


def test_hypervolume_of_boxes() -> None:
    assert hypervolume([[1.0, 2.0], [2.0, 1.0]], [3.0, 3.0]) == pytest.approx(3.0)
    assert hypervolume([[3.0, 0.0], [np.nan, 0.0]], [3.0, 3.0]) == 0.0
    assert hypervolume([], [3.0, 3.0]) == 0.0


def test_hypervolume_counts_cells_of_a_grid() -> None:
    points = np.random.default_rng(7).integers(0, 5, (12, 3)).astype(float)
    cells = [
        (a, b, c)
        for a in range(5)
        for b in range(5)
        for c in range(5)
        if any((point <= (a, b, c)).all() for point in points)
    ]
    assert hypervolume(points, [5.0, 5.0, 5.0]) == pytest.approx(len(cells))


def test_a_corner_is_behind_every_point() -> None:
    corner = corner_of([[1.0, 5.0], [3.0, 5.0], [np.inf, 9.0]])
    assert corner.tolist() == pytest.approx([3.2, 5.5])


def test_shapes_that_do_not_fit_are_told() -> None:
    with pytest.raises(InputError, match="reference"):
        hypervolume([[1.0, 2.0]], [3.0])
    with pytest.raises(InputError, match="rows of objectives"):
        pareto_mask([1.0, 2.0])


def test_a_missing_library_names_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "moocore", None)
    with pytest.raises(InputError, match=r"needs moocore; pip install 'chipcast\[search\]'"):
        need("moocore")
