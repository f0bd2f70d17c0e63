# SPDX-License-Identifier: Apache-2.0
"""TensorFlow Lite's reference kernels, through the LiteRT interpreter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chipcast.model import Model
from chipcast.parameters import numpy_format

interpreter = pytest.importorskip("ai_edge_litert.interpreter", reason="no ai-edge-litert to compare with")
Arrays = dict[str, np.ndarray]


class Oracle:
    """One network; `run` gives every tensor by name, or the outputs alone."""

    def __init__(self, path: Path, layers: bool = False) -> None:
        self.core = interpreter.Interpreter(
            str(path),
            experimental_op_resolver_type=interpreter.OpResolverType.BUILTIN_REF,
            experimental_preserve_all_tensors=layers,
        )
        self.core.allocate_tensors()
        self.layers = layers

    def run(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
        for detail in self.core.get_input_details():
            self.core.set_tensor(detail["index"], inputs[detail["name"]].reshape(detail["shape"]))
        self.core.invoke()
        details = self.core.get_tensor_details() if self.layers else self.core.get_output_details()
        out: Arrays = {}
        for detail in details:
            if detail["name"] and np.all(detail["shape"] > 0):
                try:
                    out[detail["name"]] = self.core.get_tensor(detail["index"]).copy()
                except ValueError:
                    continue  # a tensor that the interpreter keeps no memory for
        return out


def uniform_inputs(model: Model, seed: int) -> Arrays:
    """Integers over their whole range, floats normally distributed."""
    random = np.random.default_rng(seed)
    out: Arrays = {}
    for name in model.graph["inputs"]:
        tensor: dict[str, Any] = model.graph["tensors"][name]
        kind = numpy_format(tensor["dtype"])
        shape: Sequence[int] = tensor["shape"]
        if kind.kind == "f":
            out[name] = (4 * random.standard_normal(shape)).astype(kind)
        else:
            limits = np.iinfo(kind)
            out[name] = random.integers(limits.min, limits.max + 1, shape).astype(kind)
    return out
