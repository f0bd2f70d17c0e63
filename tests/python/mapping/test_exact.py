# SPDX-License-Identifier: Apache-2.0
"""Placement policies beside the optimum that CP-SAT proves, on random graphs and unlike devices."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import chipcast
import pytest
from chipcast import _core
from chipcast.mapping import exact

pytest.importorskip("ortools", reason="the extra `exact` is not installed")

GRAPHS = 100
SECONDS = 8.0


def random_problem(draw: random.Random) -> dict[str, Any]:
    """Up to 14 tasks on 2 to 4 unlike devices; data between devices takes 0.1 to 3 mean tasks."""
    devices, tasks = draw.randint(2, 4), draw.randint(6, 14)
    ratio = draw.choice([0.1, 0.5, 1.0, 3.0])
    edges = draw.uniform(0.1, 0.5)
    speeds = [draw.uniform(0.5, 2.0) for _ in range(devices)]
    pairs = list(itertools.product(range(devices), range(devices)))
    out = []
    for number in range(tasks):
        weight = draw.uniform(1.0, 10.0)
        costs = [weight * speed * draw.uniform(0.5, 1.5) for speed in speeds]
        modes = [
            {"parts": [{"device": d, "cold": {"work": cost}, "local": {"work": cost}}]}
            for d, cost in enumerate(costs)
        ]
        inputs = [
            {"task": before, "bytes": ratio * draw.uniform(0.0, 2.0) * 5.5}
            for before in range(number)
            if draw.random() < edges
        ]
        out.append({"name": f"t{number}", "modes": modes, "inputs": inputs})
    return {
        "devices": [f"d{d}" for d in range(devices)],
        "tasks": out,
        "seconds_per_byte": [0.0 if a == b else 1.0 for a, b in pairs],
    }


def makespan(schedule: Any, method: str) -> float:
    solution = json.loads(schedule.solve(method, 1, 20_000))["solution"]
    return float(json.loads(schedule.evaluate(json.dumps(solution)))["makespan"])


def test_heft_and_annealing_are_close_to_the_proved_optimum() -> None:
    draw = random.Random(6)
    heft, annealing, proved = [], [], 0
    for _ in range(GRAPHS):
        schedule = _core.Schedule(json.dumps(random_problem(draw)))
        best = exact.solve_schedule(schedule, time_limit_s=SECONDS, seed=1)
        assert best.lower_bound <= best.value
        assert best.value <= makespan(schedule, "annealing") * (1.0 + 1e-9)
        proved += best.proved
        # Against the bound, which is the optimum where it is proved: never to the policies' advantage.
        heft.append(makespan(schedule, "heft") / best.lower_bound)
        annealing.append(makespan(schedule, "annealing") / best.lower_bound)
    assert proved >= 0.9 * GRAPHS
    assert sum(heft) / GRAPHS <= 1.35
    assert sum(annealing) / GRAPHS <= 1.05


def brute_force(schedule: Any, problem: dict[str, Any]) -> float:
    """Every order and every device, of few tasks."""
    tasks, devices = len(problem["tasks"]), len(problem["devices"])
    reads = [{item["task"] for item in task["inputs"]} for task in problem["tasks"]]
    orders = [
        order
        for order in itertools.permutations(range(tasks))
        if all(reads[task] <= set(order[:at]) for at, task in enumerate(order))
    ]
    return min(
        float(json.loads(schedule.evaluate(json.dumps({"modes": modes, "order": order})))["makespan"])
        for modes in itertools.product(range(devices), repeat=tasks)
        for order in orders
    )


@pytest.mark.parametrize("seed", range(6))
def test_what_is_proved_is_what_trying_everything_finds(seed: int) -> None:
    draw = random.Random(seed)
    problem = random_problem(draw)
    problem["tasks"] = problem["tasks"][:4]
    problem["handoff"] = draw.uniform(0.0, 3.0)
    for task in problem["tasks"]:
        for mode in task["modes"]:
            part = mode["parts"][0]
            part["local"] = {"work": part["cold"]["work"] * draw.uniform(0.5, 1.0)}
            part["publish"] = draw.uniform(0.0, 2.0)
    schedule = _core.Schedule(json.dumps(problem))
    best = exact.solve_schedule(schedule, time_limit_s=SECONDS)
    assert best.proved
    assert best.value == pytest.approx(brute_force(schedule, problem), rel=1e-4)


@pytest.mark.parametrize("objective", ["energy", "edp"])
def test_other_objectives_are_proved_too(objective: str) -> None:
    draw = random.Random(3)
    problem = random_problem(draw)
    problem["tasks"] = problem["tasks"][:6]
    problem["objective"], problem["idle_power"] = objective, 0.3
    for task in problem["tasks"]:
        for mode in task["modes"]:
            for cost in (mode["parts"][0]["cold"], mode["parts"][0]["local"]):
                cost["energy"] = draw.uniform(0.5, 5.0)
    schedule = _core.Schedule(json.dumps(problem))
    best = exact.solve_schedule(schedule, time_limit_s=SECONDS)
    assert best.proved
    again = exact.solve_schedule(schedule, time_limit_s=SECONDS)
    assert best == again


def test_a_network_gets_a_mapping_that_can_be_followed() -> None:
    mapping = exact.solve("mlperf_tiny_ic", "rk3588", dtype="int8", time_limit_s=5.0)
    assert mapping["search"]["method"] == "exact"
    assert mapping["search"]["lower_bound"] <= mapping["search"]["value"]
    assert mapping["search"]["converged"] or mapping["search"]["warning"]
    result = chipcast.run("mlperf_tiny_ic", "rk3588", dtype="int8", mapping=mapping)
    assert result.latency_s > 0.0


def test_problems_from_outside_are_checked() -> None:
    with pytest.raises(chipcast.InputError, match=r"problem\.devices: empty"):
        _core.Schedule(json.dumps({"devices": [], "tasks": []}))
    problem = random_problem(random.Random(1))
    problem["tasks"][0]["inputs"] = [{"task": 3}]
    with pytest.raises(chipcast.InputError, match="does not come before it"):
        _core.Schedule(json.dumps(problem))
