# SPDX-License-Identifier: Apache-2.0
"""Convolutions and pools. Weights are kept as [outputs, spatial, inputs per group]."""

from __future__ import annotations

from typing import Any

import tflite

from chipcast.importers.errors import fail
from chipcast.importers.tflite.context import Context, handles
from chipcast.importers.tflite.reader import Operator

PAD_MODES = {tflite.Padding.SAME: "same_upper", tflite.Padding.VALID: "valid"}
POOLS = {"AVERAGE_POOL_2D": "avg", "MAX_POOL_2D": "max", "L2_POOL_2D": "lp"}


def pad_mode(op: Operator, options: Any) -> str:
    mode = PAD_MODES.get(options.Padding())
    if mode is None:
        fail(op.place, f"padding {options.Padding()} is not known; the file is damaged")
    return mode


def strides(options: Any) -> list[int]:
    return [options.StrideH(), options.StrideW()]


def dilations(options: Any) -> list[int]:
    return [options.DilationHFactor(), options.DilationWFactor()]


def operands(c: Context, op: Operator, weight: str, bias: int = 2) -> list[str]:
    return [c.x(op, 0), weight, *([c.x(op, bias)] if c.has(op, bias) else [])]


def groups_of(c: Context, op: Operator, weight: str) -> int:
    """Convolutions whose weights hold fewer channels than the input are grouped."""
    x, w = c.b.shape(c.x(op, 0)), c.b.shape(weight)
    if len(x) != len(w) or x[-1] % w[-1]:
        fail(op.place, f"input {x} and weights {w} do not fit together; the file is damaged")
    return x[-1] // w[-1]


@handles("CONV_2D")
def conv_2d(c: Context, op: Operator) -> None:
    c.need(op, 2)
    options = c.options(op, tflite.Conv2DOptions)
    weight = c.x(op, 1)
    c.emit(op, "conv", operands(c, op, weight), activation=options.FusedActivationFunction(), layout="nhwc",
           strides=strides(options), dilations=dilations(options), pad_mode=pad_mode(op, options),
           groups=groups_of(c, op, weight))  # fmt: skip


@handles("CONV_3D")
def conv_3d(c: Context, op: Operator) -> None:
    c.need(op, 2)
    options = c.options(op, tflite.Conv3DOptions)
    weight = c.relaid(op, 1, (4, 0, 1, 2, 3), 0)
    c.emit(op, "conv", operands(c, op, weight), activation=options.FusedActivationFunction(), layout="nhwc",
           strides=[options.StrideD(), *strides(options)], pad_mode=pad_mode(op, options),
           dilations=[options.DilationDFactor(), *dilations(options)], groups=groups_of(c, op, weight))  # fmt: skip


@handles("DEPTHWISE_CONV_2D")
def depthwise(c: Context, op: Operator) -> None:
    """Weights [1, H, W, channels] become [channels, H, W, 1]."""
    c.need(op, 2)
    options = c.options(op, tflite.DepthwiseConv2DOptions)
    weight = c.relaid(op, 1, (3, 1, 2, 0), 0)
    c.emit(op, "conv", operands(c, op, weight), activation=options.FusedActivationFunction(), layout="nhwc",
           strides=strides(options), dilations=dilations(options), pad_mode=pad_mode(op, options),
           groups=c.b.shape(c.x(op, 0))[-1])  # fmt: skip


@handles("TRANSPOSE_CONV")
def transpose_conv(c: Context, op: Operator) -> None:
    """Inputs: shape of the output, weights [O, H, W, I], x, bias."""
    c.need(op, 3)
    options = c.options(op, tflite.TransposeConvOptions)
    extents = c.ints(op, 0, "output_shape")
    if len(extents) != 4:
        fail(op.place, f"output_shape {extents} must have 4 entries; the file is damaged")
    inputs = [c.x(op, 2), c.x(op, 1), *([c.x(op, 3)] if c.has(op, 3) else [])]
    c.emit(op, "conv_transpose", inputs, activation=options.FusedActivationFunction(), layout="nhwc",
           strides=strides(options), output_shape=extents[1:3], pad_mode=pad_mode(op, options))  # fmt: skip


@handles(*POOLS)
def pool(c: Context, op: Operator) -> None:
    c.need(op, 1)
    options = c.options(op, tflite.Pool2DOptions)
    if op.kind == "L2_POOL_2D":
        c.b.differs(op.place, "takes the mean of squares, the graph their sum")
    c.emit(op, "pool", [c.x(op)], activation=options.FusedActivationFunction(), layout="nhwc",
           function=POOLS[op.kind], kernel=[options.FilterHeight(), options.FilterWidth()],
           strides=strides(options), pad_mode=pad_mode(op, options))  # fmt: skip
