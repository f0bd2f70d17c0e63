# SPDX-License-Identifier: Apache-2.0
"""Chipcast forecasts how a neural network runs on a chip: latency, energy and power over time.

>>> import chipcast
>>> result = chipcast.run("mobilenet_v2", "rk3588", dtype="int8")
>>> result.latency_s, result.energy_j
>>> result.to_pandas().nlargest(5, "time_s")
"""

from __future__ import annotations

from chipcast import _core
from chipcast._core import InputError, LimitError
from chipcast.api import describe, run
from chipcast.catalog import models, platforms
from chipcast.memory import memory_curve
from chipcast.model import Model, load_model
from chipcast.power import power
from chipcast.result import Result

__all__ = [
    "InputError",
    "LimitError",
    "Model",
    "Result",
    "__version__",
    "describe",
    "load_model",
    "memory_curve",
    "models",
    "platforms",
    "power",
    "run",
]


def __getattr__(name: str) -> str:
    if name == "__version__":
        return _core.version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
