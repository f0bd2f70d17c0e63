# SPDX-License-Identifier: Apache-2.0
"""Costs and searches of loop-nest mappings on described arrays (accelerators/spatial)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from chipcast import _core
from chipcast.model import load_model
from chipcast.peers.polish import polished

Json = dict[str, Any]
SAME = 1e-9
"""Relative: sums of many terms differ by roundings (as in accelerators/spatial/search.cpp)."""


def layers(model: str | os.PathLike[str], partial_bits: int = 16) -> list[Json]:
    """The products of a network, as `{"name": ..., "layer": ...}`; partial sums have `partial_bits`."""
    loaded = load_model(model)
    found: list[Json] = json.loads(_core.spatial_layers(loaded.graph_json, loaded.source, partial_bits))
    return found


def evaluate(
    architecture: Mapping[str, Any],
    layer: Mapping[str, Any],
    mapping: Mapping[str, Any],
    rules: str = "ours",
    **modelling: Any,
) -> Json:
    """What a mapping costs: cycles, energy, and moves by operand and memory. `rules` says whose counting it is: ours,
    zigzag or timeloop; `no_contention` and `no_fill` switch assumptions. Raises InputError where the mapping does
    not belong to the layer or does not fit."""
    how = {"rules": rules, **modelling}
    cost: Json = json.loads(
        _core.spatial_evaluate(
            json.dumps(architecture), json.dumps(layer), json.dumps(mapping), json.dumps(how)
        )
    )
    return cost


def search(
    architecture: Mapping[str, Any],
    layers: Sequence[Mapping[str, Any]],
    goal: str = "latency",
    rules: str = "ours",
    budget: int | None = None,
    threads: int = 0,
    spatial: Sequence[Mapping[str, Any]] = (),
    **modelling: Any,
) -> list[Json]:
    """The best mapping of each layer by `goal` (latency, energy or edp), with its cost, the lower bound and how many
    evaluations it took. Equal layers are searched once. `spatial` fixes what is side by side."""
    options: Json = {"goal": goal, "modelling": {"rules": rules, **modelling}, "spatial": [*spatial]}
    if budget is not None:
        options["budget"] = budget
    found: list[Json] = json.loads(
        _core.spatial_search(json.dumps(architecture), json.dumps(layers), json.dumps(options), threads)
    )
    if rules != "zigzag":
        return found
    better: dict[str, Json] = {}
    for layer, one in zip(layers, found, strict=True):
        key = json.dumps(layer, sort_keys=True)
        if key not in better:
            better[key] = one if one["converged"] else improved(architecture, layer, one, rules, modelling)
    return [better[json.dumps(layer, sort_keys=True)] for layer in layers]


def improved(
    architecture: Mapping[str, Any],
    layer: Mapping[str, Any],
    one: Json,
    rules: str,
    modelling: Mapping[str, Any],
) -> Json:
    """A result of the search after the last steps with whole costs, which ZigZag's rules need (see polish.py)."""
    costs: dict[str, Json] = {}

    def cost_of(mapping: Json) -> float:
        cost = evaluate(architecture, layer, mapping, rules, **modelling)
        costs[json.dumps(mapping)] = cost
        return value_of(cost, one["goal"])

    mapping, evaluations = polished(one["mapping"], cost_of)
    cost = costs[json.dumps(mapping)]
    value = value_of(cost, one["goal"])
    gap = max(0.0, (value - one["lower_bound"]) / value) if value > 0 else 0.0
    converged = gap <= SAME
    spent = one["evaluations"] + evaluations
    warning = (
        f"the search did not converge: after {spent} evaluations the best is up to {gap:.1%} above the bound"
    )
    return one | {
        "mapping": mapping,
        "text": cost.pop("text"),
        "cost": cost,
        "value": value,
        "gap": gap,
        "evaluations": spent,
        "converged": converged,
        "warning": "" if converged else warning.replace("%", " %"),
    }


def value_of(cost: Mapping[str, Any], goal: str) -> float:
    cycles, energy = float(cost["cycles"]), float(cost["energy_pj"])
    return cycles if goal == "latency" else energy if goal == "energy" else cycles * energy
