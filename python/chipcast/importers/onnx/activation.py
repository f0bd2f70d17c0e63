# SPDX-License-Identifier: Apache-2.0
"""Functions of one tensor."""

from __future__ import annotations

import math

import numpy as np

from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import MICROSOFT, Node, handles

# Operator -> function, and its attributes with their defaults.
UNARY: dict[str, tuple[str, dict[str, tuple[str, float]]]] = {
    "Abs": ("abs", {}),
    "Ceil": ("ceil", {}),
    "Celu": ("elu", {"alpha": ("alpha", 1.0), "beta": ("alpha", 1.0)}),
    "Cos": ("cos", {}),
    "Elu": ("elu", {"alpha": ("alpha", 1.0)}),
    "Erf": ("erf", {}),
    "Exp": ("exp", {}),
    "Floor": ("floor", {}),
    "HardSigmoid": ("hard_sigmoid", {"alpha": ("alpha", 0.2), "beta": ("beta", 0.5)}),
    "HardSwish": ("hard_swish", {}),
    "IsNaN": ("is_nan", {}),
    "LeakyRelu": ("leaky_relu", {"alpha": ("alpha", 0.01)}),
    "Log": ("log", {}),
    "Mish": ("mish", {}),
    "Neg": ("neg", {}),
    "Not": ("not", {}),
    "Reciprocal": ("reciprocal", {}),
    "Relu": ("relu", {}),
    "Round": ("round", {}),
    "Selu": ("selu", {"alpha": ("alpha", 1.67326319), "beta": ("gamma", 1.05070102)}),
    "Sigmoid": ("sigmoid", {}),
    "Sign": ("sign", {}),
    "Sin": ("sin", {}),
    "Softplus": ("softplus", {}),
    "Softsign": ("softsign", {}),
    "Sqrt": ("sqrt", {}),
    "Swish": ("swish", {"alpha": ("alpha", 1.0)}),
    "Tanh": ("tanh", {}),
}
# Activations that runtimes merge into other operators, with the names of their parameters.
MERGED: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "": (None, ()),
    "Clip": ("clip", ("min", "max")),
    "HardSigmoid": ("hard_sigmoid", ("alpha", "beta")),
    "HardSwish": ("hard_swish", ()),
    "LeakyRelu": ("leaky_relu", ("alpha",)),
    "Relu": ("relu", ()),
    "Sigmoid": ("sigmoid", ()),
    "Tanh": ("tanh", ()),
}


@handles(*UNARY)
def unary(c: Context, node: Node) -> None:
    node.need(1)
    function, attributes = UNARY[node.op_type]
    values = {name: node.float(attribute, default) for name, (attribute, default) in attributes.items()}
    c.emit(node, "unary", [c.x(node)], outputs=1, function=function, **values)


@handles("Gelu")
def plain_gelu(c: Context, node: Node) -> None:
    node.need(1)
    c.emit(
        node, "unary", [c.x(node)], function="gelu", approximate=node.text("approximate", "none") == "tanh"
    )


@handles("Gelu", "FastGelu", "BiasGelu", domain=MICROSOFT)
def gelu(c: Context, node: Node) -> None:
    """The forms of two inputs add a bias first."""
    node.need(1)
    x = c.x(node)
    if node.has(1):
        x = c.b.binary("add", x, c.x(node, 1), name=f"{node.name}/bias", place=node.place)
    c.emit(node, "unary", [x], outputs=1, function="gelu", approximate=node.op_type == "FastGelu")


@handles("QuickGelu", domain=MICROSOFT)
def quick_gelu(c: Context, node: Node) -> None:
    """x * sigmoid(alpha * x)"""
    node.need(1)
    c.emit(node, "unary", [c.x(node)], function="swish", alpha=node.float("alpha", 1.702))


@handles("Clip")
def clip(c: Context, node: Node) -> None:
    """Bounds are attributes before opset 11, then inputs; computed ones need a comparison each."""
    node.need(1)
    if node.version < 11:
        bounds = {name: node.float(name, 0.0) for name in ("min", "max") if name in node.attributes}
        c.emit(node, "unary", [c.x(node)], function="clip", **finite(bounds))
        return
    values = {
        name: c.value(node, position) for name, position in (("min", 1), ("max", 2)) if node.has(position)
    }
    if all(value is not None and value.size == 1 for value in values.values()):
        bounds = {name: float(value.reshape(-1)[0]) for name, value in values.items() if value is not None}
        c.emit(node, "unary", [c.x(node)], outputs=1, function="clip", **finite(bounds))
        return
    x = c.x(node)
    for position, function in ((1, "max"), (2, "min")):
        if node.has(position):
            x = c.b.binary(function, x, c.x(node, position), name=f"{node.name}/{function}", place=node.place)
    c.b.alias(node.outputs[0], x)


def finite(bounds: dict[str, float]) -> dict[str, float]:
    """Bounds without those that bound nothing; a minimum above the maximum gives way to it."""
    if "min" in bounds and "max" in bounds:
        bounds["min"] = min(bounds["min"], bounds["max"])
    return {name: value for name, value in bounds.items() if math.isfinite(value)}


@handles("ThresholdedRelu")
def thresholded_relu(c: Context, node: Node) -> None:
    """x where it is above alpha, else 0."""
    node.need(1)
    x = c.x(node)
    kind = np.dtype(np.float32)
    alpha = c.b.constant(f"{node.name}/alpha", np.array(node.float("alpha", 1.0), dtype=kind))
    zero = c.b.constant(f"{node.name}/zero", np.array(0.0, dtype=kind))
    above = c.b.binary("greater", x, alpha, name=f"{node.name}/greater", place=node.place)
    c.emit(node, "where", [above, x, zero])


@handles("PRelu")
def prelu(c: Context, node: Node) -> None:
    node.need(2)
    c.emit(node, "prelu", [c.x(node), c.x(node, 1)])


@handles("IsInf")
def is_inf(c: Context, node: Node) -> None:
    """|x| equals infinity, or x the infinity of one sign."""
    node.need(1)
    positive, negative = node.int("detect_positive", 1), node.int("detect_negative", 1)
    if not positive and not negative:
        c.b.differs(node.place, "detects neither infinity")
    one_sign = bool(positive) != bool(negative)
    size = c.x(node) if one_sign else c.part(node, "unary", [c.x(node)], "abs", function="abs")
    limit = math.inf if positive or not negative else -math.inf
    limit = c.b.filled(f"{node.name}/infinity", [], c.type(node).dtype, limit)
    c.emit(node, "binary", [size, limit], function="equal")


@handles("SwiGLU")
def swiglu(c: Context, node: Node) -> None:
    """swish(a) * b"""
    node.need(2)
    gate = c.part(node, "unary", [c.x(node)], "swish", function="swish", alpha=node.float("alpha", 1.0))
    c.emit(node, "binary", [gate, c.x(node, 1)], function="mul")
