# SPDX-License-Identifier: Apache-2.0
"""Post-training quantisation of a whole network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np

from chipcast._core import InputError
from chipcast.model import Model
from chipcast.quantization.calibration import Calibration, calibrate
from chipcast.quantization.document import quantized_document
from chipcast.quantization.easyquant import Found
from chipcast.quantization.folding import Document, Parameters, folded
from chipcast.quantization.inputs import Inputs, random_inputs
from chipcast.quantization.layer_by_layer import LayerByLayer
from chipcast.quantization.plan import Plan, plan_of
from chipcast.quantization.scales import ACTIVATION_BITS, WEIGHT_BITS, Scale, check_bits

Method = Literal["min_max", "min_max_affine", "kl", "easyquant"]
METHODS: tuple[Method, ...] = get_args(Method)
CALIBRATION_INPUTS = 16


def check_method(method: str, bits: int) -> None:
    if method not in METHODS:
        raise InputError(f'method: "{method}" is not known (known: {", ".join(METHODS)})')
    if bits == 16 and method == "min_max_affine":
        raise InputError(
            "method: min_max_affine has no form in 16 bits, which TFLite keeps symmetric; use min_max"
        )
    if bits == 16 and method == "kl":
        raise InputError(
            "method: kl chooses among histograms of fewer bins than 16 bits have levels; use min_max or easyquant"
        )


@dataclass(frozen=True)
class Quantized:
    """A network in TFLite's quantised form, with its values."""

    graph: Document
    parameters: Parameters
    method: Method
    bits: int
    weight_bits: int
    activations: dict[str, Scale]
    weights: dict[str, Scale]
    found: dict[str, Found] = field(default_factory=dict)
    """EasyQuant: what the search found for each tensor."""


class Quantizer:
    """One network with its calibration inputs, to be quantised in several ways.

    Args:
        model: a network in fp32.
        parameters: values of its parameters by name, in fp32.
        inputs: calibration inputs, by name each; by default 16 sets of random images (see `random_inputs`).
        seed: of the random images.
        integer: says of an operator's name whether it may run on integers; all that can do by default.

    Raises:
        InputError: parameters or inputs are missing, or of other shapes than the network's.
    """

    def __init__(
        self,
        model: Model,
        parameters: Mapping[str, Any],
        inputs: Sequence[Inputs] | None = None,
        *,
        seed: int = 0,
        integer: Callable[[str], bool] | None = None,
    ) -> None:
        graph = model.graph
        if inputs is None:
            inputs = [random_inputs(graph, seed * CALIBRATION_INPUTS + i) for i in range(CALIBRATION_INPUTS)]
        values = {name: np.asarray(value) for name, value in parameters.items()}
        self.graph, self.parameters = folded(graph, values)
        self.plan: Plan = plan_of(self.graph, self.parameters, integer)
        if not self.plan.products:
            raise InputError(
                f"quantisation: {model.name} has no convolution or fully connected layer in fp32"
            )
        self.calibration: Calibration = calibrate(self.graph, self.parameters, self.plan, inputs)

    @cached_property
    def _histograms(self) -> Any:
        return self.calibration.histograms()

    def quantize(
        self, method: Method, bits: int = 8, weight_bits: int | None = None, *, correct_bias: bool = True
    ) -> Quantized:
        """Activations in `bits` (8, 7: -63 to 63, or 16), weights in `weight_bits` (2 to 8; by default as
        activations, 8 with 16).
        `correct_bias`: what a channel's results are off by on average joins its bias."""
        weight_bits = min(bits, 8) if weight_bits is None else weight_bits
        check_bits(bits, ACTIVATION_BITS, "bits")
        check_bits(weight_bits, WEIGHT_BITS, "weight_bits")
        check_method(method, bits)
        given = None if method == "easyquant" else self._activations(method, bits)
        walk = LayerByLayer(self.calibration, bits, weight_bits, given=given, correct_bias=correct_bias).run()
        graph, parameters = quantized_document(
            self.graph, walk.parameters, self.plan, walk.activations, walk.weights
        )
        return Quantized(
            graph, parameters, method, bits, weight_bits, walk.activations, walk.weights, walk.found
        )

    def _activations(self, method: Method, bits: int) -> dict[str, Scale]:
        if method == "kl":
            return {group: histogram.scale(bits) for group, histogram in self._histograms.items()}
        seen = self.calibration.extremes
        if method == "min_max_affine":
            return {group: extremes.affine(bits) for group, extremes in seen.items()}
        return {group: extremes.symmetric(bits) for group, extremes in seen.items()}
