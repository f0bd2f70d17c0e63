# SPDX-License-Identifier: Apache-2.0
"""Are the values of parameters those of the file, in the graph's layout, and is nothing read from elsewhere?"""

from __future__ import annotations

import json
import os
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
import tflite
from chipcast import InputError
from chipcast.importers import ImportLimits, import_model, import_with_values, sandbox
from chipcast.importers.folder import Folder
from chipcast.model import load_model
from importers.builders import TfliteModel, TfliteOp, TfliteTensor, onnx_model
from onnx import TensorProto, external_data_helper, helper, numpy_helper

RANDOM = np.random.default_rng(0)
X, W = {"x": [1, 3, 6, 6]}, RANDOM.normal(size=(4, 3, 3, 3)).astype(np.float32)


def saved(model: object, path: Path) -> Path:
    path.write_bytes(model.SerializeToString())  # type: ignore[attr-defined]
    return path


def conv(**weights: np.ndarray) -> object:
    return onnx_model([helper.make_node("Conv", ["x", "w"], ["y"])], X, ["y"], weights)


def test_the_graph_is_the_same_with_and_without_values(samples: Path) -> None:
    for path in sorted(samples.glob("*/*.tflite")):
        document, values = import_with_values(path)
        assert document == import_model(path)
        stored = {name: each for name, each in document["tensors"].items() if each.get("parameter")}
        assert {name: list(value.shape) for name, value in values.items()} == {
            name: each["shape"] for name, each in stored.items()
        }


def test_initializers_are_given_as_they_are(tmp_path: Path) -> None:
    model = load_model(saved(conv(w=W), tmp_path / "m.onnx"))
    np.testing.assert_array_equal(model.parameters["w"], W)


def test_folded_constants_are_computed(tmp_path: Path) -> None:
    big = RANDOM.normal(size=(300, 300)).astype(
        np.float32
    )  # more than takes part in the arithmetic of shapes
    nodes = [
        helper.make_node("Transpose", ["w"], ["t"], perm=[1, 0]),
        helper.make_node("MatMul", ["x", "t"], ["y"]),
    ]
    path = saved(onnx_model(nodes, {"x": [2, 300]}, ["y"], {"w": big}), tmp_path / "m.onnx")
    (value,) = load_model(path).parameters.values()
    np.testing.assert_array_equal(value, big.T)


@pytest.mark.parametrize(
    ("kind", "wanted"), [(TensorProto.BFLOAT16, ml_dtypes.bfloat16), (TensorProto.INT4, np.int8)]
)
def test_narrow_formats(tmp_path: Path, kind: int, wanted: type) -> None:
    numbers = [-8, -1, 0, 7, 3, 5]
    weight = helper.make_tensor("w", kind, [3, 2], numbers)
    graph = helper.make_graph(
        [helper.make_node("Gather", ["w", "i"], ["y"])], "g",
        [helper.make_tensor_value_info("i", TensorProto.INT64, [2])], [helper.make_empty_tensor_value_info("y")], [weight],
    )  # fmt: skip
    path = saved(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)]), tmp_path / "m.onnx")
    value = load_model(path).parameters["w"]
    assert value.dtype == wanted
    assert value.astype(np.float32).reshape(-1).tolist() == numbers


def test_depthwise_weights_are_relaid(tmp_path: Path) -> None:
    weight = RANDOM.integers(-127, 128, (1, 3, 3, 8)).astype(np.int8)
    tensors = [
        TfliteTensor("x", [1, 6, 6, 8], tflite.TensorType.INT8, scales=[0.1], zeros=[3]),
        TfliteTensor("w", [1, 3, 3, 8], tflite.TensorType.INT8, weight, [0.1] * 8, axis=3),
        TfliteTensor("y", [1, 6, 6, 8], tflite.TensorType.INT8, scales=[0.1], zeros=[3]),
    ]
    op = TfliteOp(tflite.BuiltinOperator.DEPTHWISE_CONV_2D, [0, 1], [2],
                  ("DepthwiseConv2DOptions", {"StrideH": 1, "StrideW": 1, "DepthMultiplier": 1}))  # fmt: skip
    path = tmp_path / "m.tflite"
    path.write_bytes(TfliteModel(tensors, [op], [0], [2]).bytes())
    (value,) = load_model(path).parameters.values()
    np.testing.assert_array_equal(value, weight.transpose(3, 1, 2, 0))


def external(tmp_path: Path, location: str, length: int) -> Path:
    model = conv(w=W)
    tensor = model.graph.initializer[0]  # type: ignore[attr-defined]
    external_data_helper.set_external_data(tensor, location, 0, length)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    return saved(model, tmp_path / "m.onnx")


def test_external_data_are_read_from_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "w.bin").write_bytes(W.tobytes())
    model = load_model(external(tmp_path, "data/w.bin", W.nbytes))
    np.testing.assert_array_equal(model.parameters["w"], W)


def test_symbolic_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.bin"
    outside.write_bytes(W.tobytes())
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "w.bin").symlink_to(outside)
    (folder / "there").symlink_to(tmp_path)
    for location in ("w.bin", "there/outside.bin"):
        model = load_model(external(folder, location, W.nbytes))
        with pytest.raises(InputError, match=r"cannot be read .*no symbolic link"):
            _ = model.parameters


def test_files_that_are_cut_off_are_refused(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(W.tobytes()[:-1])
    with pytest.raises(InputError, match=r"w.bin.* has 431 bytes, 432 from 0 are wanted"):
        _ = load_model(external(tmp_path, "w.bin", W.nbytes)).parameters


def test_values_have_a_limit(tmp_path: Path) -> None:
    path = saved(conv(w=W), tmp_path / "m.onnx")
    with pytest.raises(InputError, match="432 bytes, more than the limit of 100"):
        import_with_values(path, limits=ImportLimits(values_bytes=100))


def test_files_without_values_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.param"
    path.write_text("7767517\n1 1\nInput data 0 1 data 0=4 1=4 2=3\n")
    with pytest.raises(InputError, match="hold no values"):
        import_with_values(path)


def test_numbers_that_the_graph_cannot_hold_name_the_operator(tmp_path: Path) -> None:
    nodes = [helper.make_node("DynamicQuantizeLinear", ["x"], ["y", "s", "z"], name="quantise")]
    path = saved(onnx_model(nodes, {"x": [2, 3]}, ["y"]), tmp_path / "m.onnx")
    assert import_model(path)["ops"]
    with pytest.raises(InputError, match=r'DynamicQuantizeLinear "quantise": quantises with'):
        import_with_values(path)


def test_sparse_initializers_become_dense(tmp_path: Path) -> None:
    model = conv(w=W)
    del model.graph.initializer[:]  # type: ignore[attr-defined]
    values = numpy_helper.from_array(np.array([1.5, -2.0], np.float32), "w")
    sparse = helper.make_sparse_tensor(values, numpy_helper.from_array(np.array([0, 107])), [4, 3, 3, 3])
    model.graph.sparse_initializer.append(sparse)  # type: ignore[attr-defined]
    value = load_model(saved(model, tmp_path / "m.onnx")).parameters["w"]
    assert (value.reshape(-1)[[0, 107]].tolist(), np.count_nonzero(value)) == ([1.5, -2.0], 2)


def test_bools_of_any_byte_are_truths(tmp_path: Path) -> None:
    """Raw data of BOOL may hold any byte; a bool that is neither 0 nor 1 is no value for compiled code."""
    mask = helper.make_tensor("m", TensorProto.BOOL, [2, 2], bytes([0, 1, 2, 255]), raw=True)
    graph = helper.make_graph(
        [helper.make_node("Where", ["m", "x", "x2"], ["y"])], "g",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2, 2]) for name in ("x", "x2")],
        [helper.make_empty_tensor_value_info("y")], [mask],
    )  # fmt: skip
    path = saved(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]), tmp_path / "m.onnx")
    value = load_model(path).parameters["m"]
    assert value.view(np.uint8).reshape(-1).tolist() == [0, 1, 1, 1]


@pytest.mark.parametrize("path", ["../outside.bin", "a/../../outside.bin", "/etc/hostname", ".."])
def test_a_folder_is_not_left(tmp_path: Path, path: str) -> None:
    (tmp_path / "outside.bin").write_bytes(b"1234")
    (tmp_path / "model" / "a").mkdir(parents=True)
    descriptor = os.open(tmp_path / "model", os.O_RDONLY | os.O_DIRECTORY)
    try:
        with pytest.raises(InputError, match="leads out of the model's folder"):
            Folder(descriptor, 100).read(path, 0, 4, "here")
    finally:
        os.close(descriptor)


def _with_tensor(**changes: object) -> dict[str, object]:
    tensor = {"shape": [2], "dtype": "fp32", "parameter": True, **changes}
    return {
        "format": "chipcast-graph", "version": 1, "name": "g", "inputs": ["x"], "outputs": ["y"],
        "tensors": {"x": {"shape": [2]}, "w": {k: v for k, v in tensor.items() if v is not None}},
        "ops": [{"name": "y", "kind": "binary", "inputs": ["x", "w"], "attributes": {"function": "add"}}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("graph", "names"),
    [
        (_with_tensor(shape=[-1, -2]), ["w"]),
        (_with_tensor(shape=["2"]), ["w"]),
        (_with_tensor(shape=[2.5]), ["w"]),
        (_with_tensor(shape=None), ["w"]),
        (_with_tensor(dtype="object"), ["w"]),
        (_with_tensor(dtype=["fp32"]), ["w"]),
        (_with_tensor(), [["w"]]),
        (_with_tensor(), ["w", "w"]),
        (_with_tensor(), {"w": 1}),
        (_with_tensor(), None),
        ({}, []),
        ([], []),
        (None, ["w"]),
        ("graph", ["w"]),
    ],
)
def test_what_the_importing_process_says_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, graph: object, names: object
) -> None:
    """A file that took the child over writes what it likes."""
    text = json.dumps({"graph": graph, "values": names}).encode()
    stream = bytearray(len(text).to_bytes(8, "little") + text + b"\0" * 8)
    monkeypatch.setattr(sandbox, "converse", lambda *_: stream)
    with pytest.raises(InputError):
        import_with_values(saved(conv(w=W), tmp_path / "m.onnx"))


def test_bools_of_the_importing_process_are_truths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = _with_tensor(dtype="bool") | {"ops": [{"name": "y", "kind": "where", "inputs": ["w", "x", "x"]}]}
    text = json.dumps({"graph": graph, "values": ["w"]}).encode()
    stream = bytearray(len(text).to_bytes(8, "little") + text + bytes([2, 0]))
    monkeypatch.setattr(sandbox, "converse", lambda *_: stream)
    _, values = import_with_values(saved(conv(w=W), tmp_path / "m.onnx"))
    assert values["w"].view(np.uint8).tolist() == [1, 0]
