# SPDX-License-Identifier: Apache-2.0
"""A network in mixed formats as one that the native kernels run in fp32, with every tensor rounded to what it is stored
in: casts there and back, by the kernels' own rounding.

Sums are those of fp32 where integer kernels have exact ones, and results are rounded once, as where a product's sums
are rescaled into what its reader wants.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chipcast.quantization.folding import Document, Parameters
from chipcast.quantization.scales import Scale
from chipcast.search.accuracy.scales import BITS, EXACT, HALF, KNOWN

ScaleOf = Callable[[str, str], Scale]
"""Of a tensor (by its name in the network as it was) in a format."""
Rounded = Callable[[str, str], Any]
"""A parameter's values as a format stores them, in fp32."""


def rounded_network(
    mixed: Document, exact: Document, activation_scale: ScaleOf, parameter: Rounded
) -> tuple[Document, Parameters]:
    """`mixed`: the network in its formats. `exact`: the same in fp32, whose tensors give values and scales."""
    return _Rounding(mixed, exact, activation_scale, parameter).run()


def name_before(name: str, exact: Document) -> str:
    """A tensor that was copied into another format is named after the first."""
    while name not in exact["tensors"]:
        name = name.rpartition("/")[0]
    return name


class _Rounding:
    def __init__(self, mixed: Document, exact: Document, scale_of: ScaleOf, parameter: Rounded) -> None:
        self._mixed, self._exact = mixed, exact
        self._scale_of, self._parameter = scale_of, parameter
        self._tensors: dict[str, Any] = {}
        self._ops: list[Document] = []
        self._values: Parameters = {}
        self._read: dict[str, str] = {}
        """What stands for a tensor of `mixed` where it is read."""

    def run(self) -> tuple[Document, Parameters]:
        for name in self._mixed["inputs"]:
            self._tensors[name] = self._exact["tensors"][name]
            self._arrive(name, name)
        for op in self._mixed["ops"]:
            self._add(op)
        outputs = [self._read[name] for name in self._mixed["outputs"]]
        graph = {**self._mixed, "tensors": self._tensors, "ops": self._ops, "outputs": outputs, "history": []}
        return graph, self._values

    def _add(self, op: Document) -> None:
        if op["kind"] == "cast" and self._dtype(op["outputs"][0]) in KNOWN:
            self._arrive(op["outputs"][0], self._read[op["inputs"][0]])
            return
        inputs = [self._input(name) if name else "" for name in op["inputs"]]
        outputs = []
        for name in op["outputs"]:
            computed = f"{name}#computed" if self._is_rounded(name) else name
            self._tensors[computed] = self._plain(name)
            outputs.append(computed)
        self._ops.append({**op, "inputs": inputs, "outputs": outputs})
        for name, computed in zip(op["outputs"], outputs, strict=True):
            self._arrive(name, computed)

    def _input(self, name: str) -> str:
        if not self._mixed["tensors"][name].get("parameter"):
            return self._read[name]
        if name not in self._values:
            before = name_before(name, self._exact)
            self._values[name] = self._parameter(before, self._dtype(name))
            self._tensors[name] = self._exact["tensors"][before]
        return name

    def _arrive(self, name: str, computed: str) -> None:
        """From here on readers see it as it is stored."""
        self._read[name] = computed
        if not self._is_rounded(name):
            return
        dtype, shape = self._dtype(name), self._mixed["tensors"][name]["shape"]
        stored: Document = {"shape": shape, "dtype": dtype}
        if dtype in BITS:
            stored["quantization"] = self._scale_of(name_before(name, self._exact), dtype).to_document()
        self._tensors[f"{name}#stored"] = stored
        self._tensors[f"{name}#read"] = {"shape": shape, "dtype": "fp32"}
        self._ops.append(_cast(f"{name}#store", computed, f"{name}#stored", dtype))
        self._ops.append(_cast(f"{name}#load", f"{name}#stored", f"{name}#read", "fp32"))
        self._read[name] = f"{name}#read"

    def _plain(self, name: str) -> Document:
        """Data in fp32; indices and conditions in their own format."""
        tensor = self._mixed["tensors"][name]
        return {"shape": tensor["shape"], "dtype": "fp32" if tensor["dtype"] in KNOWN else tensor["dtype"]}

    def _is_rounded(self, name: str) -> bool:
        return self._dtype(name) in (*BITS, *HALF)

    def _dtype(self, name: str) -> str:
        dtype = str(self._mixed["tensors"][name].get("dtype", "fp32"))
        return "fp32" if dtype in EXACT else dtype


def _cast(name: str, source: str, target: str, to: str) -> Document:
    return {"name": name, "kind": "cast", "inputs": [source], "outputs": [target], "attributes": {"to": to}}
