# SPDX-License-Identifier: Apache-2.0
"""Operators that give tensors another shape, and the arithmetic of shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import tflite

from chipcast.importers.contents import STORED
from chipcast.importers.errors import fail
from chipcast.importers.tflite.context import Context, handles
from chipcast.importers.tflite.reader import Operator

LONGEST_RANGE = 1 << 16


@handles("RESHAPE")
def reshape(c: Context, op: Operator) -> None:
    c.need(op, 1)
    if c.has(op, 1):
        shape = c.ints(op, 1, "new_shape")
    elif op.options is not None:
        options = c.options(op, tflite.ReshapeOptions)
        shape = [options.NewShape(i) for i in range(min(options.NewShapeLength(), 8))]
    else:
        shape = list(c.network.tensors[op.outputs[0]].shape)
    c.emit(op, "reshape", [c.x(op)], shape=shape, zero_copies=False)


@handles("SQUEEZE")
def squeeze(c: Context, op: Operator) -> None:
    c.need(op, 1)
    shape = c.b.shape(c.x(op))
    options = c.options(op, tflite.SqueezeOptions)
    given = [options.SqueezeDims(i) for i in range(min(options.SqueezeDimsLength(), 8))]
    axes = {axis % len(shape) for axis in given} if shape else set()
    kept = [e for axis, e in enumerate(shape) if (axis not in axes if axes else e != 1)]
    c.emit(op, "reshape", [c.x(op)], shape=kept, zero_copies=False)


@handles("EXPAND_DIMS")
def expand_dims(c: Context, op: Operator) -> None:
    c.need(op, 2)
    shape = list(c.b.shape(c.x(op)))
    axis = c.one(op, 1, "axis")
    if not -len(shape) - 1 <= axis <= len(shape):
        fail(op.place, f"axis {axis} is outside [{-len(shape) - 1}, {len(shape)}]; the file is damaged")
    shape.insert(axis % (len(shape) + 1), 1)
    c.emit(op, "reshape", [c.x(op)], shape=shape, zero_copies=False)


@handles("TRANSPOSE")
def transpose(c: Context, op: Operator) -> None:
    c.need(op, 2)
    c.emit(op, "transpose", [c.x(op)], perm=c.ints(op, 1, "perm"))


@handles("BROADCAST_TO")
def broadcast_to(c: Context, op: Operator) -> None:
    c.need(op, 2)
    c.emit(op, "expand", [c.x(op)], shape=c.ints(op, 1, "shape"))


@handles("TILE")
def tile(c: Context, op: Operator) -> None:
    c.need(op, 2)
    c.emit(op, "tile", [c.x(op)], repeats=c.ints(op, 1, "multiples"))


@handles("SHAPE")
def shape_of(c: Context, op: Operator) -> None:
    c.need(op, 1)
    value = np.array(c.b.shape(c.x(op)), dtype=np.int64)
    known = c.dtype(op.outputs[0], op.place) == "int64"
    c.b.add_value(c.out(op), value if known else value.astype(np.int32))


@handles("RANK")
def rank_of(c: Context, op: Operator) -> None:
    c.need(op, 1)
    c.b.add_value(c.out(op), np.array(c.b.type(c.x(op)).rank, dtype=np.int32))


@handles("RANGE")
def number_range(c: Context, op: Operator) -> None:
    c.need(op, 3)
    start, limit, delta = (
        c.one(op, position, what) for position, what in enumerate(("start", "limit", "delta"))
    )
    if delta == 0 or not 0 < math.ceil((limit - start) / delta) <= LONGEST_RANGE:
        fail(op.place, f"range from {start} to {limit} by {delta} must have 1 to {LONGEST_RANGE} numbers")
    c.b.add_value(c.out(op), np.arange(start, limit, delta, dtype=np.int32))


@handles("FILL", "ZEROS_LIKE")
def fill(c: Context, op: Operator) -> None:
    """A tensor of one value: a parameter whose values do not matter."""
    c.need(op, 1)
    shape = c.ints(op, 0, "dims") if op.kind == "FILL" else c.b.shape(c.x(op))
    dtype = c.dtype(op.outputs[0], op.place)
    value = c.b.value(c.x(op, 1)) if op.kind == "FILL" and c.has(op, 1) else None
    if value is not None and value.size == 1 and 0 < math.prod(shape) <= c.b.folded_elements:
        c.b.add_value(c.out(op), np.full(shape, value.reshape(-1)[0]))
    else:
        c.b.add_parameter(c.out(op), shape, dtype, values=lambda: filling(c, op, shape, dtype))


def filling(c: Context, op: Operator, shape: Sequence[int], dtype: str) -> np.ndarray:
    value = c.b.content(c.x(op, 1)) if op.kind == "FILL" and c.has(op, 1) else np.zeros(1)
    if value is None or value.size != 1:
        fail(op.place, "the value to fill with is computed while the network runs; store it in the model")
    return np.full(shape, value.reshape(-1)[0], STORED[dtype])
