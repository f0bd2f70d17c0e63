# SPDX-License-Identifier: Apache-2.0
"""Mistakes that were once in the books: each test is the smallest run that showed one."""

from __future__ import annotations

from typing import Any

import chipcast
import pytest
from chipcast import InputError

MIB = 1 << 20


def run(platform: str, *overrides: str, **options: Any) -> chipcast.Result:
    return chipcast.run("mlperf_tiny_ic", platform, dtype="int8", overrides=list(overrides), **options)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        (
            'npu0.rates=[{"dtype":"int8","macs":"1024 op/cycle"},{"dtype":"int8","macs":"9 op/cycle"}]',
            "twice",
        ),
        ("lpddr4x.channel_bits=6", "is not one of"),
        ("technology.mac_int8=1e300 J/op", "outside"),
    ],
)
def test_impossible_parts_are_refused(override: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        run("rk3588", override)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        (
            'memories.interconnect={"type":"simple"}',
            "memories.interconnect: .* a member of platforms already",
        ),
        ('memories.always_on={"type":"simple"}', "memories.always_on: .* already; choose another"),
        ('memories.power={"type":"simple"}', "memories.power: .* already; choose another"),
        ('memories.npu0={"type":"simple"}', 'memories.npu0: "npu0" is the name of a device already'),
        ('memories.npu0_load={"type":"simple"}', 'an engine of device "npu0" already'),
        ('devices.system_cache={"type":"npu"}', "devices.system_cache: .* already; choose another"),
        ('devices.npu0_store={"type":"npu"}', 'devices.npu0_store: .* an engine of device "npu0"'),
    ],
)
def test_every_part_has_a_name_of_its_own(override: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        run("rk3588", override)


def test_a_cap_on_a_port_limits_what_a_cpu_streams() -> None:
    def rate(*overrides: str) -> float:
        (point,) = chipcast.memory_curve("rk3588", "a76", [128 * MIB], cores=4, overrides=list(overrides))
        return float(point["read_bytes_per_s"])

    capped = rate('interconnect.ports={"a76":{"bandwidth":"1 GB/s"}}')
    assert capped == pytest.approx(1e9)
    assert rate() > 2 * capped


def fan(width: int) -> dict[str, Any]:
    """`width` results of 1 MiB that are all needed at the end."""
    names = [f"u{i}" for i in range(width)]
    ops = [
        {"name": n, "kind": "unary", "inputs": ["x"], "outputs": [n], "attributes": {"function": "neg"}}
        for n in names
    ]
    ops.append({"name": "y", "kind": "concat", "inputs": names, "outputs": ["y"], "attributes": {"axis": 1}})
    return {
        "format": "chipcast-graph",
        "version": 1,
        "name": "fan",
        "tensors": {"x": {"shape": [1, 64, 128, 128], "dtype": "int8"}},
        "inputs": ["x"],
        "outputs": ["y"],
        "ops": ops,
    }


def test_a_cache_does_not_hold_more_than_its_capacity() -> None:
    # Half of the 3 MiB L3 keeps one of them; the others are written and read again, and y is written.
    result = chipcast.run(fan(40), "rk3588", devices=["a76"])
    assert result.report["totals"]["traffic_bytes"] > (38 + 38 + 40) * MIB


def test_a_memory_that_is_not_used_is_told() -> None:
    result = run("rk3588", 'memories.sram={"type":"sram"}')
    assert any("sram" in warning for warning in result.report["warnings"])
