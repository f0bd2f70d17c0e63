# SPDX-License-Identifier: Apache-2.0
"""Several frames of one network as one graph, and single devices as vendor runtimes use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chipcast._core import InputError


def repeat(graph: Mapping[str, Any], frames: int) -> dict[str, Any]:
    """A graph that runs `graph` so many times side by side: parameters are shared, everything else has the frame's
    number before its name. Transforms must have been done before: batch normalisations of shared parameters are not
    folded. Raises InputError where `frames` is less than 1."""
    if frames < 1:
        raise InputError(f"frames: {frames} is less than 1; a graph runs at least once")
    shared = {name for name, tensor in graph["tensors"].items() if tensor.get("parameter")}

    def renamed(name: str, frame: int) -> str:
        return name if not name or name in shared else f"frame{frame}/{name}"

    tensors: dict[str, Any] = {name: tensor for name, tensor in graph["tensors"].items() if name in shared}
    out: dict[str, Any] = {**graph, "tensors": tensors, "inputs": [], "outputs": [], "ops": [], "history": []}
    for frame in range(frames):
        tensors.update(
            {renamed(name, frame): tensor for name, tensor in graph["tensors"].items() if name not in shared}
        )
        for end in ("inputs", "outputs"):
            out[end] += [renamed(name, frame) for name in graph[end]]
        out["ops"] += [_renamed_op(op, frame, renamed) for op in graph["ops"]]
    return out


def _renamed_op(op: Mapping[str, Any], frame: int, renamed: Any) -> dict[str, Any]:
    named = {**op, "name": f"frame{frame}/{op['name']}"}
    for end in ("inputs", "outputs"):
        if end in op:
            named[end] = [renamed(name, frame) for name in op[end]]
    if "fused" in op:
        named["fused"] = [{**each, "name": f"frame{frame}/{each['name']}"} for each in op["fused"]]
    return named


def on_one_device(problem: Mapping[str, Any], device: str, host: str) -> dict[str, list[int]] | None:
    """The solution that runs everything on `device`, and on `host` what it refuses, as vendor runtimes do; None where
    neither runs some task. `problem` is the JSON form of a scheduling problem."""
    names = list(problem["devices"])
    modes = []
    for task in problem["tasks"]:
        alone = {
            mode["parts"][0]["device"]: number
            for number, mode in enumerate(task["modes"])
            if len(mode["parts"]) == 1
        }
        mode = alone.get(names.index(device), alone.get(names.index(host)))
        if mode is None:
            return None
        modes.append(mode)
    return {"modes": modes, "order": list(range(len(modes)))}
