# SPDX-License-Identifier: Apache-2.0
"""Activations that a layer carries in its own parameters."""

from __future__ import annotations

from chipcast.importers.builder import Builder
from chipcast.importers.errors import fail
from chipcast.importers.ncnn.layer import Layer

NAMES = {1: "relu", 2: "leaky_relu", 3: "clip", 4: "sigmoid", 5: "mish", 6: "hard_swish", 7: "gelu", 8: "swish",
         9: "elu", 10: "selu"}  # fmt: skip
ARGUMENTS = {2: ("alpha",), 3: ("min", "max"), 6: ("alpha", "beta"), 9: ("alpha",)}


def activate(b: Builder, layer: Layer, y: str, type_key: int, params_key: int) -> str:
    """The tensor after the layer's activation_type; `y` itself where there is none."""
    kind = layer.int(type_key, "activation_type", 0)
    if kind == 0:
        return y
    if kind not in NAMES:
        fail(layer.place, f"activation_type ({type_key}=) {kind} is not known; 0 to {max(NAMES)} are")
    given = [float(value) for value in layer.list(params_key)]
    wanted = ARGUMENTS.get(kind, ())
    if len(given) < len(wanted):
        fail(
            layer.place,
            f"activation_params ({params_key}=) has {len(given)} values, {NAMES[kind]} needs {len(wanted)}",
        )
    arguments = dict(zip(wanted, given, strict=False))
    return b.unary(NAMES[kind], y, name=f"{layer.name}/{NAMES[kind]}", place=layer.place, **arguments)
