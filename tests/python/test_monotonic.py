# SPDX-License-Identifier: Apache-2.0
"""More of something never makes the same program slower, and the analytic tier stays below the simulation."""

from __future__ import annotations

from typing import Any

import chipcast
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

MODEL = chipcast.load_model("mlperf_tiny_ic")


def first_of_type(kind: str) -> str:
    devices = chipcast.describe("rk3588")["devices"]
    return next(name for name, device in devices.items() if device["type"] == kind)


def run(overrides: dict[str, Any] | None = None) -> chipcast.Result:
    return chipcast.run(MODEL, "rk3588", dtype="int8", overrides=overrides or {})


@settings(max_examples=15, deadline=None)
@given(st.integers(min_value=200, max_value=1500), st.integers(min_value=1, max_value=500))
def test_a_faster_npu_is_hardly_ever_slower(clock: int, more: int) -> None:
    # The mapper may choose anew, by estimates without contention; a fixed program is held to more in tests/system.
    npu = first_of_type("npu")
    slow = run({f"{npu}.clock": f"{clock} MHz"})
    fast = run({f"{npu}.clock": f"{clock + more} MHz"})
    assert fast.latency_s <= slow.latency_s * 1.05
    for result in (slow, fast):
        assert result.analytic_latency_s <= result.latency_s


def test_fewer_devices_still_do_all_the_work() -> None:
    npu = first_of_type("npu")
    cpu = first_of_type("cpu")
    everything = chipcast.run("mobilenet_v2", "rk3588", dtype="int8")
    only_cpu = chipcast.run("mobilenet_v2", "rk3588", dtype="int8", devices=[cpu])
    assert only_cpu.macs == everything.macs
    assert {op["device"] for op in only_cpu.ops if op["macs"]} == {cpu}
    assert npu not in {op["device"] for op in only_cpu.ops}
    assert only_cpu.latency_s > everything.latency_s


def test_a_device_that_cannot_run_the_network_alone_is_told() -> None:
    npu = first_of_type("npu")
    with pytest.raises(chipcast.InputError, match=npu):
        chipcast.run("bert_tiny", "rk3588", dtype="int8", devices=[npu])
