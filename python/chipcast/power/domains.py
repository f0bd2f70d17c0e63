# SPDX-License-Identifier: Apache-2.0
"""The power domains, loads and CPU clusters of a platform, as far as knobs turn them."""

from __future__ import annotations

import fnmatch
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chipcast import api
from chipcast._core import InputError
from chipcast.power.units import amount, clock_text
from chipcast.text import did_you_mean, plain


@dataclass(frozen=True)
class Point:
    """A row of a table of operating points."""

    clock_hz: float
    volts_v: float
    text: str = field(default="", compare=False)
    """The clock as the platform has it: what names this point without loss."""

    @property
    def clock(self) -> str:
        return self.text or clock_text(self.clock_hz)


@dataclass(frozen=True)
class Domain:
    name: str
    members: tuple[str, ...]
    points: tuple[Point, ...] = ()
    """Clocks ascending; empty: the members' own clock, fixed."""
    clock_hz: float | None = None
    """What it is configured to run at; None where its members have no clock or unlike ones."""
    idle: tuple[str, ...] = ()
    """Idle states, the shallowest first."""
    node: str = ""
    """Thermal node; empty: the first one."""

    def point(self, clock_hz: float, place: str) -> Point:
        """The operating point of a clock. Throws InputError with the table: clocks are never rounded."""
        for point in self.points:
            if _equal(point.clock_hz, clock_hz):
                return point
        if not self.points:
            own = f"; it runs at {clock_text(self.clock_hz)}" if self.clock_hz else ""
            raise InputError(
                f'{place}: "{self.name}" has no operating points{own} (--set changes a device\'s clock freely)'
            )
        table = ", ".join(clock_text(point.clock_hz) for point in self.points)
        raise InputError(
            f'{place}: {clock_text(clock_hz)} is no operating point of "{self.name}" (known: {table})'
        )

    @property
    def running(self) -> int | None:
        """Index of the operating point that it is configured to run at."""
        if self.clock_hz is None:
            return None
        return next((i for i, p in enumerate(self.points) if _equal(p.clock_hz, self.clock_hz)), None)


@dataclass(frozen=True)
class Load:
    """What draws power beside devices and memories, between its two powers by a level."""

    name: str
    level: float
    idle_w: float
    full_w: float


@dataclass(frozen=True)
class Described:
    """A platform through the eyes of `chipcast power`."""

    name: str
    document: dict[str, Any] = field(repr=False)
    domains: dict[str, Domain] = field(default_factory=dict)
    loads: dict[str, Load] = field(default_factory=dict)

    @property
    def devices(self) -> dict[str, dict[str, Any]]:
        devices: dict[str, dict[str, Any]] = self.document["devices"]
        return devices

    @property
    def memories(self) -> list[str]:
        return list(self.document["memories"])

    @property
    def clusters(self) -> dict[str, int]:
        """Cores of each device that has them to spare."""
        return {
            name: int(device["cores"])
            for name, device in self.devices.items()
            if device.get("type") == "cpu" and isinstance(device.get("cores"), int)
        }

    def domain(self, name: str, place: str) -> Domain:
        """By its name, or by that of a device or memory in it."""
        if name in self.domains:
            return self.domains[name]
        if owner := self.owner(name):
            return owner
        raise InputError(f'{place}: no power domain "{plain(name, 40)}"{did_you_mean(name, self.domains)}')

    def matching(self, pattern: str, place: str) -> list[Domain]:
        """The domain of a name; of a pattern with * every one that it matches."""
        if "*" not in pattern:
            return [self.domain(pattern, place)]
        found = [domain for name, domain in self.domains.items() if fnmatch.fnmatchcase(name, pattern)]
        if not found:
            raise InputError(
                f'{place}: no power domain "{plain(pattern, 40)}"{did_you_mean(pattern, self.domains)}'
            )
        return found

    def owner(self, member: str) -> Domain | None:
        return next((domain for domain in self.domains.values() if member in domain.members), None)

    def devices_of(self, domain: Domain) -> list[str]:
        return [name for name in domain.members if name in self.devices]

    @property
    def nodes(self) -> dict[str, Any]:
        nodes: dict[str, Any] = self.document.get("thermal", {}).get("nodes", {})
        return nodes


def describe(platform: str | os.PathLike[str], overrides: api.Overrides = ()) -> Described:
    """Reads a platform. Its domains are those of the simulator (platform/power/domains.h): the stated ones, and one
    for each device, memory and load that is in none."""
    document = api.describe(platform, overrides=overrides)
    power = document.get("power", {})
    domains = {name: _stated(name, each, document) for name, each in power.get("domains", {}).items()}
    taken = {member for domain in domains.values() for member in domain.members}
    loads = {name: _load(name, each) for name, each in power.get("loads", {}).items()}
    for name in (*document["devices"], *document["memories"], *loads):
        if name not in taken:
            domains[name] = Domain(name, (name,), clock_hz=_clock_of([name], document))
    return Described(str(document["name"]), document, domains, loads)


def _stated(name: str, given: Mapping[str, Any], document: Mapping[str, Any]) -> Domain:
    members = tuple(given["members"])
    clock = given.get("clock")
    return Domain(
        name=name,
        members=members,
        points=tuple(
            Point(read_clock(p["clock"]), float(p["volts"]), str(p["clock"])) for p in given.get("opps", [])
        ),
        clock_hz=read_clock(clock) if clock else _clock_of(members, document),
        idle=tuple(state["name"] for state in given.get("idle", [])),
        node=str(given.get("thermal_node", "")),
    )


def _clock_of(members: Sequence[str], document: Mapping[str, Any]) -> float | None:
    places = (document["devices"].get(name, {}) for name in members)
    clocks = {read_clock(place["clock"]) for place in places if isinstance(place.get("clock"), str)}
    return clocks.pop() if len(clocks) == 1 else None


def _load(name: str, given: Mapping[str, Any]) -> Load:
    return Load(
        name, float(given.get("level", 0.0)), read_watts(given.get("idle", "0 W")), read_watts(given["full"])
    )


def read_clock(text: str) -> float:
    return amount(text, "Hz", "platform")


def read_watts(text: str) -> float:
    """Zero is a power too."""
    number = str(text).split()[0]
    return 0.0 if float(number) == 0 else amount(text, "W", "platform")


def points_override(domain: Domain, points: Sequence[Point]) -> str:
    """Leaves a domain these operating points alone."""
    rows = [{"clock": p.clock, "volts": p.volts_v} for p in points]
    return f"power.domains.{domain.name}.opps={json.dumps(rows)}"


def _equal(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-9 * max(abs(one), abs(other))
