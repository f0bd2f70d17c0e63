# SPDX-License-Identifier: Apache-2.0
"""Which screened designs SystemC confirms, and what that saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chipcast._core import InputError
from chipcast.search.fronts import Floats, hypervolume, pareto_mask
from chipcast.search.random_draws import generator
from chipcast.search.records import Judge, Record
from chipcast.search.spec import SQNR, Constraint, Search
from chipcast.search.variables import Variables
from chipcast.sweep import expressions

BOUNDS = {"latency_s": "analytic_latency_s"}
"""Columns that the analytic tier has a lower bound of."""
EXACT = ("analytic_latency_s", "area_mm2")
"""Columns that both tiers have alike; sqnr_db too, where it is measured and not predicted."""
_NEIGHBOURS = 3
_AUDIT_STREAM = 7

Confirm = Callable[[Sequence[Record]], list[Record]]
"""The same designs, forecast by SystemC."""


@dataclass
class Promotion:
    """What multi-fidelity did."""

    screened: int
    confirmed: int = 0
    dominated: int = 0
    """Left out because a confirmed design is at least as good as their bound."""
    out_of_bounds: int = 0
    """Left out because their bound breaks a constraint already."""
    audited: int = 0
    audit_on_front: int = 0
    """Audited designs that would have been on the front."""
    bound_broken: int = 0
    """Confirmed or audited designs whose bound was not one; must be 0."""
    regret: float | None = None
    """Share of the hypervolume that audited designs add to the front that was found; None where none of them keeps the
    constraints, which says nothing, or without an audit. A bound leaves none."""
    screen_s: float = 0.0
    confirm_s: float = 0.0

    @property
    def saved(self) -> float:
        """Share of the screened designs that SystemC never ran, audits included."""
        return 1.0 - (self.confirmed + self.audited) / self.screened if self.screened else 0.0

    def to_dict(self) -> dict[str, Any]:
        out = {name: value for name, value in vars(self).items() if not name.endswith("_s")}
        return {**out, "saved": self.saved}


def screenable(search: Search, column: str) -> str:
    """ "exact", "estimate", "bound" or "" (the analytic tier says nothing of it)."""
    if column == SQNR:
        return "estimate" if search.accuracy is not None and search.accuracy.predict else "exact"
    if column in EXACT or column in search.space.columns:
        return "exact"
    if column in BOUNDS:
        return "bound"
    if column in search.formulas:
        parts = {screenable(search, name) for name in expressions.parse(search.formulas[column]).names}
        if parts <= {"exact", "estimate"}:
            return "estimate" if "estimate" in parts else "exact"
    return ""


def check_screening(search: Search) -> None:
    """Raises InputError where promotion cannot work with these objectives."""
    assert search.fidelity is not None
    known = {each.column: screenable(search, each.column) for each in search.objectives}
    for group in search.algorithm.protect:
        for each in group:
            if not screenable(search, each.column):
                raise InputError(
                    f"algorithm.protect: the analytic tier, which screens, says nothing of {each.column}; "
                    "leave it out, or leave fidelity out"
                )
    if search.fidelity.promote == "halving":
        if not any(known.values()):
            raise InputError(
                f"fidelity: the analytic tier says nothing of {', '.join(known)}; leave fidelity out"
            )
        return
    for each in search.objectives:
        if known[each.column] == "estimate":
            raise InputError(
                f"fidelity.promote: {each.column} is predicted, which is no bound; set accuracy.predict to false, "
                "or use halving"
            )
        if not known[each.column] or (known[each.column] == "bound" and each.goal == "max"):
            raise InputError(
                f"fidelity.promote: the analytic tier has no bound of {each.column} ({each.goal}); use halving"
            )


def screening_constraints(search: Search) -> list[Constraint]:
    """What the analytic tier can say of the constraints: those of columns that it knows, upper limits of those that it
    bounds."""
    found = []
    for each in search.constraints:
        kind = screenable(search, each.column)
        if kind == "bound" and each.high is not None:
            found.append(Constraint(each.column, high=each.high))
        elif kind in ("exact", "estimate"):
            found.append(each)
    return found


def screening_objectives(search: Search) -> list[int]:
    """Numbers of the objectives that the analytic tier says something of."""
    return [place for place, each in enumerate(search.objectives) if screenable(search, each.column)]


def stand_in(record: Record) -> Record:
    """A screened design whose bounds stand where its figures will."""
    for column, bound in BOUNDS.items():
        if record.columns.get(column) is None:
            record.columns[column] = record.columns.get(bound)
    return record


class Promoter:
    """`screened`: all designs with their analytic columns (see stand_in)."""

    def __init__(
        self, judge: Judge, variables: Variables, screened: Sequence[Record], confirm: Confirm
    ) -> None:
        assert judge.search.fidelity is not None
        self._judge, self._variables, self._confirm = judge, variables, confirm
        self._fidelity = judge.search.fidelity
        self._bounds = judge.objectives(screened)
        self._columns = [(each.column, each.made_small(1.0)) for each in judge.search.objectives]
        self._columns += [(each.column, 1.0) for each in judge.search.constraints]
        self._known = self._figures(screened)
        self._screened = list(screened)
        self.confirmed: dict[int, Record] = {}
        """By the number of the screened design."""
        self.report = Promotion(len(self._screened))

    def run(self) -> list[Record]:
        """The confirmed designs."""
        left = self._possible()
        if self._fidelity.promote == "bound":
            self._by_bound(left)
        else:
            self._by_halving(left)
        self.report.confirmed = len(self.confirmed)
        self._audit(left)
        return [self.confirmed[number] for number in sorted(self.confirmed)]

    def _possible(self) -> list[int]:
        """Designs that are none, and those whose bound breaks a bound of the user's, are left out at once."""
        possible = []
        for number, record in enumerate(self._screened):
            if record.state == "done" and self._may_keep(record):
                possible.append(number)
            elif record.state == "done":
                self.report.out_of_bounds += 1
        return possible

    def _may_keep(self, record: Record) -> bool:
        for each in self._judge.search.constraints:
            kind = screenable(self._judge.search, each.column)
            value = record.number(each.column)
            if kind == "exact" and each.violation(value) > 0.0:
                return False
            if kind == "bound" and each.high is not None and value > each.high:
                return False
        return True

    def _by_bound(self, left: list[int]) -> None:
        """Best bounds first. What a confirmed design dominates in its bound it dominates in truth."""
        waiting = left
        while waiting:
            order = front_order(self._bounds[waiting])
            batch = [waiting[place] for place in order[: self._fidelity.batch]]
            self._take(batch)
            taken = set(batch)
            feasible = self._judge.objectives(self._judge.feasible(list(self.confirmed.values())))
            rest = [number for number in waiting if number not in taken]
            waiting = [number for number in rest if not covered(self._bounds[number], feasible)]
            self.report.dominated += len(rest) - len(waiting)

    def _by_halving(self, left: list[int]) -> None:
        """Half of what is left of the share at a time, ranked by estimates that confirmed neighbours correct: what is
        thought to keep the constraints first, the rest by how far outside it is."""
        room = max(1, round(self._fidelity.keep * len(self._screened)))
        waiting = list(left)
        while waiting and room > 0:
            count = min(
                len(waiting), room if room <= self._fidelity.batch else max(self._fidelity.batch, room // 2)
            )
            order = self._order(self._estimates(waiting))
            batch = [waiting[place] for place in order[:count]]
            self._take(batch)
            taken = set(batch)
            waiting = [number for number in waiting if number not in taken]
            room -= len(batch)

    def _figures(self, records: Sequence[Record]) -> Floats:
        """[n, objectives + constraints], objectives made small; NaN where there is no number."""
        rows = [[sign * record.number(column) for column, sign in self._columns] for record in records]
        return np.asarray(rows, float).reshape(len(records), len(self._columns))

    def _estimates(self, numbers: list[int]) -> Floats:
        """Screened figures times what neighbours' turned out to be of theirs; where there are none, the neighbours'."""
        screened = self._known[numbers]
        usable = [number for number, record in self.confirmed.items() if record.state == "done"]
        if not usable:
            return screened
        near = self._near([self._screened[number].genome for number in numbers], usable)
        truth = self._figures([self.confirmed[number] for number in usable])
        before = self._known[usable]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(np.isfinite(before) & (before != 0.0), truth / before, 1.0)
        known: Floats = np.where(np.isfinite(screened), screened * _mean(ratio[near]), _mean(truth[near]))
        return known

    def _order(self, estimates: Floats) -> list[int]:
        """Feasible ones front by front, then the others, the least violation first. What nothing is known of breaks no
        constraint."""
        objectives = estimates[:, : len(self._judge.search.objectives)]
        objectives = objectives[:, np.isfinite(objectives).all(axis=0)]
        broken = np.zeros(len(estimates))
        for place, each in enumerate(self._judge.search.constraints, len(self._judge.search.objectives)):
            values = estimates[:, place]
            broken += [each.violation(float(value)) if np.isfinite(value) else 0.0 for value in values]
        kept, others = np.flatnonzero(broken <= 0.0), np.flatnonzero(broken > 0.0)
        first = [int(kept[place]) for place in front_order(objectives[kept])]
        ranked = [int(others[place]) for place in front_order(objectives[others])]
        return first + sorted(ranked, key=lambda place: broken[place])

    def _near(self, genomes: list[Any], usable: list[int]) -> Any:
        apart = self._variables.distances(genomes, [self._screened[number].genome for number in usable])
        return np.argsort(apart, axis=1, kind="stable")[:, :_NEIGHBOURS]

    def _take(self, numbers: Sequence[int]) -> list[Record]:
        found = self._confirm([self._screened[number] for number in numbers])
        self.confirmed.update(zip(numbers, found, strict=True))
        self._check_bounds(numbers, found)
        return found

    def _check_bounds(self, numbers: Sequence[int], found: Sequence[Record]) -> None:
        for number, record in zip(numbers, found, strict=True):
            for column in BOUNDS:
                bound = self._screened[number].number(column)
                if record.state == "done" and record.number(column) < bound * (1.0 - 1e-9):
                    self.report.bound_broken += 1

    def _audit(self, possible: list[int]) -> None:
        """Some that were left out, at random: what the front would gain by them."""
        rest = [number for number in possible if number not in self.confirmed]
        wanted = min(self._fidelity.audit, len(rest))
        if not wanted:
            return
        drawn = generator([self._judge.search.seed, _AUDIT_STREAM]).choice(len(rest), wanted, replace=False)
        numbers = [rest[place] for place in sorted(drawn)]
        front = self._judge.objectives(self._judge.feasible(list(self.confirmed.values())))
        found = self._confirm([self._screened[number] for number in numbers])
        self._check_bounds(numbers, found)
        self.report.audited = wanted
        audited = self._judge.objectives(self._judge.feasible(found))
        self.report.audit_on_front = sum(not covered(values, front) for values in audited)
        self.report.regret = gain(front, audited) if len(audited) else None


def _mean(values: Floats) -> Floats:
    """Over the neighbours that have a figure; NaN where none has."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        found: Floats = np.where(known, values, 0.0).sum(axis=1) / known.sum(axis=1)
    return found


def front_order(values: Floats) -> list[int]:
    """Front after front; within one by the sum of shares of the spread."""
    if not len(values):
        return []
    low, high = values.min(axis=0), values.max(axis=0)
    shares = ((values - low) / np.where(high > low, high - low, 1.0)).sum(axis=1)
    left = np.arange(len(values))
    order: list[int] = []
    while len(left):
        mask = pareto_mask(values[left])
        mask = mask if mask.any() else np.ones(len(left), bool)
        front = left[mask]
        order += [int(place) for place in front[np.argsort(shares[front], kind="stable")]]
        left = left[~mask]
    return order


def covered(values: Floats, by: Floats) -> bool:
    """Whether a row of `by` is at least as good in everything."""
    return bool(len(by) and (by <= values).all(axis=1).any())


def gain(front: Floats, more: Floats) -> float:
    """Share of the hypervolume of all that `more` adds to `front`."""
    both = np.concatenate([front, more])
    if not len(both):
        return 0.0
    spread = np.where(both.max(axis=0) > both.min(axis=0), both.max(axis=0) - both.min(axis=0), 1.0)
    corner = both.max(axis=0) + 0.1 * spread
    whole = hypervolume(both, corner)
    return (whole - hypervolume(front, corner)) / whole if whole else 0.0
