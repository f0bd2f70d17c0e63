# SPDX-License-Identifier: Apache-2.0
"""Collects operators and tensors of a model and gives the graph document; shared by all importers."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from chipcast._core import infer_op
from chipcast.importers.contents import STORED, Contents, Values
from chipcast.importers.dtypes import dtype_of
from chipcast.importers.errors import fail, quoted
from chipcast.importers.fold import evaluate, evaluate_stored

LARGEST_EXTENT = 2**31 - 1
LARGEST_TENSOR = 2**48  # elements; far beyond every machine, and safe in 64-bit byte counts


class Type(NamedTuple):
    """Shape and number format of a tensor."""

    shape: tuple[int, ...]
    dtype: str

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def elements(self) -> int:
        return math.prod(self.shape)


@dataclass
class Tensor:
    type: Type
    parameter: bool = False
    quantization: dict[str, Any] | None = None


def check_shape(shape: Iterable[Any], place: str) -> tuple[int, ...]:
    """The shape as a tuple; refuses extents and sizes that no tensor can have."""
    extents = tuple(int(extent) for extent in shape)
    for axis, extent in enumerate(extents):
        if not 1 <= extent <= LARGEST_EXTENT:
            fail(place, f"extent {extent} of axis {axis} is outside [1, {LARGEST_EXTENT}]; correct the shape")
    if math.prod(extents) > LARGEST_TENSOR:
        fail(
            place,
            f"{math.prod(extents)} elements are more than {LARGEST_TENSOR}; correct the shape {extents}",
        )
    return extents


@functools.lru_cache(maxsize=65536)
def inferred(kind: str, attributes: str, inputs: str, outputs: int) -> tuple[Type, ...]:
    """Types of an operator's outputs, from the one shape inference that there is (the C++ one)."""
    answer = json.loads(infer_op(kind, attributes, inputs, outputs, ""))
    return tuple(Type(tuple(each["shape"]), each["dtype"]) for each in answer)


class Builder:
    """A graph under construction. Names are those of the model file; new ones are made unique."""

    def __init__(
        self, name: str, source: str, folded_elements: int = 0, contents: Contents | None = None
    ) -> None:
        self.name = name
        self.contents = contents
        """Values of parameters; none where only shapes are wanted."""
        self.source = source
        self.folded_elements = folded_elements
        self.tensors: dict[str, Tensor] = {}
        self.values: dict[str, np.ndarray] = {}
        self.aliases: dict[str, str] = {}
        self.inputs: list[str] = []
        self.ops: list[dict[str, Any]] = []
        self.history: list[dict[str, str]] = []
        self._op_names: set[str] = set()
        self._reserved: set[str] = set()
        self._counters: dict[str, int] = {}

    # Names

    def reserve(self, names: Iterable[str]) -> None:
        """Names that the model uses and that `fresh` must not give away."""
        self._reserved.update(names)

    def fresh(self, base: str) -> str:
        """A tensor name that nobody uses: `base`, or `base.2`, `base.3`, ..."""
        return self._unique(base, lambda name: name in self._reserved or self.knows(name))

    def op_name(self, base: str) -> str:
        name = self._unique(base, self._op_names.__contains__)
        self._op_names.add(name)
        return name

    def _unique(self, base: str, taken: Any) -> str:
        name = base
        while taken(name):
            self._counters[base] = self._counters.get(base, 1) + 1
            name = f"{base}.{self._counters[base]}"
        return name

    def resolve(self, name: str) -> str:
        """The tensor that a name stands for."""
        return self.aliases.get(name, name)

    def knows(self, name: str) -> bool:
        name = self.resolve(name)
        return name in self.tensors or name in self.values

    # Tensors

    def add_input(
        self, name: str, shape: Iterable[int], dtype: str, quantization: dict[str, Any] | None = None
    ) -> None:
        place = f"{self.source}: input {quoted(name)}"
        self.tensors[name] = Tensor(Type(check_shape(shape, place), dtype), quantization=quantization)
        self.inputs.append(name)

    def add_parameter(
        self,
        name: str,
        shape: Iterable[int],
        dtype: str,
        quantization: dict[str, Any] | None = None,
        values: Values | None = None,
    ) -> str:
        """A stored tensor of which the graph keeps only shape and format; `values` gives what is in it."""
        place = f"{self.source}: parameter {quoted(name)}"
        self.tensors[name] = Tensor(Type(check_shape(shape, place), dtype), True, quantization)
        if self.contents is not None and values is not None:
            self.contents.add(name, values)
        return name

    def weight(
        self, base: str, shape: Iterable[int], dtype: str = "fp32", values: Values | None = None
    ) -> str:
        """A parameter with a new name."""
        return self.add_parameter(self.fresh(base), shape, dtype, values=values)

    def filled(self, base: str, shape: Iterable[int], dtype: str, value: float) -> str:
        """A parameter that holds one value everywhere."""
        extents = tuple(shape)
        return self.weight(base, extents, dtype, values=lambda: np.full(extents, value, STORED[dtype]))

    def add_value(self, name: str, value: np.ndarray) -> None:
        """A constant that is small enough to compute with; becomes a parameter where an operator reads it."""
        self.values[name] = value

    def constant(self, base: str, value: np.ndarray) -> str:
        name = self.fresh(base)
        self.add_value(name, np.asarray(value))
        return name

    def value(self, name: str) -> np.ndarray | None:
        """The values of a known constant."""
        return self.values.get(self.resolve(name))

    def content(self, name: str) -> np.ndarray | None:
        """The values of a parameter, where they are kept."""
        name = self.resolve(name)
        if name in self.values:
            return self.values[name]
        return self.contents.arrays.get(name) if self.contents is not None else None

    def alias(self, name: str, of: str) -> None:
        """`name` is another name of tensor `of`."""
        self.aliases[name] = self.resolve(of)

    def type(self, name: str) -> Type:
        name = self.resolve(name)
        if name in self.tensors:
            return self.tensors[name].type
        value = self.values[name]
        return Type(value.shape, dtype_of(value))

    def shape(self, name: str) -> tuple[int, ...]:
        return self.type(name).shape

    def is_parameter(self, name: str) -> bool:
        name = self.resolve(name)
        return name in self.values or self.tensors[name].parameter

    def quantization(self, name: str) -> dict[str, Any] | None:
        tensor = self.tensors.get(self.resolve(name))
        return tensor.quantization if tensor else None

    def retype(self, name: str, dtype: str, quantization: dict[str, Any] | None = None) -> None:
        """Gives a computed tensor another number format, as quantised operators do."""
        tensor = self.tensors[self.resolve(name)]
        tensor.type = tensor.type._replace(dtype=dtype)
        tensor.quantization = quantization or tensor.quantization

    def differs(self, place: str, how: str) -> None:
        """The graph stands for the operator's work, not for its numbers: an error where values are asked for."""
        if self.contents is not None:
            fail(place, f"{how}; its numbers cannot be computed from the graph, export it without that")

    # Operators

    def op(
        self,
        kind: str,
        inputs: Sequence[str],
        outputs: str | Sequence[str] | int = 1,
        *,
        name: str,
        place: str = "",
        **attributes: Any,
    ) -> list[str]:
        """Adds an operator; returns its outputs. `outputs` are names (empty: a new one), or how many."""
        place = place or f"{self.source}: {name}"
        names = self._named(outputs, name)
        known = {key: value for key, value in attributes.items() if value is not None}
        if self._fold(kind, inputs, names, known, place):
            return names
        read = [self.declared(each, place) for each in inputs]
        while read and not read[-1]:
            read.pop()
        types = self._infer(
            kind, known, [self.type(each) if each else None for each in read], len(names), place
        )
        self.tensors.update((output, Tensor(type_)) for output, type_ in zip(names, types, strict=True))
        op = {"name": self.op_name(name), "kind": kind, "inputs": read, "outputs": names, "attributes": known}
        self.ops.append(op)
        return names

    def _named(self, outputs: str | Sequence[str] | int, base: str) -> list[str]:
        if isinstance(outputs, str):
            outputs = [outputs]
        elif isinstance(outputs, int):
            outputs = [""] * outputs
        names: list[str] = []
        for i, output in enumerate(outputs):
            names.append(output or self.fresh(base if i == 0 else f"{base}:{i}"))
            self._reserved.add(names[-1])
        return names

    def _fold(
        self, kind: str, inputs: Sequence[str], outputs: list[str], attributes: dict[str, Any], place: str
    ) -> bool:
        """Computes with constants: known values give values, other parameters a parameter."""
        present = [name for name in inputs if name]
        if not present or not all(self.knows(name) and self.is_parameter(name) for name in present):
            return False
        values = [self.values[name] for name in map(self.resolve, present) if name in self.values]
        if len(values) == len(inputs):
            results = evaluate(kind, values, attributes, self.folded_elements)
            if results is not None and len(results) == len(outputs):
                self.values.update(zip(outputs, results, strict=True))
                return True
        given = [self.type(name) if name else None for name in inputs]
        types = self._infer(kind, attributes, given, len(outputs), place)
        self.tensors.update((name, Tensor(type_, True)) for name, type_ in zip(outputs, types, strict=True))
        if self.contents is not None:
            self._fold_contents(self.contents, kind, inputs, outputs, attributes, place)
        return True

    def _fold_contents(
        self,
        contents: Contents,
        kind: str,
        inputs: Sequence[str],
        outputs: list[str],
        attributes: dict[str, Any],
        place: str,
    ) -> None:
        """What the parameters that an operator of parameters gives hold."""
        known = [self.content(name) for name in inputs if name]
        given = [value for value in known if value is not None]
        results = evaluate_stored(kind, given, attributes) if len(given) == len(inputs) else None
        for position, name in enumerate(outputs):
            if results is not None and len(results) == len(outputs):
                contents.arrays[name] = results[position]
            else:
                contents.lack(name, f"{place}: {kind}")

    def declared(self, name: str, place: str) -> str:
        """The tensor that an operator reads; a computed constant becomes a parameter here."""
        if not name:
            return ""
        name = self.resolve(name)
        if name not in self.tensors:
            if name not in self.values:
                fail(place, f"input {quoted(name)} is not known; export the model again")
            value = self.values[name]
            self.add_parameter(name, value.shape, dtype_of(value))
        return name

    def _infer(
        self, kind: str, attributes: dict[str, Any], given: Sequence[Type | None], outputs: int, place: str
    ) -> tuple[Type, ...]:
        described = [each and {"shape": each.shape, "dtype": each.dtype} for each in given]
        arguments = (json.dumps(attributes), json.dumps(described), outputs)
        try:
            return inferred(kind, *arguments)
        except ValueError:
            infer_op(kind, *arguments, place)  # again, for a message with the place
            raise

    def unary(
        self, function: str, x: str, outputs: str | int = 1, *, name: str, place: str = "", **extra: Any
    ) -> str:
        return self.op("unary", [x], outputs, name=name, place=place, function=function, **extra)[0]

    def binary(
        self, function: str, a: str, b: str, outputs: str | int = 1, *, name: str, place: str = ""
    ) -> str:
        return self.op("binary", [a, b], outputs, name=name, place=place, function=function)[0]

    def reshape(
        self, x: str, shape: Iterable[int], outputs: str | int = 1, *, name: str, place: str = ""
    ) -> str:
        """To a fully known shape."""
        wanted = [int(extent) for extent in shape]
        return self.op("reshape", [x], outputs, name=name, place=place, shape=wanted, zero_copies=False)[0]

    def transpose(
        self, x: str, perm: Sequence[int], outputs: str | int = 1, *, name: str, place: str = ""
    ) -> str:
        return self.op("transpose", [x], outputs, name=name, place=place, perm=list(perm))[0]

    def cast(self, x: str, to: str, outputs: str | int = 1, *, name: str, place: str = "") -> str:
        return self.op("cast", [x], outputs, name=name, place=place, to=to)[0]

    def note(self, transform: str, op: str, detail: str) -> None:
        """A line for the graph's history: what the importer changed."""
        self.history.append({"transform": transform, "op": op, "detail": detail})
