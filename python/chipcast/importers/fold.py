# SPDX-License-Identifier: Apache-2.0
"""Values of operators whose inputs are all known: the arithmetic of shapes that model files are full of."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chipcast.importers.contents import STORED

Arrays = Sequence[np.ndarray]
Results = list[np.ndarray]

NUMPY_BY_NAME = {"fp64": "float64", "fp32": "float32", "fp16": "float16", "int64": "int64", "int32": "int32",
                 "int16": "int16", "int8": "int8", "uint8": "uint8", "bool": "bool"}  # fmt: skip


def divide(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Integers are divided towards zero."""
    if np.issubdtype(np.result_type(a, b), np.floating):
        return a / b
    quotient, rest = np.divmod(a, b)
    return quotient + ((rest != 0) & (quotient < 0))


BINARY: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": divide, "max": np.maximum, "min": np.minimum,
    "pow": np.power, "mod": np.mod, "squared_difference": lambda a, b: np.square(a - b), "equal": np.equal,
    "less": np.less, "less_equal": np.less_equal, "greater": np.greater, "greater_equal": np.greater_equal,
    "and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor,
}  # fmt: skip
UNARY: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda x: np.maximum(x, 0), "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "neg": np.negative,
    "abs": np.abs, "square": np.square, "floor": np.floor, "ceil": np.ceil, "round": np.round, "sign": np.sign,
    "sin": np.sin, "cos": np.cos, "not": np.logical_not, "is_nan": np.isnan, "reciprocal": lambda x: 1 / x,
}  # fmt: skip
REDUCE: dict[str, Callable[..., np.ndarray]] = {
    "sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min, "mean": np.mean, "any": np.any, "all": np.all,
}  # fmt: skip


def binary(inputs: Arrays, attributes: dict[str, Any]) -> Results:
    a, b = inputs
    function = np.fmod if attributes.get("fmod") else BINARY[attributes["function"]]
    return [function(a, b)]


def unary(inputs: Arrays, attributes: dict[str, Any]) -> Results:
    return [np.asarray(UNARY[attributes["function"]](inputs[0])).astype(inputs[0].dtype, copy=False)]


def reduce(inputs: Arrays, attributes: dict[str, Any]) -> Results:
    axes = tuple(attributes.get("axes") or range(inputs[0].ndim))
    function = REDUCE[attributes["function"]]
    kept = function(inputs[0], axis=axes, keepdims=attributes.get("keep_dims", True))
    return [np.asarray(kept).astype(inputs[0].dtype, copy=False)]


def slice_(inputs: Arrays, attributes: dict[str, Any]) -> Results:
    """ONNX's rules; Python's differ only in how a negative step reaches below 0."""
    x = inputs[0]
    starts, ends = attributes["starts"], attributes["ends"]
    axes = attributes.get("axes") or range(len(starts))
    steps = attributes.get("steps") or [1] * len(starts)
    index = [slice(None)] * x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        stop = None if step < 0 and end < -x.shape[axis] else end
        index[axis] = slice(start, stop, step)
    return [x[tuple(index)]]


def split(inputs: Arrays, attributes: dict[str, Any]) -> Results:
    cuts = np.cumsum(attributes["sizes"])[:-1]
    return list(np.split(inputs[0], cuts, axis=attributes["axis"]))


def running_sum(x: np.ndarray, attributes: dict[str, Any]) -> np.ndarray:
    axis = attributes["axis"]
    way = np.flip(x, axis) if attributes.get("reverse") else x
    sums = np.cumsum(way, axis=axis, dtype=x.dtype)
    if attributes.get("exclusive"):
        sums = sums - way
    return np.flip(sums, axis) if attributes.get("reverse") else sums


def reshape(inputs: Arrays, attributes: dict[str, Any]) -> Results:
    x, shape = inputs[0], list(attributes["shape"])
    if attributes.get("zero_copies", True):
        shape = [x.shape[i] if extent == 0 else extent for i, extent in enumerate(shape)]
    return [x.reshape(shape)]


def cast(inputs: Arrays, attributes: dict[str, Any]) -> Results:
    with np.errstate(invalid="ignore"):
        return [inputs[0].astype(NUMPY_BY_NAME[attributes["to"]])]


EVALUATORS: dict[str, Callable[[Arrays, dict[str, Any]], Results]] = {
    "binary": binary,
    "cast": cast,
    "concat": lambda x, a: [np.concatenate(x, axis=a["axis"])],
    "cum_sum": lambda x, a: [running_sum(x[0], a)],
    "expand": lambda x, a: [x[0] * np.ones(a["shape"], dtype=x[0].dtype)],
    "gather": lambda x, a: [np.take(x[0], x[1], axis=a.get("axis", 0))],
    "reduce": reduce,
    "reshape": reshape,
    "slice": slice_,
    "split": split,
    "tile": lambda x, a: [np.tile(x[0], a["repeats"])],
    "transpose": lambda x, a: [np.transpose(x[0], a.get("perm") or None)],
    "unary": unary,
    "where": lambda x, a: [np.where(x[0], x[1], x[2])],
}


def result_elements(kind: str, inputs: Arrays, attributes: dict[str, Any]) -> int:
    """An upper bound of the size of the result, known before anything is computed."""
    if kind in ("binary", "where"):
        return math.prod(np.broadcast_shapes(*(x.shape for x in inputs)))
    if kind == "expand":
        return math.prod(np.broadcast_shapes(inputs[0].shape, tuple(attributes["shape"])))
    if kind == "tile":
        return inputs[0].size * math.prod(attributes["repeats"])
    if kind == "gather":
        return inputs[0].size * max(inputs[1].size, 1)
    return sum(x.size for x in inputs)


# Functions that arithmetic of shapes does without: only where the values of parameters are wanted.
STORED_UNARY: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "tanh": np.tanh, "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "rsqrt": lambda x: 1 / np.sqrt(x),
    "softplus": lambda x: np.logaddexp(x, 0), "softsign": lambda x: x / (1 + np.abs(x)),
}  # fmt: skip


def stored_unary(inputs: Arrays, attributes: dict[str, Any]) -> Results:
    x, function = inputs[0], attributes["function"]
    if function == "clip":
        return [np.clip(x, attributes.get("min"), attributes.get("max")).astype(x.dtype, copy=False)]
    if function in STORED_UNARY:
        return [np.asarray(STORED_UNARY[function](x)).astype(x.dtype, copy=False)]
    return unary(inputs, attributes)


def matmul(inputs: Arrays, attributes: dict[str, Any]) -> Results:
    a, b = inputs
    a = np.swapaxes(a, -1, -2) if attributes.get("transpose_a") else a
    b = np.swapaxes(b, -1, -2) if attributes.get("transpose_b") else b
    return [np.asarray(a @ b)]


STORED_EVALUATORS = EVALUATORS | {
    "cast": lambda x, a: [x[0].astype(STORED[a["to"]])],
    "matmul": matmul,
    "unary": stored_unary,
}


def evaluate_stored(kind: str, inputs: Arrays, attributes: dict[str, Any]) -> Results | None:
    """The values of parameters that an operator makes of parameters, of any size; None where they are not
    computable here."""
    if kind not in STORED_EVALUATORS:
        return None
    try:
        with np.errstate(all="ignore"):
            return [np.asarray(value) for value in STORED_EVALUATORS[kind](inputs, attributes)]
    except (KeyError, ValueError, TypeError, IndexError, OverflowError, ZeroDivisionError):
        return None


def evaluate(kind: str, inputs: Arrays, attributes: dict[str, Any], limit: int) -> Results | None:
    """The outputs' values; None where they are not computable here or larger than `limit` elements."""
    if kind not in EVALUATORS or any(x.dtype.name not in NUMPY_BY_NAME.values() for x in inputs):
        return None
    try:
        if result_elements(kind, inputs, attributes) > limit:
            return None
        with np.errstate(all="ignore"):
            return [np.asarray(value) for value in EVALUATORS[kind](inputs, attributes)]
    except (KeyError, ValueError, TypeError, IndexError, OverflowError, ZeroDivisionError, MemoryError):
        return None  # shape inference says what is wrong
