# SPDX-License-Identifier: Apache-2.0
"""The scheduling problem as the core writes it: what of it a solver needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Part:
    """What one device does of a task; seconds and joules of its start with inputs from memory, and from its cache."""

    device: int
    axis: str
    begin: int
    end: int
    cold_s: float
    local_s: float
    cold_j: float
    local_j: float
    publish_s: float
    publish_j: float
    power_w: float


@dataclass(frozen=True)
class Input:
    task: int
    bytes: float
    need: Mapping[str, Any]

    @property
    def whole(self) -> bool:
        """A reader needs all parts, however both ends are cut."""
        return bool(self.need["rows_cut"] == "all" and self.need["channels_cut"] == "all")


@dataclass(frozen=True)
class Task:
    modes: tuple[tuple[Part, ...], ...]
    inputs: tuple[Input, ...]
    leaves: bool


@dataclass(frozen=True)
class Problem:
    devices: int
    tasks: tuple[Task, ...]
    handoff_s: float
    latency: tuple[float, ...]
    seconds_per_byte: tuple[float, ...]
    idle_power_w: float
    objective: str
    power_cap_w: float | None

    def delay(self, part: Part, to: int, size: float) -> float:
        """Seconds between a part's end and the earliest start of its reader on another device."""
        at = part.device * self.devices + to
        latency = self.latency[at] if self.latency else 0.0
        rate = self.seconds_per_byte[at] if self.seconds_per_byte else 0.0
        return part.publish_s + latency + size * rate


def read_problem(document: Mapping[str, Any]) -> Problem:
    """From the core's JSON form, which it has checked."""
    return Problem(
        devices=len(document["devices"]),
        tasks=tuple(_task(task) for task in document["tasks"]),
        handoff_s=document["handoff"],
        latency=tuple(document["latency"]),
        seconds_per_byte=tuple(document["seconds_per_byte"]),
        idle_power_w=document["idle_power"],
        objective=document["objective"],
        power_cap_w=document.get("power_cap"),
    )


def overlaps(need: Mapping[str, Any], producer: Part, reader: Part) -> bool:
    """The producer's part has something that the reader's part needs; as schedule::overlaps."""
    if "whole" in (producer.axis, reader.axis) or producer.axis != reader.axis:
        return True
    if producer.axis == "out_channels":
        if need["channels_cut"] != "channels":
            return True
        return producer.begin < reader.end and reader.begin < producer.end
    if need["rows_cut"] != "rows":
        return True
    begin = need["stride"] * reader.begin - need["pad"]
    end = need["stride"] * (reader.end - 1) - need["pad"] + need["reach"]
    return bool(producer.begin < end and begin < producer.end)


def _task(document: Mapping[str, Any]) -> Task:
    return Task(
        modes=tuple(tuple(_part(part) for part in mode["parts"]) for mode in document["modes"]),
        inputs=tuple(Input(each["task"], each["bytes"], each["need"]) for each in document["inputs"]),
        leaves=document["leaves"],
    )


def _part(document: Mapping[str, Any]) -> Part:
    cold, local = document["cold"], document["local"]
    return Part(
        device=document["device"],
        axis=document["axis"],
        begin=document["begin"],
        end=document["end"],
        cold_s=cold["overhead"] + cold["work"],
        local_s=local["overhead"] + local["work"],
        cold_j=cold["energy"],
        local_j=local["energy"],
        publish_s=document["publish"],
        publish_j=document["publish_energy"],
        power_w=document["power"],
    )
