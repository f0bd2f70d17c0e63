# SPDX-License-Identifier: Apache-2.0
"""Look-ups by index."""

from __future__ import annotations

import tflite

from chipcast.importers.errors import fail
from chipcast.importers.gathering import gather_nd
from chipcast.importers.tflite.context import Context, handles
from chipcast.importers.tflite.reader import Operator


@handles("GATHER")
def gather(c: Context, op: Operator) -> None:
    c.need(op, 2)
    options = c.options(op, tflite.GatherOptions)
    if options.BatchDims():
        fail(op.place, f"batch_dims {options.BatchDims()} is not supported; only 0 is, reshape the model")
    c.emit(op, "gather", [c.x(op, 0), c.x(op, 1)], axis=options.Axis())


@handles("EMBEDDING_LOOKUP")
def embedding(c: Context, op: Operator) -> None:
    c.need(op, 2)
    c.emit(op, "gather", [c.x(op, 1), c.x(op, 0)], axis=0)


@handles("GATHER_ND")
def gather_by_tuples(c: Context, op: Operator) -> None:
    c.need(op, 2)
    gather_nd(c.b, c.x(op, 0), c.x(op, 1), c.out(op), name=c.name(op), place=op.place)


@handles("SCATTER_ND")
def scatter(c: Context, op: Operator) -> None:
    """Updates written into zeros of the given shape."""
    c.need(op, 3)
    shape, dtype = c.ints(op, 2, "shape"), c.dtype(op.outputs[0], op.place)
    zeros = c.b.filled(f"{c.name(op)}/zeros", shape, dtype, 0)
    c.emit(op, "scatter", [zeros, c.x(op, 0), c.x(op, 1)], reduction="add")
