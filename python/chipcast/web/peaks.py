# SPDX-License-Identifier: Apache-2.0
"""The roofs of a roofline: multiply-accumulates a second that a device's units could do if nothing else took time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Device = Mapping[str, Any]
_PREFIX = {"GHz": 1e9, "MHz": 1e6, "kHz": 1e3, "Hz": 1.0}
_DOT_PRODUCT = 8
"""Products that a MAC unit of Ethos-U adds up (accelerators/ethos_u/config.h)."""


def peaks(platform: Mapping[str, Any]) -> list[dict[str, Any]]:
    """{"device", "dtype", "macs_per_s"} of the devices whose description says it: npu, systolic, row_stationary,
    ethos_u and cpu. What others could do depends on more than their description states, so they have no roof."""
    found = []
    for name, device in platform["devices"].items():
        clock = hertz(device["clock"]) if "clock" in device else 0.0
        for dtype, rate in _rates(device).items():
            found.append({"device": name, "dtype": dtype, "macs_per_s": rate * clock})
    return found


def hertz(text: str) -> float:
    """ "1.2 GHz" -> 1.2e9"""
    number, _, unit = text.partition(" ")
    return float(number) * _PREFIX[unit]


def _number(text: str | float) -> float:
    """ "1024 op/cycle" -> 1024.0"""
    return float(str(text).partition(" ")[0])


def _rates(device: Device) -> dict[str, float]:
    """MACs a cycle by number format."""
    known: dict[str, Callable[[Device], dict[str, float]]] = {
        "npu": _npu,
        "cpu": lambda d: _stated(d["core"]["rates"], d.get("cores", 1)),
        "systolic": _systolic,
        "row_stationary": lambda d: dict.fromkeys(d["formats"], float(d["rows"] * d["columns"])),
        "ethos_u": lambda d: {"int8": _micro_block(d["micro_block"]) * _DOT_PRODUCT * d["cores"]},
    }
    rates = known.get(device["type"])
    return rates(device) if rates else {}


def _stated(rates: list[dict[str, Any]], cores: float = 1) -> dict[str, float]:
    return {rate["dtype"]: _number(rate["macs"]) * cores for rate in rates}


def _npu(device: Device) -> dict[str, float]:
    """Of all its cores: rates are the first one's, and go with the lanes (accelerators/npu/config_parts.h)."""
    further = sum(core["count"] * _lanes(core) for core in device["cores"])
    return _stated(device["rates"], 1 + further / _lanes(device))


def _lanes(core: Mapping[str, Any]) -> float:
    return float(core["input_lanes"] * core["output_lanes"])


def _systolic(device: Device) -> dict[str, float]:
    array = float(device["rows"] * device["columns"] * device["cores"])
    return {entry["dtype"]: array * entry["rate"] for entry in device["formats"]}


def _micro_block(block: Mapping[str, int]) -> float:
    return float(block["width"] * block["height"] * block["depth"])
