# SPDX-License-Identifier: Apache-2.0
"""What can be turned on a platform: the value there, sensible stops around it, and what each of them sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chipcast.sweep.quantities import UNITS, parse, text_of

Knob = dict[str, Any]
Stop = dict[str, Any]
Part = Mapping[str, Any]

_FACTORS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
_POWERS = (0.25, 0.5, 1.0, 2.0, 4.0)
_BUFFERS = ("buffer", "accumulator", "scratchpad", "sram", "memory", "tile_memory")


def knobs_of(platform: Part) -> list[Knob]:
    """Of a described platform, in its order: `id`, `group`, `label`, `unit`, `at` (the stop that it is at), `stops`.

    A stop has `text`, `amount` (in the unit without prefix) and `set`: values by path as `--set` takes them, none where
    it is the platform's own; `power` is the same for `chipcast power` where that has a word for it (clocks, cores).
    """
    domains: Part = platform.get("power", {}).get("domains", {})
    clocked = {member for domain in domains.values() if domain.get("opps") for member in domain["members"]}
    return [
        *(knob for name, domain in domains.items() for knob in _of_domain(name, domain, platform["devices"])),
        *(
            knob
            for name, device in platform["devices"].items()
            for knob in _of_device(name, device, name in clocked)
        ),
        *(knob for name, memory in platform["memories"].items() for knob in _of_memory(name, memory)),
        *_clock("interconnect", platform["interconnect"]),
    ]


def _of_domain(name: str, domain: Part, devices: Part) -> Iterator[Knob]:
    """Operating points turn clock and voltage of all that is in the domain."""
    members = [member for member in domain["members"] if member in devices]
    points = domain.get("opps", ())
    if not members or not points:
        return
    stops = [
        _stop(
            point["clock"],
            {
                f"{member}.{what}": value
                for member in members
                for what, value in (("clock", point["clock"]), ("volts", point["volts"]))
                if what in devices[member]
            },
            {"clocks": {name: point["clock"]}},
        )
        for point in points
    ]
    clock = str(devices[members[0]].get("clock", ""))
    yield from _knob(f"{members[0]}.clock", ", ".join(members), "clock", "Hz", clock, stops)


def _of_device(name: str, device: Part, clocked: bool) -> Iterator[Knob]:
    if not clocked:
        yield from _clock(name, device)
    cores = device.get("cores")
    if isinstance(cores, int) and cores > 0:
        path = f"{name}.cores"
        # More of them would be another chip; `chipcast power` takes cores off that are there.
        stops = [_stop(str(each), {path: each}, {"cores": {name: each}}) for each in range(1, cores + 1)]
        yield from _knob(path, name, "cores", "", str(cores), stops)
    for buffer in _BUFFERS:
        value = device.get(buffer)
        if isinstance(value, str) and _number(value):
            path = f"{name}.{buffer}"
            yield from _knob(
                path, name, buffer, "B", value, [_stop(text, {path: text}) for text in _bytes(value)]
            )


def _of_memory(name: str, memory: Part) -> Iterator[Knob]:
    channels = memory.get("channels")
    if isinstance(channels, int) and channels > 0:
        path = f"{name}.channels"
        stops = [_stop(str(each), {path: each}) for each in (1, 2, 4, 8)]
        yield from _knob(path, name, "channels", "", str(channels), stops)
    bandwidth = memory.get("bandwidth")
    if isinstance(bandwidth, str) and (number := _number(bandwidth)):
        path = f"{name}.bandwidth"
        texts = [f"{number * factor:.6g} B/s" for factor in _POWERS]
        yield from _knob(
            path, name, "bandwidth", "B/s", bandwidth, [_stop(text, {path: text}) for text in texts]
        )


def _clock(name: str, part: Part) -> Iterator[Knob]:
    clock = part.get("clock")
    if isinstance(clock, str) and (hertz := _number(clock)):
        path = f"{name}.clock"
        texts = [f"{hertz * factor / 1e6:.6g} MHz" for factor in _FACTORS]
        yield from _knob(path, name, "clock", "Hz", clock, [_stop(text, {path: text}) for text in texts])


def _bytes(value: str) -> list[str]:
    kib = max((_number(value) or 0.0) / 1024, 0.25)
    return [text_of(kib * factor, UNITS["KiB"]) for factor in _POWERS]


def _stop(text: str, settings: Mapping[str, Any], power: Mapping[str, Any] | None = None) -> Stop:
    return {"text": text, "amount": _number(text), "set": dict(settings), "power": power}


def _knob(name: str, group: str, label: str, unit: str, value: str, stops: list[Stop]) -> Iterator[Knob]:
    """The platform's own value is always one of the stops, and sets nothing."""
    by_amount = {stop["amount"]: stop for stop in stops}
    by_amount[_number(value)] = _stop(value, {})
    if None in by_amount:
        return
    ordered = [by_amount[amount] for amount in sorted(by_amount)]
    at = next(place for place, stop in enumerate(ordered) if not stop["set"])
    yield {"id": name, "group": group, "label": label, "unit": unit, "at": at, "stops": ordered}


def _number(text: str) -> float | None:
    """In the unit without prefix; None where it is no amount above zero."""
    try:
        number = float(text)
    except ValueError:
        found = parse(text)
        number = found.base if found is not None else 0.0
    return number if number > 0 else None
