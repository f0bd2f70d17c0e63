# SPDX-License-Identifier: Apache-2.0
"""Normalisation and softmax."""

from __future__ import annotations

import math

from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import MICROSOFT, Node, Unsupported, handles


@handles("BatchNormalization")
def batch_norm(c: Context, node: Node) -> None:
    node.need(5)
    if node.int("training_mode") or any(map(c.used, node.outputs[1:])):
        raise Unsupported("BatchNormalization in training")
    c.emit(node, "batch_norm", [c.x(node, position) for position in range(5)], outputs=1,
           epsilon=node.float("epsilon", 1e-5))  # fmt: skip


@handles("InstanceNormalization")
def instance_norm(c: Context, node: Node) -> None:
    node.need(3)
    c.emit(node, "norm", [c.x(node, position) for position in range(3)], function="instance",
           epsilon=node.float("epsilon", 1e-5))  # fmt: skip


@handles("GroupNormalization")
def group_norm(c: Context, node: Node) -> None:
    node.need(3)
    c.emit(node, "norm", [c.x(node, position) for position in range(3)], function="group",
           groups=node.int("num_groups"), epsilon=node.float("epsilon", 1e-5))  # fmt: skip


FUNCTIONS = {"LayerNormalization": "layer", "SimplifiedLayerNormalization": "rms", "RMSNormalization": "rms"}


def inner_norm(c: Context, node: Node) -> None:
    """Over the last axes; statistics as further outputs are training's."""
    node.need(1)
    if any(map(c.used, node.outputs[1:])):
        raise Unsupported(f"{node.kind} that gives its statistics")
    inputs = [c.x(node, position) for position in range(3) if node.has(position)]
    c.emit(node, "norm", inputs, outputs=1, function=FUNCTIONS[node.op_type], axis=node.int("axis", -1),
           epsilon=node.float("epsilon", 1e-5))  # fmt: skip


handles(*FUNCTIONS)(inner_norm)
handles(*FUNCTIONS, domain=MICROSOFT)(inner_norm)


@handles("SkipLayerNormalization", "SkipSimplifiedLayerNormalization", domain=MICROSOFT)
def skip_norm(c: Context, node: Node) -> None:
    """norm(x + skip + bias); the sum is an output of its own (the fourth)."""
    node.need(3)
    simplified = "Simplified" in node.op_type
    if any(map(c.used, node.outputs[1:3])):
        raise Unsupported(f"{node.kind} that gives its statistics")
    total = c.part(node, "binary", [c.x(node, 0), c.x(node, 1)], "skip", function="add")
    bias = 3 if simplified else 4
    if node.has(bias):
        total = c.part(node, "binary", [total, c.x(node, bias)], "bias", function="add")
    if node.wants(3):
        c.b.alias(node.outputs[3], total)
    weights = [c.x(node, 2)] + ([c.x(node, 3)] if not simplified and node.has(3) else [])
    c.emit(node, "norm", [total, *weights], outputs=1, function="rms" if simplified else "layer", axis=-1,
           epsilon=node.float("epsilon", 1e-5))  # fmt: skip


@handles("LpNormalization")
def lp_norm(c: Context, node: Node) -> None:
    node.need(1)
    axis = node.int("axis", -1)
    if node.int("p", 2) == 2:
        c.emit(node, "norm", [c.x(node)], function="l2", axis=axis, epsilon=0.0)
        return
    total = c.part(node, "reduce", [c.x(node)], "l1", function="l1", axes=[axis], keep_dims=True)
    c.emit(node, "binary", [c.x(node), total], function="div")


@handles("MeanVarianceNormalization")
def mean_variance(c: Context, node: Node) -> None:
    """(x - mean) / sqrt(variance) over the given axes."""
    node.need(1)
    axes = node.ints("axes") or [0, 2, 3]
    mean = c.part(node, "reduce", [c.x(node)], "mean", function="mean", axes=axes, keep_dims=True)
    centred = c.part(node, "binary", [c.x(node), mean], "centre", function="sub")
    squared = c.part(node, "unary", [centred], "square", function="square")
    variance = c.part(node, "reduce", [squared], "variance", function="mean", axes=axes, keep_dims=True)
    deviation = c.part(node, "unary", [variance], "deviation", function="sqrt")
    c.emit(node, "binary", [centred, deviation], function="div")


@handles("LRN")
def lrn(c: Context, node: Node) -> None:
    node.need(1)
    c.emit(node, "lrn", [c.x(node)], size=node.int("size"), alpha=node.float("alpha", 1e-4),
           beta=node.float("beta", 0.75), bias=node.float("bias", 1.0))  # fmt: skip


@handles("Softmax", "LogSoftmax")
def softmax(c: Context, node: Node) -> None:
    """Before opset 13 the axes from `axis` on are one."""
    node.need(1)
    log = node.op_type == "LogSoftmax"
    shape = c.shape(node)
    if node.version >= 13:
        c.emit(node, "softmax", [c.x(node)], axis=node.int("axis", -1), log=log)
        return
    axis = node.int("axis", 1)
    if not -len(shape) <= axis <= len(shape):
        node.fail(f"axis {axis} is outside [{-len(shape)}, {len(shape)}]; correct the model")
    axis = axis + len(shape) if axis < 0 else axis
    if axis < len(shape) and math.prod(shape[axis + 1 :]) == 1:
        c.emit(node, "softmax", [c.x(node)], axis=axis, log=log)
        return
    flat = c.reshaped(node, c.x(node), [math.prod(shape[:axis]), math.prod(shape[axis:])], "flatten")
    flat = c.part(node, "softmax", [flat], "softmax", axis=1, log=log)
    c.reshaped(node, flat, shape)
