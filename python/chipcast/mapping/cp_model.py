# SPDX-License-Identifier: Apache-2.0
"""The scheduling problem as a constraint programme for OR-Tools' CP-SAT.

Times are whole ticks, rounded down, so that the bound that the solver proves holds for the problem itself. Contention
for the shared memory and the one-time calls of devices only lengthen schedules; they are left out here and counted when
the solution is evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chipcast.mapping.problem import Input, Part, Problem, overlaps

# Resolution: the horizon has so many ticks.
TICKS = 1_000_000
# Products of ticks and energy units stay below 2^60.
ENERGY_UNITS = 100_000_000_000
POWER_UNITS = 1_000


@dataclass
class PartVariables:
    part: Part
    chosen: Any
    start: Any
    end: Any
    length: Any
    foreign: Any  # reads what another device wrote
    published: Any  # another device reads it


@dataclass
class TaskVariables:
    modes: list[list[PartVariables]] = field(default_factory=list)
    chosen: list[Any] = field(default_factory=list)
    start: Any = None
    end: Any = None


class Programme:
    """Variables and constraints of a problem; `horizon_s` and `horizon_j` are of any solution."""

    def __init__(self, problem: Problem, horizon_s: float, horizon_j: float) -> None:
        from ortools.sat.python import cp_model

        self.problem = problem
        self.model = cp_model.CpModel()
        self.tick_s = horizon_s / TICKS if horizon_s > 0.0 else 1.0
        self.unit_j = horizon_j / ENERGY_UNITS if horizon_j > 0.0 else 1.0
        self.tasks = [self._task(index) for index in range(len(problem.tasks))]
        for index in range(len(problem.tasks)):
            for item in problem.tasks[index].inputs:
                self._precede(item, index)
        self._devices()
        self._objective()

    def ticks(self, seconds: float) -> int:
        return int(seconds / self.tick_s)

    def _task(self, index: int) -> TaskVariables:
        model, task = self.model, self.problem.tasks[index]
        out = TaskVariables()
        out.start = model.new_int_var(0, TICKS, f"start{index}")
        out.end = model.new_int_var(0, TICKS, f"end{index}")
        for number, mode in enumerate(task.modes):
            chosen = model.new_bool_var(f"mode{index}_{number}")
            out.chosen.append(chosen)
            out.modes.append([self._part(index, part, chosen, out, len(mode) == 1) for part in mode])
        model.add_exactly_one(out.chosen)
        return out

    def _part(self, index: int, part: Part, chosen: Any, task: TaskVariables, alone: bool) -> PartVariables:
        model, reads = self.model, bool(self.problem.tasks[index].inputs)
        start = task.start if alone else model.new_int_var(0, TICKS, "")
        end = task.end if alone else model.new_int_var(0, TICKS, "")
        foreign = model.new_bool_var("") if reads else None
        local = self.ticks(part.local_s if reads else part.cold_s)
        length: Any = local
        if foreign is not None:
            length = local + (self.ticks(part.cold_s + self.problem.handoff_s) - local) * foreign
            model.add_implication(foreign, chosen)
        if not alone:
            model.add(task.start <= start).only_enforce_if(chosen)
            model.add(task.end >= end).only_enforce_if(chosen)
        return PartVariables(part, chosen, start, end, length, foreign, model.new_bool_var(""))

    def _precede(self, item: Input, reader: int) -> None:
        first, second = self.tasks[item.task], self.tasks[reader]
        if item.whole:
            self.model.add(second.start >= first.end)
        for producers in first.modes:
            for readers in second.modes:
                for producer in producers:
                    for part in readers:
                        if overlaps(item.need, producer.part, part.part):
                            self._link(item, producer, part)

    def _link(self, item: Input, producer: PartVariables, reader: PartVariables) -> None:
        model, both = self.model, [producer.chosen, reader.chosen]
        delay = 0
        if producer.part.device != reader.part.device:
            delay = self.ticks(self.problem.delay(producer.part, reader.part.device, item.bytes))
            model.add_bool_or([~producer.chosen, ~reader.chosen, reader.foreign])
            if producer.part.publish_j > 0.0:
                model.add_bool_or([~producer.chosen, ~reader.chosen, producer.published])
        if delay > 0 or not item.whole:
            model.add(reader.start >= producer.end + delay).only_enforce_if(both)

    def _devices(self) -> None:
        queues: list[list[Any]] = [[] for _ in range(self.problem.devices)]
        demands: list[tuple[Any, int]] = []
        for task in self.tasks:
            for mode in task.modes:
                for each in mode:
                    interval = self.model.new_optional_interval_var(
                        each.start, each.length, each.end, each.chosen, ""
                    )
                    queues[each.part.device].append(interval)
                    demands.append((interval, int(each.part.power_w * POWER_UNITS)))
        for queue in queues:
            self.model.add_no_overlap(queue)
        if self.problem.power_cap_w is not None:
            cap = int((self.problem.power_cap_w - self.problem.idle_power_w) * POWER_UNITS)
            self.model.add_cumulative([i for i, _ in demands], [d for _, d in demands], max(cap, 0))

    def _objective(self) -> None:
        model = self.model
        makespan = model.new_int_var(0, TICKS, "makespan")
        for task, variables in zip(self.problem.tasks, self.tasks, strict=True):
            model.add(makespan >= variables.end)
            for mode in variables.modes:
                for each in mode:
                    late = self.ticks(each.part.publish_s)
                    if task.leaves and late > 0:
                        model.add(makespan >= each.end + late).only_enforce_if(each.chosen)
        if self.problem.objective == "latency":
            model.minimize(makespan)
            return
        energy = self._energy(makespan)
        if self.problem.objective == "energy":
            model.minimize(energy)
            return
        total = model.new_int_var(0, 8 * ENERGY_UNITS, "energy")
        model.add(total >= energy)
        product = model.new_int_var(0, 8 * ENERGY_UNITS * TICKS, "edp")
        model.add_multiplication_equality(product, [makespan, total])
        model.minimize(product)

    def _energy(self, makespan: Any) -> Any:
        """In whole units, each term rounded down."""
        terms: list[Any] = [int(self.problem.idle_power_w * self.tick_s / self.unit_j) * makespan]
        for task, variables in zip(self.problem.tasks, self.tasks, strict=True):
            for mode in variables.modes:
                for each in mode:
                    part, units = each.part, self._units
                    if each.foreign is None:
                        terms.append(units(part.cold_j) * each.chosen)
                    else:
                        local = units(part.local_j)
                        terms.append(local * each.chosen + (units(part.cold_j) - local) * each.foreign)
                    published = each.chosen if task.leaves else each.published
                    terms.append(units(part.publish_j) * published)
        return sum(terms)

    def _units(self, joules: float) -> int:
        return int(joules / self.unit_j)

    def value_of(self, ticks: float) -> float:
        """A value of the objective in its own unit."""
        if self.problem.objective == "latency":
            return ticks * self.tick_s
        return ticks * self.unit_j * (self.tick_s if self.problem.objective == "edp" else 1.0)
