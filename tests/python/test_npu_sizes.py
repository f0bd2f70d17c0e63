# SPDX-License-Identifier: Apache-2.0
"""More multiply-accumulates, or a larger buffer, never make an NPU's network slower."""

from __future__ import annotations

import json

import chipcast
import pytest


@pytest.mark.parametrize("network", ["mobilenet_v2", "resnet50_v1_5"])
def test_wider_arrays_of_rv1106(network: str) -> None:
    before = float("inf")
    for inputs, outputs in ((16, 16), (32, 16), (32, 32), (64, 32), (64, 64), (128, 64), (128, 128)):
        rates = [{"dtype": "int8", "macs": f"{inputs * outputs} op/cycle"}]
        changes = [
            f"npu.input_lanes={inputs}",
            f"npu.output_lanes={outputs}",
            f"npu.rates={json.dumps(rates)}",
        ]
        result = chipcast.run(network, "rv1106", dtype="int8", overrides=changes)
        assert result.latency_s <= before, f"{inputs} x {outputs}"
        assert all(op["device"] in ("npu", "") for op in result.report["ops"] if op["macs"]), (
            "left to the CPU"
        )
        before = result.latency_s


@pytest.mark.parametrize("platform", ["nvdla-large", "nvdla-small"])
@pytest.mark.parametrize("network", ["mobilenet_v2", "resnet50_v1_5"])
def test_larger_buffers_of_nvdla(platform: str, network: str) -> None:
    before = float("inf")
    for kib in (128, 256, 512, 1024, 4096):
        latency = chipcast.run(network, platform, dtype="int8", overrides=[f"npu.buffer={kib} KiB"]).latency_s
        assert latency <= before, f"{kib} KiB"
        before = latency
