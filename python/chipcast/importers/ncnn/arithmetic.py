# SPDX-License-Identifier: Apache-2.0
"""Elementwise layers: activations, unary and binary arithmetic."""

from __future__ import annotations

import math

from chipcast.importers.builder import Builder
from chipcast.importers.ncnn.activation import activate
from chipcast.importers.ncnn.layer import Layer, handles

# Layer type -> function; the numbered parameters that are its arguments follow with their defaults.
SIMPLE = {
    "AbsVal": ("abs", {}),
    "BNLL": ("softplus", {}),
    "CELU": ("elu", {"alpha": (0, 1.0)}),
    "ELU": ("elu", {"alpha": (0, 0.1)}),
    "Erf": ("erf", {}),
    "GELU": ("gelu", {}),
    "HardSigmoid": ("hard_sigmoid", {"alpha": (0, 0.2), "beta": (1, 0.5)}),
    "HardSwish": ("hard_swish", {"alpha": (0, 0.2), "beta": (1, 0.5)}),
    "Mish": ("mish", {}),
    "SELU": ("selu", {"alpha": (0, 1.67326324), "beta": (1, 1.050700987)}),
    "Sigmoid": ("sigmoid", {}),
    "Softplus": ("softplus", {}),
    "Swish": ("swish", {}),
    "TanH": ("tanh", {}),
}
UNARY = ["abs", "neg", "floor", "ceil", "square", "sqrt", "rsqrt", "exp", "log", "sin", "cos", None, None, None, None,
         "reciprocal", "tanh", None, "round", None]  # fmt: skip
BINARY = ["add", "sub", "mul", "div", "max", "min", "pow", "sub", "div", "pow"]
FIRST_REVERSED = 7  # rsub, rdiv, rpow
ELTWISE = ["mul", "add", "max"]


@handles(*SIMPLE)
def simple(b: Builder, layer: Layer) -> None:
    layer.need(1)
    function, arguments = SIMPLE[layer.type]
    values: dict[str, float | bool] = {
        name: layer.float(key, name, default) for name, (key, default) in arguments.items()
    }
    if layer.type == "CELU":  # the divisor of the exponent is alpha too
        values["beta"] = values["alpha"]
    if layer.type == "GELU" and layer.int(0, "fast_gelu"):
        values["approximate"] = True
    x = float_input(b, layer, layer.bottoms[0])
    b.unary(function, x, layer.tops[0], name=layer.name, place=layer.place, **values)


@handles("ReLU")
def relu(b: Builder, layer: Layer) -> None:
    layer.need(1)
    slope = layer.float(0, "slope", 0.0)
    extra = {"function": "leaky_relu", "alpha": slope} if slope else {"function": "relu"}
    b.op("unary", [layer.bottoms[0]], layer.tops[0], name=layer.name, place=layer.place, **extra)


@handles("Clip")
def clip(b: Builder, layer: Layer) -> None:
    layer.need(1)
    bounds = {name: layer.float(key, name, 0.0) if key in layer.params else None
              for key, name in enumerate(("min", "max"))}  # fmt: skip
    b.unary("clip", layer.bottoms[0], layer.tops[0], name=layer.name, place=layer.place, **bounds)


@handles("PReLU")
def prelu(b: Builder, layer: Layer) -> None:
    layer.need(1)
    slope = b.weight(f"{layer.name}/slope", [layer.int(0, "num_slope", 1, 1)])
    b.op("prelu", [layer.bottoms[0], slope], layer.tops[0], name=layer.name, place=layer.place)


def unary_variant(layer: Layer) -> str | None:
    kind = layer.params.get(0, 0)
    known = isinstance(kind, int) and 0 <= kind < len(UNARY) and UNARY[kind]
    return None if known else f"UnaryOp with op_type {kind}"


@handles("UnaryOp", variant=unary_variant)
def unary(b: Builder, layer: Layer) -> None:
    layer.need(1)
    function = UNARY[layer.int(0, "op_type")]
    assert function is not None
    x = float_input(b, layer, layer.bottoms[0])
    b.unary(function, x, layer.tops[0], name=layer.name, place=layer.place)


@handles("Exp", "Log", "Power")
def scaled(b: Builder, layer: Layer) -> None:
    """f(shift + x * scale), with the steps that change nothing left out."""
    layer.need(1)
    exponent = layer.float(0, "power", 1.0 if layer.type == "Power" else -1.0)
    y = affine(b, layer, layer.bottoms[0], layer.float(1, "scale", 1.0), layer.float(2, "shift", 0.0))
    if layer.type == "Power":
        if exponent != 1.0:
            y = b.binary("pow", y, scalar(b, layer, "power", exponent), name=layer.name, place=layer.place)
    elif layer.type == "Exp":
        if exponent != -1.0:
            factor = scalar(b, layer, "base", logarithm(layer, exponent))
            y = b.binary("mul", y, factor, name=f"{layer.name}/base", place=layer.place)
        y = b.unary("exp", y, name=layer.name, place=layer.place)
    else:
        y = b.unary("log", y, name=layer.name, place=layer.place)
        if exponent != -1.0:
            factor = scalar(b, layer, "base", 1 / logarithm(layer, exponent))
            y = b.binary("mul", y, factor, name=f"{layer.name}/base", place=layer.place)
    b.alias(layer.tops[0], y)


def logarithm(layer: Layer, base: float) -> float:
    if not 0 < base < math.inf or base == 1.0:
        layer.fail(f"base (0=) is {base}; a positive number other than 1 is needed, or -1 for e")
    return math.log(base)


def affine(b: Builder, layer: Layer, x: str, scale: float, shift: float) -> str:
    if scale != 1.0:
        x = b.binary(
            "mul", x, scalar(b, layer, "scale", scale), name=f"{layer.name}/scale", place=layer.place
        )
    if shift != 0.0:
        x = b.binary(
            "add", x, scalar(b, layer, "shift", shift), name=f"{layer.name}/shift", place=layer.place
        )
    return x


def scalar(b: Builder, layer: Layer, what: str, value: float) -> str:
    return b.filled(f"{layer.name}/{what}", [1], "fp32", value)


@handles("Threshold")
def threshold(b: Builder, layer: Layer) -> None:
    layer.need(1)
    limit = scalar(b, layer, "threshold", layer.float(0, "threshold", 0.0))
    bit = b.binary("greater", layer.bottoms[0], limit, name=layer.name, place=layer.place)
    b.cast(bit, "fp32", layer.tops[0], name=f"{layer.name}/cast", place=layer.place)


def binary_variant(layer: Layer) -> str | None:
    kind = layer.params.get(0, 0)
    known = isinstance(kind, int) and 0 <= kind < len(BINARY)
    return None if known else f"BinaryOp with op_type {kind}"


@handles("BinaryOp", variant=binary_variant)
def binary(b: Builder, layer: Layer) -> None:
    kind = layer.int(0, "op_type")
    layer.need(1)
    if layer.int(1, "with_scalar") or len(layer.bottoms) == 1:
        x, y = float_input(b, layer, layer.bottoms[0]), scalar(b, layer, "b", layer.float(2, "b", 0.0))
    else:
        x, y = aligned(b, layer, *(float_input(b, layer, name) for name in layer.bottoms[:2]))
    if kind >= FIRST_REVERSED:
        x, y = y, x
    b.binary(BINARY[kind], x, y, layer.tops[0], name=layer.name, place=layer.place)


def aligned(b: Builder, layer: Layer, x: str, y: str) -> tuple[str, str]:
    """ncnn's broadcasting: axes that the smaller blob lacks are its inner ones (rules of binaryop-broadcasting)."""
    rank_x, rank_y = b.type(x).rank, b.type(y).rank
    if rank_x < rank_y:
        return widened(b, layer, x, b.shape(y)), y
    if rank_y < rank_x:
        return x, widened(b, layer, y, b.shape(x))
    return x, y


def widened(b: Builder, layer: Layer, name: str, like: tuple[int, ...]) -> str:
    shape = b.shape(name)
    missing = len(like) - len(shape)
    at_the_end = len(shape) > 2 or shape[1] == like[1]
    wanted = (*shape, *[1] * missing) if at_the_end else (shape[0], *[1] * missing, *shape[1:])
    return b.reshape(name, wanted, name=f"{layer.name}/broadcast", place=layer.place)


@handles("Eltwise")
def eltwise(b: Builder, layer: Layer) -> None:
    """A chain of binary operators; coefficients of a sum other than 1 and -1 are multiplications."""
    layer.need(2)
    kind = layer.int(0, "op_type", 0, 0, len(ELTWISE) - 1)
    names = [float_input(b, layer, name) for name in layer.bottoms]
    coefficients = [float(value) for value in layer.list(1)] if ELTWISE[kind] == "add" else []
    if coefficients and len(coefficients) != len(names):
        layer.fail(f"coeffs (1=) has {len(coefficients)} values for {len(names)} inputs; give one per input")
    y = weighted(b, layer, names[0], coefficients[0] if coefficients else 1.0)
    for i, name in enumerate(names[1:], start=1):
        coefficient = coefficients[i] if coefficients else 1.0
        function = "sub" if coefficient == -1.0 else ELTWISE[kind]
        term = weighted(b, layer, name, abs(coefficient) if coefficient == -1.0 else coefficient)
        last = i == len(names) - 1
        y = b.binary(function, y, term, layer.tops[0] if last else 1, name=layer.name, place=layer.place)


def weighted(b: Builder, layer: Layer, name: str, coefficient: float) -> str:
    if coefficient == 1.0:
        return name
    return b.binary(
        "mul", name, scalar(b, layer, "coeff", coefficient), name=f"{layer.name}/coeff", place=layer.place
    )


@handles("Scale")
def scale(b: Builder, layer: Layer) -> None:
    layer.need(1)
    given = layer.int(0, "scale_data_size")
    x = float_input(b, layer, layer.bottoms[0])
    bias = layer.int(1, "bias_term")
    if given == -233:
        layer.need(2)
        factor = aligned(b, layer, x, layer.bottoms[1])[1]
    else:
        factor = per_channel(b, layer, x, "scale", given)
    y = b.binary("mul", x, factor, 1 if bias else layer.tops[0], name=layer.name, place=layer.place)
    if bias:
        addend = per_channel(b, layer, x, "bias", b.shape(x)[1] if given == -233 else given)
        b.binary("add", y, addend, layer.tops[0], name=f"{layer.name}/bias", place=layer.place)


@handles("Bias")
def bias(b: Builder, layer: Layer) -> None:
    layer.need(1)
    addend = per_channel(b, layer, layer.bottoms[0], "bias", layer.int(0, "bias_data_size"))
    b.binary("add", layer.bottoms[0], addend, layer.tops[0], name=layer.name, place=layer.place)


def per_channel(b: Builder, layer: Layer, x: str, what: str, count: int) -> str:
    """A parameter with one value per channel, shaped to broadcast."""
    shape = b.shape(x)
    if count != shape[1] and count != 1:
        layer.fail(f"{what} has {count} values, the input has {shape[1]} channels; correct the layer")
    return b.weight(f"{layer.name}/{what}", [count, *[1] * (len(shape) - 2)])


@handles("GLU")
def glu(b: Builder, layer: Layer) -> None:
    """a * sigmoid(b) of the two halves along an axis."""
    layer.need(1)
    axis = layer.int(0, "axis")
    axis = axis + 1 if axis >= 0 else axis
    a, gate = b.op("split", [layer.bottoms[0]], 2, name=f"{layer.name}/split", place=layer.place, axis=axis)
    gate = b.unary("sigmoid", gate, name=f"{layer.name}/sigmoid", place=layer.place)
    b.binary("mul", a, gate, layer.tops[0], name=layer.name, place=layer.place)


QUANTIZED = {"Quantize": "int8", "Dequantize": "fp32"}
CAST_TO = {1: "fp32", 2: "fp16", 3: "int8", 4: "bf16"}


@handles("Quantize", "Dequantize", "Requantize", "Cast")
def cast(b: Builder, layer: Layer) -> None:
    layer.need(1)
    x = layer.bottoms[0]
    if layer.type == "Requantize":
        to = "int8"
        x = activate(b, layer, x, 3, 4)
    elif layer.type == "Cast":
        to = CAST_TO.get(layer.int(1, "type_to"), "fp32")
    else:
        to = QUANTIZED[layer.type]
    b.cast(x, to, layer.tops[0], name=layer.name, place=layer.place)


def float_input(b: Builder, layer: Layer, name: str) -> str:
    """Arithmetic layers compute in floating point: an int8 blob is converted first."""
    if b.type(name).dtype != "int8":
        return name
    return b.cast(name, "fp32", name=f"{layer.name}/dequantize", place=layer.place)
