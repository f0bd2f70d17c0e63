# SPDX-License-Identifier: Apache-2.0
"""Results of searches: what they were for, their constraints and their reference count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from chipcast import views
from chipcast.search import Constraint, Objective, Record, Search, SearchResult
from chipcast.sweep import Axis, Sweep
from chipcast.views.designs import designs_of
from pictures import check_view

CLOCKS = ["300 MHz", "600 MHz", "900 MHz", "1200 MHz", "1500 MHz"]
COLUMNS = [
    {"latency_s": 4e-3, "energy_j": 1e-3, "average_power_w": 0.25, "quality": 20.0},
    {"latency_s": 3e-3, "energy_j": 2e-3, "average_power_w": 0.67, "quality": 30.0},
    {"latency_s": 2e-3, "energy_j": 3e-3, "average_power_w": 1.50, "quality": 10.0},
    {},
    {"latency_s": 1e-3, "energy_j": 0.5e-3, "average_power_w": 0.50, "quality": 5.0},
]


@pytest.fixture
def result() -> SearchResult:
    """Five designs: the third draws more than allowed, the fourth failed, the fifth is the best but for its quality."""
    space = Sweep(
        ["mlperf_tiny_kws"], ["rv1106"], [Axis("npu.clock", CLOCKS)], keep={"quality": "totals.macs"}
    )
    search = Search(
        space,
        [Objective("latency_s"), Objective("quality", "max")],
        constraints=[Constraint("average_power_w", high=1.0)],
        reference={"latency_s": 5e-3, "quality": 0.0},
    )
    return SearchResult(search, [_record(number) for number in range(len(CLOCKS))])


def _record(number: int) -> Record:
    columns: dict[str, Any] = COLUMNS[number]
    state = "done" if columns else "failed"
    values = {"npu.clock": CLOCKS[number]}
    return Record((number,), values, "systemc", number // 2, state, "" if columns else "limit", dict(columns))


def test_its_axes_objectives_and_constraints_are_known(result: SearchResult) -> None:
    designs = designs_of(result)
    assert designs.axes == ["npu.clock"]
    assert [each.column for each in designs.goals] == ["latency_s", "quality"]
    assert designs.admitted == [True, True, False, True]


def test_the_front_is_the_searchs(result: SearchResult) -> None:
    found = views.front(result)
    assert list(found["npu.clock"]) == [record.values["npu.clock"] for record in result.front]
    assert list(found["npu.clock"]) == ["1500 MHz", "600 MHz"]
    assert list(views.front(result, ["latency_s", "energy_j"])["npu.clock"]) == ["1500 MHz"]


def test_pictures_say_what_constraints_do(result: SearchResult) -> None:
    view = views.pareto(result)
    assert "1 of 5 points are not shown: 1 failed. Never in front: 1 that break a constraint." in view.caption
    check_view(view)
    check_view(views.parallel(result))


def test_hypervolumes_are_the_searchs(result: SearchResult) -> None:
    view = views.hypervolume(result)
    assert "Reference: latency_s 5 ms, quality 0." in view.caption
    assert view.data["hypervolume"].iloc[-1] == pytest.approx(result.hypervolume)
    # (5-4) ms·20, then (5-3) ms·30, then 5 more over the last two milliseconds
    assert list(view.data["hypervolume"]) == pytest.approx([20e-3, 60e-3, 70e-3])
    assert list(view.data["evaluation"]) == [1, 2, 5]
    assert "quality 0" not in views.hypervolume(result, ["latency_s", "energy_j"]).caption


def test_its_file_keeps_its_constraints(result: SearchResult, tmp_path: Path) -> None:
    result.write(tmp_path / "search.csv")
    for source in (tmp_path / "search.csv", result.to_pandas()):
        assert designs_of(source).admitted == [True, True, False, True]
        rows = views.front(source, ["latency_s", "max:quality", "max:energy_j"])
        assert "900 MHz" not in list(rows["npu.clock"])


def test_its_file_is_a_table_as_well(result: SearchResult, tmp_path: Path) -> None:
    result.write(tmp_path / "search.csv")
    read = designs_of(tmp_path / "search.csv")
    assert read.axes == ["npu.clock"]
    assert read.states == {"done": 4, "failed": 1}
    names = [path.name for path in views.write_views(result, tmp_path, drawn=True)]
    assert names == [
        "pareto.svg", "pareto.csv", "latency_s.svg", "latency_s.csv", "quality.svg", "quality.csv",
        "hypervolume.svg", "hypervolume.csv",
    ]  # fmt: skip
