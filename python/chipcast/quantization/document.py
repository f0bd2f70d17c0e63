# SPDX-License-Identifier: Apache-2.0
"""The quantised network as a graph, in TFLite's form: integers with scales, biases in the scale of the sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipcast.quantization.columns import Product
from chipcast.quantization.folding import Document, Parameters
from chipcast.quantization.plan import Plan
from chipcast.quantization.scales import Scale

_INT32 = (-(2**31), 2**31 - 1)
_INT40 = (-(2**39), 2**39 - 1)  # TFLite's biases of 16x8 kernels


def activation_format(bits: int) -> str:
    return {7: "int7", 8: "int8", 16: "int16"}[bits]


def weight_format(bits: int, activations: int) -> str:
    """int4 up to 4 bits; otherwise the activations' where it is wide enough, so that kernels see one format."""
    if bits <= 4:
        return "int4"
    return "int7" if bits <= 7 and activations == 7 else "int8"


def quantized_document(
    graph: Document,
    parameters: Parameters,
    plan: Plan,
    activations: dict[str, Scale],
    weights: dict[str, Scale],
) -> tuple[Document, Parameters]:
    """`activations` by the tensor that stands for a group, `weights` by operator. Inputs and outputs stay floats: casts
    stand behind inputs, before outputs and wherever an operator without an integer form reads or writes."""
    writer = _Writer(graph, parameters, plan, activations, weights)
    for op in graph["ops"]:
        writer.add(op)
    return writer.finish()


class _Writer:
    def __init__(
        self,
        graph: Document,
        parameters: Parameters,
        plan: Plan,
        activations: dict[str, Scale],
        weights: dict[str, Scale],
    ) -> None:
        self._graph, self._parameters, self._plan = graph, parameters, plan
        self._activations, self._weights = activations, weights
        self._products = {product.name: product for product in plan.products}
        self._tensors: dict[str, Any] = {}
        self._values: Parameters = {}
        self._ops: list[Document] = []
        self._float_form = {name: name for name in graph["inputs"]}
        self._integer_form: dict[str, str] = {}

    def add(self, op: Document) -> None:
        if op["name"] not in self._plan.integer:
            inputs = [self._float(name) if name else "" for name in op["inputs"]]
            for name in op["outputs"]:
                self._tensors[name] = self._graph["tensors"][name]
                self._float_form[name] = name
            self._ops.append({**op, "inputs": inputs})
            return
        if op["name"] in self._products:
            inputs = self._product_inputs(self._products[op["name"]])
        else:
            inputs = [self._integer(name) if name else "" for name in op["inputs"]]
        outputs = []
        for name in op["outputs"]:
            stored = f"{name}/stored"
            self._tensors[stored] = self._integer_tensor(name)
            self._integer_form[name] = stored
            outputs.append(stored)
        self._ops.append({**op, "inputs": inputs, "outputs": outputs})

    def finish(self) -> tuple[Document, Parameters]:
        for name in self._graph["outputs"]:
            self._float(name)
        for name in self._graph["inputs"]:
            self._tensors[name] = self._graph["tensors"][name]
        out = {**self._graph, "tensors": self._tensors, "ops": self._ops}
        return out, self._values

    def _integer_tensor(self, name: str) -> Document:
        scale = self._activations[self._plan.scaled[name]]
        return {
            "shape": self._graph["tensors"][name]["shape"],
            "dtype": activation_format(scale.bits),
            "quantization": scale.to_document(),
        }

    def _integer(self, name: str) -> str:
        if name not in self._integer_form:
            stored = f"{name}/stored"
            self._tensors[stored] = self._integer_tensor(name)
            dtype = self._tensors[stored]["dtype"]
            self._ops.append(_cast(f"{name}/quantize", self._float(name), stored, dtype))
            self._integer_form[name] = stored
        return self._integer_form[name]

    def _float(self, name: str) -> str:
        if name in self._parameters:
            self._keep(name)
        elif name not in self._float_form:
            self._tensors[name] = self._graph["tensors"][name]
            self._ops.append(_cast(f"{name}/dequantize", self._integer_form[name], name, "fp32"))
            self._float_form[name] = name
        return name

    def _keep(self, name: str) -> None:
        self._tensors[name] = self._graph["tensors"][name]
        self._values[name] = self._parameters[name]

    def _product_inputs(self, product: Product) -> list[str]:
        scale = self._weights[product.name]
        inputs = self._activations[self._plan.scaled[product.input]]
        name = (
            f"{product.weight}/stored" if len(self._users(product.weight)) == 1 else f"{product.name}/weight"
        )
        self._tensors[name] = {
            "shape": list(product.weight_shape),
            "dtype": weight_format(scale.bits, inputs.bits),
            "parameter": True,
            "quantization": scale.to_document(),
        }
        self._values[name] = scale.quantized(self._parameters[product.weight]).astype(np.int8)
        names = [self._integer(product.input), name]
        return [*names, self._bias(product, inputs, scale)]

    def _users(self, parameter: str) -> list[Document]:
        return [op for op in self._graph["ops"] if parameter in op["inputs"]]

    def _bias(self, product: Product, inputs: Scale, weights: Scale) -> str:
        """In steps of input scale x weight scale, as sums are: int32, and int64 with int16 activations."""
        steps = float(inputs.scales[0]) * weights.scales
        values = self._parameters[product.bias].astype(np.float64)
        wide = inputs.bits == 16
        stored = np.clip(np.rint(values / steps), *(_INT40 if wide else _INT32))
        name = f"{product.name}/bias"
        scale = Scale(steps, np.zeros(len(steps), np.int64), 32, values.ndim - 1 if len(steps) > 1 else None)
        self._tensors[name] = {
            "shape": list(values.shape),
            "dtype": "int64" if wide else "int32",
            "parameter": True,
            "quantization": scale.to_document(),
        }
        self._values[name] = stored.astype(np.int64 if wide else np.int32)
        return name


def _cast(name: str, source: str, target: str, to: str) -> Document:
    return {"name": name, "kind": "cast", "inputs": [source], "outputs": [target], "attributes": {"to": to}}
