# SPDX-License-Identifier: Apache-2.0
"""A network that is run in one mixture of formats after the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from chipcast import _core
from chipcast._core import InputError
from chipcast.model import Model
from chipcast.quantization.folding import PRODUCTS, Document, folded, output_axis
from chipcast.quantization.inputs import Inputs, random_inputs
from chipcast.quantization.running import Runner
from chipcast.quantization.scales import Scale
from chipcast.search.accuracy.rounding import name_before, rounded_network
from chipcast.search.accuracy.scales import (
    BITS,
    EXACT,
    Seen,
    activation_scale,
    check_format,
    together,
    weight_scale,
)
from chipcast.search.accuracy.settings import Accuracy

_SAMPLE = 1 << 13
"""Values of a tensor that scales are tried on, over all images; of each image _TAIL at either end beside."""
_TAIL = 32
CALIBRATION = 32
"""Images that ranges are taken from: with as few as are measured on, results hang on which ones they are."""
_WIDEST_WEIGHT = 8
MOST_DB = 150.0
"""In place of infinitely many, where nothing is rounded."""


@dataclass(frozen=True)
class Noise:
    """Of one mixture: sums of squares of exact outputs and of errors, over all images."""

    signal: float
    noise: float

    @property
    def sqnr_db(self) -> float:
        return decibels(self.signal, self.noise)


def decibels(signal: float, noise: float) -> float:
    if noise <= 0.0 or signal <= 0.0:
        return MOST_DB if noise <= 0.0 else -MOST_DB
    return float(np.clip(10.0 * np.log10(signal / noise), -MOST_DB, MOST_DB))


class RoundedNetwork:
    """Calibrated on CALIBRATION random inputs, or as many as it is measured on where those are more; measured on
    `images` others. Raises InputError for a network that is not in
    fp32, or that the native kernels do not run."""

    def __init__(self, model: Model, settings: Accuracy) -> None:
        self._settings = settings
        self.graph, self._parameters = folded(model.graph, dict(model.parameters))
        self._name = model.name
        self._products = {op["inputs"][1]: op for op in self.graph["ops"] if op["kind"] in PRODUCTS}
        narrow = [
            name for name, tensor in self.graph["tensors"].items() if tensor["dtype"] in (*BITS, "uint8")
        ]
        if narrow:
            raise InputError(f"accuracy: {model.name} is quantised already; give the network in fp32")
        self._scales: dict[tuple[str, str], Scale] = {}
        self._weights: dict[tuple[str, str], Any] = {}

    def mixed(self, dtype: str | None, precision: Mapping[str, str] | None) -> Document:
        """The graph in its formats. Raises InputError for patterns that fit nothing, and formats without a scale."""
        options = {"dtype": dtype, "precision": dict(precision or {}), "fold_batch_norm": False}
        given = {key: value for key, value in options.items() if value is not None}
        document: Document = json.loads(
            _core.graph_in_formats(json.dumps(self.graph), self._name, json.dumps(given))
        )
        for name, tensor in document["tensors"].items():
            if tensor.get("parameter"):
                continue
            if self.graph["tensors"][name_before(name, self.graph)]["dtype"] in EXACT:
                check_format(tensor["dtype"])
        return document

    def measure(self, dtype: str | None, precision: Mapping[str, str] | None) -> Noise:
        graph, values = rounded_network(
            self.mixed(dtype, precision), self.graph, self._activation_scale, self._rounded
        )
        runner = Runner(graph, values)
        heads = heads_of(graph)
        total = Noise(0.0, 0.0)
        for inputs, exact in zip(self._tests, self._exact, strict=True):
            found = runner.run(inputs, set(heads))
            computed = [found.get(name, inputs.get(name)) for name in heads]
            total = _added(total, exact, computed)
        return total

    def _images(self, stream: int, count: int) -> list[Inputs]:
        first = (2 * self._settings.seed + stream) * 100_000
        return [random_inputs(self.graph, first + number) for number in range(count)]

    @cached_property
    def _tests(self) -> list[Inputs]:
        return self._images(1, self._settings.images)

    @cached_property
    def _runner(self) -> Runner:
        return Runner(self.graph, self._parameters)

    @cached_property
    def _exact(self) -> list[list[Any]]:
        heads = heads_of(self.graph)
        return [[self._runner.run(inputs, set(heads))[name] for name in heads] for inputs in self._tests]

    @cached_property
    def _seen(self) -> dict[str, Seen]:
        names = {
            name
            for op in self.graph["ops"]
            for name in [*op["inputs"], *op["outputs"]]
            if name and name not in self._parameters and self.graph["tensors"][name]["dtype"] == "fp32"
        }
        seen: dict[str, list[Seen]] = {name: [] for name in sorted(names)}
        written = names - set(self.graph["inputs"])
        count = max(CALIBRATION, self._settings.images)
        for number, inputs in enumerate(self._images(0, count)):
            found = {**self._runner.run(inputs, written), **inputs}
            for name in seen:
                seen[name].append(_look(found[name], _SAMPLE // count, number))
        return {name: together(parts) for name, parts in seen.items()}

    def _activation_scale(self, name: str, dtype: str) -> Scale:
        slot = name, dtype
        if slot not in self._scales:
            seen = self._seen[name]
            self._scales[slot] = activation_scale(seen, BITS[dtype], self._settings.scales)
        return self._scales[slot]

    def _rounded(self, name: str, dtype: str) -> Any:
        """Weights by channel; a bias, stored in the scale of its sums, as it is; other parameters by tensor."""
        values = self._parameters[name]
        check = dtype if dtype not in ("int32", "int64", "bool") else "fp32"
        check_format(check)
        if check in ("fp32", "fp64") or values.dtype != np.float32:
            return values
        slot = name, dtype
        if slot not in self._weights:
            self._weights[slot] = self._stored(name, values, dtype)
        return self._weights[slot]

    def _stored(self, name: str, values: Any, dtype: str) -> Any:
        if dtype not in BITS:
            return _half(values, dtype)
        if name in self._products:
            bits = min(BITS[dtype], _WIDEST_WEIGHT) if dtype != "int16" else BITS[dtype]
            return weight_scale(
                values, bits, output_axis(self._products[name]), self._settings.scales
            ).rounded(values)
        seen = together([_look(values, _SAMPLE, 0)])
        return activation_scale(seen, BITS[dtype], self._settings.scales).rounded(values)


def heads_of(graph: Document) -> list[str]:
    """Tensors to compare: the outputs, and what a softmax reads in place of its result."""
    writers = {name: op for op in graph["ops"] for name in op["outputs"]}
    heads = []
    for name in graph["outputs"]:
        op = writers.get(name)
        while op is not None and op["kind"] in ("cast", "reshape"):
            name_before, op = op["inputs"][0], writers.get(op["inputs"][0])
            if op is not None and op["kind"] == "softmax":
                name = name_before
        heads.append(op["inputs"][0] if op is not None and op["kind"] == "softmax" else name)
    return heads


def _half(values: Any, dtype: str) -> Any:
    import ml_dtypes

    return values.astype(np.float16 if dtype == "fp16" else ml_dtypes.bfloat16).astype(np.float32)


def _look(values: Any, most: int, seed: int) -> Seen:
    flat = values.ravel()
    if not np.isfinite(flat).all():
        raise InputError("accuracy: a tensor is not finite with these inputs and parameters")
    ends = np.asarray([flat.min()], np.float64), np.asarray([flat.max()], np.float64)
    if flat.size <= most + 2 * _TAIL:
        return Seen(flat.astype(np.float32), np.ones(flat.size), *ends)
    ordered = np.partition(flat, [_TAIL, flat.size - _TAIL])
    drawn = np.random.default_rng(seed).choice(ordered[_TAIL:-_TAIL], most, replace=False)
    values = np.concatenate([ordered[:_TAIL], drawn, ordered[-_TAIL:]]).astype(np.float32)
    weights = np.full(values.size, (flat.size - 2.0 * _TAIL) / most)
    weights[:_TAIL] = weights[-_TAIL:] = 1.0
    return Seen(values, weights, *ends)


def _added(total: Noise, exact: list[Any], computed: list[Any]) -> Noise:
    signal, noise = total.signal, total.noise
    for before, after in zip(exact, computed, strict=True):
        a, b = before.astype(np.float64).ravel(), after.astype(np.float64).ravel()
        signal += float(a @ a)
        noise += float((b - a) @ (b - a))
    return Noise(signal, noise)
