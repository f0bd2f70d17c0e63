# SPDX-License-Identifier: Apache-2.0
"""NSGA-II and NSGA-III of pymoo over genomes of whole numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.algorithms.moo.nsga3 import NSGA3
from pymoo.core.duplicate import DuplicateElimination
from pymoo.core.evaluator import Evaluator
from pymoo.core.mutation import Mutation
from pymoo.core.problem import Problem
from pymoo.operators.crossover.ux import UniformCrossover
from pymoo.problems.static import StaticProblem
from pymoo.util.ref_dirs import get_reference_directions

from chipcast.search.protection import CRITERIA, ProtectedSurvival
from chipcast.search.records import Judge, Record
from chipcast.search.spec import Algorithm
from chipcast.search.variables import Genome, Variables

_WORST = 1e9
"""In place of what is infinite: pymoo never compares objectives of what breaks a constraint."""
_STEP = 0.1
"""Deviation of a mutation along an ordered axis, as a share of it."""
_FAR = 0.3
"""How often a mutation goes anywhere on an ordered axis instead."""


class Genetic:
    """Asks for generations; a design is asked for once."""

    def __init__(self, judge: Judge, variables: Variables) -> None:
        search = judge.search
        self._judge = judge
        self._known: set[Genome] = set()
        self._asked: Any = None
        first = variables.begin(search.algorithm.start, search.algorithm.population, [search.seed])
        objectives = len(search.objectives)
        self._problem = Problem(
            n_var=len(variables.genes),
            n_obj=objectives,
            n_ieq_constr=1,
            xl=0,
            xu=np.asarray(variables.places) - 1,
            vtype=int,
        )
        settings = {
            "sampling": np.asarray(first, int),
            "crossover": UniformCrossover(prob=0.9),
            "mutation": PlaceMutation([gene.ordered for gene in variables.genes]),
            "eliminate_duplicates": OnlyNew(self._known, variables),
        }
        self._algorithm = _algorithm(search.algorithm, objectives, len(first), settings)
        self._algorithm.setup(self._problem, termination=("n_gen", 2**31), seed=search.seed, verbose=False)

    def ask(self) -> list[Genome]:
        self._asked = self._algorithm.ask()
        if self._asked is None or len(self._asked) == 0:
            return []
        genomes = [genome_of(x) for x in self._asked.get("X")]
        self._known.update(genomes)
        return genomes

    def tell(self, records: Sequence[Record]) -> None:
        asked = self._asked[: len(records)]
        worst = np.nan_to_num(self._judge.objectives(records), nan=_WORST, posinf=_WORST, neginf=-_WORST)
        broken = [[min(self._judge.violation(record), _WORST)] for record in records]
        Evaluator().eval(StaticProblem(self._problem, F=worst, G=np.asarray(broken, float)), asked)
        protect = self._judge.search.algorithm.protect
        if protect:
            sets = [
                [[each.made_small(record.number(each.column)) for each in group] for record in records]
                for group in protect
            ]
            for place, individual in enumerate(asked):
                individual.set(CRITERIA, [group[place] for group in sets])
        self._algorithm.tell(infills=asked)


class OnlyNew(DuplicateElimination):  # type: ignore[misc]
    """Lets pass what was never asked for and what conditions admit."""

    def __init__(self, known: set[Genome], variables: Variables) -> None:
        super().__init__()
        self._known, self._variables = known, variables

    def _do(self, pop: Any, other: Any, is_duplicate: NDArray[np.bool_]) -> NDArray[np.bool_]:
        met = set() if other is None else {genome_of(x) for x in other.get("X")}
        for place, x in enumerate(pop.get("X")):
            genome = genome_of(x)
            is_duplicate[place] = genome in met or (
                other is None and (genome in self._known or not self._variables.admits(genome))
            )
            if other is None:
                met.add(genome)
        return is_duplicate


class PlaceMutation(Mutation):  # type: ignore[misc]
    """Each gene with probability 1 / genes, at least one: a step along an ordered axis, or any other place."""

    def __init__(self, ordered: Sequence[bool]) -> None:
        super().__init__(prob=1.0)
        self._ordered = np.asarray(ordered)

    def _do(self, problem: Any, X: NDArray[Any], random_state: Any = None, **_: Any) -> NDArray[np.int64]:
        genomes: NDArray[np.int64] = np.array(X, int)
        rows, genes = genomes.shape
        places = problem.xu.astype(int) + 1
        change = random_state.random((rows, genes)) < 1.0 / genes
        change[np.arange(rows), random_state.integers(genes, size=rows)] = True
        near = self._ordered & (random_state.random((rows, genes)) >= _FAR)
        size = np.maximum(np.abs(random_state.normal(0.0, _STEP, (rows, genes))) * places, 1.0)
        step = np.rint(size).astype(int) * random_state.choice([-1, 1], (rows, genes))
        stepped = np.where((genomes + step < 0) | (genomes + step >= places), genomes - step, genomes + step)
        other = (
            genomes + 1 + np.floor(random_state.random((rows, genes)) * (places - 1)).astype(int)
        ) % places
        moved = np.clip(np.where(near, stepped, other), 0, places - 1)
        return np.where(change, moved, genomes)


def genome_of(x: NDArray[Any]) -> Genome:
    return tuple(int(place) for place in x)


def _algorithm(wanted: Algorithm, objectives: int, population: int, settings: dict[str, Any]) -> Any:
    if wanted.name == "nsga2":
        return NSGA2(pop_size=population, **settings)
    directions = reference_directions(objectives, population)
    if wanted.name == "protected_nsga3":
        settings = {**settings, "survival": ProtectedSurvival(directions)}
    return NSGA3(directions, pop_size=max(population, len(directions)), **settings)


def reference_directions(objectives: int, most: int) -> NDArray[np.float64]:
    """Das and Dennis (1998): as fine a net of directions as `most` allow."""
    parts = 1
    while math.comb(parts + objectives, objectives - 1) <= most and objectives > 1:
        parts += 1
    directions: NDArray[np.float64] = get_reference_directions("das-dennis", objectives, n_partitions=parts)
    return directions
