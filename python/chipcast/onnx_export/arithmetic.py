# SPDX-License-Identifier: Apache-2.0
"""Products, elementwise functions, normalisation, reductions, recurrent cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipcast.onnx_export.context import FLOATS, Context, Handler, Op, Unsupported, numpy_dtype

_UNARY = {
    "relu": "Relu", "leaky_relu": "LeakyRelu", "elu": "Elu", "selu": "Selu", "sigmoid": "Sigmoid",
    "hard_sigmoid": "HardSigmoid", "tanh": "Tanh", "gelu": "Gelu", "mish": "Mish", "softplus": "Softplus",
    "softsign": "Softsign", "exp": "Exp", "log": "Log", "sqrt": "Sqrt", "reciprocal": "Reciprocal", "neg": "Neg",
    "abs": "Abs", "floor": "Floor", "ceil": "Ceil", "round": "Round", "sign": "Sign", "erf": "Erf", "sin": "Sin",
    "cos": "Cos", "not": "Not", "is_nan": "IsNaN",
}  # fmt: skip
_WITH_ALPHA = ("leaky_relu", "elu", "selu", "hard_sigmoid")
_BETA_NAMES = {"hard_sigmoid": "beta", "selu": "gamma"}
_BINARY = {
    "add": "Add", "sub": "Sub", "mul": "Mul", "div": "Div", "max": "Max", "min": "Min", "pow": "Pow", "mod": "Mod",
    "equal": "Equal", "less": "Less", "less_equal": "LessOrEqual", "greater": "Greater",
    "greater_equal": "GreaterOrEqual", "and": "And", "or": "Or", "xor": "Xor",
}  # fmt: skip
_REDUCE = {
    "mean": "ReduceMean", "sum": "ReduceSum", "max": "ReduceMax", "min": "ReduceMin", "prod": "ReduceProd",
    "l1": "ReduceL1", "l2": "ReduceL2", "sum_square": "ReduceSumSquare", "log_sum_exp": "ReduceLogSumExp",
}  # fmt: skip
_CELL_FUNCTIONS = {
    "relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "leaky_relu": "LeakyRelu", "hard_sigmoid": "HardSigmoid",
    "elu": "Elu", "softsign": "Softsign", "softplus": "Softplus",
}  # fmt: skip
_CELLS = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}


def _gemm(ctx: Context, op: Op) -> None:
    ctx.node("Gemm", op.inputs[:3], op.outputs, op.name,
             transA=int(op.get("transpose_a", False)), transB=int(op.get("transpose_b", False)),
             alpha=op.attributes.get("alpha"), beta=op.attributes.get("beta"))  # fmt: skip


def _matmul(ctx: Context, op: Op) -> None:
    read = list(op.inputs[:2])
    for index, key in enumerate(("transpose_a", "transpose_b")):
        rank = len(ctx.shape(read[index]))
        if op.get(key, False) and rank > 1:
            perm = [*range(rank - 2), rank - 1, rank - 2]
            read[index] = ctx.transposed(read[index], perm, f"{op.name}/{key}")
    ctx.node("MatMul", read, op.outputs, op.name)


def unary(ctx: Context, attributes: Any, x: str, y: str, name: str, dtype: str) -> None:
    """One elementwise function; those that ONNX lacks are put together from others."""
    function = attributes["function"]
    alpha, beta = attributes.get("alpha"), attributes.get("beta")
    if function == "elu" and beta not in (None, 1):
        if beta != (1 if alpha is None else alpha):
            raise Unsupported(f"elu with alpha {alpha} and beta {beta}")
        ctx.node("Celu", [x], [y], name, alpha=beta)
    elif function in _UNARY:
        ctx.node(_UNARY[function], [x], [y], name, **_own_attributes(attributes))
    elif function == "clip":
        bounds = [
            "" if attributes.get(key) is None else ctx.scalar(f"{name}/{key}", attributes[key], dtype)
            for key in ("min", "max")
        ]
        ctx.node("Clip", [x, *bounds], [y], name)
    else:
        _composed(ctx, attributes, x, y, name, dtype)


def _own_attributes(attributes: Any) -> dict[str, Any]:
    """Those of ONNX's node; None where its default holds."""
    function = attributes["function"]
    extra = {"alpha": attributes.get("alpha")} if function in _WITH_ALPHA else {}
    if function in _BETA_NAMES:
        extra[_BETA_NAMES[function]] = attributes.get("beta")
    if function == "gelu" and attributes.get("approximate"):
        extra["approximate"] = "tanh"
    return extra


def _composed(ctx: Context, attributes: Any, x: str, y: str, name: str, dtype: str) -> None:
    function, alpha, beta = attributes["function"], attributes.get("alpha"), attributes.get("beta")
    if function == "hard_swish" and alpha is None and beta is None:
        ctx.node("HardSwish", [x], [y], name)
    elif function == "hard_swish":
        gate = ctx.step(
            "HardSigmoid", [x], f"{name}/gate", alpha=1 / 6 if alpha is None else alpha, beta=beta
        )
        ctx.node("Mul", [x, gate], [y], name)
    elif function == "swish":
        inner = x
        if alpha not in (None, 1):
            inner = ctx.step("Mul", [x, ctx.scalar(f"{name}/alpha", alpha, dtype)], f"{name}/scaled")
        ctx.node("Mul", [x, ctx.step("Sigmoid", [inner], f"{name}/gate")], [y], name)
    elif function == "rsqrt":
        ctx.node("Reciprocal", [ctx.step("Sqrt", [x], f"{name}/sqrt")], [y], name)
    elif function == "square":
        ctx.node("Mul", [x, x], [y], name)
    else:
        raise Unsupported(function)


def _unary(ctx: Context, op: Op) -> None:
    unary(ctx, op.attributes, op.input(0), op.outputs[0], op.name, ctx.dtype(op.input(0)))


def _binary(ctx: Context, op: Op) -> None:
    function = op.get("function", "add")
    if function == "squared_difference":
        difference = ctx.step("Sub", op.inputs[:2], f"{op.name}/difference")
        ctx.node("Mul", [difference, difference], op.outputs, op.name)
        return
    if function == "mod" and ctx.dtype(op.input(0)) in FLOATS and not op.get("fmod", False):
        # ONNX's Mod of floats takes the sign of a: a - floor(a / b) * b takes b's.
        a, b = op.inputs[:2]
        whole = ctx.step("Floor", [ctx.step("Div", [a, b], f"{op.name}/quotient")], f"{op.name}/floor")
        ctx.node("Sub", [a, ctx.step("Mul", [whole, b], f"{op.name}/whole")], op.outputs, op.name)
        return
    fmod = 1 if function == "mod" and op.get("fmod", False) else None
    ctx.node(_BINARY[function], op.inputs[:2], op.outputs, op.name, fmod=fmod)


def _prelu(ctx: Context, op: Op) -> None:
    """A slope per channel needs trailing axes of extent 1 to broadcast as ONNX does."""
    x, slope = ctx.shape(op.input(0)), ctx.shape(op.input(1))
    name = op.input(1)
    if len(slope) == 1 and len(x) > 2 and slope[0] == x[1] and slope[0] != 1:
        wanted = [slope[0]] + [1] * (len(x) - 2)
        if ctx.is_parameter(name):
            name = ctx.stored(f"{op.name}/slope", ctx.values(name).reshape(wanted))
        else:
            name = ctx.step("Reshape", [name, ctx.integers(f"{op.name}/shape", wanted)], f"{op.name}/slope")
    ctx.node("PRelu", [op.input(0), name], op.outputs, op.name)


def _where(ctx: Context, op: Op) -> None:
    ctx.node("Where", op.inputs[:3], op.outputs, op.name)


def _norm(ctx: Context, op: Op) -> None:
    function, epsilon, axis = op.get("function"), op.get("epsilon", 1e-5), op.get("axis", -1)
    shape = ctx.shape(op.input(0))
    if function == "l2":
        ctx.node("LpNormalization", [op.input(0)], op.outputs, op.name, axis=axis, p=2)
        return
    per_channel = function in ("instance", "group")
    extents = [shape[1]] if per_channel else shape[axis % len(shape) :]
    scale, bias = op.input(1), op.input(2)
    kind = numpy_dtype(ctx.dtype(op.input(0)))
    if not scale:
        scale = ctx.stored(f"{op.name}/ones", np.ones(extents, dtype=kind))
    if per_channel and not bias:
        bias = ctx.stored(f"{op.name}/zeros", np.zeros(extents, dtype=kind))
    if function == "rms":
        if bias:
            raise Unsupported("rms normalisation with bias")
        ctx.node("RMSNormalization", [op.input(0), scale], op.outputs, op.name, axis=axis, epsilon=epsilon)
    elif function == "layer":
        ctx.node(
            "LayerNormalization", [op.input(0), scale, bias], op.outputs, op.name, axis=axis, epsilon=epsilon
        )
    elif function == "instance":
        ctx.node("InstanceNormalization", [op.input(0), scale, bias], op.outputs, op.name, epsilon=epsilon)
    else:
        ctx.node("GroupNormalization", [op.input(0), scale, bias], op.outputs, op.name,
                 num_groups=op.get("groups", 1), epsilon=epsilon)  # fmt: skip


def _lrn(ctx: Context, op: Op) -> None:
    if op.get("within_channel", False):
        raise Unsupported("local response normalisation within a channel")
    if op.get("layout", "nchw") == "nhwc" and len(ctx.shape(op.input(0))) > 2:
        raise Unsupported("local response normalisation with channels last")
    ctx.node("LRN", [op.input(0)], op.outputs, op.name, size=op.get("size", 5),
             alpha=op.get("alpha", 1e-4), beta=op.get("beta", 0.75), bias=op.get("bias", 1.0))  # fmt: skip


def _softmax(ctx: Context, op: Op) -> None:
    kind = "LogSoftmax" if op.get("log", False) else "Softmax"
    ctx.node(kind, [op.input(0)], op.outputs, op.name, axis=op.get("axis", -1))


def _reduce(ctx: Context, op: Op) -> None:
    function, axes = op.get("function"), list(op.get("axes", []))
    keep = int(op.get("keep_dims", True))
    if function in ("argmax", "argmin"):
        if len(axes) != 1:
            raise Unsupported(f"{function} over {len(axes) or 'all'} axes")
        kind = "ArgMax" if function == "argmax" else "ArgMin"
        ctx.node(kind, [op.input(0)], op.outputs, op.name, axis=axes[0], keepdims=keep,
                 select_last_index=1 if op.get("last_index", False) else None)  # fmt: skip
        return
    if function not in _REDUCE:
        raise Unsupported(f"reduce {function}")
    # The axes moved from an attribute to an input: sums in opset 13, the others in 18.
    if ctx.opset >= 18 or function == "sum":
        listed = ctx.integers(f"{op.name}/axes", axes) if axes else ""
        ctx.node(_REDUCE[function], [op.input(0), listed], op.outputs, op.name, keepdims=keep)
    else:
        ctx.node(_REDUCE[function], [op.input(0)], op.outputs, op.name, keepdims=keep, axes=axes or None)


def _activation(name: str) -> str:
    if name not in _CELL_FUNCTIONS:
        raise Unsupported(f"recurrent cells with {name}")
    return _CELL_FUNCTIONS[name]


def _recurrent(ctx: Context, op: Op) -> None:
    cell = op.get("cell", "lstm")
    x, (w, r, b, h0, c0) = op.input(0), (op.input(i) for i in range(1, 6))
    attributes = {"hidden_size": op.get("hidden"), "direction": "forward"}
    if op.get("bidirectional", False) or op.get("reverse", False):
        attributes["direction"] = "bidirectional" if op.get("bidirectional", False) else "reverse"
    if op.get("linear_before_reset", False):
        attributes["linear_before_reset"] = 1
    attributes["clip"] = op.attributes.get("clip")
    if op.get("activations", []):
        attributes["activations"] = [_activation(name) for name in op.get("activations")]
    states = [w, r, b, "", h0, c0] if cell == "lstm" else [w, r, b, "", h0]
    if not op.get("batch_first", False):
        ctx.node(_CELLS[cell], [x, *states], op.outputs, op.name, **attributes)
        return
    x = ctx.transposed(x, [1, 0, 2], f"{op.name}/steps_first")
    y = ctx.fresh(f"{op.name}/y")
    ctx.node(_CELLS[cell], [x, *states], [y, *op.outputs[1:]], op.name, **attributes)
    y = ctx.step("Transpose", [y], f"{op.name}/batch_first", perm=[2, 0, 1, 3])
    shape = ctx.integers(f"{op.name}/shape", ctx.shape(op.outputs[0]))
    ctx.node("Reshape", [y, shape], op.outputs[:1], f"{op.name}/reshape")


HANDLERS: dict[str, Handler] = {
    "gemm": _gemm,
    "matmul": _matmul,
    "unary": _unary,
    "binary": _binary,
    "prelu": _prelu,
    "where": _where,
    "norm": _norm,
    "lrn": _lrn,
    "softmax": _softmax,
    "reduce": _reduce,
    "recurrent": _recurrent,
}
