# SPDX-License-Identifier: Apache-2.0
"""Counted work of whole networks, through the Python front end."""

import json

import pytest
from chipcast import InputError
from chipcast.crosscheck.work import WorkReport, work

SMALL = {"most_macs": 200_000}


@pytest.mark.parametrize(
    "platform, options",
    [
        ("rk3588", {"dtype": "int8"}),
        ("nvdla-small", {"dtype": "int8"}),
        ("systolic", {"dtype": "int8"}),
        ("tpu-v1", {"dtype": "int8"}),
        ("qcs6490", {"dtype": "int8"}),
        ("eyeriss", {"dtype": "int16"}),
        ("ethos-u55-128", {"dtype": "int8"}),
        ("gc200", {"dtype": "fp16"}),
    ],
)
def test_what_a_network_is_charged_is_what_its_loops_do(platform: str, options: dict[str, str]) -> None:
    report = work("mlperf_tiny_kws", platform, **options, **SMALL)  # type: ignore[arg-type]
    assert report.ops
    assert report.equal, report.to_text(differences_only=True)
    assert report.compared > 3 * len(report.ops)  # bytes in and out, multiply-accumulates
    assert any(op.results > 0 for op in report.ops)


def test_the_report_speaks_for_itself() -> None:
    report = work("mlperf_tiny_kws", "rk3588", dtype="int8", **SMALL)
    assert isinstance(report, WorkReport)
    document = json.loads(json.dumps(report.to_dict()))
    assert document["equal"] is True
    assert len(document["ops"]) == len(report.ops)
    quantity = document["ops"][0]["quantities"][0]
    assert {"level", "name", "counted", "charged", "compared", "equal", "note"} == set(quantity)
    text = report.to_text()
    assert "memory input_bytes" in text
    assert "program load_bytes" in text
    assert "all equal" in text
    assert len(report.to_text(differences_only=True)) < len(text)


def test_large_operators_are_sampled_and_say_so() -> None:
    few = work("mlperf_tiny_kws", "rk3588", dtype="int8", devices=["a76"], most_macs=10_000)
    many = work("mlperf_tiny_kws", "rk3588", dtype="int8", devices=["a76"], most_macs=100_000_000)
    assert any(op.sampled for op in few.ops)
    assert not any(op.sampled for op in many.ops)
    assert few.equal and many.equal
    assert sum(op.results for op in few.ops) < sum(op.results for op in many.ops)


def test_stops_when_told_to() -> None:
    report = work("mlperf_tiny_kws", "rk3588", dtype="int8", progress=lambda share: share < 0.5, **SMALL)
    assert 0 < len(report.ops) < len(work("mlperf_tiny_kws", "rk3588", dtype="int8", **SMALL).ops)


def test_wrong_options_are_refused() -> None:
    with pytest.raises(InputError, match="most_macs"):
        work("mlperf_tiny_kws", "rk3588", dtype="int8", most_macs=0)
    with pytest.raises(InputError, match="no device"):
        work("mlperf_tiny_kws", "rk3588", dtype="int8", devices=["nobody"])
