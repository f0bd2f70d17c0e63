# SPDX-License-Identifier: Apache-2.0
"""Optuna's samplers: TPE, GP, and its own NSGA-II and NSGA-III."""

from __future__ import annotations

import importlib.util
import math
import warnings
from collections.abc import Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.trial import TrialState

from chipcast._core import InputError
from chipcast.search.records import Judge, Record
from chipcast.search.variables import Gene, Genome, Variables

_BATCH = 8
"""Points that TPE and GP are asked for at once."""
_PATIENCE = 50
"""Batches without a new point after which there are none."""
_VIOLATION = "violation"


class OptunaSampling:
    """A study that is asked and told. What it proposes again is answered from what is known."""

    def __init__(self, judge: Judge, variables: Variables) -> None:
        self._judge, self._variables = judge, variables
        self._known: dict[Genome, Record] = {}
        self._open: list[tuple[Any, Genome]] = []
        wanted = judge.search.algorithm
        self._batch = wanted.population if "nsga" in wanted.name else _BATCH
        self._distributions: dict[str, BaseDistribution] = {
            f"{number}": _distribution(gene) for number, gene in enumerate(variables.genes)
        }
        first = variables.begin(wanted.start, 1, [judge.search.seed]) if wanted.start else []
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            warnings.simplefilter(
                "ignore", FutureWarning
            )  # constraints_func is what Optuna 4 and 5 both know
            self._study = optuna.create_study(
                directions=["minimize"] * len(judge.search.objectives), sampler=_sampler(judge)
            )
        for genome in first:
            self._study.enqueue_trial({str(number): place for number, place in enumerate(genome)})

    def ask(self) -> list[Genome]:
        self._open = []
        new: dict[Genome, None] = {}
        for _ in range(_PATIENCE * self._batch):
            if len(new) == self._batch:
                break
            trial = self._study.ask(self._distributions)
            genome = tuple(int(trial.params[name]) for name in self._distributions)
            if genome in self._known:
                self._answer(trial, self._known[genome])
            elif not self._variables.admits(genome):
                self._study.tell(trial, state=TrialState.FAIL)
            else:
                new[genome] = None
                self._open.append((trial, genome))
        return list(new)

    def tell(self, records: Sequence[Record]) -> None:
        self._known.update((record.genome, record) for record in records)
        for trial, genome in self._open:
            if genome in self._known:
                self._answer(trial, self._known[genome])

    def _answer(self, trial: Any, record: Record) -> None:
        """What has no figures has failed: made-up ones would spoil the models of those that have."""
        values = [float(value) for value in self._judge.objectives([record])[0]]
        violation = self._judge.violation(record)
        if not all(math.isfinite(value) for value in (*values, violation)):
            self._study.tell(trial, state=TrialState.FAIL)
            return
        trial.set_user_attr(_VIOLATION, violation)
        self._study.tell(trial, values)


def _distribution(gene: Gene) -> BaseDistribution:
    if gene.ordered:
        return IntDistribution(0, gene.places - 1)
    return CategoricalDistribution(range(gene.places))


def _sampler(judge: Judge) -> Any:
    search = judge.search
    name, seed, population = search.algorithm.name, search.seed, search.algorithm.population
    if name == "gp":
        if importlib.util.find_spec("torch") is None:
            raise InputError("algorithm.name: gp needs torch; pip install torch, or use tpe")
        return optuna.samplers.GPSampler(seed=seed, constraints_func=_violation)
    if name == "tpe":
        return optuna.samplers.TPESampler(
            seed=seed, constraints_func=_violation, multivariate=True, n_startup_trials=min(population, 40)
        )
    kind = optuna.samplers.NSGAIISampler if name == "optuna_nsga2" else optuna.samplers.NSGAIIISampler
    return kind(population_size=population, seed=seed, constraints_func=_violation)


def _violation(trial: Any) -> tuple[float]:
    return (float(trial.user_attrs.get(_VIOLATION, 0.0)),)
