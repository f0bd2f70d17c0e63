# SPDX-License-Identifier: Apache-2.0
"""Reductions, arg-max and running sums."""

from __future__ import annotations

import tflite

from chipcast.importers.tflite.context import Context, handles
from chipcast.importers.tflite.reader import Operator

FUNCTIONS = {
    "MEAN": "mean", "SUM": "sum", "REDUCE_MAX": "max", "REDUCE_MIN": "min", "REDUCE_PROD": "prod",
    "REDUCE_ANY": "any", "REDUCE_ALL": "all",
}  # fmt: skip


@handles(*FUNCTIONS)
def reduce(c: Context, op: Operator) -> None:
    c.need(op, 2)
    axes = c.ints(op, 1, "axes")
    keep = bool(c.options(op, tflite.ReducerOptions).KeepDims())
    if not axes:
        return c.b.alias(c.out(op), c.x(op))
    rank = max(c.b.type(c.x(op)).rank, 1)
    unique = list(dict.fromkeys(axis % rank if -rank <= axis < rank else axis for axis in axes))
    c.emit(op, "reduce", [c.x(op)], function=FUNCTIONS[op.kind], axes=unique, keep_dims=keep)


@handles("ARG_MAX", "ARG_MIN")
def arg(c: Context, op: Operator) -> None:
    c.need(op, 2)
    function = "argmax" if op.kind == "ARG_MAX" else "argmin"
    c.emit(op, "reduce", [c.x(op)], function=function, axes=[c.one(op, 1, "axis")], keep_dims=False)


@handles("TOPK_V2")
def top_k(c: Context, op: Operator) -> None:
    c.need(op, 2)
    outputs = [c.names[index] for index in op.outputs[:2]]
    c.b.op("top_k", [c.x(op)], outputs, name=c.name(op), place=op.place, k=c.one(op, 1, "k"), axis=-1)


@handles("CUMSUM")
def cum_sum(c: Context, op: Operator) -> None:
    c.need(op, 2)
    options = c.options(op, tflite.CumsumOptions)
    extra = {"exclusive": bool(options.Exclusive()) or None, "reverse": bool(options.Reverse()) or None}
    c.emit(op, "cum_sum", [c.x(op)], axis=c.one(op, 1, "axis"), **extra)
