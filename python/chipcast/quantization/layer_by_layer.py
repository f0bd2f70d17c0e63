# SPDX-License-Identifier: Apache-2.0
"""A walk over a network, one tensor after the other, each with inputs as quantised earlier layers leave them.

EasyQuant searches scales on the way. Bias correction (Nagel et al. 2019, arXiv:1906.04721, section 4.2, from
calibration data) serves every method: what a channel's results are off by on average, over inputs as earlier layers
leave them, joins its bias, so that rounding and clipping leave no constant error behind.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from chipcast.quantization.calibration import Calibration
from chipcast.quantization.columns import Product
from chipcast.quantization.easyquant import Found, Sampled, scale_of, search
from chipcast.quantization.folding import Document, Parameters
from chipcast.quantization.min_max import weight_scales
from chipcast.quantization.running import single_op
from chipcast.quantization.scales import Floats, Scale

OWN_SAMPLE = 1 << 15  # elements of a tensor that something without weights reads


class LayerByLayer:
    """Walks the network once. `given` are the scales of activations where no search is wanted. `activations`,
    `weights`, `parameters` (with corrected biases) and `found` (by tensor) hold the result."""

    def __init__(
        self,
        calibration: Calibration,
        bits: int,
        weight_bits: int,
        *,
        given: dict[str, Scale] | None = None,
        correct_bias: bool = True,
    ) -> None:
        self._calibration, self._bits, self._weight_bits = calibration, bits, weight_bits
        self._given, self._correct_bias = given, correct_bias
        self._plan = calibration.plan
        self._products = {product.name: product for product in self._plan.products}
        self.activations: dict[str, Scale] = {}
        self.weights: dict[str, Scale] = {}
        self.found: dict[str, Found] = {}
        self.parameters: Parameters = dict(calibration.parameters)
        self._values: dict[str, list[Floats]] = {}
        self._readers = Counter(name for op in calibration.graph["ops"] for name in op["inputs"] if name)

    def run(self) -> LayerByLayer:
        graph = self._calibration.graph
        for name in graph["inputs"]:
            self._arrived(name, [inputs[name] for inputs in self._calibration.inputs])
        for op in graph["ops"]:
            parameters = dict(self.parameters)
            if product := self._products.get(op["name"]):
                weights = self.weights[product.name]
                parameters[product.weight] = weights.rounded(parameters[product.weight])
            self._compute(op, parameters)
        return self

    def _compute(self, op: Document, parameters: Parameters) -> None:
        runner = single_op(self._calibration.graph, op, parameters)
        data = [name for name in op["inputs"] if name and name not in parameters]
        outputs: dict[str, list[Floats]] = {name: [] for name in op["outputs"]}
        for i in range(len(self._calibration.inputs)):
            results = runner.run({name: self._values[name][i] for name in data})
            for name, part in outputs.items():
                part.append(results[name])
        for name in data:
            self._readers[name] -= 1
            if self._readers[name] == 0:
                self._values.pop(name, None)
        for name, values in outputs.items():
            self._arrived(name, values)

    def _arrived(self, name: str, values: list[Floats]) -> None:
        """A tensor as quantised earlier layers leave it: its scale, if it has none yet, then its own rounding."""
        if name in self._plan.scaled:
            group = self._plan.scaled[name]
            if group not in self.activations:
                self._choose(group, name, values)
            scale = self.activations[group]
            values = [scale.rounded(some) for some in values]
        if self._readers[name] > 0:
            self._values[name] = values

    def _choose(self, group: str, name: str, values: list[Floats]) -> None:
        """Scales of a group of tensors and of the weights of all products that read them."""
        names = set(self._plan.together(name))
        products = [product for product in self._plan.products if product.input in names]
        layers = [self._sampled(product, name, values) for product in products]
        if self._given is not None:
            self.activations[group] = self._given[group]
        else:
            first = float(self._calibration.extremes[group].symmetric(self._bits).scales[0])
            own = self._own(names, values) if self._read_without_weights(names) else None
            found = search(first, self._bits, self._weight_bits, layers, own)
            self.found[group] = found
            self.activations[group] = scale_of(found.step, self._bits)
        for product, layer in zip(products, layers, strict=True):
            zeros = np.zeros(len(layer.steps), np.int64)
            self.weights[product.name] = Scale(layer.steps, zeros, self._weight_bits, product.axis)
            if self._correct_bias:
                self._correct(product, layer, self.activations[group])

    def _correct(self, product: Product, layer: Sampled, scale: Scale) -> None:
        computed = layer.stored(layer.steps, self._weight_bits) @ scale.rounded(layer.columns)
        missing = (layer.exact - computed).mean(axis=2, dtype=np.float64).ravel()
        bias = self.parameters[product.bias]
        self.parameters[product.bias] = (bias + missing.reshape(bias.shape)).astype(np.float32)

    def _sampled(self, product: Product, name: str, values: list[Floats]) -> Sampled:
        weights = self._calibration.parameters[product.weight]
        exact_columns = self._calibration.columns[product.name]
        columns = exact_columns
        if product.input == name:  # others of the group are still to come: exact ones stand for them
            parts = [self._calibration.sampled(product, some, i) for i, some in enumerate(values)]
            columns = np.concatenate(parts, axis=2)
        matrix = product.matrix(weights)
        steps = weight_scales(weights, self._weight_bits, product.axis).scales
        return Sampled(matrix, matrix @ exact_columns, columns, steps)

    def _read_without_weights(self, names: set[str]) -> bool:
        """Something outside the group that has no weights reads one of its tensors, or the caller does."""
        graph = self._calibration.graph
        if any(name in names for name in graph["outputs"]):
            return True
        others = (op for op in graph["ops"] if op["name"] not in self._products)
        return any(
            names.intersection(op["inputs"]) and not names.intersection(op["outputs"]) for op in others
        )

    def _own(self, names: set[str], values: list[Floats]) -> Floats:
        flat = np.concatenate([some.ravel() for some in values])
        if flat.size <= OWN_SAMPLE:
            return flat
        return np.random.default_rng(len(names)).choice(flat, OWN_SAMPLE, replace=False)
