# SPDX-License-Identifier: Apache-2.0
"""Elementwise operators and number formats."""

from __future__ import annotations

from typing import Any

import tflite

from chipcast.importers.errors import fail
from chipcast.importers.tflite.context import Context, handles
from chipcast.importers.tflite.reader import Operator

UNARY: dict[str, dict[str, Any]] = {
    "ABS": {"function": "abs"},
    "CEIL": {"function": "ceil"},
    "COS": {"function": "cos"},
    "ELU": {"function": "elu"},
    "EXP": {"function": "exp"},
    "FLOOR": {"function": "floor"},
    "GELU": {"function": "gelu"},
    "HARD_SWISH": {"function": "hard_swish"},
    "LOG": {"function": "log"},
    "LOGICAL_NOT": {"function": "not"},
    "LOGISTIC": {"function": "sigmoid"},
    "NEG": {"function": "neg"},
    "RELU": {"function": "relu"},
    "RELU6": {"function": "clip", "min": 0.0, "max": 6.0},
    "RELU_0_TO_1": {"function": "clip", "min": 0.0, "max": 1.0},
    "RELU_N1_TO_1": {"function": "clip", "min": -1.0, "max": 1.0},
    "ROUND": {"function": "round"},
    "RSQRT": {"function": "rsqrt"},
    "SIGN": {"function": "sign"},
    "SIN": {"function": "sin"},
    "SQRT": {"function": "sqrt"},
    "SQUARE": {"function": "square"},
    "TANH": {"function": "tanh"},
}
BINARY = {
    "ADD": ("add", tflite.AddOptions),
    "SUB": ("sub", tflite.SubOptions),
    "MUL": ("mul", tflite.MulOptions),
    "DIV": ("div", tflite.DivOptions),
    "EQUAL": ("equal", None),
    "FLOOR_MOD": ("mod", None),
    "GREATER": ("greater", None),
    "GREATER_EQUAL": ("greater_equal", None),
    "LESS": ("less", None),
    "LESS_EQUAL": ("less_equal", None),
    "LOGICAL_AND": ("and", None),
    "LOGICAL_OR": ("or", None),
    "MAXIMUM": ("max", None),
    "MINIMUM": ("min", None),
    "POW": ("pow", None),
    "SQUARED_DIFFERENCE": ("squared_difference", None),
}


@handles(*UNARY)
def unary(c: Context, op: Operator) -> None:
    c.need(op, 1)
    approximate = None
    if op.kind == "GELU":
        approximate = bool(c.options(op, tflite.GeluOptions).Approximate()) or None
    c.emit(op, "unary", [c.x(op)], approximate=approximate, **UNARY[op.kind])


@handles("LEAKY_RELU")
def leaky_relu(c: Context, op: Operator) -> None:
    c.need(op, 1)
    slope = float(c.options(op, tflite.LeakyReluOptions).Alpha())
    if not abs(slope) < 1e30:
        fail(op.place, f"alpha {slope} is not a sensible number; the file is damaged")
    c.emit(op, "unary", [c.x(op)], function="leaky_relu", alpha=slope)


@handles("PRELU")
def prelu(c: Context, op: Operator) -> None:
    c.need(op, 2)
    c.emit(op, "prelu", [c.x(op, 0), c.x(op, 1)])


@handles(*BINARY)
def binary(c: Context, op: Operator) -> None:
    c.need(op, 2)
    function, table = BINARY[op.kind]
    activation = c.options(op, table).FusedActivationFunction() if table else 0
    c.emit(op, "binary", [c.x(op, 0), c.x(op, 1)], activation=activation, function=function)


@handles("FLOOR_DIV")
def floor_div(c: Context, op: Operator) -> None:
    c.need(op, 2)
    quotient = c.b.binary("div", c.x(op, 0), c.x(op, 1), name=f"{c.name(op)}/div", place=op.place)
    c.emit(op, "unary", [quotient], function="floor")


@handles("NOT_EQUAL")
def not_equal(c: Context, op: Operator) -> None:
    c.need(op, 2)
    same = c.b.binary("equal", c.x(op, 0), c.x(op, 1), name=f"{c.name(op)}/equal", place=op.place)
    c.emit(op, "unary", [same], function="not")


@handles("ADD_N")
def add_n(c: Context, op: Operator) -> None:
    c.need(op, 1)
    total = c.x(op, 0)
    for position in range(1, len(op.inputs) - 1):
        total = c.b.binary("add", total, c.x(op, position), name=c.name(op), place=op.place)
    if len(op.inputs) == 1:
        c.b.alias(c.out(op), total)
    else:
        c.emit(op, "binary", [total, c.x(op, len(op.inputs) - 1)], function="add")


@handles("SELECT", "SELECT_V2")
def select(c: Context, op: Operator) -> None:
    c.need(op, 3)
    condition, a = c.x(op, 0), c.x(op, 1)
    rank, wanted = c.b.type(condition).rank, c.b.type(a).rank
    if op.kind == "SELECT" and rank == 1 and wanted > 1:  # chooses whole rows
        extents = [*c.b.shape(condition), *[1] * (wanted - 1)]
        condition = c.b.reshape(condition, extents, name=f"{c.name(op)}/rows", place=op.place)
    c.emit(op, "where", [condition, a, c.x(op, 2)])


@handles("QUANTIZE", "DEQUANTIZE", "CAST")
def cast(c: Context, op: Operator) -> None:
    """Stored tensors stay as they are stored: nothing is converted while the network runs."""
    c.need(op, 1)
    if op.kind != "CAST" and c.stored(op, 0):
        c.b.note(
            "import", c.name(op), f"{op.kind} of a stored tensor is left out; it is read as it is stored"
        )
        c.b.alias(c.out(op), c.x(op))
    else:
        c.emit(op, "cast", [c.x(op)], to=c.dtype(op.outputs[0], op.place))
