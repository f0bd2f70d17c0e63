# SPDX-License-Identifier: Apache-2.0
"""Each operator as ONNX: the reference evaluator must compute what the document means."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
from chipcast._core import InputError
from chipcast.onnx_export import to_onnx
from chipcast.onnx_export.model import HANDLERS
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

OneOp = Callable[..., dict[str, Any]]
RANDOM = np.random.default_rng(7)


def x_of(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape).astype(np.float32)


def run(document: dict[str, Any], *feeds: np.ndarray, opset: int = 17) -> list[np.ndarray]:
    model = to_onnx(document, opset=opset)
    onnx.checker.check_model(model, full_check=True)
    results = ReferenceEvaluator(model).run(None, dict(zip(document["inputs"], feeds, strict=True)))
    for name, result in zip(document["outputs"], results, strict=True):
        assert list(result.shape) == document["tensors"][name]["shape"]
    return list(results)


def stored(document: dict[str, Any]) -> list[np.ndarray]:
    return [numpy_helper.to_array(each) for each in to_onnx(document).graph.initializer]


def data(*shape: int, dtype: str = "fp32") -> tuple[list[int], str, bool]:
    return (list(shape), dtype, False)


def weight(*shape: int) -> tuple[list[int], str, bool]:
    return (list(shape), "fp32", True)


def out(*shape: int, dtype: str = "fp32") -> tuple[list[int], str]:
    return (list(shape), dtype)


SIGMOID = lambda v: 1 / (1 + np.exp(-v))  # noqa: E731

UNARY = {
    "relu": ({}, lambda v: np.maximum(v, 0)),
    "leaky_relu": ({"alpha": 0.2}, lambda v: np.where(v > 0, v, 0.2 * v)),
    "elu": ({"alpha": 0.5}, lambda v: np.where(v > 0, v, 0.5 * (np.exp(v) - 1))),
    "sigmoid": ({}, SIGMOID),
    "hard_sigmoid": ({"alpha": 1 / 6, "beta": 0.5}, lambda v: np.clip(v / 6 + 0.5, 0, 1)),
    "tanh": ({}, np.tanh),
    "swish": ({}, lambda v: v * SIGMOID(v)),
    "hard_swish": ({}, lambda v: v * np.clip(v / 6 + 0.5, 0, 1)),
    "gelu": ({}, lambda v: 0.5 * v * (1 + np.vectorize(math.erf)(v / math.sqrt(2)))),
    "mish": ({}, lambda v: v * np.tanh(np.log1p(np.exp(v)))),
    "softplus": ({}, lambda v: np.log1p(np.exp(v))),
    "softsign": ({}, lambda v: v / (1 + np.abs(v))),
    "clip": ({"min": -0.5, "max": 0.5}, lambda v: np.clip(v, -0.5, 0.5)),
    "exp": ({}, np.exp),
    "neg": ({}, np.negative),
    "abs": ({}, np.abs),
    "square": ({}, np.square),
    "floor": ({}, np.floor),
    "ceil": ({}, np.ceil),
    "round": ({}, np.round),
    "sign": ({}, np.sign),
    "erf": ({}, np.vectorize(math.erf)),
    "sin": ({}, np.sin),
    "cos": ({}, np.cos),
}
POSITIVE = {"log": np.log, "sqrt": np.sqrt, "rsqrt": lambda v: 1 / np.sqrt(v), "reciprocal": lambda v: 1 / v}


@pytest.mark.parametrize("function", UNARY)
def test_unary(one_op: OneOp, function: str) -> None:
    extra, expected = UNARY[function]
    x = x_of(2, 5)
    document = one_op("unary", {"x": data(2, 5)}, [out(2, 5)], function=function, **extra)
    np.testing.assert_allclose(run(document, x)[0], expected(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("function", POSITIVE)
def test_unary_of_positive_numbers(one_op: OneOp, function: str) -> None:
    x = np.abs(x_of(2, 5)) + 0.1
    document = one_op("unary", {"x": data(2, 5)}, [out(2, 5)], function=function)
    np.testing.assert_allclose(run(document, x)[0], POSITIVE[function](x), rtol=1e-5)


BINARY = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "max": np.maximum,
    "min": np.minimum,
    "mod": np.mod,
    "squared_difference": lambda a, b: (a - b) ** 2,
}
COMPARISONS = {
    "equal": np.equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
}


@pytest.mark.parametrize("function", BINARY)
def test_binary_broadcasts(one_op: OneOp, function: str) -> None:
    a, b = x_of(2, 3, 4), x_of(4)
    document = one_op("binary", {"a": data(2, 3, 4), "b": data(4)}, [out(2, 3, 4)], function=function)
    np.testing.assert_allclose(run(document, a, b)[0], BINARY[function](a, b), rtol=1e-5)


@pytest.mark.parametrize("function", COMPARISONS)
def test_comparisons(one_op: OneOp, function: str) -> None:
    a, b = np.round(x_of(3, 4)), np.round(x_of(3, 4))
    document = one_op(
        "binary", {"a": data(3, 4), "b": data(3, 4)}, [out(3, 4, dtype="bool")], function=function
    )
    np.testing.assert_array_equal(run(document, a, b)[0], COMPARISONS[function](a, b))


def test_fused_activations_follow_in_order(one_op: OneOp) -> None:
    fused = [
        {"name": "bounded", "unary": {"function": "clip", "min": -0.5, "max": 0.5}},
        {"name": "flipped", "unary": {"function": "neg"}},
    ]
    x = x_of(3, 4)
    document = one_op("unary", {"x": data(3, 4)}, [out(3, 4)], fused, function="tanh")
    np.testing.assert_allclose(run(document, x)[0], -np.clip(np.tanh(x), -0.5, 0.5), rtol=1e-5)


def _to_front(value: np.ndarray) -> np.ndarray:
    return np.moveaxis(value, -1, 1)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_conv_is_the_same_in_both_layouts(one_op: OneOp, groups: int) -> None:
    window = {"strides": [2, 1], "pads": [1, 0, 1, 2], "groups": groups}
    last = one_op("conv", {"x": data(1, 7, 6, 4), "op.weight": weight(8, 3, 3, 4 // groups), "op.bias": weight(8)},
                  [out(1, 4, 6, 8)], layout="nhwc", **window)  # fmt: skip
    x = x_of(1, 7, 6, 4)
    w, b = sorted(stored(last), key=lambda each: -each.ndim)
    assert w.shape == (8, 4 // groups, 3, 3)
    y = run(last, x)[0]

    padded = np.pad(_to_front(x)[0], [(0, 0), (1, 1), (0, 2)])
    expected = np.empty((8, 4, 6))
    for channel in range(8):
        first = channel // (8 // groups) * (4 // groups)
        for i, j in np.ndindex(4, 6):
            patch = padded[first : first + 4 // groups, 2 * i : 2 * i + 3, j : j + 3]
            expected[channel, i, j] = (patch * w[channel]).sum() + b[channel]
    np.testing.assert_allclose(_to_front(y)[0], expected, rtol=1e-4, atol=1e-5)


def test_conv_transpose_channels_last(one_op: OneOp) -> None:
    document = one_op("conv_transpose", {"x": data(1, 3, 3, 2), "op.weight": weight(5, 2, 2, 2)},
                      [out(1, 6, 6, 5)], layout="nhwc", strides=[2, 2])  # fmt: skip
    x, w = x_of(1, 3, 3, 2), stored(document)[0]
    assert w.shape == (2, 5, 2, 2)
    expected = np.einsum("hwi,iokl->hkwlo", x[0], w).reshape(6, 6, 5)
    np.testing.assert_allclose(run(document, x)[0][0], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("function", ["max", "avg"])
@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_pool(one_op: OneOp, function: str, layout: str) -> None:
    shape, result = ([1, 2, 4, 4], [1, 2, 2, 2]) if layout == "nchw" else ([1, 4, 4, 2], [1, 2, 2, 2])
    document = one_op("pool", {"x": data(*shape)}, [out(*result)], layout=layout, function=function,
                      kernel=[2, 2], strides=[2, 2])  # fmt: skip
    x = x_of(*shape)
    blocks = (x if layout == "nchw" else _to_front(x)).reshape(1, 2, 2, 2, 2, 2)
    expected = blocks.max(axis=(3, 5)) if function == "max" else blocks.mean(axis=(3, 5))
    y = run(document, x)[0]
    np.testing.assert_allclose(y if layout == "nchw" else _to_front(y), expected, rtol=1e-5)


def test_global_average_pool_channels_last(one_op: OneOp) -> None:
    x = x_of(2, 5, 4, 3)
    document = one_op(
        "pool", {"x": data(2, 5, 4, 3)}, [out(2, 1, 1, 3)], layout="nhwc", function="avg", **{"global": True}
    )
    np.testing.assert_allclose(run(document, x)[0], x.mean(axis=(1, 2), keepdims=True), rtol=1e-5)


def test_same_padding_pads_the_end_first(one_op: OneOp) -> None:
    document = one_op("pool", {"x": data(1, 1, 4, 4)}, [out(1, 1, 2, 2)], function="max", kernel=[3, 3],
                      strides=[2, 2], pad_mode="same_upper")  # fmt: skip
    x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    np.testing.assert_array_equal(run(document, x)[0][0, 0], [[10, 11], [14, 15]])


@pytest.mark.parametrize("a, b", [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize("kind", ["gemm", "matmul"])
def test_products_with_transposes(one_op: OneOp, kind: str, a: bool, b: bool) -> None:
    x = x_of(*((4, 3) if a else (3, 4)))
    shape = [5, 4] if b else [4, 5]
    document = one_op(
        kind, {"x": data(*x.shape), "op.weight": weight(*shape)}, [out(3, 5)], transpose_a=a, transpose_b=b
    )
    y = run(document, x)[0]
    w = stored(document)[0]
    w = w if w.shape == (4, 5) else w.T
    np.testing.assert_allclose(y, (x.T if a else x) @ w, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("layout, shape", [("nchw", [2, 3, 4, 4]), ("nhwc", [2, 4, 4, 3]), ("nhwc", [2, 3])])
def test_batch_norm(one_op: OneOp, layout: str, shape: list[int]) -> None:
    parameters = {f"op.{name}": weight(3) for name in ("scale", "bias", "mean", "variance")}
    document = one_op(
        "batch_norm", {"x": data(*shape), **parameters}, [out(*shape)], layout=layout, epsilon=1e-3
    )
    values = {each.name: numpy_helper.to_array(each) for each in to_onnx(document).graph.initializer}
    assert (values["op.variance"] > 0).all()
    x = x_of(*shape)
    per_channel = {
        key: value.reshape(3, 1, 1) if layout == "nchw" else value for key, value in values.items()
    }
    expected = (x - per_channel["op.mean"]) / np.sqrt(per_channel["op.variance"] + 1e-3)
    expected = expected * per_channel["op.scale"] + per_channel["op.bias"]
    np.testing.assert_allclose(run(document, x)[0], expected, rtol=1e-4, atol=1e-5)


def test_layer_norm_without_parameters(one_op: OneOp) -> None:
    x = x_of(2, 3, 8)
    document = one_op("norm", {"x": data(2, 3, 8)}, [out(2, 3, 8)], function="layer", axis=-1, epsilon=0.0)
    expected = (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True)
    np.testing.assert_allclose(run(document, x)[0], expected, rtol=1e-4, atol=1e-5)


def test_prelu_slope_belongs_to_the_channel(one_op: OneOp) -> None:
    x = x_of(1, 3, 3, 3)
    document = one_op("prelu", {"x": data(1, 3, 3, 3), "slope": weight(3)}, [out(1, 3, 3, 3)])
    slope = stored(document)[0]
    assert slope.shape == (3, 1, 1)
    np.testing.assert_allclose(run(document, x)[0], np.where(x < 0, slope * x, x), rtol=1e-5)


@pytest.mark.parametrize("opset", [17, 18])
def test_reduce_keeps_its_axes_in_old_and_new_opsets(one_op: OneOp, opset: int) -> None:
    x = x_of(2, 3, 4)
    for function, expected in (("mean", x.mean((0, 2))), ("sum", x.sum((0, 2))), ("max", x.max((0, 2)))):
        document = one_op(
            "reduce", {"x": data(2, 3, 4)}, [out(3)], function=function, axes=[0, 2], keep_dims=False
        )
        np.testing.assert_allclose(run(document, x, opset=opset)[0], expected, rtol=1e-5, atol=1e-6)


def test_argmax(one_op: OneOp) -> None:
    x = x_of(2, 5)
    document = one_op(
        "reduce", {"x": data(2, 5)}, [out(2, dtype="int64")], function="argmax", axes=[1], keep_dims=False
    )
    np.testing.assert_array_equal(run(document, x)[0], x.argmax(1))


X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
MOVES = {
    "concat": ({"axis": 1}, np.concatenate([X, X], 1)),
    "slice": ({"starts": [2, 0], "ends": [-9, 4], "axes": [1, 2], "steps": [-1, 2]}, X[:, ::-1, ::2]),
    "transpose": ({"perm": [2, 0, 1]}, X.transpose(2, 0, 1)),
    "reshape": ({"shape": [0, -1]}, X.reshape(2, 12)),
    "pad": ({"pads": [0, 1, 0, 0, 0, 2]}, np.pad(X, [(0, 0), (1, 0), (0, 2)])),
    "expand": ({"shape": [5, 2, 3, 4]}, np.broadcast_to(X, (5, 2, 3, 4))),
    "tile": ({"repeats": [1, 2, 1]}, np.tile(X, (1, 2, 1))),
    "resize": ({"scales": [1.0, 2.0, 1.0]}, X.repeat(2, axis=1)),
    "cum_sum": ({"axis": 1}, X.cumsum(1)),
    "softmax": ({"axis": 1}, np.exp(X) / np.exp(X).sum(1, keepdims=True)),
    "cast": ({"to": "int32"}, X.astype(np.int32)),
}


@pytest.mark.parametrize("kind", MOVES)
def test_moves(one_op: OneOp, kind: str) -> None:
    attributes, expected = MOVES[kind]
    inputs = {"x": data(2, 3, 4), **({"x2": data(2, 3, 4)} if kind == "concat" else {})}
    dtype = "int32" if kind == "cast" else "fp32"
    document = one_op(kind, inputs, [out(*expected.shape, dtype=dtype)], **attributes)
    np.testing.assert_allclose(run(document, *[X] * len(inputs))[0], expected, rtol=1e-6)


def test_split_with_a_smaller_last_piece(one_op: OneOp) -> None:
    document = one_op("split", {"x": data(2, 3, 4)}, [out(2, 2, 4), out(2, 1, 4)], axis=1)
    first, second = run(document, X)
    np.testing.assert_array_equal(np.concatenate([first, second], 1), X)


def test_top_k(one_op: OneOp) -> None:
    document = one_op("top_k", {"x": data(2, 3, 4)}, [out(2, 3, 2), out(2, 3, 2, dtype="int64")], k=2)
    values, indices = run(document, X)
    np.testing.assert_array_equal(values, X[..., [3, 2]])
    np.testing.assert_array_equal(indices, np.broadcast_to([3, 2], (2, 3, 2)))


def test_gather_looks_up_rows(one_op: OneOp) -> None:
    document = one_op("gather", {"table": weight(9, 4), "ids": data(2, 3, dtype="int64")}, [out(2, 3, 4)])
    ids = np.array([[0, 8, 3], [1, 1, 2]])
    np.testing.assert_array_equal(run(document, ids)[0], stored(document)[0][ids])


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_channel_shuffle(one_op: OneOp, layout: str) -> None:
    x = x_of(1, 6, 2, 2)
    expected = x.reshape(1, 2, 3, 2, 2).swapaxes(1, 2).reshape(x.shape)
    if layout == "nhwc":
        x, expected = np.moveaxis(x, 1, -1), np.moveaxis(expected, 1, -1)
    document = one_op("channel_shuffle", {"x": data(*x.shape)}, [out(*x.shape)], groups=2, layout=layout)
    np.testing.assert_array_equal(run(document, x)[0], expected)


def test_space_to_depth_channels_last(one_op: OneOp) -> None:
    x = x_of(1, 4, 4, 3)
    document = one_op(
        "space_depth", {"x": data(1, 4, 4, 3)}, [out(1, 2, 2, 12)], block=2, to_depth=True, layout="nhwc"
    )
    expected = x.reshape(1, 2, 2, 2, 2, 3).transpose(0, 1, 3, 2, 4, 5).reshape(1, 2, 2, 12)
    np.testing.assert_array_equal(run(document, x)[0], expected)


@pytest.mark.parametrize("cell, gates", [("lstm", 4), ("gru", 3), ("rnn", 1)])
def test_recurrent_in_both_orders(one_op: OneOp, cell: str, gates: int) -> None:
    parameters = {
        "w": weight(1, gates * 5, 4),
        "r": weight(1, gates * 5, 5),
        "b": weight(1, 2 * gates * 5),
    }
    steps_first = one_op("recurrent", {"x": data(3, 2, 4), **parameters}, [out(3, 1, 2, 5), out(1, 2, 5)],
                         cell=cell, hidden=5)  # fmt: skip
    batch_first = one_op("recurrent", {"x": data(2, 3, 4), **parameters}, [out(2, 3, 5), out(1, 2, 5)],
                         cell=cell, hidden=5, batch_first=True)  # fmt: skip
    x = x_of(3, 2, 4)
    y, last = run(steps_first, x)
    np.testing.assert_allclose(y[-1], last, rtol=1e-5)
    np.testing.assert_allclose(run(batch_first, x.swapaxes(0, 1))[0], y[:, 0].swapaxes(0, 1), rtol=1e-5)


def test_every_kind_but_detection_is_written() -> None:
    assert len(HANDLERS) == 33 - len({"prior_box", "detect"})


def test_all_that_has_no_counterpart_is_listed_at_once(one_op: OneOp) -> None:
    document = one_op("detect", {"x": data(1, 4)}, [out(100, 6)])
    document["ops"].append({"name": "lrn", "kind": "lrn", "inputs": ["x"], "outputs": ["z"],
                            "attributes": {"within_channel": True}})  # fmt: skip
    document["tensors"]["z"] = {"shape": [1, 4], "dtype": "fp32"}
    with pytest.raises(
        InputError, match=r"no counterpart of detect \(1\), local response .* a channel \(1\);"
    ):
        to_onnx(document)


def test_integer_products_are_refused(one_op: OneOp) -> None:
    document = one_op("conv", {"x": data(1, 3, 4, 4, dtype="int8"), "w": ([8, 3, 1, 1], "int8", True)},
                      [out(1, 8, 4, 4, dtype="int8")])  # fmt: skip
    with pytest.raises(InputError, match=r"conv on int8 \(1\)"):
        to_onnx(document)


def test_a_tensor_without_shape_is_refused(one_op: OneOp) -> None:
    document = one_op("softmax", {"x": data(1, 4)}, [out(1, 4)])
    del document["tensors"]["y"]
    with pytest.raises(InputError, match='tensor "y" has no shape; take the graph from load_model'):
        to_onnx(document)


@pytest.mark.parametrize("opset", [16, 1000])
def test_opset_range(one_op: OneOp, opset: int) -> None:
    with pytest.raises(InputError, match=rf"opset: {opset} is outside \[17, "):
        to_onnx(one_op("softmax", {"x": data(1, 4)}, [out(1, 4)]), opset=opset)
