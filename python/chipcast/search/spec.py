# SPDX-License-Identifier: Apache-2.0
"""What a search is, in Python. chipcast.search.read makes one of JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from chipcast._core import InputError
from chipcast.search.accuracy.scales import KNOWN
from chipcast.search.accuracy.settings import Accuracy
from chipcast.sweep import expressions
from chipcast.sweep.fields import PRECISION
from chipcast.sweep.spec import Sample, Sweep
from chipcast.text import did_you_mean, plain

Goal = Literal["min", "max"]
GOALS = ("min", "max")
ALGORITHMS = (
    "nsga2",
    "nsga3",
    "protected_nsga3",
    "tpe",
    "gp",
    "optuna_nsga2",
    "optuna_nsga3",
    "random",
    "grid",
)
PROMOTIONS = ("bound", "halving")
SQNR = "sqnr_db"
SQNR_FROM = "sqnr_from"
"""Column: whether sqnr_db is predicted or measured."""
TEXTS = ("limited_by", SQNR_FROM)
MOST_EVALUATIONS = 1_000_000


def is_count(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


@dataclass(frozen=True)
class Objective:
    """A column of the table to make small, or large."""

    column: str
    goal: Goal = "min"

    def __post_init__(self) -> None:
        if self.goal not in GOALS:
            raise InputError(f'objectives.{plain(self.column)}: "{plain(self.goal)}" is not min or max')

    def made_small(self, value: float) -> float:
        return value if self.goal == "min" else -value


@dataclass(frozen=True)
class Constraint:
    """A column between bounds; None is no bound."""

    column: str
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        place = f"constraints.{plain(self.column)}"
        if self.low is None and self.high is None:
            raise InputError(f"{place}: no bound; give min or max")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise InputError(f"{place}: min {self.low:g} is above max {self.high:g}")

    def violation(self, value: float) -> float:
        """How far outside, as a share of the bound; 0 inside."""
        if not math.isfinite(value):
            return math.inf if not (value == math.inf and self.high is None) else 0.0
        worst = 0.0
        if self.low is not None:
            worst = max(worst, (self.low - value) / (abs(self.low) or 1.0))
        if self.high is not None:
            worst = max(worst, (value - self.high) / (abs(self.high) or 1.0))
        return worst


@dataclass(frozen=True)
class Algorithm:
    """How points are proposed."""

    name: str = "nsga2"
    population: int = 24
    protect: tuple[tuple[Objective, ...], ...] = ()
    """For protected_nsga3: sets of columns that sort beside the objectives."""
    start: tuple[Mapping[str, Any], ...] = ()
    """Designs to begin with: values by axis; * and ? in its name stand for any text and any character. Axes without a
    value take whatever is drawn."""

    def __post_init__(self) -> None:
        if self.name not in ALGORITHMS:
            hint = did_you_mean(str(self.name), ALGORITHMS)
            raise InputError(f'algorithm.name: "{plain(self.name)}" is not known{hint}')
        if not is_count(self.population, 10_000) or self.population < 2:
            raise InputError(
                f"algorithm.population: {plain(self.population)} is not a whole number in [2, 10000]"
            )
        if bool(self.protect) != (self.name == "protected_nsga3"):
            raise InputError("algorithm.protect: it goes with protected_nsga3, and protected_nsga3 needs it")
        if self.start and self.name == "grid":
            raise InputError("algorithm.start: a grid has all designs anyway; leave it out")


@dataclass(frozen=True)
class Fidelity:
    """The analytic tier screens, SystemC confirms what it promotes.

    bound: confirms until no bound is left that a confirmed point does not dominate; exact, of the designs that were
    screened. halving: confirms the share `keep` in rounds, each half of what is left of it, ranked again after each by
    estimates; all rounds are SystemC runs of the same length.
    """

    promote: Literal["bound", "halving"] = "bound"
    keep: float = 0.25
    batch: int = 16
    audit: int = 0
    """So many points that were not promoted are confirmed all the same, to estimate the regret."""

    def __post_init__(self) -> None:
        if self.promote not in PROMOTIONS:
            raise InputError(
                f'fidelity.promote: "{plain(self.promote)}" is not known (known: {", ".join(PROMOTIONS)})'
            )
        if not (isinstance(self.keep, int | float) and 0.0 < self.keep <= 1.0):
            raise InputError(f"fidelity.keep: {plain(self.keep)} is not in (0, 1]")
        if not is_count(self.batch, 10_000):
            raise InputError(f"fidelity.batch: {plain(self.batch)} is not a whole number in [1, 10000]")
        if self.audit != 0 and not is_count(self.audit, MOST_EVALUATIONS):
            raise InputError(f"fidelity.audit: {plain(self.audit)} is not a whole number, 0 or more")


@dataclass(frozen=True)
class Search:
    """A space of designs and what is wanted of them."""

    space: Sweep
    """Its axes, conditions, fixed fields and limits; no sample and no points."""
    objectives: Sequence[Objective]
    constraints: Sequence[Constraint] = ()
    algorithm: Algorithm = Algorithm()
    evaluations: int = 500
    """Points that are forecast at most, each counted once."""
    seed: int = 0
    fidelity: Fidelity | None = None
    accuracy: Accuracy | None = None
    """How the column sqnr_db is found; None: there is none."""
    formulas: Mapping[str, str] = field(default_factory=dict)
    """Further columns out of axes and columns."""
    reference: Mapping[str, float] = field(default_factory=dict)
    """Corner of the hypervolume by objective; by default a tenth of the spread behind the worst."""
    name: str = "search"

    def __post_init__(self) -> None:
        self._check_space()
        if not self.objectives:
            raise InputError("objectives: none given")
        columns = [each.column for each in self.objectives]
        if len(set(columns)) != len(columns):
            raise InputError(f'objectives: "{plain(columns[-1])}" stands there twice')
        if not is_count(self.evaluations, MOST_EVALUATIONS):
            raise InputError(
                f"evaluations: {plain(self.evaluations)} is not a whole number in [1, {MOST_EVALUATIONS}]"
            )
        if not isinstance(self.seed, int) or isinstance(self.seed, bool) or not 0 <= self.seed < 2**32:
            raise InputError(f"seed: {plain(self.seed)} is not a whole number in [0, 2^32)")
        self._check_columns()
        self._check_accuracy()
        self._check_fidelity()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Of numbers that objectives and constraints may name."""
        metrics = [name for name in self.space.metrics if name not in TEXTS]
        accuracy = [SQNR] if self.accuracy is not None else []
        return (*metrics, *accuracy, *self.space.keep, *self.formulas)

    @cached_property
    def asked(self) -> frozenset[str]:
        """All columns that decide something, with those that formulas read."""
        names = {each.column for each in self.objectives} | {bound.column for bound in self.constraints}
        names.update(each.column for group in self.algorithm.protect for each in group)
        while True:
            more = {
                name
                for formula, text in self.formulas.items()
                if formula in names
                for name in expressions.parse(text).names
            }
            if more <= names:
                return frozenset(names)
            names |= more

    def _check_space(self) -> None:
        if self.space.points is not None or self.space.sample != Sample():
            raise InputError("space: a search draws its own points; leave points and sample out")
        if "tier" in self.space.set or any("tier" in axis.sets for axis in self.space.axes):
            raise InputError('space: the search chooses the tier; see "fidelity"')
        if not self.space.all_axes:
            raise InputError("space.axes: nothing to search; name at least one axis")

    def _check_columns(self) -> None:
        for name, text in self.formulas.items():
            place = f"formulas.{plain(name)}"
            if name in (*self.space.metrics, SQNR, *self.space.keep, *self.space.columns):
                raise InputError(f"{place}: that is a column already; choose another name")
            try:
                before = [other for other in self.formulas if other != name]
                known = (*self.space.metrics, SQNR, *self.space.keep, *self.space.columns, *before)
                expressions.check_names(expressions.parse(text), known)
            except InputError as error:
                raise InputError(f"{place}: {error}") from None
        used = [("objectives", each.column) for each in self.objectives]
        used += [("constraints", bound.column) for bound in self.constraints]
        used += [("algorithm.protect", each.column) for group in self.algorithm.protect for each in group]
        used += [("reference", name) for name in self.reference]
        for place, name in used:
            if name == SQNR and self.accuracy is None:
                raise InputError(f'{place}: {SQNR} needs "accuracy"')
            if name not in self.columns:
                raise InputError(f'{place}: no column "{plain(name)}"{did_you_mean(name, self.columns)}')
        if self.reference and set(self.reference) != {each.column for each in self.objectives}:
            raise InputError("reference: give a value for each objective, or none")

    def _check_accuracy(self) -> None:
        if SQNR in self.asked and self.accuracy is None:
            raise InputError(f'formulas: {SQNR} needs "accuracy"')
        fields = [name for axis in self.space.axes for name in axis.sets]
        formats = [name for name in fields if name.startswith(PRECISION) or name in ("precision", "dtype")]
        if self.accuracy is not None and not formats and len(self.space.models) == 1:
            raise InputError("accuracy: no axis changes a number format, such as precision.conv1 or dtype")
        if self.accuracy is not None:
            self._check_formats()

    def _check_formats(self) -> None:
        """What has no scale would count as exact."""
        given = [(axis.name, field, axis.levels or ()) for axis in self.space.axes for field in axis.sets]
        given += [(field, field, (value,)) for field, value in self.space.set.items()]
        for place, name, values in given:
            if name != "dtype" and not name.startswith(PRECISION):
                continue
            for value in values:
                if isinstance(value, str) and "{" not in value and value not in KNOWN:
                    raise InputError(
                        f"space: {plain(place)}: {SQNR} is not known for {plain(value, 60)} "
                        f"(known: {', '.join(KNOWN)})"
                    )

    def _check_fidelity(self) -> None:
        if self.fidelity is None:
            return
        if self.space.has_scenarios:
            raise InputError("fidelity: scenarios run in the event simulation alone; leave it out")
        mappers = [self.space.set.get("mapper")]
        mappers += [level for axis in self.space.axes if "mapper" in axis.sets for level in axis.levels or ()]
        for mapper in mappers:
            if mapper == "exact":
                raise InputError('fidelity: the analytic tier does not go with mapper "exact"')
