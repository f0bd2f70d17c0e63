# SPDX-License-Identifier: Apache-2.0
"""Fully connected layers and matrix products."""

from __future__ import annotations

import math

import tflite

from chipcast.importers.errors import fail
from chipcast.importers.tflite.context import ACTIVATIONS, Context, handles
from chipcast.importers.tflite.reader import Operator


@handles("FULLY_CONNECTED")
def fully_connected(c: Context, op: Operator) -> None:
    """Rows of the flattened input times weights [outputs, inputs]."""
    c.need(op, 2)
    options = c.options(op, tflite.FullyConnectedOptions)
    if options.WeightsFormat():
        fail(op.place, "shuffled weights (SHUFFLED4x16INT8) are not supported; convert with default weights")
    x, weight = c.x(op, 0), c.x(op, 1)
    shape, extents = c.b.shape(x), c.b.shape(weight)
    if len(extents) != 2 or math.prod(shape) % extents[1]:
        fail(op.place, f"input {shape} does not divide into rows for weights {extents}; the file is damaged")
    rows = math.prod(shape) // extents[1]
    if len(shape) != 2 or shape[1] != extents[1]:
        x = c.b.reshape(x, [rows, extents[1]], name=f"{c.name(op)}/rows", place=op.place)
        if c.b.resolve(x) in c.b.tensors:
            c.b.retype(x, c.dtype(op.inputs[0], op.place), c.network.tensors[op.inputs[0]].quantization)
    inputs = [x, weight, *([c.x(op, 2)] if c.has(op, 2) else [])]
    keeps = options.KeepNumDims() and len(shape) != 2
    if not keeps:
        c.emit(op, "gemm", inputs, activation=options.FusedActivationFunction(), transpose_b=True)
        return
    y = c.b.op("gemm", inputs, 1, name=c.name(op), place=op.place, transpose_b=True)[0]
    c.b.retype(y, c.dtype(op.outputs[0], op.place), c.network.tensors[op.outputs[0]].quantization)
    if options.FusedActivationFunction() in ACTIVATIONS:
        word, function = ACTIVATIONS[options.FusedActivationFunction()]
        y = c.b.op("unary", [y], 1, name=f"{c.name(op)}/{word}", place=op.place, **function)[0]
    c.b.reshape(y, [*shape[:-1], extents[0]], c.out(op), name=f"{c.name(op)}/shape", place=op.place)


@handles("BATCH_MATMUL")
def batch_matmul(c: Context, op: Operator) -> None:
    c.need(op, 2)
    options = c.options(op, tflite.BatchMatMulOptions)
    c.emit(
        op,
        "matmul",
        [c.x(op, 0), c.x(op, 1)],
        transpose_a=bool(options.AdjX()),
        transpose_b=bool(options.AdjY()),
    )
