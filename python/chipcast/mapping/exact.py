# SPDX-License-Identifier: Apache-2.0
"""The best schedule of a small graph, proved, or how far the best one found may be from it (OR-Tools' CP-SAT)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chipcast import _core
from chipcast._core import InputError
from chipcast.api import Overrides, override_list
from chipcast.catalog import platform_file, search_dirs
from chipcast.mapping.problem import Problem, read_problem
from chipcast.model import Model, Shapes, load_model

# Closer than this counts as proved: times are rounded to a millionth of the horizon.
PROVED = 1e-4


class Schedule(Protocol):
    """A scheduling problem of the core (`_core.Schedule`)."""

    def problem(self) -> str: ...
    def evaluate(self, solution: str, contention: bool = True) -> str: ...
    def solve(self, method: str, seed: int = 0, budget: int = 20_000) -> str: ...


@dataclass(frozen=True)
class Exact:
    """What was found. `value` and `lower_bound` are of the objective; `gap` is their distance over the value."""

    solution: dict[str, list[int]]
    value: float
    lower_bound: float
    branches: int

    @property
    def gap(self) -> float:
        return max(0.0, 1.0 - self.lower_bound / self.value) if self.value > 0.0 else 0.0

    @property
    def proved(self) -> bool:
        return self.gap <= PROVED


def solve(
    model: str | os.PathLike[str] | Mapping[str, Any] | Model,
    platform: str | os.PathLike[str],
    *,
    overrides: Overrides = (),
    shapes: Shapes | None = None,
    model_options: Mapping[str, Any] | None = None,
    time_limit_s: float = 60.0,
    **options: Any,
) -> dict[str, Any]:
    """The mapping (JSON form, for `mapping=` of `chipcast.run`) of a network on a platform.

    Args:
        time_limit_s: CP-SAT's deterministic seconds, about as long as real ones; the same inputs, limit and seed give
            the same mapping.
        overrides, shapes, model_options: as `chipcast.run`.
        options: others of `chipcast.run`, None as if absent; `budget` is of the annealing that finds the first
            solution.

    Raises:
        InputError: the model, the platform or an option is wrong, a cap cannot be kept, or OR-Tools is not installed.
    """
    # Whoever asks for a scheduling problem gets a mapping with it: by a policy that looks at caps.
    if options.get("mapper") not in (None, "exact"):
        raise InputError(f'mapper: "{options["mapper"]}" is not "exact", the only one that solves here; leave it out')
    given = {name: value for name, value in options.items() if value is not None} | {"mapper": "heft"}
    if "devices" in given:
        given["devices"] = list(given["devices"])
    seed, budget = given.get("seed", 0), given.get("budget", 20_000)
    loaded = load_model(model, shapes=shapes, model_options=model_options)
    with platform_file(platform) as path:
        schedule = _core.Schedule(
            str(path), search_dirs(path), override_list(overrides), loaded.graph_json, json.dumps(given)
        )
    found = solve_schedule(schedule, time_limit_s=time_limit_s, seed=seed, budget=budget)
    record = _record(found, given.get("objective", "latency"), seed)
    mapping: dict[str, Any] = json.loads(schedule.mapping(json.dumps(found.solution), json.dumps(record)))
    return mapping


def solve_schedule(
    schedule: Schedule, *, time_limit_s: float = 60.0, seed: int = 0, budget: int = 20_000
) -> Exact:
    """The best of annealing's solution and CP-SAT's, with the bound that CP-SAT proves."""
    cp_model = _import_cp_model()
    document = json.loads(schedule.problem())
    problem = read_problem(document)
    start = json.loads(schedule.solve("annealing", seed, budget))["solution"]
    first = json.loads(schedule.evaluate(json.dumps(start)))
    if not problem.tasks:
        return Exact(start, 0.0, 0.0, 0)
    # Without contention and calls nothing takes longer than this.
    plain = json.loads(schedule.evaluate(json.dumps(start), False))

    from chipcast.mapping.cp_model import Programme

    programme = Programme(problem, first["makespan"], first["energy"])
    for variables, mode in zip(programme.tasks, start["modes"], strict=True):
        for number, chosen in enumerate(variables.chosen):
            programme.model.add_hint(chosen, number == mode)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed & 0x7FFFFFFF
    solver.parameters.max_deterministic_time = time_limit_s
    status = solver.solve(programme.model)
    best, value = start, _objective(problem, first)
    bound = programme.value_of(solver.best_objective_bound)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        other = _solution(programme, solver)
        measured = json.loads(schedule.evaluate(json.dumps(other)))
        if _keeps_caps(document, measured) and _objective(problem, measured) < value:
            best, value = other, _objective(problem, measured)
    elif status == cp_model.INFEASIBLE:  # rounding aside, nothing is better than the start
        bound = _objective(problem, plain)
    return Exact(best, value, min(bound, value), int(solver.num_branches))


def _import_cp_model() -> Any:
    try:
        from ortools.sat.python import cp_model
    except ImportError as error:
        raise InputError("mapper: exact needs OR-Tools; pip install 'chipcast[exact]'") from error
    return cp_model


def _objective(problem: Problem, value: Mapping[str, float]) -> float:
    if problem.objective == "latency":
        return value["makespan"]
    return value["energy"] * (value["makespan"] if problem.objective == "edp" else 1.0)


def _keeps_caps(document: Mapping[str, Any], value: Mapping[str, float]) -> bool:
    power, memory = document.get("power_cap"), document.get("memory_cap")
    return (power is None or value["peak_power"] <= power) and (
        memory is None or value["peak_memory"] <= memory
    )


def _solution(programme: Any, solver: Any) -> dict[str, list[int]]:
    """Modes, and tasks by their starts; of equal ones the earlier in the problem's order, which is topological."""
    modes = [
        next(number for number, chosen in enumerate(task.chosen) if solver.value(chosen))
        for task in programme.tasks
    ]
    starts = [
        min(solver.value(part.start) for part in task.modes[mode])
        for task, mode in zip(programme.tasks, modes, strict=True)
    ]
    order: list[int] = []
    placed: set[int] = set()

    def issue(index: int) -> None:
        stack = [index]
        while stack:
            waiting = [i.task for i in programme.problem.tasks[stack[-1]].inputs if i.task not in placed]
            if waiting:
                stack.extend(waiting)
                continue
            task = stack.pop()
            if task not in placed:
                placed.add(task)
                order.append(task)

    for index in sorted(range(len(starts)), key=lambda i: (starts[i], i)):
        issue(index)
    return {"modes": modes, "order": order}


def _record(found: Exact, objective: str, seed: int) -> dict[str, Any]:
    warning = (
        "" if found.proved else f"not proved the best: a mapping may be up to {100 * found.gap:.2f} % better"
    )
    return {
        "method": "exact",
        "seed": seed,
        "evaluations": found.branches,
        "objective": objective,
        "value": found.value,
        "lower_bound": found.lower_bound,
        "converged": found.proved,
        "warning": warning,
    }
