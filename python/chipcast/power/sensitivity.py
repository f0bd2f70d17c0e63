# SPDX-License-Identifier: Apache-2.0
"""Which knob buys most: the same forecast with one of them turned."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chipcast._core import InputError, LimitError
from chipcast.power.background import PREFIX
from chipcast.power.domains import Described
from chipcast.power.knobs import Knobs
from chipcast.power.units import clock_text
from chipcast.text import one_line

Report = dict[str, Any]
Forecast = Callable[[Knobs, Sequence[str] | None], Report]


@dataclass(frozen=True)
class Turn:
    """One knob, turned by one notch."""

    knob: str
    change: str
    knobs: Knobs
    devices: Sequence[str] | None = None


def sensitivity(
    base: Report, turns: Sequence[Turn], forecast: Forecast, step: Callable[[str], object] = lambda text: None
) -> tuple[list[Report], list[str]]:
    """(what each turn saves, the largest saving first; the turns that cannot be made, and why)."""
    rows, refused = [], []
    for turn in turns:
        step(turn.change)
        try:
            rows.append(_row(turn, forecast(turn.knobs, turn.devices), base))
        except (InputError, LimitError) as error:
            refused.append(f"{turn.change}: {one_line(error)}")
    return sorted(rows, key=lambda row: (-row["saved_w"], row["change"])), refused


def _row(turn: Turn, report: Mapping[str, Any], base: Mapping[str, Any]) -> Report:
    after, before = (each["streams"][0] for each in (report, base))
    return {
        "knob": turn.knob,
        "change": turn.change,
        "average_power_w": report["average_power_w"],
        "saved_w": base["average_power_w"] - report["average_power_w"],
        "saved_per_inference_j": base["energy_per_inference_j"] - report["energy_per_inference_j"],
        "latency_s": after["latency"]["mean_s"],
        "latency_cost_s": after["latency"]["mean_s"] - before["latency"]["mean_s"],
        "rate_met": after["rate"]["met"],
    }


def turns(described: Described, knobs: Knobs, base: Report, devices: Sequence[str] | None) -> list[Turn]:
    """`described`: the platform as the base forecast saw it."""
    used = base["streams"][0]["devices"]
    return [
        *_slower(described, knobs, devices),
        *_without_loads(described, knobs, devices),
        *_fewer_cores(described, knobs, used, devices),
        *_idle(described, knobs, devices),
        *_governors(described, knobs, devices),
        *_other_devices(described, knobs, used, devices),
    ]


def _slower(described: Described, knobs: Knobs, devices: Sequence[str] | None) -> Iterator[Turn]:
    for domain in described.domains.values():
        if (running := domain.running) is None or running == 0:
            continue
        if knobs.governors.get(domain.name, knobs.governor or "fixed") not in ("fixed", "performance"):
            continue  # whoever governs it chooses slower points by itself
        slower = domain.points[running - 1].clock_hz
        turned = dataclasses.replace(knobs, clocks={**knobs.clocks, domain.name: slower})
        if knobs.governors.get(domain.name, knobs.governor) == "performance":
            turned = dataclasses.replace(knobs, limits={**knobs.limits, domain.name: slower})
        yield Turn("clock", f"{domain.name} at {clock_text(slower)}", turned, devices)


def _without_loads(described: Described, knobs: Knobs, devices: Sequence[str] | None) -> Iterator[Turn]:
    for load in described.loads.values():
        if load.level > 0:
            name = load.name.removeprefix(PREFIX)
            turned = dataclasses.replace(knobs, loads={**knobs.loads, name: 0.0})
            yield Turn("load", f"{name} without load", turned, devices)


def _fewer_cores(
    described: Described, knobs: Knobs, used: Sequence[str], devices: Sequence[str] | None
) -> Iterator[Turn]:
    for name, cores in described.clusters.items():
        if name in used and cores > 1:
            turned = dataclasses.replace(knobs, cores={**knobs.cores, name: cores - 1})
            noun = "core" if cores == 2 else "cores"
            yield Turn("cores", f"{name} with {cores - 1} {noun}", turned, devices)


def _idle(described: Described, knobs: Knobs, devices: Sequence[str] | None) -> Iterator[Turn]:
    if knobs.idle != "deepest" and any(domain.idle for domain in described.domains.values()):
        yield Turn("idle", "deepest idle state at once", dataclasses.replace(knobs, idle="deepest"), devices)


def _governors(described: Described, knobs: Knobs, devices: Sequence[str] | None) -> Iterator[Turn]:
    several = any(len(domain.points) > 1 for domain in described.domains.values())
    if knobs.period_s is None or not several:
        return
    for kind in ("deadline", "race_to_idle"):
        if knobs.governor != kind:
            turned = dataclasses.replace(knobs, governor=kind, governors={})
            yield Turn("governor", f"governor {kind}", turned, devices)


def _other_devices(
    described: Described, knobs: Knobs, used: Sequence[str], devices: Sequence[str] | None
) -> Iterator[Turn]:
    """Without each device that works, and on each other kind of device alone (with the clusters' help where it needs
    it)."""
    allowed = list(devices or described.devices)
    for name in used:
        left = [other for other in allowed if other != name]
        if left and len(used) > 1:
            yield Turn("devices", f"without {name}", knobs, left)
    kinds = [described.devices[name] for name in used]
    for name in described.devices:
        if name in used or described.devices[name] in kinds:
            continue
        kinds.append(described.devices[name])
        yield Turn("devices", f"on {name} alone", knobs, [name])
        helpers = [cluster for cluster in described.clusters if cluster != name]
        if name not in described.clusters and helpers:
            yield Turn("devices", f"on {name} and {', '.join(helpers)}", knobs, [name, *helpers])
