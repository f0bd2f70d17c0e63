# SPDX-License-Identifier: Apache-2.0
"""Costs and searches of loop-nest mappings on described arrays (accelerators/spatial)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from chipcast import _core
from chipcast.model import load_model

Json = dict[str, Any]


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
    return found
