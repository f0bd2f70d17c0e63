# SPDX-License-Identifier: Apache-2.0
"""A measured machine as an ordinary platform file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

ENERGY_PER_CYCLE = "3000 pJ/cycle"
INTEGERS = ["int8", "uint8", "int7", "int4", "uint4", "binary"]


def cpu_device(machine: Mapping[str, Any], threads: int) -> dict[str, Any]:
    """The device `cpu` without its kernels."""
    levels = machine["levels"]
    caches = machine["caches"]
    clock = quantity(machine["clock"], "Hz")
    best = machine["rates"][0]
    lines = [math.ceil(level["lines"]) for level in levels[1:]] or [16]
    shared_read = machine["threads"][-1]
    return {
        "type": "cpu",
        "core": {
            "name": machine["processor"],
            "rates": [
                {"dtype": "fp32", "macs": f"{_whole(best['fp32'])} op/cycle"},
                {"dtype": "int8", "macs": f"{_whole(best['int8'])} op/cycle"},
                {"dtype": "int16", "macs": f"{_whole(best['int16'])} op/cycle"},
            ],
            "vector": f"{_whole(best['vector'])} B/cycle",
            "load_width": f"{_whole(best['load'])} B/cycle",
            "store_width": f"{_whole(best['store'])} B/cycle",
            "outstanding_misses": min(4096, max(8, *lines)),
            "outstanding_writes": min(4096, max(8, *lines)),
            "energy": ENERGY_PER_CYCLE,
        },
        "cores": threads,
        "clock": f"{clock / 1e9:.2f} GHz",
        "volts": 1.0,
        "leakage": "5 W",
        "warm": True,
        "caches": [
            _cache(cache, level, clock, shared_read if i + 1 == len(caches) else None, threads)
            | ({"size": f"{_share_of_cache(machine)} B"} if i + 1 == len(caches) else {})
            for i, (cache, level) in enumerate(zip(caches, levels[: len(caches)], strict=True))
        ],
    }


def _share_of_cache(machine: Mapping[str, Any]) -> int:
    """Bytes of the outermost cache that this process gets: others on the chip, in other virtual machines too, fill the
    rest.

    From the rate of reading by block size: reading x bytes over and over takes memory's time for the share that the
    cache does not hold, none up to its size C, all from 1.5 C on, as accelerators/cpu has it. C is the size that
    describes the curve best, its nominal one at most.
    """
    cache, level, memory = machine["caches"][-1], machine["levels"][-2], machine["levels"][-1]
    nominal = int(quantity(cache["size"], "B"))
    near = 1.0 / quantity(level["read"], "B/s")
    # Memory's own: the best of all blocks that are far too large, for others only ever make one slower.
    large = [point for point in machine["streams"] if quantity(point["block"], "B") >= 2 * nominal] or [memory]
    far = min(1.0 / quantity(point["read"], "B/s") for point in large)
    start = quantity(level["block"], "B")
    points = [
        (quantity(point["block"], "B"), (1.0 / quantity(point["read"], "B/s") - near) / (far - near))
        for point in machine["streams"]
    ]
    points = [point for point in points if point[0] >= start] if far > near else []

    def error(size: float) -> float:
        return sum((min(1.0, max(0.0, 2.0 * x / size - 2.0)) - missed) ** 2 for x, missed in points)

    least = min(start, nominal / 16)
    sizes = [nominal * (least / nominal) ** (step / 64.0) for step in range(65)]
    return int(min(sizes, key=error)) if points else nominal


def _cache(
    cache: Mapping[str, Any],
    level: Mapping[str, Any],
    clock: float,
    shared: Mapping[str, Any] | None,
    threads: int,
) -> dict[str, Any]:
    out: dict[str, Any] = {
        "name": cache["name"],
        "size": cache["size"],
        "ways": max(1, int(cache["ways"])),
        "replacement": "lru",
        "latency": f"{max(1, round(quantity(level['latency'], 's') * clock))} cycles",
        "bandwidth": f"{_whole(quantity(level['read'], 'B/s') / clock)} B/cycle",
    }
    if shared is not None and int(cache["sharers"]) > 1:
        out["shared"] = True
        together = quantity(shared["cached"], "B/s")
        if threads > 1 and together > 0.0:
            out["total_bandwidth"] = f"{_whole(together / clock)} B/cycle"
    return out


def platform(
    machine: Mapping[str, Any],
    device: Mapping[str, Any],
    profiles: Mapping[str, Sequence[Mapping[str, Any]]],
    overheads: Mapping[str, float],
    capacity_bytes: int,
) -> dict[str, Any]:
    """The whole platform. `profiles`: families of fp32 and of int8; `overheads` in seconds: network, fork_join."""
    memory = machine["levels"][-1]
    bandwidth = max(quantity(memory["read"], "B/s"), quantity(machine["threads"][-1]["read"], "B/s"))
    last = machine["levels"][-2] if len(machine["levels"]) > 1 else None
    beyond = quantity(memory["latency"], "s") - (quantity(last["latency"], "s") if last else 0.0)
    common = {
        "operator_overhead": _seconds(overheads["operator"]),
        "network_overhead": _seconds(overheads["network"]),
        "fork_join": _seconds(overheads["fork_join"]),
    }
    return {
        "name": "host",
        "description": f"{machine['processor']}, as calibrated with the native kernels",
        "sources": [
            "Clock, rates, caches, memory and threads: measured on this machine (crosscheck/host)",
            "Kernels: structure from kernels/, costs fitted to the calibration shapes",
            "Energy: assumed; not measured",
        ],
        "technology": {"extends": "technologies/7nm.json"},
        "interconnect": {"clock": "2 GHz", "width": "512 B/cycle", "duplex": True, "latency": "0 cycles"},
        "memories": {
            "memory": {
                "type": "simple",
                "capacity": f"{max(1, capacity_bytes >> 30)} GiB",
                "bandwidth": f"{bandwidth:.0f} B/s",
                "latency": _seconds(max(beyond, 20e-9)),
            }
        },
        "devices": {
            "cpu": {
                **device,
                "profile": {
                    "name": "chipcast",
                    "kernels": [dict(family) for family in profiles["fp32"]],
                    **common,
                },
                "profiles": [
                    {
                        "name": "chipcast int8",
                        "serves": INTEGERS,
                        "kernels": [dict(family) for family in profiles["int8"]],
                        **common,
                    }
                ],
            }
        },
        "always_on": "0 W",
    }


def _whole(value: float) -> int:
    return max(1, round(value))


def _seconds(value: float) -> str:
    return f"{value * 1e9:.4f} ns"


_UNITS = {
    "": 1.0,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "m": 1e-3,
    "u": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
}


def quantity(text: str | float, unit: str) -> float:
    """A quantity as the core writes it ("3.9 GHz", "1.1 ns") in its base unit."""
    if not isinstance(text, str):
        return float(text)
    value, _, symbol = text.partition(" ")
    return float(value) * _UNITS[symbol.removesuffix(unit)]
