# SPDX-License-Identifier: Apache-2.0
"""TFLite files: what operators become, and files that are wrong."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tflite
from chipcast import InputError
from flatbuffers import flexbuffers
from importers.builders import TfliteModel, TfliteOp, TfliteTensor

Document = dict[str, Any]
Import = Callable[..., Document]
Op = tflite.BuiltinOperator
INT32 = tflite.TensorType.INT32
INT8 = tflite.TensorType.INT8


def stored(name: str, shape: list[int], dtype: Any = np.float32) -> TfliteTensor:
    kinds = {np.float32: tflite.TensorType.FLOAT32, np.int32: INT32, np.int8: INT8}
    return TfliteTensor(name, shape, kinds[dtype], np.ones(shape, dtype))


def numbers(name: str, values: list[Any]) -> TfliteTensor:
    array = np.array(values, np.int32)
    return TfliteTensor(name, array.shape, INT32, array)


def one_op(
    code: int,
    x: list[int],
    y: list[int],
    *more: TfliteTensor,
    options: tuple[str, dict[str, int]] | None = None,
    order: list[int] | None = None,
) -> bytes:
    """x and further tensors into one operator; the output comes last."""
    tensors = [TfliteTensor("x", x), *more, TfliteTensor("y", y)]
    inputs = order if order is not None else list(range(len(tensors) - 1))
    return TfliteModel(
        tensors, [TfliteOp(code, inputs, [len(tensors) - 1], options)], [0], [len(tensors) - 1]
    ).bytes()


def kinds(document: Document) -> list[str]:
    return [op["kind"] for op in document["ops"]]


IMAGE = [1, 8, 10, 4]
SAME = {"Padding": 0, "StrideW": 1, "StrideH": 1}
CASES: dict[str, tuple[list[int], bytes, list[str]]] = {
    "conv": ([1, 4, 5, 6],
             one_op(Op.CONV_2D, IMAGE, [1, 4, 5, 6], stored("w", [6, 3, 3, 4]), stored("b", [6]),
                    options=("Conv2DOptions", {"StrideW": 2, "StrideH": 2, "FusedActivationFunction": 3})),
             ["conv", "unary"]),
    "grouped conv": ([1, 8, 10, 6], one_op(Op.CONV_2D, IMAGE, [1, 8, 10, 6], stored("w", [6, 1, 1, 2]),
                                           options=("Conv2DOptions", SAME)), ["conv"]),
    "depthwise": ([1, 6, 8, 8], one_op(Op.DEPTHWISE_CONV_2D, IMAGE, [1, 6, 8, 8], stored("w", [1, 3, 3, 8]),
                                       options=("DepthwiseConv2DOptions", {**SAME, "Padding": 1})), ["conv"]),
    "transpose conv": ([1, 16, 20, 3],
                       one_op(Op.TRANSPOSE_CONV, IMAGE, [1, 16, 20, 3], numbers("s", [1, 16, 20, 3]),
                              stored("w", [3, 4, 4, 4]), order=[1, 2, 0],
                              options=("TransposeConvOptions", {"StrideW": 2, "StrideH": 2})), ["conv_transpose"]),
    "dense": ([2, 7], one_op(Op.FULLY_CONNECTED, [2, 3, 5], [2, 7], stored("w", [7, 15]), stored("b", [7])),
              ["reshape", "gemm"]),
    "dense with axes": ([2, 3, 7], one_op(Op.FULLY_CONNECTED, [2, 3, 5], [2, 3, 7], stored("w", [7, 5]),
                                          options=("FullyConnectedOptions", {"KeepNumDims": 1})),
                        ["reshape", "gemm", "reshape"]),
    "pool": ([1, 4, 5, 4], one_op(Op.MAX_POOL_2D, IMAGE, [1, 4, 5, 4],
                                  options=("Pool2DOptions", {"StrideW": 2, "StrideH": 2, "FilterWidth": 2,
                                                             "FilterHeight": 2})), ["pool"]),
    "pad": ([1, 10, 12, 4], one_op(Op.PAD, IMAGE, [1, 10, 12, 4], numbers("p", [[0, 0], [1, 1], [2, 0], [0, 0]])),
            ["pad"]),
    "mean": ([1, 4], one_op(Op.MEAN, IMAGE, [1, 4], numbers("a", [1, 2])), ["reduce"]),
    "strided slice": ([8, 5, 4],
                      one_op(Op.STRIDED_SLICE, IMAGE, [8, 5, 4], numbers("b", [0, 0, 9, 0]),
                             numbers("e", [1, 0, 0, 4]), numbers("s", [1, 1, -2, 1]),
                             options=("StridedSliceOptions", {"ShrinkAxisMask": 1, "EndMask": 6, "BeginMask": 2})),
                      ["slice", "reshape"]),
    "slice with ellipsis": ([1, 1, 8, 10, 2],
                            one_op(Op.STRIDED_SLICE, IMAGE, [1, 1, 8, 10, 2], numbers("b", [0, 0, 1]),
                                   numbers("e", [0, 0, 3]), numbers("s", [1, 1, 1]),
                                   options=("StridedSliceOptions", {"NewAxisMask": 1, "EllipsisMask": 2})),
                            ["slice", "reshape"]),
    "space to batch": ([4, 5, 6, 4], one_op(Op.SPACE_TO_BATCH_ND, IMAGE, [4, 5, 6, 4], numbers("b", [2, 2]),
                                            numbers("p", [[1, 1], [1, 1]])),
                       ["pad", "reshape", "transpose", "reshape"]),
    "batch to space": ([1, 15, 20, 4], one_op(Op.BATCH_TO_SPACE_ND, [4, 8, 10, 4], [1, 15, 20, 4], numbers("b", [2, 2]),
                                              numbers("c", [[0, 1], [0, 0]])),
                       ["reshape", "transpose", "reshape", "slice"]),
    "pack": ([1, 8, 2, 10, 4], one_op(Op.PACK, IMAGE, [1, 8, 2, 10, 4], order=[0, 0],
                                      options=("PackOptions", {"Axis": 2, "ValuesCount": 2})),
             ["reshape", "reshape", "concat"]),
    "resize": ([1, 16, 30, 4], one_op(Op.RESIZE_BILINEAR, IMAGE, [1, 16, 30, 4], numbers("s", [16, 30])), ["resize"]),
    "depth to space": ([1, 16, 20, 1], one_op(Op.DEPTH_TO_SPACE, IMAGE, [1, 16, 20, 1],
                                              options=("DepthToSpaceOptions", {"BlockSize": 2})), ["space_depth"]),
    "gather nd": ([3, 4], one_op(Op.GATHER_ND, IMAGE, [3, 4], numbers("i", [[0, 1, 2]] * 3)),
                  ["reshape", "gather"]),
    "embedding": ([5, 6], one_op(Op.GATHER, [100, 6], [5, 6], numbers("i", [1, 2, 3, 4, 5]),
                                 options=("GatherOptions", {"Axis": 0})), ["gather"]),
    "reverse": (IMAGE, one_op(Op.REVERSE_V2, IMAGE, IMAGE, numbers("a", [1])), ["slice"]),
    "hard swish": (IMAGE, one_op(Op.HARD_SWISH, IMAGE, IMAGE), ["unary"]),
    "leaky": (IMAGE, one_op(Op.LEAKY_RELU, IMAGE, IMAGE, options=("LeakyReluOptions", {"Alpha": 0.1})), ["unary"]),
    "add and relu": (IMAGE, one_op(Op.ADD, IMAGE, IMAGE, stored("c", [4]),
                                   options=("AddOptions", {"FusedActivationFunction": 1})), ["binary", "unary"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_operators(import_bytes: Import, name: str) -> None:
    shape, data, wanted = CASES[name]
    document = import_bytes(data, "net.tflite")
    assert kinds(document) == wanted
    assert document["tensors"]["y"]["shape"] == shape
    assert not document["history"]


def test_depthwise_weights_are_laid_out_by_channel(
    import_bytes: Import, totals: Callable[..., Document]
) -> None:
    document = import_bytes(CASES["depthwise"][1], "net.tflite")
    assert document["tensors"]["w"]["shape"] == [8, 3, 3, 1]
    assert document["ops"][0]["attributes"]["groups"] == 4
    assert totals(document)["macs"] == 6 * 8 * 8 * 9


def test_dilation_by_space_to_batch(import_bytes: Import, totals: Callable[..., Document]) -> None:
    """What TensorFlow wrote for dilated convolutions becomes one convolution again."""
    tensors = [
        TfliteTensor("x", IMAGE), numbers("block", [2, 2]), numbers("paddings", [[2, 2], [2, 2]]),
        TfliteTensor("a", [4, 6, 7, 4]), stored("w", [5, 3, 3, 4]), TfliteTensor("b", [4, 4, 5, 5]),
        numbers("crops", [[0, 0], [0, 0]]), TfliteTensor("y", [1, 8, 10, 5]),
    ]  # fmt: skip
    ops = [
        TfliteOp(Op.SPACE_TO_BATCH_ND, [0, 1, 2], [3]),
        TfliteOp(Op.CONV_2D, [3, 4], [5], ("Conv2DOptions", {"Padding": 1, "StrideW": 1, "StrideH": 1})),
        TfliteOp(Op.BATCH_TO_SPACE_ND, [5, 1, 6], [7]),
    ]
    document = import_bytes(TfliteModel(tensors, ops, [0], [7]).bytes(), "net.tflite")
    assert kinds(document) == ["conv"]
    attributes = document["ops"][0]["attributes"]
    assert (attributes["dilations"], attributes["pads"]) == ([2, 2], [2, 2, 2, 2])
    assert document["tensors"]["y"]["shape"] == [1, 8, 10, 5]
    assert totals(document)["macs"] == 8 * 10 * 5 * 9 * 4
    assert "became dilation [2, 2]" in document["history"][0]["detail"]


def test_quantised_tensors_keep_their_scales(import_bytes: Import) -> None:
    tensors = [
        TfliteTensor("x", IMAGE, INT8, scales=[0.5]),
        TfliteTensor(
            "w", [1, 3, 3, 4], INT8, np.ones([1, 3, 3, 4], np.int8), scales=[0.1, 0.2, 0.3, 0.4], axis=3
        ),
        TfliteTensor("y", IMAGE, INT8, scales=[0.25]),
    ]
    op = TfliteOp(Op.DEPTHWISE_CONV_2D, [0, 1], [2], ("DepthwiseConv2DOptions", SAME))
    document = import_bytes(TfliteModel(tensors, [op], [0], [2]).bytes(), "net.tflite")
    assert {tensor["dtype"] for tensor in document["tensors"].values()} == {"int8"}
    assert document["tensors"]["w"]["quantization"]["axis"] == 0
    assert document["tensors"]["y"]["quantization"]["scales"] == pytest.approx([0.25])


def test_shape_arithmetic_is_folded(import_bytes: Import) -> None:
    tensors = [
        TfliteTensor("x", IMAGE), TfliteTensor("s", [4], INT32), numbers("b", [0]), numbers("e", [1]),
        numbers("o", [1]), TfliteTensor("n", [], INT32), numbers("m", -1), TfliteTensor("t", [2], INT32),
        TfliteTensor("y", [1, 320]),
    ]  # fmt: skip
    ops = [
        TfliteOp(Op.SHAPE, [0], [1]),
        TfliteOp(Op.STRIDED_SLICE, [1, 2, 3, 4], [5], ("StridedSliceOptions", {"ShrinkAxisMask": 1})),
        TfliteOp(Op.PACK, [5, 6], [7], ("PackOptions", {"ValuesCount": 2})),
        TfliteOp(Op.RESHAPE, [0, 7], [8]),
    ]
    document = import_bytes(TfliteModel(tensors, ops, [0], [8]).bytes(), "net.tflite")
    assert kinds(document) == ["reshape"]
    assert document["tensors"]["y"]["shape"] == [1, 320]


def test_detection_post_process(import_bytes: Import) -> None:
    options = flexbuffers.Dumps({"max_detections": 10, "num_classes": 90})
    tensors = [
        TfliteTensor("boxes", [1, 100, 4]), TfliteTensor("scores", [1, 100, 91]), stored("anchors", [100, 4]),
        TfliteTensor("b", [1, 10, 4]), TfliteTensor("c", [1, 10]), TfliteTensor("s", [1, 10]), TfliteTensor("n", [1]),
    ]  # fmt: skip
    op = TfliteOp(Op.CUSTOM, [0, 1, 2], [3, 4, 5, 6], custom=("TFLite_Detection_PostProcess", bytes(options)))
    document = import_bytes(TfliteModel(tensors, [op], [0, 1], [3, 4, 5, 6]).bytes(), "net.tflite")
    assert [document["tensors"][name]["shape"] for name in "bcsn"] == [[1, 10, 4], [1, 10], [1, 10], [1]]
    assert not document["history"]


def test_lstm(import_bytes: Import, totals: Callable[..., Document]) -> None:
    weights = [stored(f"w{i}", [6, 5]) for i in range(4)] + [stored(f"r{i}", [6, 6]) for i in range(4)]
    tensors = [TfliteTensor("x", [1, 7, 5]), *weights, TfliteTensor("y", [1, 7, 6])]
    op = TfliteOp(Op.UNIDIRECTIONAL_SEQUENCE_LSTM, [0, *range(1, 9)], [9])
    document = import_bytes(TfliteModel(tensors, [op], [0], [9]).bytes(), "net.tflite")
    assert totals(document)["macs"] == 7 * 4 * 6 * (5 + 6)


def test_unsupported_operators_are_listed_once(import_bytes: Import) -> None:
    tensors = [TfliteTensor("x", [4]), TfliteTensor("a", [4]), TfliteTensor("b", [4]), TfliteTensor("y", [4])]
    ops = [
        TfliteOp(Op.WHILE, [0], [1]),
        TfliteOp(Op.WHILE, [1], [2]),
        TfliteOp(Op.CUSTOM, [2], [3], custom=("MyOp", b"x")),
    ]
    with pytest.raises(InputError, match=r"2 operator kinds are not supported: MyOp \(1\), WHILE \(2\)"):
        import_bytes(TfliteModel(tensors, ops, [0], [3]).bytes(), "net.tflite")


WRONG = {
    "stride 0": (one_op(Op.MAX_POOL_2D, IMAGE, IMAGE, options=("Pool2DOptions", {"FilterWidth": 2, "FilterHeight": 2})),
                 "stride 0"),
    "kernel 0": (one_op(Op.MAX_POOL_2D, IMAGE, IMAGE, options=("Pool2DOptions", {"StrideW": 1, "StrideH": 1})),
                 "kernel 0"),
    "weights too short": (one_op(Op.CONV_2D, IMAGE, IMAGE, TfliteTensor("w", [9, 9, 9, 9], data=np.ones(4, np.float32)),
                                 options=("Conv2DOptions", SAME)), "16 bytes are stored.*26244"),
    "negative extent": (one_op(Op.RELU, [1, -5], [1, -5]), r"\[0, 2147483647\]"),
    "open extent": (one_op(Op.RELU, [1, 0], [1, 0]), "open extents; pass shapes"),
    "read before written": (TfliteModel([TfliteTensor("x", [4]), TfliteTensor("a", [4]), TfliteTensor("y", [4])],
                                        [TfliteOp(Op.ADD, [0, 1], [2])], [0], [2]).bytes(), 'tensor "a" before'),
    "tensor out of range": (TfliteModel([TfliteTensor("x", [4])], [TfliteOp(Op.RELU, [7], [0])], [0], [0]).bytes(),
                            "name tensor 7"),
    "wrong options": (one_op(Op.CONV_2D, IMAGE, IMAGE, stored("w", [4, 1, 1, 4]), options=("PackOptions", {"Axis": 1})),
                      "options of another operator"),
    "reshape by data": (TfliteModel([TfliteTensor("x", [4]), TfliteTensor("s", [1], INT32), TfliteTensor("y", [4])],
                                    [TfliteOp(Op.RESHAPE, [0, 1], [2])], [0, 1], [2]).bytes(), "must be a constant"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_files(import_bytes: Import, name: str) -> None:
    data, words = WRONG[name]
    with pytest.raises(InputError, match=words) as caught:
        import_bytes(data, "net.tflite")
    assert str(caught.value).startswith("net.tflite")
    assert "\n" not in str(caught.value)


def test_truncated_at_many_places(import_bytes: Import, samples: Path) -> None:
    data = (samples / "tflite" / "kws_ref_model.tflite").read_bytes()
    for end in [0, 3, 7, 8, 12, 20, *range(64, len(data), len(data) // 12)]:
        with pytest.raises(InputError, match=r"^net\.tflite: "):
            import_bytes(data[:end], "net.tflite")


def test_a_vector_longer_than_the_file(import_bytes: Import) -> None:
    """The length of every vector is set to 2^31 in turn."""
    data = bytearray(CASES["conv"][1])
    refused = 0
    for place in range(8, len(data) - 4, 4):
        if 0 < struct.unpack_from("<I", data, place)[0] <= 16:
            broken = bytearray(data)
            struct.pack_into("<I", broken, place, 2**31 - 1)
            try:
                import_bytes(bytes(broken), "net.tflite")
            except InputError as error:
                assert str(error).startswith("net.tflite")
                refused += 1
            if refused == 12:
                return
    assert refused
