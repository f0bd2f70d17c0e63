# SPDX-License-Identifier: Apache-2.0
"""Reductions, arg-max, the largest k, running sums."""

from __future__ import annotations

import math

import numpy as np

from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import Node, handles

FUNCTIONS = {
    "ReduceL1": "l1", "ReduceL2": "l2", "ReduceLogSumExp": "log_sum_exp", "ReduceMax": "max", "ReduceMean": "mean",
    "ReduceMin": "min", "ReduceProd": "prod", "ReduceSum": "sum", "ReduceSumSquare": "sum_square",
    "ReduceLogSum": "sum",
}  # fmt: skip


@handles(*FUNCTIONS)
def reduce(c: Context, node: Node) -> None:
    """axes is an attribute, then an input: since opset 13 for ReduceSum, since 18 for the others."""
    node.need(1)
    axes = c.ints_by_version(node, "axes", 1, 13 if node.op_type == "ReduceSum" else 18) or []
    if not axes and node.int("noop_with_empty_axes"):
        c.b.alias(node.outputs[0], c.x(node))
        return
    rank = c.rank(node)
    axes = [c.axis(node, axis, rank) for axis in axes]
    logarithm = node.op_type == "ReduceLogSum"
    y = c.b.op("reduce", [c.x(node)], 1 if logarithm else node.outputs[:1], name=node.name, place=node.place,
               function=FUNCTIONS[node.op_type], axes=axes, keep_dims=bool(node.int("keepdims", 1)))[0]  # fmt: skip
    if logarithm:
        c.b.unary("log", y, node.outputs[0], name=f"{node.name}/log", place=node.place)


@handles("ArgMax", "ArgMin")
def arg(c: Context, node: Node) -> None:
    node.need(1)
    last = {"last_index": True} if node.int("select_last_index") else {}
    c.emit(node, "reduce", [c.x(node)], function=node.op_type.lower(), axes=[node.int("axis", 0)],
           keep_dims=bool(node.int("keepdims", 1)), **last)  # fmt: skip


@handles("TopK")
def top_k(c: Context, node: Node) -> None:
    node.need(1)
    k = node.int("k") if node.version < 10 else c.int(node, 1, "k")
    c.emit(node, "top_k", [c.x(node)], k=k, axis=node.int("axis", -1), largest=bool(node.int("largest", 1)))


@handles("CumSum")
def cum_sum(c: Context, node: Node) -> None:
    node.need(2)
    c.emit(node, "cum_sum", [c.x(node)], axis=c.int(node, 1, "axis"), exclusive=bool(node.int("exclusive")),
           reverse=bool(node.int("reverse")))  # fmt: skip


@handles("Hardmax")
def hardmax(c: Context, node: Node) -> None:
    """1 where the largest value stands: its index compared with every index."""
    node.need(1)
    shape = c.shape(node)
    axis = c.axis(node, node.int("axis", -1 if node.version >= 13 else 1), len(shape))
    if node.version < 13 and math.prod(shape[axis + 1 :]) != 1:
        c.b.differs(node.place, "before opset 13 takes all axes from its axis on as one")
    largest = c.part(node, "reduce", [c.x(node)], "argmax", function="argmax", axes=[axis], keep_dims=True)
    extents = [shape[axis] if each == axis else 1 for each in range(len(shape))]
    places = c.b.weight(f"{node.name}/places", extents, "int64",
                        lambda: np.arange(shape[axis]).reshape(extents))  # fmt: skip
    hit = c.part(node, "binary", [largest, places], "equal", function="equal")
    c.emit(node, "cast", [hit], to=c.type(node).dtype)
