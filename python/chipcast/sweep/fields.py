# SPDX-License-Identifier: Apache-2.0
"""What the fields of a sweep mean: the network, the platform, an option of a run, or a path into the platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chipcast._core import InputError
from chipcast.text import did_you_mean, plain

TIERS = ("systemc", "analytic")
OPTIONS = (
    "dtype",
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


@dataclass
class Fields:
    """What a point sets, sorted by what takes it."""

    model: str = ""
    platform: str = ""
    tier: str = "systemc"
    options: dict[str, Any] = field(default_factory=dict)
    model_options: dict[str, Any] = field(default_factory=dict)
    overrides: dict[str, Any] = field(default_factory=dict)

    def put(self, name: str, value: Any) -> None:
        if name in ("model", "platform", "tier"):
            setattr(self, name, _text(name, value))
        elif name in OPTIONS:
            self.options[name] = value
        elif name.startswith(MODEL_OPTIONS):
            self.model_options[name.removeprefix(MODEL_OPTIONS)] = value
        else:
            self.overrides[name] = value

    def put_all(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self.put(name, value)


def is_path(name: str) -> bool:
    """Whether it is a path into the platform, as `--set` takes it."""
    return name not in ("model", "platform", "tier", *OPTIONS) and not name.startswith(MODEL_OPTIONS)


def check_name(name: str, place: str) -> None:
    """Paths have a dot or name a device; one word that is nearly an option is a slip of the pen."""
    if not name:
        raise InputError(f"{place}: a field without a name")
    if is_path(name) and "." not in name:
        known = ("model", "platform", "tier", *OPTIONS)
        raise InputError(
            f'{place}: "{plain(name)}" is neither an option nor a path into the platform such as npu.clock'
            f"{did_you_mean(name, known)}"
        )


def check_value(name: str, value: Any, place: str) -> None:
    if name == "tier" and value not in TIERS:
        raise InputError(f'{place}: tier "{plain(value)}" is not known (known: {", ".join(TIERS)})')


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise InputError(f"{name}: expected a name or a file, got {plain(value, 60)}")
    return value
