# SPDX-License-Identifier: Apache-2.0
"""Graphs on this machine's kernels, as the algorithms here call them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from chipcast import _core
from chipcast.quantization.folding import Document, Parameters
from chipcast.quantization.inputs import Inputs

_BFLOAT = np.dtype(ml_dtypes.bfloat16)


class Runner:
    """A graph that is run again and again. The graph is taken as it is: nothing is folded.

    `stated`: by operator, the arithmetic of a chip where it differs from the kernels'; "half": {"sums": "fp16" or
    "fp32", "fused": one rounding per multiply-add, "seed": of stochastic rounding} for operators in fp16, "storing":
    "half_away" or "truncated" for those on integers.
    """

    def __init__(
        self,
        graph: Document,
        parameters: Parameters,
        *,
        threads: int = 1,
        reference: bool = False,
        stated: Mapping[str, Document] | None = None,
    ) -> None:
        name = str(graph.get("name") or "graph")
        stored = {name: _bits(value) for name, value in parameters.items()}
        self._executor = _core.Executor(
            json.dumps(graph), name, stored, threads, False, reference, False, json.dumps(dict(stated or {}))
        )

    def run(self, inputs: Inputs, keep: Collection[str] = ()) -> dict[str, Any]:
        """Outputs and the tensors to keep, by name; bf16 as its bits."""
        return self._executor.run({name: _bits(value) for name, value in inputs.items()}, set(keep))


def _bits(values: NDArray[Any]) -> NDArray[Any]:
    """As the core takes arrays: bf16 as uint16."""
    return values.view(np.uint16) if values.dtype == _BFLOAT else values


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
