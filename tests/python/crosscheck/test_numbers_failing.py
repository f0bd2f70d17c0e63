# SPDX-License-Identifier: Apache-2.0
"""What fails the check of numbers, and what must not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chipcast import InputError
from chipcast.crosscheck import numbers as module
from chipcast.crosscheck.numbers import numbers
from chipcast.crosscheck.numbers_plain import integer_part
from chipcast.quantization.running import Runner

TFLITE = Path(__file__).parents[4] / "shared" / "models" / "tflite"
CONV: dict[str, Any] = {
    "format": "chipcast-graph", "version": 1, "name": "tiny", "inputs": ["x"], "outputs": ["y"],
    "tensors": {"x": {"shape": [1, 4, 6, 6]}, "w": {"shape": [8, 4, 3, 3], "parameter": True}},
    "ops": [{"name": "y", "kind": "conv", "inputs": ["x", "w"], "attributes": {"pads": [1, 1, 1, 1]}}],
}  # fmt: skip
LARGE = {"w": np.full((8, 4, 3, 3), 3000.0, np.float32)}


def test_floats_that_overflow_fail() -> None:
    inputs = [{"x": np.full((1, 4, 6, 6), 10.0, np.float32)}]  # sums of 1e6, beyond fp16's 65,504
    report = numbers(CONV, "graphcore-gc200", dtype="fp16", parameters=LARGE, inputs=inputs)
    assert report.equal is False
    assert report.layers[0].distance.lost == 8 * 6 * 6
    assert "hold infinite values" in report.verdict()
    assert report.verdict() in report.to_text()
    fine = [{"x": np.full((1, 4, 6, 6), 0.1, np.float32)}]
    report = numbers(CONV, "graphcore-gc200", dtype="fp16", parameters=LARGE, inputs=fine)
    assert report.equal is None
    assert "all finite" in report.verdict()


def test_integers_that_differ_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong(Runner):
        def __init__(self, *args: Any, reference: bool = False, **kwargs: Any) -> None:
            super().__init__(*args, reference=reference, **kwargs)
            self._reference = reference

        def run(self, *args: Any) -> dict[str, Any]:
            found = super().run(*args)
            return {name: value + 1 for name, value in found.items()} if self._reference else found

    assert numbers(CONV, "rk3588", dtype="int8", method="min_max", count=1).equal is True
    monkeypatch.setattr(module, "Runner", Wrong)
    report = numbers(CONV, "rk3588", dtype="int8", method="min_max", count=1)
    assert report.equal is False
    assert "integer tensors differ" in report.verdict()


def test_floats_between_integers_do_not_fail_them() -> None:
    """Layer normalisations in fp32 add up in another order, and what is quantised after them may then differ."""
    report = numbers("bert_tiny", "rk3588", dtype="int8", method="min_max", count=2)
    assert report.equal is True, report.verdict()


def test_the_integer_part_is_cut_at_floats() -> None:
    whole = {"dtype": "int8", "shape": [1]}
    real = {"dtype": "fp32", "shape": [1]}
    graph = {
        "inputs": ["x"], "outputs": ["z"],
        "tensors": {"x": real, "a": whole, "b": real, "c": real, "d": whole, "z": real, "w": whole, "v": real},
        "ops": [
            {"name": "quantise", "inputs": ["x"], "outputs": ["a"]},
            {"name": "back", "inputs": ["a"], "outputs": ["b"]},
            {"name": "float", "inputs": ["b", "v"], "outputs": ["c"]},
            {"name": "again", "inputs": ["c", "w"], "outputs": ["d"]},
            {"name": "out", "inputs": ["d"], "outputs": ["z"]},
        ],
    }  # fmt: skip
    part, values = integer_part(graph, {"w": np.zeros(1, np.int8), "v": np.zeros(1, np.float32)}, {"a", "d"})
    assert [op["name"] for op in part["ops"]] == ["quantise", "again"]
    assert part["inputs"] == ["x", "c"] and part["outputs"] == ["a", "d"]
    assert set(part["tensors"]) == {"x", "a", "c", "w", "d"} and set(values) == {"w"}


def test_a_clamp_that_integers_have_already_is_compared_once() -> None:
    path = TFLITE / "kws_ref_model.tflite"
    if not path.is_file():
        pytest.skip("no sample models beside the checkout (../shared/models)")
    report = numbers(path, "rk3588", count=1)
    assert report.equal is True
    assert min(each.distance.cosine for each in report.layers) > 0.8  # the convs alone had 0.4 to 0.6
    assert not [each.name for each in report.layers if each.kind == "conv"]


@pytest.mark.parametrize("method", ["kl", "min_max_affine"])
def test_methods_without_a_form_in_16_bits_are_refused_at_once(method: Any) -> None:
    with pytest.raises(InputError, match=f"method: {method}"):
        numbers("mlperf_tiny_ic", "eyeriss", dtype="int16", method=method)


def test_a_file_that_is_not_there_is_told_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_mapped", lambda *_: pytest.fail("mapped before the inputs were read"))
    with pytest.raises(InputError, match="inputs: cannot read"):
        numbers("mlperf_tiny_ic", "rk3588", dtype="int8", inputs="nowhere.npy")
