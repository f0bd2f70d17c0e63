# SPDX-License-Identifier: Apache-2.0
"""Single operators with drawn shapes and attributes: fast kernels and plain loops against ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from chipcast.model import load_model
from chipcast.native import Executor
from chipcast.parameters import random_inputs, random_parameters
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from native.oracle import TOLERANCE, onnx_runtime, relative_error

DRAWN = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
Tensors = Mapping[str, Any]


def graph_of(kind: str, tensors: Tensors, attributes: Mapping[str, Any], outputs: int = 1) -> dict[str, Any]:
    """One operator "y"; tensors in the order of its inputs, {"x": [2, 3], "w": ([4, 3], "fp32")}: with a format a
    parameter, otherwise an input."""
    described = {
        name: {"shape": each[0], "dtype": each[1], "parameter": True}
        if isinstance(each, tuple)
        else {"shape": each, "dtype": "fp32"}
        for name, each in tensors.items()
    }
    names = ["y", *(f"y:{i}" for i in range(1, outputs))]
    return {
        "format": "chipcast-graph", "version": 1, "name": kind, "tensors": described,
        "inputs": [name for name, each in described.items() if "parameter" not in each], "outputs": names,
        "ops": [{"name": "y", "kind": kind, "inputs": list(tensors), "outputs": names, "attributes": attributes}],
    }  # fmt: skip


def check(kind: str, tensors: Tensors, outputs: int = 1, **attributes: Any) -> None:
    model = load_model(graph_of(kind, tensors, attributes, outputs))
    inputs, parameters = random_inputs(model.graph), random_parameters(model.graph)
    wanted = onnx_runtime(model.graph, inputs)
    for reference in (False, True):
        got = Executor(model, parameters, reference=reference).run(inputs)
        for name, value in wanted.items():
            assert relative_error(got[name], value) < TOLERANCE, (name, reference, attributes)


extent = st.integers(1, 9)


@DRAWN
@given(st.data())
def test_conv(data: st.DataObject) -> None:
    draw, spatial = data.draw, data.draw(st.integers(1, 3))
    groups, ins, outs = draw(st.integers(1, 3)), draw(st.integers(1, 9)), draw(st.integers(1, 9))
    kernel = draw(st.lists(st.integers(1, 4), min_size=spatial, max_size=spatial))
    dilations = draw(st.lists(st.integers(1, 2), min_size=spatial, max_size=spatial))
    strides = draw(st.lists(st.integers(1, 3), min_size=spatial, max_size=spatial))
    pads = draw(st.lists(st.integers(0, 2), min_size=2 * spatial, max_size=2 * spatial))
    plane = [draw(st.integers((k - 1) * d + 1, 12)) for k, d in zip(kernel, dilations, strict=True)]
    x = [draw(st.integers(1, 2)), groups * ins, *plane]
    weight = ([groups * outs, ins, *kernel], "fp32")
    check("conv", {"x": x, "w": weight, "b": ([groups * outs], "fp32")}, groups=groups, strides=strides,
          dilations=dilations, pads=pads)  # fmt: skip


@DRAWN
@given(
    st.integers(1, 40),
    st.integers(1, 2),
    st.integers(1, 5),
    st.integers(1, 2),
    st.integers(5, 13),
    st.booleans(),
)
def test_depthwise(channels: int, multiplier: int, kernel: int, stride: int, size: int, last: bool) -> None:
    pads = {"pad_mode": "same_upper"} if last else {"pads": [kernel // 2] * 4}
    plane = [size, size + 1]
    x = [1, *plane, channels] if last else [1, channels, *plane]
    taps = [kernel, kernel]
    weight = [channels * multiplier, *taps, 1] if last else [channels * multiplier, 1, *taps]
    check("conv", {"x": x, "w": (weight, "fp32")}, groups=channels, strides=[stride, stride],
          layout="nhwc" if last else "nchw", **pads)  # fmt: skip


@DRAWN
@given(
    st.integers(1, 3), extent, extent, st.integers(1, 4), st.integers(1, 3), st.integers(0, 1), st.booleans()
)
def test_conv_transpose(
    groups: int, ins: int, outs: int, kernel: int, stride: int, pad: int, last: bool
) -> None:
    pad = min(pad, kernel - 1)
    extra = stride - 1
    x = [2, 5, 4, groups * ins] if last else [2, groups * ins, 5, 4]
    weight = [outs, kernel, kernel, groups * ins] if last else [groups * ins, outs, kernel, kernel]
    check("conv_transpose", {"x": x, "w": (weight, "fp32")}, groups=groups, strides=[stride, stride],
          pads=[pad] * 4, output_padding=[extra, extra], layout="nhwc" if last else "nchw")  # fmt: skip


@DRAWN
@given(
    st.integers(1, 33), st.integers(1, 33), st.integers(1, 33), st.booleans(), st.booleans(), st.booleans()
)
def test_gemm(m: int, n: int, k: int, ta: bool, tb: bool, scaled: bool) -> None:
    factors = {"alpha": 0.5, "beta": 2.0} if scaled else {}
    check("gemm", {"a": [k, m] if ta else [m, k], "b": ([n, k] if tb else [k, n], "fp32"), "c": ([n], "fp32")},
          transpose_a=ta, transpose_b=tb, **factors)  # fmt: skip


@DRAWN
@given(st.lists(st.sampled_from([1, 3]), max_size=3), st.lists(st.sampled_from([1, 3]), max_size=3), extent, extent,
       extent, st.booleans())  # fmt: skip
def test_matmul(left: list[int], right: list[int], m: int, n: int, k: int, swap: bool) -> None:
    b = [*right, n, k] if swap else [*right, k, n]
    check("matmul", {"a": [*left, m, k], "b": b}, transpose_b=swap)


@DRAWN
@given(st.sampled_from(["max", "avg", "lp"]), st.integers(1, 4), st.integers(1, 3), st.integers(0, 1), st.booleans(),
       st.booleans(), st.integers(4, 11))  # fmt: skip
def test_pool(
    function: str, kernel: int, stride: int, pad: int, ceil: bool, include: bool, size: int
) -> None:
    pad = min(pad, kernel - 1)
    extra = {"count_include_pad": include} if function == "avg" else {}
    check("pool", {"x": [2, 5, size, size + 1]}, function=function, kernel=[kernel, kernel], strides=[stride, stride],
          pads=[pad] * 4, ceil_mode=ceil and function != "lp", **extra)  # fmt: skip


FUNCTIONS = [
    "relu", "leaky_relu", "elu", "selu", "sigmoid", "hard_sigmoid", "tanh", "swish", "hard_swish", "gelu", "mish",
    "softplus", "softsign", "exp", "reciprocal", "neg", "abs", "square", "floor", "ceil", "round", "sign", "erf",
    "sin", "cos",
]  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_unary(function: str) -> None:
    check("unary", {"x": [3, 67]}, function=function)


def test_unary_with_parameters() -> None:
    check("unary", {"x": [5, 33]}, function="elu", alpha=0.7, beta=0.7)
    check("unary", {"x": [5, 33]}, function="clip", min=-0.5, max=0.75)
    check("unary", {"x": [5, 33]}, function="gelu", approximate=True)
    check("unary", {"x": [5, 33]}, function="swish", alpha=1.7)


@DRAWN
@given(st.sampled_from(["add", "sub", "mul", "div", "max", "min", "squared_difference", "less", "greater_equal"]),
       st.lists(extent, min_size=1, max_size=4), st.data())  # fmt: skip
def test_binary(function: str, shape: list[int], data: st.DataObject) -> None:
    lead = data.draw(st.integers(0, len(shape)))
    other = [data.draw(st.sampled_from([1, size])) for size in shape[lead:]]
    check("binary", {"a": shape, "b": other}, function=function)


@DRAWN
@given(st.lists(extent, min_size=2, max_size=4), st.integers(-2, 1), st.booleans())
def test_softmax(shape: list[int], axis: int, log: bool) -> None:
    check("softmax", {"x": shape}, axis=axis, log=log)


@pytest.mark.parametrize("function", ["layer", "instance", "group"])
def test_norm(function: str) -> None:
    groups = {"groups": 3} if function == "group" else {}
    extents = [7, 4] if function == "layer" else [6]
    check("norm", {"x": [2, 6, 7, 4], "s": (extents, "fp32"), "b": (extents, "fp32")}, function=function, axis=2,
          **groups)  # fmt: skip
    check("norm", {"x": [2, 6, 7, 4]}, function="l2", axis=1, epsilon=0.0)


@DRAWN
@given(st.sampled_from([1, 3, 5, 7]), st.floats(1e-4, 0.5), st.floats(0.25, 1.5), st.floats(0.5, 2.0))
def test_lrn(size: int, alpha: float, beta: float, bias: float) -> None:
    check("lrn", {"x": [2, 9, 3, 4]}, size=size, alpha=alpha, beta=beta, bias=bias)


@DRAWN
@given(st.sampled_from(["mean", "sum", "max", "min", "prod", "l1", "l2", "sum_square", "log_sum_exp"]),
       st.sets(st.integers(0, 3), min_size=1), st.booleans())  # fmt: skip
def test_reduce(function: str, axes: set[int], keep: bool) -> None:
    check("reduce", {"x": [2, 5, 3, 4]}, function=function, axes=sorted(axes), keep_dims=keep)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("way", [{}, {"bidirectional": True}, {"reverse": True}])
@pytest.mark.parametrize("linear", [False, True])
def test_recurrent(cell: str, way: dict[str, bool], linear: bool) -> None:
    gates, ways, hidden = {"lstm": 4, "gru": 3, "rnn": 1}[cell], 2 if "bidirectional" in way else 1, 7
    tensors = {"x": [6, 3, 5], "w": ([ways, gates * hidden, 5], "fp32"), "r": ([ways, gates * hidden, hidden], "fp32"),
               "b": ([ways, 2 * gates * hidden], "fp32")}  # fmt: skip
    extra = {"linear_before_reset": linear} if cell == "gru" else {}
    check("recurrent", tensors, outputs=3 if cell == "lstm" else 2, cell=cell, hidden=hidden, **way, **extra)


@pytest.mark.parametrize("coordinates", ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"])
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("sizes", [[1, 2, 7, 11], [1, 2, 3, 4]])
def test_resize(coordinates: str, mode: str, sizes: list[int]) -> None:
    check("resize", {"x": [1, 2, 5, 6]}, mode=mode, coordinates=coordinates, sizes=sizes)


def test_moves() -> None:
    check("concat", {"a": [2, 3, 5], "b": [2, 4, 5]}, axis=1)
    check("split", {"x": [2, 7, 3]}, outputs=3, axis=1, sizes=[1, 4, 2])
    check("slice", {"x": [9, 8, 7]}, starts=[1, -1, 0], ends=[8, -9, 7], axes=[0, 1, 2], steps=[2, -3, 1])
    check("transpose", {"x": [2, 3, 4, 5]}, perm=[2, 0, 3, 1])
    check("reshape", {"x": [2, 3, 4]}, shape=[4, -1])
    check("pad", {"x": [2, 3, 4]}, pads=[0, 1, 2, 1, 0, 3], value=1.5)
    check("pad", {"x": [2, 3, 4]}, pads=[0, -1, 2, 1, 0, -1])
    for mode in ("reflect", "edge", "wrap"):
        check("pad", {"x": [4, 5, 6]}, pads=[1, 2, 0, 1, 0, 3], mode=mode)
    check("expand", {"x": [3, 1, 4]}, shape=[2, 1, 5, 4])
    check("tile", {"x": [2, 3]}, repeats=[3, 2])
    check("space_depth", {"x": [2, 12, 3, 5]}, block=2)
    check("space_depth", {"x": [2, 12, 3, 5]}, block=2, column_row_depth=True)
    check("space_depth", {"x": [2, 3, 4, 6]}, block=2, to_depth=True)
    check("channel_shuffle", {"x": [2, 12, 3, 5]}, groups=3)
    check("cum_sum", {"x": [3, 7]}, axis=1, exclusive=True, reverse=True)
    check("top_k", {"x": [3, 9]}, outputs=2, k=4, axis=-1)
    check("top_k", {"x": [3, 9]}, outputs=2, k=2, axis=0, largest=False)


def test_indices() -> None:
    check("gather", {"x": [5, 3, 4], "i": ([2, 2], "int64")}, axis=1)
    check("scatter", {"x": [5, 4], "i": ([3, 4], "int64"), "u": [3, 4]}, axis=0, reduction="add")
    check("scatter", {"x": [5, 4], "i": ([1, 1], "int64"), "u": [1, 4]})
    check("prelu", {"x": [2, 6, 3, 5], "s": ([6, 1, 1], "fp32")})


def kernels_of(kind: str, tensors: Tensors, outputs: int = 1, **attributes: Any) -> list[str]:
    """Kernels that ran, after the result was compared with plain loops: equal but for the order of sums."""
    model = load_model(graph_of(kind, tensors, attributes, outputs))
    inputs, parameters = random_inputs(model.graph), random_parameters(model.graph)
    fast, plain = Executor(model, parameters), Executor(model, parameters, reference=True)
    got, wanted = fast.run(inputs), plain.run(inputs)
    for name, value in wanted.items():
        assert relative_error(got[name], value) < 1e-6, (name, attributes)
    return [each.kernel for each in fast.times]


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize("to_depth", [False, True])
@pytest.mark.parametrize("crd", [False, True])
def test_blocks_and_groups_in_every_layout(layout: str, to_depth: bool, crd: bool) -> None:
    x = [2, 12, 4, 6] if layout == "nchw" else [2, 4, 6, 12]
    assert kernels_of(
        "space_depth", {"x": x}, block=2, to_depth=to_depth, column_row_depth=crd, layout=layout
    ) == ["space_to_depth" if to_depth else "depth_to_space"]
    assert kernels_of("channel_shuffle", {"x": x}, groups=3, layout=layout) == ["channel_shuffle"]


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_resizes_of_other_ranks(mode: str) -> None:
    for x, sizes in (([7], [11]), ([3, 5], [4, 3]), ([2, 3, 5], [2, 3, 9]), ([2, 3, 4, 5], [2, 4, 4, 7]),
                     ([1, 2, 3, 4, 5], [1, 2, 6, 4, 3])):  # fmt: skip
        assert kernels_of("resize", {"x": x}, mode=mode, sizes=sizes) != ["reference"]
    assert kernels_of("resize", {"x": [1, 2, 5, 4]}, mode=mode, sizes=[1, 2, 5, 8],
                      coordinate_scales=[1, 1, 1.1, 2.0]) != ["reference"]  # fmt: skip


@DRAWN
@given(st.sampled_from(["mean", "sum", "max", "min", "prod", "l1", "l2", "sum_square", "log_sum_exp"]),
       st.lists(st.integers(1, 19), min_size=1, max_size=4), st.data())  # fmt: skip
def test_reductions_over_any_axes(function: str, x: list[int], data: st.DataObject) -> None:
    axes = sorted(data.draw(st.sets(st.integers(0, len(x) - 1))))
    assert kernels_of("reduce", {"x": x}, function=function, axes=axes) != ["reference"]


@pytest.mark.parametrize("function", ["argmax", "argmin"])
@pytest.mark.parametrize("last", [False, True])
def test_places_of_extremes(function: str, last: bool) -> None:
    for axis in (0, 1, 2):
        assert kernels_of("reduce", {"x": [3, 17, 5]}, function=function, axes=[axis], last_index=last) == [
            f"{function}_lines_f32"
        ]


def test_repeats() -> None:
    assert kernels_of("expand", {"x": [3, 1, 4]}, shape=[2, 3, 5, 4]) == ["expand"]
    assert kernels_of("tile", {"x": [2, 3, 1]}, repeats=[3, 1, 4]) == ["tile"]


@pytest.mark.parametrize(
    "shapes", [([4, 33], [4, 33], [4, 33]), ([33], [4, 1], []), ([3, 1, 1], [5, 1], [7])]
)
def test_where(shapes: tuple[list[int], ...]) -> None:
    graph = graph_of("where", dict(zip("cab", shapes, strict=True)), {})
    graph["tensors"]["c"]["dtype"] = "bool"
    random = np.random.default_rng(1)
    inputs = {name: random.standard_normal(shape).astype(np.float32)
              for name, shape in zip("cab", shapes, strict=True)}  # fmt: skip
    inputs["c"] = inputs["c"] > 0
    executor = Executor(graph, {})
    assert np.array_equal(executor.run(inputs)["y"], np.where(*(inputs[name] for name in "cab")))
    assert [each.kernel for each in executor.times] == ["where"]


FORMATS = {"fp32": np.float32, "int64": np.int64, "int32": np.int32, "int8": np.int8, "uint8": np.uint8,
           "bool": np.bool_}  # fmt: skip


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize("dtype", FORMATS)
def test_casts(dtype: str, to: str) -> None:
    graph = graph_of("cast", {"x": [13]}, {"to": to})
    graph["tensors"]["x"]["dtype"] = dtype
    values = np.array([0, 1, -1, 2.5, -2.5, 127, 128, -129, 3e9, -3e9, 1e19, -np.inf, np.nan], np.float32)
    with np.errstate(invalid="ignore"):
        x = values if dtype == "fp32" else np.nan_to_num(values, neginf=0, posinf=0).clip(-3e9, 3e9).astype(
            np.int64).astype(FORMATS[dtype])  # fmt: skip
    fast = Executor(graph, {})
    got, wanted = fast.run({"x": x}), Executor(graph, {}, reference=True).run({"x": x})
    assert np.array_equal(got["y"], wanted["y"], equal_nan=True)
    assert [each.kernel for each in fast.times] == ["cast"]
