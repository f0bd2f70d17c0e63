# SPDX-License-Identifier: Apache-2.0
"""What ONNX operators become: where one operator is many, where many are none, and what is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from chipcast import InputError
from importers.builders import onnx_model
from onnx import TensorProto, helper, numpy_helper

Document = dict[str, Any]
Import = Callable[..., Document]
MS = "com.microsoft"


def kinds(document: Document) -> list[str]:
    return [op["kind"] for op in document["ops"]]


def shape(document: Document, name: str) -> list[int]:
    return document["tensors"][name]["shape"]


def dtype(document: Document, name: str) -> str:
    return document["tensors"][name]["dtype"]


def notes(document: Document) -> str:
    return "\n".join(f"{note['op']}: {note['detail']}" for note in document["history"])


# Open extents


def relu(extents: list[Any]) -> Any:
    return onnx_model([helper.make_node("Relu", ["x"], ["y"])], {"x": extents}, ["y"])


def test_open_batch_is_1_and_said(import_onnx: Import) -> None:
    for batch in ("N", None):
        document = import_onnx(relu([batch, 3]))
        assert shape(document, "x") == [1, 3]
        assert "1 is used" in notes(document)


def test_other_open_extents_are_asked_for(import_onnx: Import) -> None:
    with pytest.raises(
        InputError, match=r'input "x": extent "width" of axis 1 is open; pass shapes=\{"x": \[\.\.\.\]\}'
    ):
        import_onnx(relu(["N", "width"]))
    document = import_onnx(relu(["N", "width"]), shapes={"x": [2, 7]})
    assert shape(document, "y") == [2, 7]
    assert not document["history"]


def test_named_extents_are_shared(import_onnx: Import) -> None:
    nodes = [helper.make_node("Add", ["a", "b"], ["y"])]
    model = onnx_model(nodes, {"a": ["batch", "steps"], "b": ["batch", "steps"]}, ["y"])
    assert shape(import_onnx(model, shapes={"a": [4, 16]}), "b") == [4, 16]
    with pytest.raises(InputError, match="which another input fixes to 16"):
        import_onnx(model, shapes={"a": [4, 16], "b": [4, 17]})


def test_shapes_of_unknown_inputs(import_onnx: Import) -> None:
    with pytest.raises(InputError, match=r'shapes names "z".*inputs: "x"'):
        import_onnx(relu([1, 3]), shapes={"z": [1, 3]})


# Arithmetic of shapes


def test_shape_arithmetic_is_folded(import_onnx: Import) -> None:
    """The tail that PyTorch writes for x.view(x.size(0), -1)."""
    nodes = [
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Gather", ["s", "zero"], ["n"], axis=0),
        helper.make_node("Unsqueeze", ["n", "axes"], ["n1"]),
        helper.make_node("Concat", ["n1", "rest"], ["target"], axis=0),
        helper.make_node("Reshape", ["x", "target"], ["y"]),
    ]
    weights = {"zero": np.array(0), "axes": np.array([0]), "rest": np.array([-1])}
    document = import_onnx(onnx_model(nodes, {"x": [2, 3, 4]}, ["y"], weights))
    assert kinds(document) == ["reshape"]
    assert shape(document, "y") == [2, 12]


def test_constant_of_shape_becomes_a_parameter(import_onnx: Import) -> None:
    nodes = [
        helper.make_node(
            "ConstantOfShape", ["s"], ["w"], value=numpy_helper.from_array(np.array([0.5], np.float32))
        ),
        helper.make_node("Transpose", ["w"], ["wt"], perm=[1, 0]),
        helper.make_node("MatMul", ["x", "wt"], ["y"]),
    ]
    document = import_onnx(onnx_model(nodes, {"x": [1, 512]}, ["y"], {"s": np.array([300, 512])}))
    assert kinds(document) == ["matmul"]
    assert document["tensors"]["wt"] == {"shape": [512, 300], "dtype": "fp32", "parameter": True}
    assert "w" not in document["tensors"]


def test_identity_and_dropout_vanish_and_the_output_keeps_its_name(import_onnx: Import) -> None:
    nodes = [
        helper.make_node("Relu", ["x"], ["a"]),
        helper.make_node("Dropout", ["a"], ["b", ""]),
        helper.make_node("Identity", ["b"], ["y"]),
    ]
    document = import_onnx(onnx_model(nodes, {"x": [4]}, ["y"]))
    assert kinds(document) == ["unary"]
    assert document["outputs"] == ["y"]
    assert document["ops"][0]["outputs"] == ["y"]


def test_nodes_without_effect_are_left_out_and_said(import_onnx: Import) -> None:
    nodes = [helper.make_node("Relu", ["x"], ["y"]), helper.make_node("Neg", ["x"], ["lost"], name="lost")]
    document = import_onnx(onnx_model(nodes, {"x": [4]}, ["y"]))
    assert kinds(document) == ["unary"]
    assert "lost: no output needs its result" in notes(document)


# Opsets


@pytest.mark.parametrize("opset", [7, 9, 10, 11, 13, 18, 21])
def test_operators_whose_attributes_became_inputs(import_onnx: Import, opset: int) -> None:
    """Clip, Slice, Squeeze, Pad, Split, ReduceSum and Resize of every opset give the same graph."""
    weights: dict[str, np.ndarray] = {}

    def node(kind: str, x: str, y: list[str], since: int, given: dict[str, Any], **always: Any) -> Any:
        if opset < since:
            return helper.make_node(kind, [x], y, **given, **always)
        for name, value in given.items():
            weights[f"{y[0]}_{name}"] = np.array(value, np.float32 if kind == "Clip" else np.int64)
        return helper.make_node(kind, [x, *(f"{y[0]}_{name}" for name in given)], y, **always)

    up = [helper.make_node("Upsample", ["p"], ["u"], scales=[1.0, 1.0, 2.0, 2.0])]
    if opset >= 9:
        weights["scales"] = np.array([1, 1, 2, 2], np.float32)
        up = [helper.make_node("Upsample", ["p", "scales"], ["u"])]
    if opset >= 10:
        up = [helper.make_node("Resize", ["p", "scales"], ["u"])]
    if opset >= 11:
        up = [helper.make_node("Resize", ["p", "", "scales"], ["u"])]
    nodes = [
        node("Clip", "x", ["c"], 11, {"min": 0.0, "max": 6.0}),
        node("Slice", "c", ["s"], 10, {"starts": [1], "ends": [3], "axes": [1]}),
        node("Pad", "s", ["p"], 11, {"pads": [0, 0, 1, 1, 0, 0, 1, 1]}),
        *up,
        node("ReduceSum", "u", ["r"], 13, {"axes": [2]}, keepdims=1),
        node("Squeeze", "r", ["q"], 13, {"axes": [2]}),
        node("Split", "q", ["a", "b"], 13, {"split": [5, 7]}, axis=2),
    ]
    document = import_onnx(onnx_model(nodes, {"x": [1, 4, 4, 4]}, ["a", "b"], weights, opset=opset))
    assert kinds(document) == ["unary", "slice", "pad", "resize", "reduce", "reshape", "split"]
    assert shape(document, "u") == [1, 2, 12, 12]
    assert (shape(document, "a"), shape(document, "b")) == ([1, 2, 5], [1, 2, 7])
    clip = document["ops"][0]["attributes"]
    assert (clip["function"], clip["min"], clip["max"]) == ("clip", 0.0, 6.0)


def test_softmax_of_old_opsets_joins_axes(import_onnx: Import) -> None:
    node = helper.make_node("Softmax", ["x"], ["y"], axis=1)
    assert kinds(import_onnx(onnx_model([node], {"x": [2, 3, 4]}, ["y"], opset=12))) == [
        "reshape",
        "softmax",
        "reshape",
    ]
    assert kinds(import_onnx(onnx_model([node], {"x": [2, 3, 1, 1]}, ["y"], opset=12))) == ["softmax"]
    assert kinds(import_onnx(onnx_model([node], {"x": [2, 3, 4]}, ["y"], opset=13))) == ["softmax"]


# Matrix products


@pytest.mark.parametrize(
    ("equation", "a", "b", "out", "macs"),
    [
        ("bij,bjk->bik", [2, 3, 4], [2, 4, 5], [2, 3, 5], 2 * 3 * 4 * 5),
        ("bhqd,bhkd->bhqk", [2, 8, 6, 4], [2, 8, 7, 4], [2, 8, 6, 7], 2 * 8 * 6 * 7 * 4),
        ("...i,ij->...j", [5, 6, 4], [4, 3], [5, 6, 3], 5 * 6 * 4 * 3),
        ("ab,cb->ca", [2, 3], [4, 3], [4, 2], 2 * 3 * 4),
        ("i,j->ij", [3], [4], [3, 4], 0),
        ("bi,bi->bi", [3, 4], [3, 4], [3, 4], 0),
        ("bij,bk->b", [2, 3, 4], [2, 5], [2], 0),
        ("ij,jk", [2, 3], [3, 4], [2, 4], 24),
    ],
)
def test_einsum(
    import_onnx: Import,
    totals: Callable[..., Document],
    equation: str,
    a: list[int],
    b: list[int],
    out: list[int],
    macs: int,
) -> None:
    node = helper.make_node("Einsum", ["a", "b"], ["y"], equation=equation)
    document = import_onnx(onnx_model([node], {"a": a, "b": b}, ["y"]))
    assert shape(document, "y") == out
    assert totals(document)["macs"] == macs


def test_einsum_of_three_is_refused(import_onnx: Import) -> None:
    node = helper.make_node("Einsum", ["a", "a", "a"], ["y"], equation="i,i,i->")
    with pytest.raises(InputError, match=r"Einsum of 3 operands \(1\)"):
        import_onnx(onnx_model([node], {"a": [3]}, ["y"]))


def attention_macs(batch: int, heads: int, queries: int, keys: int, width: int) -> int:
    return 2 * batch * heads * queries * keys * width


def test_attention_is_its_parts(import_onnx: Import, totals: Callable[..., Document]) -> None:
    node = helper.make_node("Attention", ["q", "k", "v"], ["y"], q_num_heads=8, kv_num_heads=2, is_causal=1)
    model = onnx_model([node], {"q": [2, 6, 64], "k": [2, 10, 16], "v": [2, 10, 16]}, ["y"], opset=23)
    document = import_onnx(model)
    assert shape(document, "y") == [2, 6, 64]
    assert totals(document)["macs"] == attention_macs(2, 8, 6, 10, 8)
    assert Counter(kinds(document))["softmax"] == 1


def test_attention_of_onnx_runtime(import_onnx: Import, totals: Callable[..., Document]) -> None:
    node = helper.make_node("Attention", ["x", "w", "b", "m"], ["y"], domain=MS, num_heads=4)
    weights = {
        "w": np.ones((32, 96), np.float32),
        "b": np.ones(96, np.float32),
        "m": np.ones((1, 5), np.int32),
    }
    document = import_onnx(onnx_model([node], {"x": [1, 5, 32]}, ["y"], weights, domains=[MS]))
    assert shape(document, "y") == [1, 5, 32]
    assert totals(document)["macs"] == 5 * 32 * 96 + attention_macs(1, 4, 5, 5, 8)


def test_multi_head_attention_with_cache(import_onnx: Import) -> None:
    inputs = {"q": [1, 1, 32], "k": [1, 1, 32], "v": [1, 1, 32], "pk": [1, 4, 7, 8], "pv": [1, 4, 7, 8]}
    names = ["q", "k", "v", "", "", "", "pk", "pv"]
    node = helper.make_node("MultiHeadAttention", names, ["y", "nk", "nv"], domain=MS, num_heads=4)
    document = import_onnx(onnx_model([node], inputs, ["y", "nk", "nv"], domains=[MS]))
    assert shape(document, "y") == [1, 1, 32]
    assert shape(document, "nk") == [1, 4, 8, 8]


def test_skip_layer_norm(import_onnx: Import) -> None:
    names = ["x", "skip", "gamma", "beta", "bias"]
    node = helper.make_node("SkipLayerNormalization", names, ["y", "", "", "sum"], domain=MS)
    weights = {name: np.ones(8, np.float32) for name in names[2:]}
    model = onnx_model([node], {"x": [1, 4, 8], "skip": [1, 4, 8]}, ["y", "sum"], weights, domains=[MS])
    document = import_onnx(model)
    assert kinds(document) == ["binary", "binary", "norm"]
    assert document["outputs"] == ["y", "sum"]


def test_packed_4_bit_weights(import_onnx: Import, totals: Callable[..., Document]) -> None:
    node = helper.make_node(
        "MatMulNBits", ["x", "b", "s"], ["y"], domain=MS, K=64, N=32, bits=4, block_size=32
    )
    weights = {"b": np.zeros((32, 2, 16), np.uint8), "s": np.ones(64, np.float32)}
    document = import_onnx(onnx_model([node], {"x": [1, 3, 64]}, ["y"], weights, domains=[MS]))
    weight = document["tensors"][document["ops"][0]["inputs"][1]]
    assert weight == {"shape": [32, 64], "dtype": "int4", "parameter": True}
    assert (shape(document, "y"), dtype(document, "y")) == ([1, 3, 32], "fp32")
    assert totals(document)["macs"] == 3 * 64 * 32


# Quantised models


def quantized_conv(output_quantized: bool) -> Any:
    """x -> Q -> DQ -> Conv (weights dequantised) -> Relu [-> Q -> DQ] -> y"""
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["xq"]),
        helper.make_node("DequantizeLinear", ["xq", "s", "z"], ["xd"]),
        helper.make_node("DequantizeLinear", ["wq", "ws", "wz"], ["w"], axis=0),
        helper.make_node("DequantizeLinear", ["bq", "ws", "bz"], ["b"], axis=0),
        helper.make_node("Conv", ["xd", "w", "b"], ["c"], name="conv"),
        helper.make_node("Relu", ["c"], ["r" if output_quantized else "y"], name="relu"),
    ]
    if output_quantized:
        nodes += [
            helper.make_node("QuantizeLinear", ["r", "s2", "z"], ["rq"]),
            helper.make_node("DequantizeLinear", ["rq", "s2", "z"], ["y"]),
        ]
    weights = {
        "s": np.float32(0.1), "s2": np.float32(0.2), "z": np.int8(0), "wq": np.ones((4, 3, 3, 3), np.int8),
        "ws": np.linspace(0.1, 0.4, 4, dtype=np.float32), "wz": np.zeros(4, np.int8), "bq": np.zeros(4, np.int32),
        "bz": np.zeros(4, np.int32),
    }  # fmt: skip
    return onnx_model(nodes, {"x": [1, 3, 8, 8]}, ["y"], {k: np.array(v) for k, v in weights.items()})


def test_an_operator_between_conversions_runs_quantised(import_onnx: Import) -> None:
    document = import_onnx(quantized_conv(True))
    assert kinds(document) == ["cast", "conv", "unary", "cast"]  # in at the input, out at the output
    conv, relu_op = document["ops"][1:3]
    assert [dtype(document, name) for name in conv["inputs"]] == ["int8", "int8", "int32"]
    assert dtype(document, conv["outputs"][0]) == dtype(document, relu_op["outputs"][0]) == "int8"
    weight = document["tensors"][conv["inputs"][1]]
    assert weight["quantization"]["axis"] == 0
    assert weight["quantization"]["scales"] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    result = document["tensors"][relu_op["outputs"][0]]
    assert result["quantization"]["scales"] == pytest.approx([0.2])
    assert "conv: runs on quantised tensors" in notes(document)
    assert dtype(document, "y") == "fp32"


def test_an_operator_without_conversion_behind_it_does_not(import_onnx: Import) -> None:
    """Its input is converted back; its weights stay as they are stored."""
    document = import_onnx(quantized_conv(False))
    assert kinds(document) == ["cast", "cast", "conv", "unary"]
    conv = document["ops"][2]
    assert [dtype(document, name) for name in conv["inputs"]] == ["fp32", "int8", "int32"]
    assert dtype(document, conv["outputs"][0]) == "fp32"


def test_qlinear_operators(import_onnx: Import) -> None:
    nodes = [
        helper.make_node("QLinearConv", ["x", "s", "z", "w", "s", "zw", "s", "z"], ["c"]),
        helper.make_node("QLinearAdd", ["c", "s", "z", "c", "s", "z", "s", "z"], ["a"], domain=MS),
        helper.make_node("QLinearGlobalAveragePool", ["a", "s", "z", "s", "z"], ["p"], domain=MS),
        helper.make_node("DequantizeLinear", ["p", "s", "z"], ["y"]),
    ]
    weights = {"s": np.array(0.1, np.float32), "z": np.array(3, np.uint8), "zw": np.array(0, np.int8),
               "w": np.ones((4, 3, 1, 1), np.int8)}  # fmt: skip
    document = import_onnx(
        onnx_model(nodes, {"x": [1, 3, 4, 4]}, ["y"], weights, dtype=TensorProto.UINT8, domains=[MS])
    )
    assert kinds(document) == ["conv", "binary", "pool", "cast"]
    assert document["tensors"]["c"]["dtype"] == "uint8"
    assert document["tensors"]["c"]["quantization"]["zero_points"] == [3]


def test_integer_products_give_int32(import_onnx: Import) -> None:
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
        helper.make_node("MatMulInteger", ["q", "w", "z"], ["i"]),
        helper.make_node("Cast", ["i"], ["f"], to=1),
        helper.make_node("Mul", ["f", "s"], ["y"]),
    ]
    document = import_onnx(onnx_model(nodes, {"x": [2, 8]}, ["y"], {"w": np.ones((8, 5), np.int8)}))
    assert [dtype(document, name) for name in ("q", "i", "y")] == ["uint8", "int32", "fp32"]


# Control flow, functions, recurrence


def test_if_with_a_constant_condition_is_its_branch(import_onnx: Import) -> None:
    def branch(kind: str) -> Any:
        node = helper.make_node(kind, ["x"], ["inner"], name="inner")
        return helper.make_graph([node], "g", [], [helper.make_empty_tensor_value_info("inner")])

    node = helper.make_node(
        "If", ["c"], ["y"], name="if", then_branch=branch("Relu"), else_branch=branch("Neg")
    )
    for condition, function in ((True, "relu"), (False, "neg")):
        document = import_onnx(onnx_model([node], {"x": [4]}, ["y"], {"c": np.array(condition)}))
        assert [op["attributes"]["function"] for op in document["ops"]] == [function]
        assert document["outputs"] == ["y"]
        assert "takes the place of the If" in notes(document)
    with pytest.raises(InputError, match=r"If with a condition computed at run time \(1\)"):
        nodes = [helper.make_node("Cast", ["x"], ["c"], to=9), node]
        import_onnx(onnx_model(nodes, {"x": [1]}, ["y"]))


def test_functions_of_the_model_are_inlined(import_onnx: Import) -> None:
    opset = [helper.make_opsetid("", 17)]
    body = [helper.make_node("Relu", ["a"], ["t"]), helper.make_node("Neg", ["t"], ["b"])]
    function = helper.make_function("my", "Block", ["a"], ["b"], body, opset)
    model = onnx_model(
        [helper.make_node("Block", ["x"], ["y"], domain="my")], {"x": [4]}, ["y"], domains=["my"]
    )
    model.functions.append(function)
    assert kinds(import_onnx(model)) == ["unary", "unary"]


def test_sequences_are_followed(import_onnx: Import) -> None:
    nodes = [
        helper.make_node("SplitToSequence", ["x", "two"], ["s"], axis=0),
        helper.make_node("SequenceAt", ["s", "one"], ["a"]),
        helper.make_node("SequenceInsert", ["s", "a"], ["t"]),
        helper.make_node("ConcatFromSequence", ["t"], ["y"], axis=0),
    ]
    weights = {"two": np.array(2), "one": np.array(1)}
    document = import_onnx(onnx_model(nodes, {"x": [5, 3]}, ["y"], weights))
    assert kinds(document) == ["split", "concat"]
    assert shape(document, "y") == [7, 3]


@pytest.mark.parametrize("layout", [0, 1])
@pytest.mark.parametrize(("kind", "gates"), [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
def test_recurrent(
    import_onnx: Import, totals: Callable[..., Document], kind: str, gates: int, layout: int
) -> None:
    steps, batch, width, hidden = 7, 2, 5, 6
    weights = {
        "w": np.ones((2, gates * hidden, width), np.float32),
        "r": np.ones((2, gates * hidden, hidden), np.float32),
    }
    node = helper.make_node(
        kind, ["x", "w", "r"], ["y", "h"], hidden_size=hidden, direction="bidirectional", layout=layout
    )
    extents = [batch, steps, width] if layout else [steps, batch, width]
    document = import_onnx(onnx_model([node], {"x": extents}, ["y", "h"], weights, opset=14))
    assert shape(document, "y") == ([batch, steps, 2, hidden] if layout else [steps, 2, batch, hidden])
    assert shape(document, "h") == ([batch, 2, hidden] if layout else [2, batch, hidden])
    assert totals(document)["macs"] == 2 * steps * batch * gates * hidden * (width + hidden)


def test_gathers_of_single_elements(import_onnx: Import) -> None:
    nodes = [
        helper.make_node("GatherElements", ["x", "i"], ["e"], axis=1),
        helper.make_node("GatherND", ["x", "t"], ["g"]),
    ]
    weights = {"i": np.zeros((3, 2), np.int64), "t": np.zeros((5, 2), np.int64)}
    document = import_onnx(onnx_model(nodes, {"x": [3, 4]}, ["e", "g"], weights))
    assert (shape(document, "e"), shape(document, "g")) == ([3, 2], [5])


def test_bf16_and_4_bit_weights(import_onnx: Import) -> None:
    for kind, name in ((TensorProto.BFLOAT16, "bf16"), (TensorProto.INT4, "int4")):
        nodes = [
            helper.make_node("Cast", ["w"], ["wf"], to=1),
            helper.make_node("MatMul", ["x", "wf"], ["y"]),
        ]
        model = onnx_model(nodes, {"x": [1, 6]}, ["y"], opset=21)
        model.graph.initializer.append(helper.make_tensor("w", kind, [6, 4], [1] * 24))
        document = import_onnx(model)
        assert document["tensors"]["wf"] == {"shape": [6, 4], "dtype": "fp32", "parameter": True}, name
