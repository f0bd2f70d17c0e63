# SPDX-License-Identifier: Apache-2.0
"""Shapes and number formats against the onnx package: its operator test cases declare what comes out."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from chipcast._core import InputError, graph_check
from chipcast.importers.limits import ImportLimits
from chipcast.importers.onnx import convert
from chipcast.importers.onnx.tensors import DTYPES
from onnx import ModelProto, numpy_helper, shape_inference

# How many boxes are selected depends on the data; a batch of 0 is read as an open one.
DIFFERENT = {"test_nonmaxsuppression_suppress_by_IOU_and_scores", "test_nonmaxsuppression_identical_boxes",
             "test_triu_zero"}  # fmt: skip
LEAST_IMPORTED = 1100
# Strings, gradients, shapes that are computed at run time, and sequences as outputs.
REFUSED = ("test_strnorm", "test_gradient", "test_expand_shape", "test_shrink", "test_sequence_model1",
           "test_sequence_model2", "test_sequence_model3", "test_sequence_model6", "test_sequence_model8")  # fmt: skip
CONSTANTS = {"scales", "roi", "max", "min", "y_scale", "x_scale"}


@cache
def cases() -> dict[str, bytes]:
    """The cases as models; whole numbers that nodes need while a model is read become initializers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        found = [case for case in collect_testcases(None) if case.model is not None]
    return {case.name: with_constants(case) for case in found}


def with_constants(case: Any) -> bytes:
    model = ModelProto.FromString(case.model.SerializeToString())
    values = case.data_sets[0][0]
    source = model.graph.node[0].op_type in ("ConstantOfShape", "Range")
    for position, (info, value) in enumerate(zip(model.graph.input, values, strict=False)):
        if isinstance(value, (list, dict)) or value is None or (position == 0 and not source):
            continue
        array = np.asarray(value)
        if array.dtype.kind in "iub" or info.name in CONSTANTS:
            model.graph.initializer.append(numpy_helper.from_array(array, info.name))
    return model.SerializeToString()


def imported(data: bytes, name: str) -> dict[str, Any] | None:
    """The checked document; None where the model is refused."""
    try:
        return json.loads(graph_check(json.dumps(convert(data, name, ImportLimits(), {})), name))
    except InputError:
        return None


def test_operator_cases_of_the_onnx_package() -> None:
    wrong, seen = [], Counter()
    for name, data in cases().items():
        document = imported(data, name)
        if document is None or name in DIFFERENT:
            continue
        seen["imported"] += 1
        for output in ModelProto.FromString(data).graph.output:
            tensor = document["tensors"].get(output.name)
            if tensor is None:  # an input or a constant: it is said in the history
                assert any(note["op"] == output.name for note in document["history"]), name
                continue
            declared = output.type.tensor_type
            wanted = [dim.dim_value for dim in declared.shape.dim], DTYPES[declared.elem_type]
            if (tensor["shape"], tensor["dtype"]) != wanted:
                wrong.append((name, output.name, tensor, wanted))
    assert not wrong
    assert seen["imported"] >= LEAST_IMPORTED


def package_models() -> list[Path]:
    folder = Path(onnx.__file__).parent / "backend" / "test" / "data"
    return sorted([*folder.glob("*/*/model.onnx"), *folder.glob("light/*.onnx")])


@pytest.mark.parametrize("path", package_models(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_inner_shapes_of_whole_models(path: Path) -> None:
    """Every tensor that both know has the same shape (models of opset 6 are read as 7)."""
    model = onnx.load(path)
    model.opset_import[0].version = max(7, model.opset_import[0].version)
    document = imported(model.SerializeToString(), path.name)
    assert (document is None) == path.parent.name.startswith(REFUSED)
    if document is None:
        return
    inferred = shape_inference.infer_shapes(model)
    for value in [*inferred.graph.value_info, *inferred.graph.output]:
        wanted = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        if value.name in document["tensors"] and value.type.tensor_type.HasField("shape") and all(wanted):
            assert document["tensors"][value.name]["shape"] == wanted, value.name
