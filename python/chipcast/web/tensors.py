# SPDX-License-Identifier: Apache-2.0
"""Which tensor lies where in memory, and from when to when it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]


@dataclass
class _Life:
    begin: float
    end: float
    kind: str


def occupancy(graph: Document, program: Document, report: Document) -> dict[str, list[Any]]:
    """Columns `name`, `kind` (parameter, input, output, activation), `address`, `bytes`, `begin_s`, `end_s`.

    Parameters are there for the whole run, inputs from its start, outputs to its end. Anything else is there from the
    start of the operator that writes it to the end of the last that reads it. What a view (an operator that moves
    nothing) gives out is its input under another name.
    """
    lives = _lives(graph, report)
    rows = []
    for each in program["allocations"]:
        life = lives.get(each["tensor"])
        if life is not None:
            rows.append((each["tensor"], life.kind, each["address"], each["bytes"], life.begin, life.end))
    names = ("name", "kind", "address", "bytes", "begin_s", "end_s")
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def _lives(graph: Document, report: Document) -> dict[str, _Life]:
    whole = report["totals"]["latency_s"]
    lives = {
        name: _Life(0.0, whole, "parameter")
        for name, tensor in graph["tensors"].items()
        if tensor.get("parameter")
    }
    lives |= {name: _Life(0.0, 0.0, "input") for name in graph["inputs"]}
    shown_as: dict[str, str] = {}
    for op, activity in zip(graph["ops"], report["ops"], strict=True):
        sources = [shown_as.get(name, name) for name in op["inputs"]]
        if not activity["device"]:
            shown_as |= dict.fromkeys(op["outputs"], sources[0])
            continue
        for name in sources:
            if name in lives:
                lives[name].end = max(lives[name].end, activity["end_s"])
        for name in op["outputs"]:
            lives[name] = _Life(activity["start_s"], activity["end_s"], "activation")
    for name in (shown_as.get(name, name) for name in graph["outputs"]):
        if name in lives and lives[name].kind == "activation":
            lives[name].kind, lives[name].end = "output", whole
    return lives


def edges(graph: Document) -> list[tuple[int, int]]:
    """(operator that writes, operator that reads) by position in the report."""
    writer = {name: i for i, op in enumerate(graph["ops"]) for name in op["outputs"]}
    return [(writer[name], i) for i, op in enumerate(graph["ops"]) for name in op["inputs"] if name in writer]
