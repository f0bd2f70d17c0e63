# SPDX-License-Identifier: Apache-2.0
"""The operator test cases of the onnx package: imported with values, run here, compared with the stored outputs.
A case is computed right or refused; those that may differ are listed with the reason."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
from chipcast import InputError
from chipcast._core import graph_check
from chipcast.importers.contents import Contents
from chipcast.importers.limits import ImportLimits
from chipcast.importers.onnx import convert
from chipcast.native import Executor
from chipcast.parameters import numpy_format
from onnx import ModelProto, TensorProto, numpy_helper

PARTS = 16
LEAST_COMPUTED = 1150
ALIGNED = "places follow the whole output extent, as in ONNX Runtime; ONNX takes the unrounded one"
WRAPS = "values outside the format: ONNX leaves them open, here they saturate"
DIFFERENT = {
    "test_resize_downsample_scales_linear_align_corners": ALIGNED,
    "test_resize_downsample_scales_cubic_align_corners": ALIGNED,
    "test_cast_FLOAT_to_UINT4": WRAPS,
    "test_cast_FLOAT16_to_UINT4": WRAPS,
    "test_cast_FLOAT_to_INT4": WRAPS,
    "test_cast_FLOAT16_to_INT4": WRAPS,
    "test_triu_zero": "has no elements; an extent of 0 is read as an open one",
}
CASTS = "castlike_"  # the second input gives a format only, and has no elements
NOT_COMPUTED = ("test_causal_conv_with_state_kernel_size_one",)  # its state has no elements
HALF_STEP = 2e-2  # formats of two bytes are computed in fp32 and rounded once


def plain(value: Any) -> Any:
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else value


@cache
def cases() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        return {case.name: case for case in collect_testcases(None) if case.model is not None}


def with_constants(case: Any, every: bool) -> ModelProto:
    """What nodes need while a model is read becomes an initializer: whole numbers, or all inputs but the first."""
    model = ModelProto.FromString(case.model.SerializeToString())
    source = model.graph.node[0].op_type in ("ConstantOfShape", "Range")
    for position, (info, given) in enumerate(zip(model.graph.input, case.data_sets[0][0], strict=False)):
        value = plain(given)
        if isinstance(value, (list, dict)) or value is None or (position == 0 and not source):
            continue
        array = np.asarray(value)
        if every or array.dtype.kind in "iub" or info.name in ("scales", "roi", "x_scale", "y_scale"):
            model.graph.initializer.append(numpy_helper.from_array(array, info.name))
    return model


def imported(case: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
    """With as few constants as it takes; None where every form is refused."""
    for model in (case.model, with_constants(case, False), with_constants(case, True)):
        contents = Contents()
        try:
            document = convert(model.SerializeToString(), case.name, ImportLimits(), {}, contents)
            return json.loads(graph_check(json.dumps(document), case.name)), contents.arrays
        except InputError:
            continue
    return None


def fed(value: Any, dtype: str) -> np.ndarray:
    """As the graph's format: unsigned numbers that fit as signed ones, 4-bit ones in a byte."""
    array, wanted = np.asarray(value), numpy_format(dtype)
    signed = array.astype(wanted)
    if array.dtype.kind == "u" and not np.array_equal(signed.astype(array.dtype), array):
        raise InputError("unsigned beyond the signed format")
    if array.dtype.kind == "u" and wanted.kind == "i" and array.dtype.itemsize > 1 and (signed < 0).any():
        raise InputError("unsigned beyond the signed format")
    return signed


def same(got: np.ndarray, wanted: np.ndarray, case: Any) -> bool:
    if got.shape != wanted.shape:
        return False
    if got.dtype.kind in "iub" and wanted.dtype.kind in "iub":
        return np.array_equal(got.astype(np.int64), wanted.astype(np.int64))
    relative = max(case.rtol, HALF_STEP if wanted.dtype.itemsize == 2 else 0.0)
    return np.allclose(got.astype(np.float64), wanted.astype(np.float64), rtol=relative, atol=max(case.atol, 1e-6),
                       equal_nan=True)  # fmt: skip


def computed(case: Any, errors: list[str]) -> bool:
    """Compares all outputs, with fast kernels and plain loops; False where the case is refused."""
    found = imported(case)
    if found is None:
        return False
    document, parameters = found
    values, wanted = (list(map(plain, part)) for part in case.data_sets[0])
    names = [info.name for info in case.model.graph.input]
    for reference in (False, True):
        try:
            inputs = {
                name: fed(values[names.index(name)], document["tensors"][name].get("dtype", "fp32"))
                for name in document["inputs"]
            }
            got = Executor(document, parameters, reference=reference).run(inputs)
        except InputError as reason:
            return refused(case.name, str(reason), errors)
        compare(case, got, wanted, reference, errors)
    return True


def refused(name: str, reason: str, errors: list[str]) -> bool:
    """By the executor: only where an input has no elements or does not fit its format."""
    if CASTS not in name and "unsigned beyond" not in reason:
        errors.append(f"{name}: {reason}")
    return False


def compare(
    case: Any, got: dict[str, np.ndarray], wanted: Sequence[Any], reference: bool, errors: list[str]
) -> None:
    for info, value in zip(case.model.graph.output, wanted, strict=True):
        if info.name not in got:  # a constant or an input: the import says so
            if not case.name.startswith(NOT_COMPUTED) and info.name in case.model.graph.node[0].output[:1]:
                errors.append(f"{case.name}: no output {info.name}")
        elif not same(got[info.name], np.asarray(value), case):
            errors.append(f"{case.name}: {info.name} differs, reference={reference}")


@pytest.mark.parametrize("part", range(PARTS))
def test_operator_cases(part: int) -> None:
    errors: list[str] = []
    names = sorted(cases())[part::PARTS]
    done = [name for name in names if name not in DIFFERENT and computed(cases()[name], errors)]
    assert not errors
    assert len(done) > LEAST_COMPUTED / PARTS / 2  # the cases spread evenly enough


@pytest.mark.parametrize("name", sorted(DIFFERENT))
def test_those_that_differ_still_do(name: str) -> None:
    errors: list[str] = []
    assert not computed(cases()[name], errors) or errors


def test_most_cases_are_computed() -> None:
    """Against a refusal that spreads: the least number of cases that an import with values takes."""
    assert sum(imported(case) is not None for case in cases().values()) >= LEAST_COMPUTED
