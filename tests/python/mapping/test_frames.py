# SPDX-License-Identifier: Apache-2.0
"""Several frames as one graph, and what several devices make of them."""

from __future__ import annotations

import chipcast
import pytest
from chipcast.mapping.frames import on_one_device, repeat
from chipcast.model import load_model


def test_frames_share_parameters_and_nothing_else() -> None:
    graph = load_model("mlperf_tiny_ad").graph
    twice = repeat(graph, 2)
    load_model(twice)  # which checks it
    parameters = {name for name, tensor in graph["tensors"].items() if tensor.get("parameter")}
    assert parameters <= set(twice["tensors"])
    assert len(twice["ops"]) == 2 * len(graph["ops"])
    assert len(twice["outputs"]) == 2 * len(graph["outputs"])
    assert all(name.startswith(("frame0/", "frame1/")) for name in set(twice["tensors"]) - parameters)
    with pytest.raises(chipcast.InputError, match="less than 1"):
        repeat(graph, 0)


def test_what_a_device_refuses_goes_to_the_host() -> None:
    def task(*devices: int) -> dict[str, object]:
        return {"modes": [{"parts": [{"device": device}]} for device in devices]}

    problem = {"devices": ["npu", "cpu"], "tasks": [task(0, 1), task(1)]}
    assert on_one_device(problem, "npu", "cpu") == {"modes": [0, 0], "order": [0, 1]}
    assert on_one_device(problem, "cpu", "cpu") == {"modes": [1, 0], "order": [0, 1]}
    assert on_one_device(problem, "npu", "npu") is None


def test_frames_in_flight_use_all_devices() -> None:
    graph = repeat(load_model("mlperf_tiny_ic").graph, 6)
    one = chipcast.run(graph, "rk3588", dtype="int8", mapper="greedy", devices=["npu0", "a76"])
    all_devices = chipcast.run(graph, "rk3588", dtype="int8", mapper="pipeline", budget=2_000)
    assert all_devices.latency_s < one.latency_s
