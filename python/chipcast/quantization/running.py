# SPDX-License-Identifier: Apache-2.0
"""Graphs on this machine's kernels, as the algorithms here call them."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from chipcast import _core
from chipcast.quantization.folding import Document, Parameters
from chipcast.quantization.inputs import Inputs


class Runner:
    """A graph that is run again and again. The graph is taken as it is: nothing is folded."""

    def __init__(
        self, graph: Document, parameters: Parameters, *, threads: int = 1, reference: bool = False
    ) -> None:
        name = str(graph.get("name") or "graph")
        self._executor = _core.Executor(json.dumps(graph), name, parameters, threads, False, reference, False)

    def run(self, inputs: Inputs, keep: Collection[str] = ()) -> dict[str, Any]:
        """Outputs and the tensors to keep, by name."""
        return self._executor.run(dict(inputs), set(keep))


def single_op(graph: Document, op: Document, parameters: Parameters) -> Runner:
    """One operator of a graph: its data operands are the inputs."""
    read = [name for name in op["inputs"] if name]
    data = list(dict.fromkeys(name for name in read if name not in parameters))
    tensors = {name: graph["tensors"][name] for name in [*read, *op["outputs"]]}
    alone = {
        "format": "chipcast-graph",
        "version": 1,
        "name": str(op["name"]),
        "tensors": tensors,
        "inputs": data,
        "outputs": list(op["outputs"]),
        "ops": [op],
    }
    return Runner(alone, {name: parameters[name] for name in read if name in parameters})
