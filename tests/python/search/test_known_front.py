# SPDX-License-Identifier: Apache-2.0
"""Searches against a whole space, forecast design by design. CHIPCAST_LONG=1 takes a larger network and space."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chipcast.search import Fidelity, SearchResult, read_search, run_search
from chipcast.search.fronts import corner_of, hypervolume
from chipcast.search.spec import Search
from chipcast.search.variables import Variables

LONG = bool(os.environ.get("CHIPCAST_LONG"))
SEEDS = range(6)
SPACE: dict[str, Any] = {
    "model": "mobilenet_v2" if LONG else "mlperf_tiny_ic",
    "platform": "rv1106",
    "options": {"dtype": "int8"},
    "axes": {
        "inputs": {"values": [8, 16, 32, 64], "set": "npu.input_lanes"},
        "outputs": {"values": [8, 16, 32, 64], "set": "npu.output_lanes"},
        "npu.clock": {"from": "200 MHz", "to": "1 GHz", "steps": 9},
        "npu.buffer": ["16 KiB", "32 KiB", "64 KiB", "128 KiB", "256 KiB", "512 KiB"][: 6 if LONG else 5],
        "ddr3l.channels": [1, 2],
    },
    "set": {"npu.rates": [{"dtype": "int8", "macs": "{inputs * outputs} op/cycle"}]},
}


def search(**members: Any) -> Search:
    given = {"space": SPACE, "objectives": {"latency_s": "min", "area_mm2": "min"}, "evaluations": 5000}
    return read_search({**given, **members})


def figures(result: SearchResult) -> np.ndarray:
    return np.asarray([[record.columns["latency_s"], record.columns["area_mm2"]] for record in result.front])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("known") / "search.db"


@pytest.fixture(scope="module")
def whole(store: Path) -> SearchResult:
    found = run_search(search(algorithm="grid"), store=store, jobs=2)
    assert found.counts == {"done": Variables(search().space).size}
    assert found.evaluations <= 5000
    return found


def test_nsga2_finds_the_front(store: Path, whole: SearchResult) -> None:
    """98 % of the hypervolume, seen from just behind the true front, with 15 % of the evaluations."""
    budget = int(0.15 * whole.evaluations)
    corner = corner_of(figures(whole))
    covered = hypervolume(figures(whole), corner)
    for seed in SEEDS:
        algorithm = {"name": "nsga2", "population": 12}
        found = run_search(search(algorithm=algorithm, evaluations=budget, seed=seed), store=store, jobs=1)
        assert found.evaluations <= budget
        assert found.history(corner)[-1].hypervolume >= 0.98 * covered, seed


@pytest.mark.parametrize("promote", ["bound", "halving"])
def test_two_tiers_find_the_same_front(store: Path, whole: SearchResult, promote: Any) -> None:
    """Of the whole space, and, seed by seed, of the two thirds of it that a Latin hypercube drew."""
    part = int(0.67 * whole.evaluations)
    for seed, algorithm, evaluations in [(0, "grid", 5000), *((seed, "random", part) for seed in SEEDS)]:
        fidelity = Fidelity(promote, keep=0.22, audit=10, batch=8)
        wanted = search(algorithm=algorithm, evaluations=evaluations, seed=seed)
        found = run_search(dataclasses.replace(wanted, fidelity=fidelity), store=store, jobs=2)
        truth = whole if algorithm == "grid" else run_search(wanted, store=store, jobs=2)
        assert found.promotion is not None
        assert found.promotion.confirmed <= 0.25 * truth.evaluations
        assert found.promotion.bound_broken == 0
        assert found.promotion.regret == 0.0
        assert sorted(map(tuple, figures(found))) == sorted(map(tuple, figures(truth))), seed


def test_workers_do_not_matter(store: Path, whole: SearchResult) -> None:
    wanted = search(algorithm={"name": "nsga3", "population": 8}, evaluations=40)
    assert run_search(wanted, store=store, jobs=1).to_dict() == run_search(wanted, jobs=2).to_dict()
