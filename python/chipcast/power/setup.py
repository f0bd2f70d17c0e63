# SPDX-License-Identifier: Apache-2.0
"""From knobs to what the simulator takes: overrides of the platform, and who manages power."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chipcast._core import InputError
from chipcast.power.background import load_overrides
from chipcast.power.domains import Described, Domain, Point, describe, points_override
from chipcast.power.knobs import Knobs
from chipcast.text import did_you_mean, plain


@dataclass(frozen=True)
class Setup:
    """A platform as the knobs leave it."""

    described: Described
    whole: Described
    """The same with every core on."""
    overrides: list[str]
    management: dict[str, Any]
    """The member `power` of a file of streams."""
    devices: list[str] | None
    """What the network may use; None: everything."""


def make_setup(
    platform: str | os.PathLike[str],
    knobs: Knobs,
    overrides: Sequence[str] = (),
    devices: Sequence[str] | None = None,
    stated: Mapping[str, Any] | None = None,
) -> Setup:
    """Checks every name against the platform. Throws InputError. `stated`: who manages power where the knobs leave it
    open, the member `power` of a file of streams."""
    before = describe(platform, overrides)
    if devices is not None and (
        unknown := next((name for name in devices if name not in before.devices), None)
    ):
        raise InputError(
            f'devices: "{plain(unknown, 40)}" is not known{did_you_mean(unknown, before.devices)}'
        )
    points = _clock_overrides(before, knobs)
    changed = [*overrides, *points, *_core_overrides(before, knobs), *_surroundings(knobs)]
    after = describe(platform, changed)
    off = [domain for name in knobs.off for domain in before.matching(name, "state")]
    management = _management(after, knobs, off)
    kinds = _kinds(after, management, stated or {})
    changed += load_overrides(platform, after, dict(knobs.loads), changed, kinds)
    return Setup(
        described=describe(platform, changed) if knobs.loads else after,
        whole=describe(platform, [*overrides, *points]) if knobs.cores else after,
        overrides=changed,
        management=management,
        devices=_allowed(before, off, devices),
    )


def check_clocks_once(described: Described, knobs: Knobs) -> None:
    """Throws InputError where two clocks are asked of one domain, by its name, a member's or a pattern."""
    taken: dict[str, str] = {}
    for name in knobs.clocks:
        for domain in described.matching(name, "clock"):
            if domain.name in taken:
                raise InputError(
                    f'clock: "{plain(name, 40)}" and "{plain(taken[domain.name], 40)}" both set "{domain.name}"; '
                    "give it one clock"
                )
            taken[domain.name] = name


def _clock_overrides(described: Described, knobs: Knobs) -> list[str]:
    out = []
    for name in dict.fromkeys((*knobs.limits, *knobs.floors)):
        domain = described.domain(name, "limit")
        lowest, highest = knobs.floors.get(name, 0.0), knobs.limits.get(name, math.inf)
        for clock in (lowest, highest):
            if 0.0 < clock < math.inf:
                domain.point(clock, f"limit {domain.name}")
        kept = [
            point for point in domain.points if lowest <= point.clock_hz * (1 + 1e-9) <= highest * (1 + 2e-9)
        ]
        out.append(points_override(domain, kept))
        if name not in knobs.clocks:
            out.append(_clock(domain, kept[-1]))
    for name, clock in knobs.clocks.items():
        for domain in described.matching(name, "clock"):
            out.append(_clock(domain, domain.point(clock, f"clock {domain.name}")))
    return out


def _clock(domain: Domain, point: Point) -> str:
    return f"power.domains.{domain.name}.clock={json.dumps(point.clock)}"


def _core_overrides(described: Described, knobs: Knobs) -> list[str]:
    out = []
    for name, cores in knobs.cores.items():
        if name not in described.clusters:
            raise InputError(
                f'cores: no CPU cluster "{plain(name, 40)}"{did_you_mean(name, described.clusters)}'
            )
        if cores > described.clusters[name]:
            raise InputError(f"cores {name}: {cores} are more than its {described.clusters[name]}")
        out.append(f"{name}.cores={cores}")
    return out


def _surroundings(knobs: Knobs) -> list[str]:
    out = []
    if knobs.ambient_c is not None:
        out.append(f"thermal.ambient_c={knobs.ambient_c!r}")
    if knobs.battery is not None:
        out.append(f"power.battery.capacity_mah={knobs.battery.capacity_mah!r}")
        if knobs.battery.volts_v is not None:
            out.append(f"power.battery.volts={knobs.battery.volts_v!r}")
    return out


def _management(described: Described, knobs: Knobs, off: Sequence[Domain]) -> dict[str, Any]:
    governor: dict[str, Any] = {}
    if knobs.governor:
        governor["kind"] = knobs.governor
    if knobs.idle:
        governor["idle"] = knobs.idle
    single: dict[str, dict[str, Any]] = {}
    for name, kind in knobs.governors.items():
        for domain in described.matching(name, "governor"):
            single[domain.name] = {**governor, "kind": kind}
    for domain in off:
        single[domain.name] = {"kind": "fixed", "idle": "deepest"}
    out: dict[str, Any] = {"start": (knobs.start or "steady") if described.nodes else "ambient"}
    if governor:
        out["governor"] = governor
    if single:
        out["domains"] = single
    if knobs.cap_w is not None:
        out["cap"] = f"{knobs.cap_w!r} W"
    return out


def _kinds(described: Described, *managements: Mapping[str, Any]) -> dict[str, str]:
    """The governor of each domain; what comes first stands before the rest."""
    out = {}
    for name in described.domains:
        singles = (_member(_member(each, "domains"), name) for each in managements)
        overall = (_member(each, "governor") for each in managements)
        kinds = [str(each["kind"]) for each in (*singles, *overall) if "kind" in each]
        out[name] = kinds[0] if kinds else "fixed"
    return out


def _member(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Empty where it is none; the simulator says what is wrong with a file."""
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}


def _allowed(described: Described, off: Sequence[Domain], devices: Sequence[str] | None) -> list[str] | None:
    if not off:
        return None if devices is None else list(devices)
    barred = set()
    for domain in off:
        unused = described.devices_of(domain)
        if not unused:
            raise InputError(
                f'state: "{domain.name}" has no device that could go without work (--load for loads)'
            )
        if not domain.idle:
            raise InputError(
                f'state: "{domain.name}" has no idle states in the platform file; it cannot be off'
            )
        barred.update(unused)
    left = [name for name in (devices or described.devices) if name not in barred]
    if not left:
        raise InputError("state: every device that may be used is off")
    return left
