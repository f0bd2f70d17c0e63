# SPDX-License-Identifier: Apache-2.0
"""A platform with three free parameters, and synthetic measurements of it from known values."""

from __future__ import annotations

import copy
import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import chipcast
from chipcast.fidelity.case import COLUMNS

NETWORKS = ("mlperf_tiny_kws", "mlperf_tiny_ic", "mlperf_tiny_vww", "mlperf_tiny_ad")
PROFILE = "a55.profiles[1]."
TRUTH = {
    PROFILE + "operator_overhead": "18 us",
    PROFILE + "vectors.issue": 0.6,
    PROFILE + "vectors.depthwise": 0.45,
}
"""Declared are 12 us, 0.8 and 0.6."""
FREE = {
    "profiles[1].operator_overhead": {"spread": 2.0, "meaning": "dispatch of an operator"},
    "profiles[1].vectors.issue": {"low": 0.2, "high": 1.0, "spread": 1.3},
    "profiles[1].vectors.depthwise": {"low": 0.1, "high": 1.0},
}
PROFILES = [
    {"name": "kernels, fp16", "serves": ["fp16"], "vectors": {"issue": 0.9}},
    {
        "name": "kernels, int8",
        "serves": ["int8"],
        "vectors": {"issue": 0.8, "depthwise": 0.6, "tile_start": "40 cycles"},
        "operator_overhead": "12 us",
        "fork_join": "10 us",
    },
]
NOISE = 0.03

Row = dict[str, Any]


def platform_document(name: str = "mine", free: Mapping[str, Any] = FREE, group: str = "kernels") -> dict[str, Any]:
    """RK3566's A55s with kernels of their own, these free parameters and no others."""
    document = {**chipcast.describe("rk3566"), "name": name}
    del document["calibration"]
    document["devices"]["a55"] |= {"profiles": copy.deepcopy(PROFILES), "runs": []}
    document["devices"]["a55"]["calibration"] = {"group": group, "free": dict(free)}
    return document


def rows(platform: str = "mine.json", threads: Sequence[int] = (1, 2, 4)) -> list[Row]:
    return [
        {
            "case": f"{platform}-{network}-{count}",
            "platform": platform,
            "device": "a55",
            "workload": network,
            "dtype": "int8",
            "threads": count,
            "quantity": "latency",
            "measured": 1.0,
            "unit": "ms",
            "source": "synthetic",
            "use": "calibrate",
        }
        for network in NETWORKS
        for count in threads
    ]


def write(path: Path, some: Sequence[Row]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(some)
    return path
