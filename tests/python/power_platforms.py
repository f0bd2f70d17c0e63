# SPDX-License-Identifier: Apache-2.0
"""Small platforms for tests of power: a cluster, an NPU, one memory, and nothing that saves power by itself."""

from __future__ import annotations

import copy
from typing import Any

CPU_POINTS = [
    {"clock": "600 MHz", "volts": 0.7},
    {"clock": "1.2 GHz", "volts": 0.8},
    {"clock": "1.8 GHz", "volts": 1.0},
]
NPU_POINTS = [
    {"clock": "200 MHz", "volts": 0.7},
    {"clock": "400 MHz", "volts": 0.75},
    {"clock": "800 MHz", "volts": 0.9},
]

PLATFORM: dict[str, Any] = {
    "name": "board",
    "technology": {"extends": "technologies/28nm.json"},
    "memories": {"ram": {"type": "simple", "bandwidth": "3.2 GB/s", "background_power": "20 mW"}},
    "devices": {
        "npu0": {
            "extends": "devices/rk3588-npu-core.json",
            "clock": "800 MHz",
            "volts": 0.9,
        },
        "a55": {
            "type": "cpu",
            "extends": "profiles/ncnn-armv8.2.json",
            "core": {"extends": "cores/cortex-a55.json"},
            "cores": 4,
            "clock": "1.8 GHz",
            "volts": 1.0,
            "leakage": "40 mW",
            "caches": [{"name": "L2", "size": "512 KiB", "shared": True}],
        },
    },
    "always_on": "50 mW",
    "power": {
        "domains": {
            "cpu": {"members": ["a55"], "rail": "vdd_cpu", "opps": CPU_POINTS},
            "npu": {"members": ["npu0"], "rail": "vdd_npu", "opps": NPU_POINTS},
        },
        "rails": {"vdd_cpu": {"efficiency": 0.9}, "vdd_npu": {"efficiency": 0.85}},
        "loads": {"gpu": {"idle": "10 mW", "full": "1.5 W"}},
        "board": "0.2 W",
    },
}


def platform(**changes: Any) -> dict[str, Any]:
    """PLATFORM with members replaced."""
    return {**copy.deepcopy(PLATFORM), **changes}


def with_idle_states() -> dict[str, Any]:
    """The same, whose cluster and NPU can be switched off, with a battery and a heat sink."""
    document = platform()
    power = document["power"]
    for name, energy in (("cpu", "20 uJ"), ("npu", "5 uJ")):
        power["domains"][name]["idle"] = [
            {
                "name": "off",
                "kind": "off",
                "power_share": 0.05,
                "entry": "50 us",
                "exit": "100 us",
                "energy": energy,
            }
        ]
    power["battery"] = {"capacity_mah": 1000, "volts": 3.7}
    document["thermal"] = {
        "nodes": {
            "soc": {"capacity_j_per_k": 0.5},
            "board": {"capacity_j_per_k": 2.0, "to_ambient_k_per_w": 10.0},
        },
        "links": [{"from": "soc", "to": "board", "resistance_k_per_w": 4.0}],
    }
    return document
