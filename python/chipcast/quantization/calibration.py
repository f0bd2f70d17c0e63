# SPDX-License-Identifier: Apache-2.0
"""What activations are like: ranges, histograms and samples of layers over the calibration inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from chipcast._core import InputError
from chipcast.quantization.columns import Product
from chipcast.quantization.folding import Document, Parameters
from chipcast.quantization.inputs import Inputs
from chipcast.quantization.kl import Histogram
from chipcast.quantization.min_max import Extremes
from chipcast.quantization.plan import Plan
from chipcast.quantization.running import Runner
from chipcast.quantization.scales import Floats


@dataclass
class Calibration:
    graph: Document
    parameters: Parameters
    plan: Plan
    inputs: Sequence[Inputs]
    runner: Runner
    extremes: dict[str, Extremes] = field(default_factory=dict)
    """By the tensor that stands for a group."""

    def activations(self, inputs: Inputs, names: set[str]) -> dict[str, Floats]:
        """Exact values of the named tensors."""
        found = self.runner.run(inputs, names)
        return {name: inputs[name] if name in inputs else found[name] for name in names}

    def histograms(self) -> dict[str, Histogram]:
        out = {group: Histogram(seen.reach) for group, seen in self.extremes.items()}
        for inputs in self.inputs:
            for name, values in self.activations(inputs, set(self.plan.scaled)).items():
                out[self.plan.scaled[name]].add(values)
        return out

    @cached_property
    def columns(self) -> dict[str, Floats]:
        """Exact inputs of each product on its sampled positions, over all calibration inputs."""
        parts: dict[str, list[Floats]] = {product.name: [] for product in self.plan.products}
        wanted = {product.input for product in self.plan.products}
        for i, inputs in enumerate(self.inputs):
            values = self.activations(inputs, wanted)
            for product in self.plan.products:
                parts[product.name].append(self.sampled(product, values[product.input], i))
        return {name: np.concatenate(part, axis=2) for name, part in parts.items()}

    def sampled(self, product: Product, data: Floats, index: int) -> Floats:
        """Columns of the input of calibration set `index`."""
        return product.columns(data, product.positions(len(self.inputs), index))


def calibrate(graph: Document, parameters: Parameters, plan: Plan, inputs: Sequence[Inputs]) -> Calibration:
    if not inputs:
        raise InputError("calibration: no inputs; give at least one set")
    out = Calibration(graph, parameters, plan, inputs, Runner(graph, parameters))
    for some in inputs:
        for name, values in out.activations(some, set(plan.scaled)).items():
            if not np.isfinite(values).all():
                raise InputError(f"calibration: {name} is not finite with these inputs and parameters")
            out.extremes.setdefault(plan.scaled[name], Extremes()).add(values)
    return out
