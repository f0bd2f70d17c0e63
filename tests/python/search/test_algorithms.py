# SPDX-License-Identifier: Apache-2.0
"""Every algorithm on a space whose front is known: the same result each time, within the budget, from the store."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
from chipcast import InputError
from chipcast.search import Algorithm, Constraint, Objective, run_search
from chipcast.search.fronts import corner_of, hypervolume, pareto_mask
from chipcast.search.genetic import reference_directions
from chipcast.search.protection import merged_fronts
from chipcast.sweep import Axis, Range
from search_bench import DESIGNS, LATENCY_AREA, search, space

PROTECT = ((Objective("energy_j"), Objective("area_mm2")),)
ALGORITHMS = [
    Algorithm("nsga2", 12),
    Algorithm("nsga3", 12),
    Algorithm("protected_nsga3", 12, PROTECT),
    Algorithm("tpe", 12),
    Algorithm("optuna_nsga2", 12),
    Algorithm("random", 12),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("algorithms") / "search.db"


@pytest.fixture(scope="module")
def truth(store: Path) -> np.ndarray:
    whole = run_search(search(algorithm=Algorithm("grid"), evaluations=DESIGNS), store=store, jobs=2)
    assert whole.counts == {"done": DESIGNS}
    return np.asarray([[r.columns["latency_s"], r.columns["area_mm2"]] for r in whole.front])


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda each: each.name)
def test_it_comes_near_the_front_and_does_so_again(
    algorithm: Algorithm, store: Path, truth: np.ndarray
) -> None:
    wanted = search(algorithm=algorithm, seed=3)
    first, again = (run_search(wanted, store=store, jobs=jobs) for jobs in (1, 2))
    assert first.evaluations == 120
    assert len({record.genome for record in first.records}) == 120, "a design counts once"
    assert first.reused == 120
    assert [record.genome for record in again.records] == [record.genome for record in first.records]
    assert first.to_dict() == again.to_dict()
    corner = corner_of(truth)
    share = first.history(corner)[-1].hypervolume / hypervolume(truth, corner)
    assert share > (0.6 if algorithm.name == "random" else 0.85)
    volumes = [step.hypervolume for step in first.history()]
    assert volumes == sorted(volumes), "what was found stays"


def test_another_seed_goes_another_way(store: Path, truth: np.ndarray) -> None:
    ways = [[r.genome for r in run_search(search(seed=seed), store=store, jobs=1).records] for seed in (1, 2)]
    assert ways[0] != ways[1]


def test_the_front_is_that_of_all_that_was_forecast(store: Path, truth: np.ndarray) -> None:
    result = run_search(search(), store=store, jobs=1)
    values = np.asarray([[r.columns["latency_s"], r.columns["area_mm2"]] for r in result.records])
    best = {tuple(row) for row in values[pareto_mask(values)]}
    assert {(r.columns["latency_s"], r.columns["area_mm2"]) for r in result.front} == best
    frame = result.to_pandas()
    assert len(frame) == 120
    assert int(frame["front"].sum()) == len(result.front)
    assert list(frame.columns[:5]) == ["design", "state", "tier", "round", "front"]


def test_constraints_hold_on_the_front(store: Path) -> None:
    bounds = (Constraint("area_mm2", high=6.0), Constraint("latency_s", low=0.004))
    result = run_search(search(constraints=bounds), store=store, jobs=1)
    assert result.front
    for record in result.front:
        assert record.columns["area_mm2"] <= 6.0
        assert record.columns["latency_s"] >= 0.004
    nothing = run_search(search(constraints=[Constraint("area_mm2", high=0.5)]), store=store, jobs=1)
    assert nothing.front == []
    assert nothing.hypervolume == 0.0


def test_formulas_are_columns_and_goals_turn(store: Path) -> None:
    wanted = search(
        objectives=(Objective("edp"), Objective("spare", "max")),
        formulas={"edp": "latency_s * energy_j", "spare": "12 - area_mm2 + 0 * x.a"},
    )
    result = run_search(wanted, store=store, jobs=1)
    for record in result.records:
        columns = record.columns
        assert columns["edp"] == pytest.approx(columns["latency_s"] * columns["energy_j"])
    spare = [record.columns["spare"] for record in result.front]
    assert spare == sorted(spare), "the least product first, which spares least"


def test_conditions_between_axes_are_kept(store: Path) -> None:
    wanted = search(space=space(where=["x.a + x.b <= 8"]))
    result = run_search(wanted, store=store, jobs=1)
    assert result.evaluations == 120
    assert all(record.values["x.a"] + record.values["x.b"] <= 8 for record in result.records)


@pytest.mark.parametrize("name", ["nsga2", "tpe", "optuna_nsga2"])
def test_designs_that_cannot_be_are_no_trouble(tmp_path: Path, name: str) -> None:
    wanted = search(space=space(fixed={"bad": [10.0, 5.0, 5.0]}), algorithm=Algorithm(name, 12))
    result = run_search(wanted, store=tmp_path / "s.db", jobs=1)
    assert result.front
    for record in result.records:
        if record.state == "invalid":
            assert "not allowed" in record.reason
            assert record not in result.front


def test_a_design_that_kills_its_worker_is_one_row(tmp_path: Path) -> None:
    axes = [Axis(f"x.{name}", [4, 5]) for name in "abc"]
    wanted = search(
        space=space(axes=axes, fixed={"kills": [5.0, 5.0, 5.0]}, retries=1), algorithm=Algorithm("nsga2", 4)
    )
    result = run_search(wanted, store=tmp_path / "s.db", jobs=2)
    assert result.counts == {"done": 7, "quarantined": 1}
    assert result.front


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_result(store: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    here = run_search(search(evaluations=40), store=store, jobs=1)
    there = run_search(search(evaluations=40), store=tmp_path / "s.db", scheduler="local", jobs=2)
    assert there.to_dict() == here.to_dict()
    assert there.reused == 0


def test_a_small_space_is_used_up(tmp_path: Path) -> None:
    axes = [Axis(f"x.{name}", [4, 5]) for name in "abc"]
    for algorithm in (Algorithm("nsga2", 4), Algorithm("tpe", 4), Algorithm("random", 4)):
        result = run_search(
            search(space=space(axes=axes), algorithm=algorithm), store=tmp_path / "s.db", jobs=1
        )
        assert result.evaluations == 8


def test_ranges_without_steps_and_names_are_searched(tmp_path: Path) -> None:
    axes = [Axis("x.a", Range(0.0, 10.0)), Axis("x.b", [5]), Axis("x.c", [5]), Axis("x.d", ["slow", "fast"])]
    wanted = search(space=dataclasses.replace(space(), axes=axes, chosen=()))
    result = run_search(wanted, store=tmp_path / "s.db", jobs=1)
    assert all(record.values["x.d"] == "fast" for record in result.front)
    assert len({record.values["x.a"] for record in result.records}) > 30


def test_designs_to_begin_with_come_first(store: Path) -> None:
    wanted = search(algorithm=Algorithm("nsga2", 8, start=({"x.a": 10, "x.[bc]": 5}, {"x.*": 3})))
    records = run_search(wanted, store=store, jobs=1).records
    assert records[0].values == {"x.a": 10, "x.b": 5, "x.c": 5}
    assert records[1].values == {"x.a": 3, "x.b": 3, "x.c": 3}
    for start, told in (({"x.e": 1}, 'no axis "x.e"'), ({"x.a": 11}, "11 is no value of the axis")):
        with pytest.raises(InputError, match=told):
            run_search(search(algorithm=Algorithm(start=(start,))), store=store)


def test_a_start_that_conditions_refuse_is_told(store: Path) -> None:
    begun = Algorithm("nsga2", 8, start=({"x.a": 10, "x.b": 10},))
    with pytest.raises(InputError, match=r"algorithm\.start\[0\]: space\.where admits no design"):
        run_search(search(space=space(where=["x.a + x.b <= 8"]), algorithm=begun), store=store)
    begun = Algorithm("nsga2", 8, start=({"x.a": 8},))
    first = run_search(search(space=space(where=["x.a + x.b <= 8"]), algorithm=begun), store=store).records[0]
    assert (first.values["x.a"], first.values["x.b"]) == (8, 0), "what it leaves open is filled in"


def test_few_admitted_designs_are_all_found(store: Path) -> None:
    """11 of 1,210; a grid that holds them takes them all, and a draw ends."""
    narrow = space(where=["x.a + x.b == 10", "x.c == 5"])
    for name in ("grid", "random"):
        result = run_search(search(space=narrow, algorithm=Algorithm(name)), store=store, jobs=1)
        assert result.evaluations == 11
    with pytest.raises(InputError, match="no point drawn is admitted"):
        run_search(search(space=space(where=["x.a > 20"]), algorithm=Algorithm("random")), store=store)


def test_a_grid_goes_in_batches(store: Path) -> None:
    result = run_search(search(algorithm=Algorithm("grid"), evaluations=DESIGNS), store=store, jobs=2)
    assert max(step.evaluations for step in result.history()[:1]) <= 256
    assert result.evaluations == DESIGNS


def test_it_goes_on_where_it_was_cut_off(tmp_path: Path) -> None:
    """A search that ended early ran the first part of what the whole one runs."""
    wanted = search(space=space(folder=tmp_path), algorithm=Algorithm("nsga2", 12))
    part = run_search(wanted, store=tmp_path / "s.db", evaluations=60, jobs=1)
    whole = run_search(wanted, store=tmp_path / "s.db", jobs=2)
    assert [r.genome for r in whole.records[:60]] == [r.genome for r in part.records]
    assert whole.reused == 60
    assert (tmp_path / "ran").read_text().count("\n") == 120, "nothing ran twice"


def test_protection_merges_fronts_level_by_level() -> None:
    objectives = np.asarray([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [4.0, 4.0]])
    others = objectives[::-1]
    assert merged_fronts([objectives, others]) == [[0, 3], [1, 2]]
    assert merged_fronts([objectives]) == [[0], [1], [2], [3]]


def test_protected_designs_live_longer(store: Path, truth: np.ndarray) -> None:
    """Much energy and area is what least latency and area would drive out."""
    wasteful = ((Objective("energy_j", "max"), Objective("area_mm2", "max")),)
    seen = []
    for algorithm in (Algorithm("nsga3", 12), Algorithm("protected_nsga3", 12, wasteful)):
        results = [
            run_search(search(algorithm=algorithm, seed=seed), store=store, jobs=1) for seed in range(3)
        ]
        late = [record for result in results for record in result.records[-48:]]
        seen.append(sum(record.number("area_mm2") for record in late) / len(late))
    assert seen[1] > 1.05 * seen[0]


@pytest.mark.parametrize(("objectives", "most", "count"), [(1, 12, 1), (2, 12, 12), (3, 12, 10), (3, 15, 15)])
def test_reference_directions_fill_the_population(objectives: int, most: int, count: int) -> None:
    assert len(reference_directions(objectives, most)) == count


@pytest.mark.parametrize(
    ("algorithm", "library"), [("nsga2", "pymoo"), ("tpe", "optuna")], ids=["pymoo", "optuna"]
)
def test_a_missing_library_is_told_in_a_line(
    algorithm: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(InputError, match=rf"needs {library}; pip install 'chipcast\[search\]'"):
        run_search(search(algorithm=Algorithm(algorithm)))


def test_gaussian_processes_need_torch() -> None:
    try:
        import torch  # noqa: F401
    except ImportError:
        with pytest.raises(InputError, match="gp needs torch; pip install torch, or use tpe"):
            run_search(search(algorithm=Algorithm("gp")))


def test_objectives_of_one_kind_alone(store: Path) -> None:
    result = run_search(search(objectives=LATENCY_AREA[:1]), store=store, jobs=1)
    assert len(result.front) == 1
    assert result.front[0].values["x.a"] == 10
