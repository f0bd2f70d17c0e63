# SPDX-License-Identifier: Apache-2.0
"""What a search's result becomes after the last steps with whole costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from chipcast.peers import engine

Json = dict[str, Any]


def result(**fields: Any) -> Json:
    one: Json = {
        "mapping": {"step": 0},
        "goal": "latency",
        "value": 10.0,
        "lower_bound": 4.0,
        "evaluations": 7,
        "converged": False,
        "gap": 0.6,
        "warning": "old",
        "text": "old",
        "name": "conv1",
    }
    return one | fields


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[Json]:
    """Polishing goes one step on from wherever it starts; step n costs 10 - 3 n cycles and 2 pJ."""
    asked: list[Json] = []

    def evaluate(
        architecture: Any, layer: Any, mapping: Mapping[str, Any], rules: str = "ours", **modelling: Any
    ) -> Json:
        asked.append({"mapping": mapping, "rules": rules, **modelling})
        step = mapping["step"]
        return {"cycles": 10 - 3 * step, "energy_pj": 2.0, "text": f"step {step}"}

    def polished(mapping: Json, cost_of: Any) -> tuple[Json, int]:
        best = min(({"step": mapping["step"] + more} for more in (0, 1)), key=cost_of)
        return best, 2

    monkeypatch.setattr(engine, "evaluate", evaluate)
    monkeypatch.setattr(engine, "polished", polished)
    return asked


def test_takes_the_better_mapping_with_its_whole_cost(steps: list[Json]) -> None:
    better = engine.improved({}, {}, result(), "zigzag", {"no_fill": True})
    assert better["mapping"] == {"step": 1}
    assert better["value"] == 7.0
    assert better["text"] == "step 1"
    assert better["cost"] == {"cycles": 7, "energy_pj": 2.0}, "the text stands beside it"
    assert better["evaluations"] == 7 + 2
    assert better["name"] == "conv1", "what is not searched for stays"
    assert all(each["rules"] == "zigzag" and each["no_fill"] for each in steps)


def test_says_how_far_it_may_be_from_the_best(steps: list[Json]) -> None:
    better = engine.improved({}, {}, result(), "zigzag", {})
    assert better["gap"] == pytest.approx(3 / 7)
    assert not better["converged"]
    assert better["warning"] == (
        "the search did not converge: after 9 evaluations the best is up to 42.9 % above the bound"
    )


@pytest.mark.parametrize("lower_bound", [7.0, 7.0 + 1e-12, 8.0])
def test_at_its_bound_it_has_converged(steps: list[Json], lower_bound: float) -> None:
    better = engine.improved({}, {}, result(lower_bound=lower_bound), "zigzag", {})
    assert better["converged"]
    assert better["warning"] == ""
    assert better["gap"] == 0.0


@pytest.mark.parametrize(("goal", "value"), [("latency", 7.0), ("energy", 2.0), ("edp", 14.0)])
def test_values_are_of_the_goal(steps: list[Json], goal: str, value: float) -> None:
    mapping = {"step": 0 if goal == "energy" else 1}
    better = engine.improved({}, {}, result(goal=goal), "zigzag", {})
    assert better["value"] == value
    assert better["mapping"] == mapping, "of equal ones the one that was found"


def test_nothing_is_divided_by_a_value_of_zero(steps: list[Json], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        engine, "evaluate", lambda *_, **__: {"cycles": 0, "energy_pj": 0.0, "text": "nothing to do"}
    )
    better = engine.improved({}, {}, result(lower_bound=0.0), "zigzag", {})
    assert (better["gap"], better["converged"]) == (0.0, True)


def test_the_given_result_is_left_as_it_was(steps: list[Json]) -> None:
    one = result()
    engine.improved({}, {}, one, "zigzag", {})
    assert one == result()
