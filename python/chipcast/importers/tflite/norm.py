# SPDX-License-Identifier: Apache-2.0
"""Softmax and normalisation."""

from __future__ import annotations

import tflite

from chipcast.importers.tflite.context import Context, handles
from chipcast.importers.tflite.reader import Operator


@handles("SOFTMAX", "LOG_SOFTMAX")
def softmax(c: Context, op: Operator) -> None:
    c.need(op, 1)
    c.emit(op, "softmax", [c.x(op)], axis=-1, log=op.kind == "LOG_SOFTMAX")


@handles("L2_NORMALIZATION")
def l2_norm(c: Context, op: Operator) -> None:
    c.need(op, 1)
    options = c.options(op, tflite.L2NormOptions)
    c.emit(op, "norm", [c.x(op)], activation=options.FusedActivationFunction(), function="l2", axis=-1)


@handles("LOCAL_RESPONSE_NORMALIZATION")
def lrn(c: Context, op: Operator) -> None:
    c.need(op, 1)
    radius = c.options(op, tflite.LocalResponseNormalizationOptions).Radius()
    c.emit(op, "lrn", [c.x(op)], size=2 * radius + 1)
