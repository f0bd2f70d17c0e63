# SPDX-License-Identifier: Apache-2.0
"""Screening and confirming: exact by a bound, honest about the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chipcast import InputError
from chipcast.search import (
    Accuracy,
    Algorithm,
    Constraint,
    Fidelity,
    Objective,
    Search,
    SearchResult,
    run_search,
)
from chipcast.search.fidelity import check_screening, covered, front_order, gain, screening_constraints
from chipcast.search.fronts import pareto_mask
from chipcast.sweep import Axis, Sweep
from search_bench import DESIGNS, LATENCY_AREA, search, space

WITH_ENERGY = (*LATENCY_AREA, Objective("energy_j"))
GRID = {"algorithm": Algorithm("grid"), "evaluations": DESIGNS}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fidelity") / "search.db"


def found(store: Path, **members: Any) -> SearchResult:
    return run_search(search(**{**GRID, **members}), store=store, jobs=2)


def figures(result: SearchResult) -> set[tuple[float, ...]]:
    names = [each.column for each in result.search.objectives]
    return {tuple(record.number(name) for name in names) for record in result.front}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "bounds", [(), (Constraint("area_mm2", high=7.0), Constraint("latency_s", high=0.01))]
)
def test_a_bound_gives_the_front_of_all(store: Path, seed: int, bounds: tuple[Constraint, ...]) -> None:
    """Each seed screens designs of its own; the truth is that of those."""
    two = found(
        store, constraints=bounds, fidelity=Fidelity(audit=20), seed=seed, algorithm=Algorithm("random"),
        evaluations=600,
    )  # fmt: skip
    whole = found(store, constraints=bounds, seed=seed, algorithm=Algorithm("random"), evaluations=600)
    assert {r.genome for r in two.screened} == {r.genome for r in whole.records}
    assert figures(two) == figures(whole)
    done = two.promotion
    assert done is not None
    assert done.screened == 600
    assert done.confirmed + done.audited == len(two.records)
    assert done.confirmed <= 0.25 * 600
    assert done.confirmed + done.dominated + done.out_of_bounds == 600
    assert (done.bound_broken, done.audit_on_front, done.regret) == (0, 0, 0.0)
    assert done.saved == pytest.approx(1.0 - (done.confirmed + done.audited) / 600)


def test_a_bound_that_is_none_is_told(store: Path, tmp_path: Path) -> None:
    two = run_search(
        search(space=space(fixed={"lies": 0.5}), fidelity=Fidelity(audit=30), **GRID), store=tmp_path / "s.db"
    )
    assert two.promotion is not None
    assert two.promotion.bound_broken >= two.promotion.confirmed


@pytest.mark.parametrize("seed", range(5))
def test_halving_keeps_to_its_share(store: Path, seed: int) -> None:
    drawn = {"objectives": WITH_ENERGY, "seed": seed, "algorithm": Algorithm("random"), "evaluations": 900}
    whole = found(store, **drawn)
    two = found(store, fidelity=Fidelity("halving", keep=0.2, audit=40), **drawn)
    done = two.promotion
    assert done is not None
    assert done.confirmed == round(0.2 * 900)
    assert done.audited == 40
    corner = whole.reference
    assert corner is not None
    share = two.history(corner)[-1].hypervolume / whole.hypervolume
    assert share >= 0.98
    assert done.regret is not None
    assert 0.0 <= done.regret <= 0.05


def test_the_screen_may_be_a_search(store: Path) -> None:
    two = found(store, algorithm=Algorithm("nsga2", 24), evaluations=300, fidelity=Fidelity(), seed=2)
    done = two.promotion
    assert done is not None
    assert done.screened == 300
    assert done.confirmed <= 75
    assert all(record.tier == "systemc" for record in two.records)
    assert all(record.tier == "analytic" for record in two.screened)


def test_what_has_no_bound_is_refused(store: Path) -> None:
    with pytest.raises(InputError, match=r"no bound of energy_j \(min\); use halving"):
        found(store, objectives=WITH_ENERGY, fidelity=Fidelity("bound"))
    with pytest.raises(InputError, match=r"no bound of latency_s \(max\)"):
        found(store, objectives=(Objective("latency_s", "max"),), fidelity=Fidelity("bound"))
    with pytest.raises(InputError, match="says nothing of energy_j"):
        found(store, objectives=(Objective("energy_j"),), fidelity=Fidelity("halving"))


def test_halving_looks_for_designs_that_keep_the_constraints(store: Path) -> None:
    """Of energy the analytic tier says nothing; few designs keep the cap, and none is among the best bounds."""
    energies = sorted(record.number("energy_j") for record in found(store).records)
    for share in (0.05, 0.1):
        cap = (Constraint("energy_j", high=energies[int(share * DESIGNS)]),)
        whole = found(store, constraints=cap)
        two = found(store, constraints=cap, fidelity=Fidelity("halving", keep=0.25, audit=30))
        assert two.front
        volume = two.history(whole.reference)[-1].hypervolume
        assert volume >= 0.85 * whole.hypervolume


def test_no_feasible_design_is_no_regret_of_zero(store: Path) -> None:
    cap = (Constraint("energy_j", high=1e-6),)
    two = found(store, constraints=cap, fidelity=Fidelity("halving", keep=0.05, audit=5))
    assert two.front == []
    assert two.promotion is not None
    assert two.promotion.regret is None


def test_the_screen_keeps_constraints_that_it_knows() -> None:
    given = (
        Constraint("area_mm2", high=7.0),
        Constraint("latency_s", 0.001, 0.01),
        Constraint("energy_j", high=1.0),
    )
    kept = screening_constraints(search(constraints=given))
    assert kept == [Constraint("area_mm2", high=7.0), Constraint("latency_s", high=0.01)]


def test_predicted_decibels_are_no_bound() -> None:
    axes = [Axis("dtype", ["int7", "int8"])]
    given = {
        "space": Sweep(["mlperf_tiny_kws"], ["rv1106"], axes),
        "objectives": (Objective("latency_s"), Objective("sqnr_db", "max")),
        "fidelity": Fidelity(),
    }
    with pytest.raises(InputError, match="sqnr_db is predicted, which is no bound"):
        check_screening(Search(**given, accuracy=Accuracy()))
    check_screening(Search(**given, accuracy=Accuracy(predict=False)))
    check_screening(Search(**{**given, "fidelity": Fidelity("halving")}, accuracy=Accuracy()))


def test_protection_needs_columns_that_the_screen_knows() -> None:
    protect = Algorithm("protected_nsga3", 12, ((Objective("energy_j"),),))
    with pytest.raises(InputError, match="says nothing of energy_j; leave it out, or leave fidelity out"):
        check_screening(search(algorithm=protect, fidelity=Fidelity("halving")))


def test_order_goes_front_by_front() -> None:
    values = np.random.default_rng(5).random((60, 2))
    order = front_order(values)
    assert sorted(order) == list(range(60))
    first = int(pareto_mask(values).sum())
    assert set(order[:first]) == set(np.flatnonzero(pareto_mask(values)))
    assert front_order(np.empty((0, 2))) == []


def test_gain_is_a_share_of_the_hypervolume() -> None:
    front = np.asarray([[0.0, 1.0], [1.0, 0.0]])
    assert gain(front, np.asarray([[1.0, 1.0]])) == 0.0
    assert 0.0 < gain(front, np.asarray([[0.5, 0.5]])) < 1.0
    assert gain(np.empty((0, 2)), front) == 1.0
    assert covered(np.asarray([1.0, 1.0]), front)
    assert not covered(np.asarray([0.5, 0.5]), front)
