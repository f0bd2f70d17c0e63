# SPDX-License-Identifier: Apache-2.0
"""Work of others on a CPU cluster or a memory, as power alone: it takes nothing from the network's speed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence

from chipcast import _core
from chipcast._core import InputError
from chipcast.catalog import platform_file, search_dirs
from chipcast.power.domains import Described, read_clock
from chipcast.text import did_you_mean, plain

PREFIX = "background_"
_HELD = {"performance": -1, "powersave": 0}
"""Place in the table of the operating point that a governor never leaves."""


def load_overrides(
    platform: str | os.PathLike[str],
    described: Described,
    loads: dict[str, float],
    overrides: Sequence[str],
    governors: Mapping[str, str],
) -> list[str]:
    """Overrides that set the level of each load: one of the platform, or a new one beside a cluster or a memory.
    `described` has the operating points that the run starts at; `governors` the kind by domain."""
    memory: dict[str, float] = {}
    if any(name in described.memories for name in loads):
        with platform_file(platform) as path:
            memory = _core.memory_full_power(str(path), search_dirs(path), list(overrides))
    out = []
    for name, level in loads.items():
        if name in described.loads:
            out.append(f"power.loads.{name}.level={level!r}")
        elif name in described.clusters:
            out += _beside(described, name, cluster_full_w(described, name, governors), level)
        elif name in memory:
            out += _beside(described, name, memory[name], level)
        else:
            raise _unknown(described, name)
    return out


def cluster_full_w(described: Described, name: str, governors: Mapping[str, str]) -> float:
    """All cores busy: cores x C V^2 f, with C the energy of an active cycle at 1 V (the device tree's
    dynamic-power-coefficient); accelerators/cpu/cost.cpp prices a cycle in the same way. V and f are those of the
    operating point that the governor holds, where that is known before the run (fixed, performance, powersave), else
    of the one that the run starts in."""
    device = described.devices[name]
    picojoules = read_energy_pj(device["core"]["energy"])
    volts, clock_hz = float(device["volts"]), read_clock(device["clock"])
    owner = described.owner(name)
    if owner and owner.points and (place := _HELD.get(governors.get(owner.name, "fixed"))) is not None:
        volts, clock_hz = owner.points[place].volts_v, owner.points[place].clock_hz
    return int(device["cores"]) * picojoules * 1e-12 * volts * volts * clock_hz


def read_energy_pj(text: str) -> float:
    """ "416 pJ/cycle" as a resolved platform states it."""
    number, unit = text.split()
    scale = {"aJ": 1e-6, "fJ": 1e-3, "pJ": 1.0, "nJ": 1e3, "uJ": 1e6, "mJ": 1e9, "J": 1e12}
    return float(number) * scale[unit.partition("/")[0]]


def _beside(described: Described, name: str, full_w: float, level: float) -> list[str]:
    """A load with a domain of its own, on the rail and the thermal node of what it works on."""
    load = PREFIX + name
    owner = described.owner(name)
    stated = described.document.get("power", {}).get("domains", {}).get(owner.name if owner else "", {})
    domain = {
        "members": [load],
        "rail": stated.get("rail", ""),
        "thermal_node": stated.get("thermal_node", ""),
    }
    return [
        f"power.loads.{load}={json.dumps({'full': f'{full_w!r} W', 'level': level})}",
        f"power.domains.{load}={json.dumps(domain)}",
    ]


def _unknown(described: Described, name: str) -> InputError:
    known = [*described.loads, *described.clusters, *described.memories]
    why = " is a device; its load is the network" if name in described.devices else " is not known"
    return InputError(f'load: "{plain(name, 40)}"{why}{did_you_mean(name, known)}')
