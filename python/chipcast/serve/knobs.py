# SPDX-License-Identifier: Apache-2.0
"""What can be turned on a platform: paths as `--set` takes them, the value there, and sensible stops around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chipcast.sweep.quantities import UNITS, parse, text_of

Knob = dict[str, Any]

_FACTORS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
_POWERS = (0.25, 0.5, 1.0, 2.0, 4.0)
_BUFFERS = ("buffer", "accumulator", "scratchpad", "sram", "memory", "tile_memory")


def knobs_of(platform: Mapping[str, Any]) -> list[Knob]:
    """Of a described platform. `stops`: texts that --set takes, ascending; `at`: which of them is the value."""
    return [
        *(
            knob
            for name, device in platform["devices"].items()
            for knob in _of_device(name, device, platform)
        ),
        *(knob for name, memory in platform["memories"].items() for knob in _of_memory(name, memory)),
        *_clock("interconnect", "interconnect", platform["interconnect"], ()),
    ]


def _of_device(name: str, device: Mapping[str, Any], platform: Mapping[str, Any]) -> Iterator[Knob]:
    points = [
        point["clock"]
        for domain in platform.get("power", {}).get("domains", {}).values()
        if name in domain.get("members", ())
        for point in domain.get("opps", ())
    ]
    yield from _clock(name, name, device, points)
    if isinstance(device.get("cores"), int) and device["cores"] > 0:
        stops = range(1, max(device["cores"], 4) + 1)
        yield _knob(f"{name}.cores", name, "cores", "", device["cores"], [str(each) for each in stops])
    for buffer in _BUFFERS:
        value = device.get(buffer)
        if isinstance(value, str) and _number(value):
            yield _knob(f"{name}.{buffer}", name, buffer, "B", value, _bytes(value))


def _of_memory(name: str, memory: Mapping[str, Any]) -> Iterator[Knob]:
    channels = memory.get("channels")
    if isinstance(channels, int) and channels > 0:
        yield _knob(f"{name}.channels", name, "channels", "", channels, ["1", "2", "4", "8"], "memory")
    bandwidth = memory.get("bandwidth")
    if isinstance(bandwidth, str) and (number := _number(bandwidth)):
        stops = [f"{number * factor:.6g} B/s" for factor in _POWERS]
        yield _knob(f"{name}.bandwidth", name, "bandwidth", "B/s", bandwidth, stops, "memory")


def _clock(path: str, group: str, part: Mapping[str, Any], points: Any) -> Iterator[Knob]:
    clock = part.get("clock")
    if not isinstance(clock, str) or not (hertz := _number(clock)):
        return
    stops = list(points) or [f"{hertz * factor / 1e6:.6g} MHz" for factor in _FACTORS]
    kind = "interconnect" if path == "interconnect" else "device"
    yield _knob(f"{path}.clock", group, "clock", "Hz", clock, stops, kind)


def _bytes(value: str) -> list[str]:
    kib = max((_number(value) or 0.0) / 1024, 0.25)
    return [text_of(kib * factor, UNITS["KiB"]) for factor in _POWERS]


def _knob(
    path: str, group: str, label: str, unit: str, value: object, stops: list[str], kind: str = "device"
) -> Knob:
    """The value itself is always one of the stops."""
    text = str(value)
    numbers = {_number(stop): stop for stop in stops}
    numbers[_number(text)] = text
    ordered = [numbers[key] for key in sorted(numbers, key=lambda number: number or 0.0)]
    return {
        "path": path,
        "group": group,
        "kind": kind,
        "label": label,
        "unit": unit,
        "value": text,
        "stops": ordered,
        "amounts": [_number(stop) for stop in ordered],
        "at": ordered.index(text),
    }


def _number(text: str) -> float | None:
    """In the unit without prefix; None where it is no amount above zero."""
    try:
        return float(text)
    except ValueError:
        pass
    found = parse(text)
    return found.base if found is not None and found.base > 0 else None
