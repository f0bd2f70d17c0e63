# SPDX-License-Identifier: Apache-2.0
"""Runs networks on this machine's processor with the bundled kernels."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from chipcast import _core
from chipcast._core import InputError
from chipcast.formats import NUMPY, numpy_format
from chipcast.model import Model, load_model
from chipcast.text import did_you_mean, plain

__all__ = ["Executor", "LayerTime"]

_MOST_THREADS = 1024  # as in kernels/threads/pool.h


@dataclass(frozen=True)
class LayerTime:
    """One operator of the last run."""

    op: str
    kind: str
    """What reports call it: "conv", "depthwise_conv", "relu", ..."""
    kernel: str
    """Which kernel computed it; empty where nothing moves."""
    elapsed_s: float
    relayout_s: float
    """Time to bring its operands into the order of axes that the kernel wants, beside elapsed_s."""


class Executor:
    """A network made ready to run here: weights packed, algorithms chosen.

    Arrays go in and out in numpy's formats of the same name (fp16: float16, bf16: ml_dtypes.bfloat16). int7 and int4
    take an int8 each, uint4 a uint8, binary is int8 +1 or -1. Python threads may share an executor; their runs take
    turns.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | Mapping[str, Any] | Model,
        parameters: Mapping[str, np.ndarray] | None = None,
        *,
        threads: int = 1,
        pinned: bool = False,
        reference: bool = False,
        fold: bool = True,
    ) -> None:
        """Makes `model` (see load_model) ready.

        Args:
            parameters: values by tensor name; None takes the model file's, or random ones where it has none.
            threads: that share each operator.
            pinned: each thread stays on one processor.
            reference: plain loops only, to compare the fast kernels with.
            fold: fold batch normalisations and fuse activations first, as platforms do.

        Raises InputError for a parameter without values, of another type, outside its format's range or unknown to
        the graph, for threads that cannot be started, and for an operator that no kernel computes.
        """
        if not isinstance(threads, (int, np.integer)) or not 1 <= threads <= _MOST_THREADS:
            raise InputError(f"threads: {threads} is not a whole number in [1, {_MOST_THREADS}]")
        self.model = load_model(model)
        given = self.model.parameters if parameters is None else parameters
        self._tensors: Mapping[str, Any] = self.model.graph["tensors"]
        for name in given:
            if not self._tensors.get(name, {}).get("parameter"):
                hint = did_you_mean(name, list(self.model.stored))
                raise InputError(f'parameter "{plain(name)}": the network has no such parameter{hint}')
        stored = {name: self._stored(name, value) for name, value in given.items()}
        self._core = _core.Executor(
            self.model.graph_json, self.model.source, stored, int(threads), pinned, reference, fold
        )

    @cached_property
    def graph(self) -> dict[str, Any]:
        """The graph that runs: with fold, the folded and fused one."""
        graph: dict[str, Any] = json.loads(self._core.graph())
        return graph

    def run(self, inputs: Mapping[str, np.ndarray], keep: Collection[str] = ()) -> dict[str, np.ndarray]:
        """Outputs by name, and the intermediate tensors named in `keep`."""
        for name in inputs:
            if name not in self.graph["inputs"]:
                known = self.graph["inputs"]
                raise InputError(
                    f'input "{plain(name)}": the network has no such input{did_you_mean(name, known)}'
                )
        for name in keep:
            if name not in self._written:
                hint = did_you_mean(name, sorted(self._written))
                raise InputError(f'keep: "{plain(name)}" is written by no operator that runs{hint}')
        given = {name: self._stored(name, value) for name, value in inputs.items()}
        results = self._core.run(given, set(keep))
        return {name: self._shown(name, value) for name, value in results.items()}

    @property
    def times(self) -> list[LayerTime]:
        """Of the last run, in the order of the operators; none before the first."""
        return [LayerTime(*each) for each in self._core.times()]

    @cached_property
    def _written(self) -> set[str]:
        return {name for op in self.graph["ops"] for name in op["outputs"]}

    def _dtype(self, name: str) -> str:
        tensor = self._tensors.get(name) or self.graph["tensors"][name]
        return str(tensor.get("dtype", "fp32"))

    def _stored(self, name: str, value: np.ndarray) -> np.ndarray:
        """As the core takes it: bf16 as its bits."""
        array = np.asarray(value)
        wanted = numpy_format(self._dtype(name))
        if array.dtype != wanted:
            raise InputError(f'array "{name}" is {array.dtype}; {wanted} is needed for {self._dtype(name)}')
        return array.view(np.uint16) if wanted == NUMPY["bf16"] else array

    def _shown(self, name: str, value: np.ndarray) -> np.ndarray:
        return value.view(NUMPY["bf16"]) if self._dtype(name) == "bf16" else value
