# SPDX-License-Identifier: Apache-2.0
"""Which designs are in front."""

from __future__ import annotations

import chipcast
import pytest
from chipcast import views
from chipcast.search.spec import Objective
from views_tables import NAN, grid, points


def front(*pairs: tuple[float, ...], objectives: tuple[str, ...] = ("a", "b")) -> list[int]:
    return list(views.front(points(*pairs), objectives).index)


def test_designs_that_another_one_beats_are_behind() -> None:
    assert front((1, 4), (2, 2), (4, 1), (3, 3), (2, 3)) == [0, 1, 2]


def test_equal_designs_are_in_front_together() -> None:
    assert front((1, 2), (2, 1), (1, 2), (2, 2)) == [0, 2, 1]
    assert front((1, 1), (1, 1)) == [0, 1]


def test_equal_in_one_and_worse_in_the_other_is_behind() -> None:
    assert front((1, 1), (1, 2), (2, 1)) == [0]


def test_unknown_figures_are_never_in_front() -> None:
    assert front((NAN, 0), (1, 1), (0, NAN), (float("inf"), 0)) == [1]


def test_one_design_is_in_front() -> None:
    assert front((3, 3)) == [0]


def test_more_can_be_better() -> None:
    assert front((1, 4), (2, 2), (4, 1), objectives=("a", "max:b")) == [0]
    assert front((1, 4), (2, 5), (4, 1), objectives=("max:b", "a")) == [1, 0]
    assert list(views.front(points((1, 4), (2, 5)), ["a", Objective("b", "max")]).index) == [0, 1]


def test_three_objectives() -> None:
    designs = points((1, 1, 3), (1, 3, 1), (3, 1, 1), (3, 3, 3), (1, 1, 4))
    assert list(views.front(designs, ["a", "b", "c"]).index) == [0, 1, 2]


def test_networks_have_a_front_each() -> None:
    table = grid(models=("small", "large"))
    each = views.front(table, ["latency_s", "energy_j"])
    assert set(each["model"]) == {"small", "large"}
    alone = views.front(grid(models=("small",)), ["latency_s", "energy_j"])
    assert len(each) == pytest.approx(2 * len(alone), abs=3)
    assert set(views.front(table, ["latency_s", "energy_j"], by=None)["model"]) == {"small"}
    assert set(views.front(table, ["latency_s", "energy_j"], by="mapper")["mapper"]) == {"greedy", "heft"}


def test_latency_energy_and_area_are_the_usual_objectives() -> None:
    assert "area" in views.pareto(grid()).caption
    assert views.front(grid()).equals(views.front(grid(), ["latency_s", "energy_j", "area_mm2"]))


@pytest.mark.parametrize(
    ("objectives", "message"),
    [
        (["latency", "energy_j"], 'objectives: no column "latency" \\(did you mean "latency_s"\\?\\)'),
        (["limited_by"], 'objectives: "limited_by" holds no numbers \\(known: '),
        (["latency_s", "max:latency_s"], "objectives: a column stands there twice"),
        (["reason"], 'objectives: "reason" is empty in all points'),
    ],
)
def test_objectives_that_are_none(objectives: list[str], message: str) -> None:
    with pytest.raises(chipcast.InputError, match=message):
        views.front(grid(), objectives)


def test_two_objectives_make_a_picture() -> None:
    with pytest.raises(chipcast.InputError, match="objectives: 2 are needed, got latency_s"):
        views.pareto(grid(), ["latency_s"])
    with pytest.raises(chipcast.InputError, match=r'by: no column "modl"'):
        views.pareto(grid(), by="modl")


def test_columns_without_a_number_are_told() -> None:
    with pytest.raises(chipcast.InputError, match='"b" is empty in all points'):
        views.front(points((1.0, NAN), (2.0, NAN)), ["a", "b"])
    with pytest.raises(chipcast.InputError, match="no point has all of a, b"):
        views.front(points((1.0, NAN), (NAN, 2.0)), ["a", "b"])


def test_scenarios_have_a_front_each() -> None:
    designs = points((1.0, 1.0), (2.0, 2.0), scenario=["voice", "camera"])
    assert list(views.front(designs, ["a", "b"]).index) == [0, 1]
    assert list(views.front(designs, ["a", "b"], by=None).index) == [0]
