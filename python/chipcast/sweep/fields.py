# SPDX-License-Identifier: Apache-2.0
"""What the fields of a sweep mean: the network, the platform, an option of a run, or a path into the platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chipcast._core import InputError
from chipcast.text import did_you_mean, plain

TIERS = ("systemc", "analytic")
RUN_IN = ("fp64", "fp32", "fp16", "bf16", "int16", "int8", "uint8", "int7", "int4", "uint4", "binary")
"""Number formats of networks, as workloads/transforms/formats.cpp has them."""
WHAT = ("model", "platform", "tier", "scenario")
"""What is run, on what and how."""
OPTIONS = (
    "dtype",
    "precision",
    "devices",
    "mapper",
    "objective",
    "budget",
    "tile_budget",
    "split",
    "fuse",
    "power_cap",
    "memory_cap",
    "fold_batch_norm",
    "fuse_activations",
    "seed",
    "max_simulated_time",
    "max_events",
    "max_idle_events",
)
"""Of `chipcast.run`."""
MODEL_OPTIONS = "model_options."
"""Prefix: `model_options.batch`."""
PRECISION = "precision."
"""Prefix: `precision.conv1`, `precision.res2*`, `precision.class:depthwise_conv`."""


@dataclass
class Fields:
    """What a point sets, sorted by what takes it."""

    model: str = ""
    platform: str = ""
    tier: str = "systemc"
    scenario: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    model_options: dict[str, Any] = field(default_factory=dict)
    overrides: dict[str, Any] = field(default_factory=dict)

    def put(self, name: str, value: Any) -> None:
        if name in WHAT:
            setattr(self, name, _text(name, value))
        elif name in OPTIONS:
            self.options[name] = dict(value) if name == "precision" else value
        elif name.startswith(PRECISION):
            self._put_format(name.removeprefix(PRECISION), value)
        elif name.startswith(MODEL_OPTIONS):
            self.model_options[name.removeprefix(MODEL_OPTIONS)] = value
        else:
            self.overrides[name] = value

    def _put_format(self, pattern: str, value: Any) -> None:
        """What comes later counts more; None leaves the layers as they are."""
        patterns = {key: old for key, old in self.options.pop("precision", {}).items() if key != pattern}
        if value is not None:
            patterns[pattern] = value
        if patterns:
            self.options["precision"] = patterns

    def put_all(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self.put(name, value)


def is_path(name: str) -> bool:
    """Whether it is a path into the platform, as `--set` takes it."""
    return name not in (*WHAT, *OPTIONS) and not name.startswith((MODEL_OPTIONS, PRECISION))


def check_name(name: str, place: str) -> None:
    """Paths have a dot or name a device; one word that is nearly an option is a slip of the pen."""
    if not name:
        raise InputError(f"{place}: a field without a name")
    if is_path(name) and "." not in name:
        known = (*WHAT, *OPTIONS)
        raise InputError(
            f'{place}: "{plain(name)}" is neither an option nor a path into the platform such as npu.clock'
            f"{did_you_mean(name, known)}"
        )


def check_value(name: str, value: Any, place: str) -> None:
    if name == "tier" and value not in TIERS:
        raise InputError(f'{place}: tier "{plain(value)}" is not known (known: {", ".join(TIERS)})')
    if name == "precision":
        if not isinstance(value, Mapping):
            raise InputError(f"{place}: precision: expected formats by layers, got {plain(value, 60)}")
        for pattern, dtype in value.items():
            _check_format(dtype, f"{place}: precision.{plain(pattern)}")
    if name.startswith(PRECISION) and value is not None:
        _check_format(value, place)


def _check_format(value: Any, place: str) -> None:
    if value not in RUN_IN:
        known = f" (known: {', '.join(RUN_IN)})"
        hint = did_you_mean(value, RUN_IN) if isinstance(value, str) else known
        raise InputError(f"{place}: {plain(value, 60)} is no format that layers run in{hint}")


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise InputError(f"{name}: expected a name or a file, got {plain(value, 60)}")
    return value
