# SPDX-License-Identifier: Apache-2.0
"""Families of cases: those whose errors have one cause, a class of devices computing in one format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chipcast.fidelity.kinds import CPU

MCU = "mcu"
_MICROCONTROLLERS = re.compile(r"Cortex-M\d|STAR-MC|RI5CY")

TIMES = ("latency", "throughput", "cycles")
"""Quantities that say how long a run takes."""


def device_class(device: Mapping[str, Any] | None) -> str:
    """cpu, mcu (Cortex-M and its like), npu, dsp, ethos_u, ...; "any" where the mapper chose
    among several. `device`: as `chipcast.describe` gives it."""
    if device is None:
        return "any"
    kind = str(device["type"])
    if kind == CPU and _MICROCONTROLLERS.search(str(device["core"].get("name", ""))):
        return MCU
    return kind


def computed_in(op: Mapping[str, Any]) -> str:
    """Format that an operator of a report is computed in. `dtype` is what its tensors are called: ncnn computes fp32
    in fp16 where the core can."""
    found = re.match(r"[a-z]+\d+", str(op.get("arithmetic", "")))
    return found[0] if found else str(op["dtype"])


def family_of(kind: str, dtype: str, quantity: str) -> str:
    """ "npu int8"; "mcu int8 energy" where the quantity is no time."""
    name = f"{kind} {dtype or 'own format'}"
    return name if quantity in TIMES else f"{name} {quantity}"
