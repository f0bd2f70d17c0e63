# SPDX-License-Identifier: Apache-2.0
"""Softmax and normalisation."""

from __future__ import annotations

import tflite

from chipcast.importers.tflite.context import Context, handles
from chipcast.importers.tflite.reader import Operator


@handles("SOFTMAX", "LOG_SOFTMAX")
def softmax(c: Context, op: Operator) -> None:
    c.need(op, 1)
    beta = c.options(op, tflite.SoftmaxOptions).Beta() if op.kind == "SOFTMAX" else 1.0
    if beta not in (0.0, 1.0):  # 0: left out
        c.b.differs(op.place, f"scales its input by beta {beta}")
    c.emit(op, "softmax", [c.x(op)], axis=-1, log=op.kind == "LOG_SOFTMAX")


@handles("L2_NORMALIZATION")
def l2_norm(c: Context, op: Operator) -> None:
    c.need(op, 1)
    options = c.options(op, tflite.L2NormOptions)
    c.emit(op, "norm", [c.x(op)], activation=options.FusedActivationFunction(), function="l2", axis=-1,
           epsilon=1e-12)  # fmt: skip


@handles("LOCAL_RESPONSE_NORMALIZATION")
def lrn(c: Context, op: Operator) -> None:
    c.need(op, 1)
    """The file's alpha counts each square, the graph's their mean."""
    options = c.options(op, tflite.LocalResponseNormalizationOptions)
    size = 2 * options.Radius() + 1
    c.emit(op, "lrn", [c.x(op)], size=size, layout="nhwc", alpha=size * options.Alpha(), beta=options.Beta(),
           bias=options.Bias())  # fmt: skip
