# SPDX-License-Identifier: Apache-2.0
"""Volumes of known sets, over evaluations."""

from __future__ import annotations

import chipcast
import pandas as pd
import pytest
from chipcast import views
from views_tables import grid, points


def steps(frame: pd.DataFrame) -> list[tuple[int, float]]:
    return [(int(row.evaluation), float(row.hypervolume)) for row in frame.itertuples()]


def test_of_two_objectives() -> None:
    designs = points((3.0, 3.0), (1.0, 3.0), (4.0, 4.0), (3.0, 1.0), (5.0, 0.0))
    found = views.hypervolume(designs, ["a", "b"], reference=[4.0, 4.0]).data
    # (4-3)(4-3), then (4-1)(4-3), then the row (3,1) adds (4-3)(3-1); what is not below the reference adds nothing
    assert steps(found) == [(1, 1.0), (2, 3.0), (4, 5.0), (5, 5.0)]
    assert list(found["share"]) == pytest.approx([0.2, 0.6, 1.0, 1.0])


def test_of_three_objectives() -> None:
    found = views.hypervolume(
        points((0.0, 0.0, 0.0), (1.0, 1.0, -1.0)), ["a", "b", "c"], reference=[2.0, 2.0, 2.0]
    )
    assert steps(found.data) == [(1, 8.0), (2, 9.0)]  # 2·2·2, and 1·1·1 below it


def test_what_is_to_be_large_counts_from_below() -> None:
    designs = points((1.0, 10.0), (2.0, 30.0))
    found = views.hypervolume(designs, ["a", "max:b"], reference=[4.0, 0.0])
    assert steps(found.data) == [(1, 30.0), (2, 70.0)]  # 3·10, and 2·20 above it
    assert "Reference: a 4, b 0." in found.caption


def test_shares_may_be_of_a_whole() -> None:
    designs = points((3.0, 3.0), (1.0, 3.0))
    found = views.hypervolume(designs, ["a", "b"], reference=[4.0, 4.0], whole=12.0)
    assert list(found.data["share"]) == pytest.approx([1 / 12, 3 / 12])
    with pytest.raises(chipcast.InputError, match="whole: needs a volume above zero and the reference"):
        views.hypervolume(designs, ["a", "b"], whole=12.0)


def test_failed_points_count_as_evaluations() -> None:
    frame = points((2.0, 2.0), (0.0, 0.0), (1.0, 1.0), (0.0, 0.0), state=["done", "failed", "done", "failed"])
    assert steps(views.hypervolume(frame, ["a", "b"], reference=[3.0, 3.0]).data) == [
        (1, 1.0),
        (3, 4.0),
        (4, 4.0),
    ]


def test_the_reference_is_stated() -> None:
    designs = points((0.0, 5.0), (10.0, 0.0))
    found = views.hypervolume(designs, ["a", "b"])
    assert "Reference: a 11, b 5.5." in found.caption  # a tenth of the spread beyond the worst
    assert steps(found.data)[-1] == (2, pytest.approx(11 * 0.5 + 1 * 5))


def test_it_never_falls_and_groups_have_a_line_each() -> None:
    found = views.hypervolume(grid(models=("small", "large"))).data
    assert list(dict.fromkeys(found["model"])) == ["small", "large"]
    for _, curve in found.groupby("model"):
        assert curve["hypervolume"].is_monotonic_increasing
        assert curve["share"].iloc[-1] == 1.0


@pytest.mark.parametrize("reference", [[1.0], [1.0, float("nan")], [1.0, 2.0, 3.0]])
def test_references_that_are_none(reference: list[float]) -> None:
    with pytest.raises(chipcast.InputError, match="reference: needs a finite number for each of a, b"):
        views.hypervolume(points((0.0, 1.0)), ["a", "b"], reference=reference)


def test_a_reference_that_nothing_reaches() -> None:
    found = views.hypervolume(points((2.0, 2.0)), ["a", "b"], reference=[1.0, 1.0]).data
    assert steps(found) == [(1, 0.0)]
    assert list(found["share"]) == [0.0]
