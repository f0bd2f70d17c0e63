# SPDX-License-Identifier: Apache-2.0
"""Families of cases: those whose errors have one cause, a class of devices computing in one format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chipcast.fidelity.devices import CPU

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


def family_of(kind: str, dtype: str, quantity: str) -> str:
    """ "npu int8"; "mcu int8 energy" where the quantity is no time."""
    name = f"{kind} {dtype or 'own format'}"
    return name if quantity in TIMES else f"{name} {quantity}"
