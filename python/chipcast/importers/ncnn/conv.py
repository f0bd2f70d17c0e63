# SPDX-License-Identifier: Apache-2.0
"""Convolutions, deconvolutions and inner products."""

from __future__ import annotations

import math
from dataclasses import dataclass

from chipcast.importers.builder import Builder
from chipcast.importers.errors import fail
from chipcast.importers.ncnn.activation import activate
from chipcast.importers.ncnn.layer import ABSENT, Layer, handles

SAME_UPPER, SAME_LOWER = ABSENT, -234
REQUANTIZED = 100  # int8_scale_term above this: the output stays int8


@dataclass
class Window:
    """Kernel, stride, dilation and pads, outermost spatial axis first."""

    kernel: list[int]
    strides: list[int]
    dilations: list[int]
    begins: list[int]
    ends: list[int]

    def attributes(self) -> dict[str, object]:
        out: dict[str, object] = {"strides": self.strides, "dilations": self.dilations}
        pads = self.begins + self.ends
        if all(pad == SAME_UPPER for pad in pads):
            return out | {"pad_mode": "same_upper"}
        if all(pad == SAME_LOWER for pad in pads):
            return out | {"pad_mode": "same_lower"}
        return out | {"pads": pads}


def window(layer: Layer, rank: int) -> Window:
    """Reads the window; height and depth default to the width's values."""
    kernel = axis_values(layer, "kernel", (1, 11, 21), rank, 0, 1)
    dilations = axis_values(layer, "dilation", (2, 12, 22), rank, 1, 1)
    strides = axis_values(layer, "stride", (3, 13, 23), rank, 1, 1)
    begins = axis_values(layer, "pad", (4, 14, 24), rank, 0, SAME_LOWER)
    ends = [
        layer.int(key, "pad", begin, SAME_LOWER)
        for key, begin in zip((15, 16, 17), reversed(begins), strict=False)
    ][::-1]
    for pad in begins + ends:
        if pad < 0 and {*begins, *ends} not in ({SAME_UPPER}, {SAME_LOWER}):
            layer.fail(f"pad {pad} is negative; pads are 0 or more, or all {SAME_UPPER} or {SAME_LOWER}")
    return Window(kernel, strides, dilations, begins, ends)


def axis_values(
    layer: Layer, what: str, keys: tuple[int, ...], rank: int, default: int, least: int
) -> list[int]:
    width = layer.int(keys[0], f"{what}_w", default, least)
    names = (f"{what}_h", f"{what}_d")
    others = [layer.int(key, name, width, least) for key, name in zip(keys[1:rank], names, strict=False)]
    return [width, *others][::-1]


def dynamic_weight(key: int):
    return lambda layer: f"{layer.type} with dynamic weights" if layer.params.get(key) else None


@handles("Convolution", "ConvolutionDepthWise", "Convolution1D", "ConvolutionDepthWise1D", "Convolution3D",
       "ConvolutionDepthWise3D", variant=dynamic_weight(19))  # fmt: skip
def convolution(b: Builder, layer: Layer) -> None:
    layer.need(1)
    rank = spatial_rank(layer)
    x = layer.bottoms[0]
    win = window(layer, rank)
    if layer.float(18, "pad_value", 0.0):
        b.differs(layer.place, f"pads with {layer.float(18, 'pad_value', 0.0)}")
    if b.type(x).rank == 2 and math.prod(win.kernel) == 1 and rank == 2:
        return dense(b, layer, x, layer.int(6, "weight_data_size", 0, 1), layer.int(5, "bias_term"))
    channels, groups, count = conv_channels(b, layer, x, rank)
    shape = [count, channels // groups, *win.kernel]
    check_size(layer, 6, shape)
    x, dtype = quantized(b, layer, x)
    inputs = [x, b.weight(f"{layer.name}/weight", shape, dtype)]
    if layer.int(5, "bias_term"):
        inputs.append(b.weight(f"{layer.name}/bias", [count], "int32" if dtype == "int8" else "fp32"))
    y = b.op(
        "conv", inputs, name=layer.name, place=layer.place, groups=groups, layout="nchw", **win.attributes()
    )[0]
    finish(b, layer, y, dtype)


@handles("Deconvolution", "DeconvolutionDepthWise", "Deconvolution1D", "DeconvolutionDepthWise1D", "Deconvolution3D",
       "DeconvolutionDepthWise3D", variant=dynamic_weight(28))  # fmt: skip
def deconvolution(b: Builder, layer: Layer) -> None:
    layer.need(1)
    rank = spatial_rank(layer)
    x = layer.bottoms[0]
    win = window(layer, rank)
    channels, groups, count = conv_channels(b, layer, x, rank)
    shape = [channels, count // groups, *win.kernel]
    check_size(layer, 6, shape)
    inputs = [x, b.weight(f"{layer.name}/weight", shape)]
    if layer.int(5, "bias_term"):
        inputs.append(b.weight(f"{layer.name}/bias", [count]))
    extra = axis_values(layer, "output_pad", (18, 19, 20 if rank == 3 else 19), rank, 0, 0)
    first = 25 if rank == 3 else 20
    sizes = axis_values(layer, "output", (first, first + 1, first + 2), rank, 0, 0)
    attributes = win.attributes() | {"output_padding": extra}
    if all(sizes):
        attributes["output_shape"] = sizes
    y = b.op(
        "conv_transpose",
        inputs,
        name=layer.name,
        place=layer.place,
        groups=groups,
        layout="nchw",
        **attributes,
    )[0]
    finish(b, layer, y, "fp32")


def spatial_rank(layer: Layer) -> int:
    return {"1D": 1, "3D": 3}.get(layer.type[-2:], 2)


def conv_channels(b: Builder, layer: Layer, x: str, rank: int) -> tuple[int, int, int]:
    """Input channels, groups and output channels, checked against each other."""
    shape = b.shape(x)
    if len(shape) != rank + 2:
        layer.fail(f"needs an input of {rank + 1} axes, got shape {shape[1:]}; check the layers before it")
    count = layer.int(0, "num_output", 0, 1)
    groups = layer.int(7, "group", 1, 1) if "DepthWise" in layer.type else 1
    if shape[1] % groups or count % groups:
        layer.fail(
            f"{shape[1]} input and {count} output channels do not divide into group (7=) {groups}; correct it"
        )
    return shape[1], groups, count


def check_size(layer: Layer, key: int, shape: list[int]) -> None:
    given = layer.int(key, "weight_data_size", 0, 1, 2**40)
    if given != math.prod(shape):
        text = "x".join(map(str, shape))
        layer.fail(
            f"weight_data_size ({key}=) is {given}, but the shapes need {math.prod(shape)} ({text}); "
            "correct the layer or the shape of the input"
        )


@handles("InnerProduct")
def inner_product(b: Builder, layer: Layer) -> None:
    layer.need(1)
    dense(b, layer, layer.bottoms[0], layer.int(2, "weight_data_size", 0, 1), layer.int(1, "bias_term"))


def dense(b: Builder, layer: Layer, x: str, size: int, bias: int) -> None:
    """A matrix product with [outputs, inputs] weights; rows of a matrix are kept, anything else is flattened."""
    count = layer.int(0, "num_output", 0, 1)
    if size % count:
        layer.fail(
            f"weight_data_size is {size}, which num_output (0=) {count} does not divide; correct the layer"
        )
    shape, width = b.shape(x), size // count
    rows = shape[1] if len(shape) == 3 and shape[2] == width and shape[1] > 1 else 1
    if rows * width != math.prod(shape):
        fail(
            layer.place,
            f"weights for {width} inputs do not fit the input of shape {shape[1:]}; correct "
            "weight_data_size, num_output or the shape of the input",
        )
    if shape != (rows, width):
        x = b.reshape(x, [rows, width], name=f"{layer.name}/flatten", place=layer.place)
    x, dtype = quantized(b, layer, x)
    inputs = [x, b.weight(f"{layer.name}/weight", [count, width], dtype)]
    if bias:
        inputs.append(b.weight(f"{layer.name}/bias", [count], "int32" if dtype == "int8" else "fp32"))
    y = b.op("gemm", inputs, name=layer.name, place=layer.place, transpose_b=True)[0]
    if rows > 1:
        y = b.reshape(y, [1, rows, count], name=f"{layer.name}/rows", place=layer.place)
    finish(b, layer, y, dtype)


def quantized(b: Builder, layer: Layer, x: str) -> tuple[str, str]:
    """The input in the format that the layer computes in: int8 where it carries scales."""
    dtype = b.type(x).dtype
    if layer.int(8, "int8_scale_term", 0, 0):
        if dtype != "int8":
            x = b.cast(x, "int8", name=f"{layer.name}/quantize", place=layer.place)
        return x, "int8"
    if dtype == "int8":
        x = b.cast(x, "fp32", name=f"{layer.name}/dequantize_input", place=layer.place)
    return x, "fp32"


def finish(b: Builder, layer: Layer, y: str, dtype: str) -> None:
    """Activation; int8 arithmetic gives fp32 unless the layer requantises."""
    if dtype == "int8" and layer.int(8, "int8_scale_term", 0, 0) <= REQUANTIZED:
        b.retype(y, "fp32")
    b.alias(layer.tops[0], activate(b, layer, y, 9, 10))
