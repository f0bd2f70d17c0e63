# SPDX-License-Identifier: Apache-2.0
"""ONNX files that are wrong or meant to do harm: one line that says where, what and what to do."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chipcast import InputError
from chipcast.importers import ImportLimits
from chipcast.importers.onnx.tensors import leaves_folder
from importers.builders import FLOAT, onnx_model
from onnx import ModelProto, TensorProto, helper, numpy_helper

Import = Callable[..., dict[str, Any]]
WEIGHT = np.ones((4, 3, 3, 3), dtype=np.float32)


def refused(import_onnx: Import, model: ModelProto, *words: str, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        import_onnx(model, **options)
    text = str(caught.value)
    assert text.startswith("model.onnx")
    assert "\n" not in text
    for word in words:
        assert word in text, text
    return text


def conv(**attributes: Any) -> ModelProto:
    node = helper.make_node("Conv", ["x", "w"], ["y"], name="first", **attributes)
    return onnx_model([node], {"x": [1, 3, 8, 8]}, ["y"], {"w": WEIGHT})


@pytest.mark.parametrize("strides", [[0, 0], [-1, 1]])
def test_stride_below_1(import_onnx: Import, strides: list[int]) -> None:
    refused(import_onnx, conv(strides=strides), 'Conv "first"', f"stride {strides[0]}", "[1, ")


def test_dilation_0(import_onnx: Import) -> None:
    refused(import_onnx, conv(dilations=[0, 1]), 'Conv "first"', "dilation 0")


def test_pooling_stride_0_and_kernel_0(import_onnx: Import) -> None:
    for attributes, word in (
        ({"kernel_shape": [2, 2], "strides": [0, 0]}, "stride 0"),
        ({"kernel_shape": [0, 2]}, "0"),
    ):
        node = helper.make_node("MaxPool", ["x"], ["y"], name="pool", **attributes)
        refused(import_onnx, onnx_model([node], {"x": [1, 3, 8, 8]}, ["y"]), 'MaxPool "pool"', word)


def test_pads_that_leave_nothing(import_onnx: Import) -> None:
    refused(import_onnx, conv(pads=[-100, -100, -100, -100]), 'Conv "first"', "padding")


def test_short_raw_data(import_onnx: Import) -> None:
    model = onnx_model([helper.make_node("Reshape", ["x", "shape"], ["y"])], {"x": [4, 4]}, ["y"])
    model.graph.initializer.append(
        TensorProto(name="shape", data_type=TensorProto.INT64, dims=[4], raw_data=b"abc")
    )
    refused(import_onnx, model, 'initializer "shape"', "3 bytes", "needs 32")


def test_short_raw_data_in_an_attribute(import_onnx: Import) -> None:
    value = TensorProto(data_type=TensorProto.FLOAT, dims=[2**20], raw_data=b"abcd")
    node = helper.make_node("Constant", [], ["y"], name="c", value=value)
    refused(import_onnx, onnx_model([node], {}, ["y"]), 'Constant "c"', "4 bytes")


@pytest.mark.parametrize("dims", [[2**31], [-5, 2], [2**62], [2**31 - 1] * 8, [1] * 9])
def test_impossible_dims(import_onnx: Import, dims: list[int]) -> None:
    model = conv()
    tensor = TensorProto(name="extra", data_type=FLOAT, dims=dims, raw_data=b"12345678")
    model.graph.initializer.append(tensor)
    refused(import_onnx, model, 'initializer "extra"')


def test_overflowing_flatten(import_onnx: Import) -> None:
    node = helper.make_node("Flatten", ["x"], ["y"])
    refused(import_onnx, onnx_model([node], {"x": [2**30] * 3}, ["y"]), 'input "x"')


@pytest.mark.parametrize("shape", [[1, -3, 8, 8], [1, 2**40, 8, 8]])
def test_impossible_input(import_onnx: Import, shape: list[int]) -> None:
    node = helper.make_node("Relu", ["x"], ["y"])
    refused(import_onnx, onnx_model([node], {"x": shape}, ["y"]), 'input "x"', str(shape[1]))


def external(location: str, **entries: str) -> ModelProto:
    model = conv()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, **entries}.items():
        tensor.external_data.add(key=key, value=value)
    return model


@pytest.mark.parametrize(
    "location",
    [
        "d/../../../../../etc/passwd",
        "/etc/passwd",
        "..",
        "C:\\windows\\win.ini",
        "\\\\host\\share",
        "a\\..\\..\\b",
        "",
    ],
)
def test_external_data_outside_the_folder(import_onnx: Import, location: str) -> None:
    refused(import_onnx, external(location), 'initializer "w"', "external data", "relative path")
    assert not location or leaves_folder(location)


def test_external_data_inside_is_never_opened(import_onnx: Import, tmp_path: Path) -> None:
    """A named pipe without a writer would hang whoever opens it."""
    os.mkfifo(tmp_path / "weights.bin")
    document = import_onnx(external("weights.bin", length=str(WEIGHT.nbytes)))
    assert document["tensors"]["w"]["shape"] == [4, 3, 3, 3]
    assert "/" in "a/b" and not leaves_folder("sub/weights.bin")


def test_external_data_of_wrong_length(import_onnx: Import) -> None:
    refused(import_onnx, external("weights.bin", length="7"), "external data has 7 bytes", "432")


def test_cycle(import_onnx: Import) -> None:
    nodes = [
        helper.make_node("Add", ["x", "b"], ["a"], name="first"),
        helper.make_node("Relu", ["a"], ["b"], name="second"),
    ]
    refused(import_onnx, onnx_model(nodes, {"x": [4]}, ["b"]), "cycle", '"first"', '"second"')


def test_nodes_out_of_order_are_put_in_order(import_onnx: Import) -> None:
    nodes = [
        helper.make_node("Relu", ["a"], ["b"], name="second"),
        helper.make_node("Neg", ["x"], ["a"], name="first"),
    ]
    document = import_onnx(onnx_model(nodes, {"x": [4]}, ["b"]))
    assert [op["name"] for op in document["ops"]] == ["first", "second"]


def test_names(import_onnx: Import) -> None:
    twice = [helper.make_node("Relu", ["x"], ["y"]), helper.make_node("Neg", ["x"], ["y"])]
    refused(import_onnx, onnx_model(twice, {"x": [4]}, ["y"]), '"y" is written twice')
    unknown = [helper.make_node("Relu", ["nothing"], ["y"], name="r")]
    refused(import_onnx, onnx_model(unknown, {"x": [4]}, ["y"]), 'Relu "r"', '"nothing"')
    lost = [helper.make_node("Relu", ["x"], ["y"])]
    refused(import_onnx, onnx_model(lost, {"x": [4]}, ["z"]), 'output "z"')


def message(number: int, content: bytes) -> bytes:
    """A field of the protobuf wire format that holds bytes."""
    length, size = len(content), b""
    while length > 127:
        size += bytes([length & 127 | 128])
        length >>= 7
    key = number << 3 | 2
    prefix = bytes([key]) if key < 128 else bytes([key & 127 | 128, key >> 7])
    return prefix + size + bytes([length]) + content


def test_41_nested_ifs(import_bytes: Import) -> None:
    """Written by hand: protobuf itself does not write what it would not read."""
    node = message(1, b"x") + message(2, b"y") + message(4, b"Neg")
    for _ in range(41):
        graph = message(1, node) + message(2, b"g") + message(12, message(1, b"y"))
        branch = message(1, b"then_branch") + message(6, graph) + b"\xa0\x01\x05"
        node = message(1, b"c") + message(2, b"y") + message(4, b"If") + message(5, branch)
    graph = message(1, node) + message(2, b"g") + message(12, message(1, b"y"))
    with pytest.raises(InputError, match=r"^model\.onnx: .*nested too deep"):
        import_bytes(b"\x08\x08" + message(7, graph) + message(8, b"\x10\x11"), "model.onnx")


def test_subgraphs_deeper_than_allowed(import_onnx: Import) -> None:
    node = helper.make_node("Neg", ["x"], ["y0"])
    for level in range(1, 11):
        graph = helper.make_graph([node], "g", [], [helper.make_empty_tensor_value_info(f"y{level - 1}")])
        node = helper.make_node("If", ["condition"], [f"y{level}"], then_branch=graph)
    model = onnx_model([node], {"x": [4]}, ["y10"], {"condition": np.array(True)})
    refused(import_onnx, model, "more than 8 deep")


def chain(length: int) -> ModelProto:
    nodes = [helper.make_node("Relu", [f"t{i}"], [f"t{i + 1}"], name=f"relu{i}") for i in range(length)]
    return onnx_model(nodes, {"t0": [4]}, [f"t{length}"])


def test_a_chain_of_100000_nodes_is_fast(import_onnx: Import) -> None:
    model = chain(100_000)
    start = time.monotonic()
    document = import_onnx(model)
    assert len(document["ops"]) == 100_000
    assert time.monotonic() - start < 40


def test_limits_of_the_caller(import_onnx: Import) -> None:
    refused(import_onnx, chain(50), "more than 40 nodes", limits=ImportLimits(nodes=40))
    refused(import_onnx, chain(50), "more than the limit of 100", limits=ImportLimits(file_bytes=100))


def test_unsupported_operators_are_listed_once_with_counts(import_onnx: Import) -> None:
    nodes = [
        helper.make_node("NonZero", ["x"], ["i"]),
        *(helper.make_node("Det", ["x"], [f"d{k}"]) for k in range(3)),
        helper.make_node("Relu", ["d0"], ["y"]),
        helper.make_node("Mystery", ["y"], ["z"], domain="org.x"),
    ]
    model = onnx_model(nodes, {"x": [4, 4]}, ["y", "i", "z"], domains=["org.x"])
    refused(import_onnx, model, "3 operator kinds are not supported: Det (3), NonZero (1), org.x.Mystery (1)")


def test_opsets(import_onnx: Import) -> None:
    for opset in (6, 1000):
        model = onnx_model([helper.make_node("Relu", ["x"], ["y"])], {"x": [4]}, ["y"], opset=opset)
        refused(import_onnx, model, f"opset {opset}", "[7, ")


def test_attribute_of_wrong_type(import_onnx: Import) -> None:
    refused(import_onnx, conv(strides=1.5), 'Conv "first"', "attribute strides", "wrong type")
    refused(import_onnx, conv(auto_pad="SIDEWAYS"), "SIDEWAYS")


def test_missing_input(import_onnx: Import) -> None:
    node = helper.make_node("Conv", ["x"], ["y"], name="bare")
    refused(import_onnx, onnx_model([node], {"x": [1, 3, 8, 8]}, ["y"]), 'Conv "bare"', "input 1 is missing")


def test_huge_results_of_small_constants(import_onnx: Import) -> None:
    """Folding must not compute what nobody asked for."""
    nodes = [
        helper.make_node("Expand", ["one", "shape"], ["big"]),
        helper.make_node("Add", ["x", "big"], ["y"]),
    ]
    weights = {"one": np.ones(1, np.float32), "shape": np.array([2**20, 2**20], np.int64)}
    document = import_onnx(onnx_model(nodes, {"x": [1]}, ["y"], weights))
    assert document["tensors"]["big"] == {"shape": [2**20, 2**20], "dtype": "fp32", "parameter": True}


@pytest.mark.parametrize("data", [b"", b"\x00" * 100, b"junk" * 1000, b"\x08\x03", os.urandom(5000)])
def test_no_model_at_all(import_bytes: Import, data: bytes) -> None:
    with pytest.raises(InputError, match=r"^model\.onnx: "):
        import_bytes(data, "model.onnx")


def test_truncated_at_every_sixteenth(import_bytes: Import) -> None:
    data = conv(strides=[1, 1]).SerializeToString()
    for end in range(1, len(data), max(1, len(data) // 16)):
        with pytest.raises(InputError, match=r"^model\.onnx: "):
            import_bytes(data[:end], "model.onnx")


def test_sparse_and_string_initializers(import_onnx: Import) -> None:
    model = conv()
    model.graph.initializer.append(numpy_helper.from_array(np.array(["a", "b"], dtype=object), "words"))
    assert import_onnx(model)["outputs"] == ["y"]
