# SPDX-License-Identifier: Apache-2.0
"""What a user may turn, and how command-line text becomes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chipcast._core import InputError
from chipcast.power.units import amount, fraction, hertz, seconds, watts, whole
from chipcast.text import did_you_mean, plain

GOVERNORS = (
    "fixed",
    "performance",
    "powersave",
    "ondemand",
    "schedutil",
    "race_to_idle",
    "deadline",
)
IDLE_POLICIES = ("none", "ladder", "menu", "deepest")
STARTS = ("steady", "ambient")


@dataclass(frozen=True)
class Battery:
    capacity_mah: float
    volts_v: float | None = None


@dataclass(frozen=True)
class Knobs:
    """Settings of one forecast, read and in SI units; names are checked against a platform later."""

    period_s: float | None = None
    """From one inference to the next; None: one after the other."""
    clocks: Mapping[str, float] = field(default_factory=dict)
    cores: Mapping[str, int] = field(default_factory=dict)
    loads: Mapping[str, float] = field(default_factory=dict)
    off: tuple[str, ...] = ()
    """Domains that are not used and stay in their deepest idle state."""
    governor: str | None = None
    governors: Mapping[str, str] = field(default_factory=dict)
    idle: str | None = None
    cap_w: float | None = None
    ambient_c: float | None = None
    battery: Battery | None = None
    duration_s: float | None = None
    start: str | None = None
    """None: steady, or what a file of streams says."""
    limits: Mapping[str, float] = field(default_factory=dict)
    """Fastest clock that a domain may take: what a power mode caps."""
    floors: Mapping[str, float] = field(default_factory=dict)
    """Slowest one."""
    offline: tuple[str, ...] = ()
    """CPU clusters that a power mode leaves without a core."""


def read_knobs(
    *,
    rate: float | str | None = None,
    period: float | str | None = None,
    clocks: Mapping[str, float | str] | None = None,
    cores: Mapping[str, int] | None = None,
    loads: Mapping[str, float] | None = None,
    states: Mapping[str, str] | None = None,
    governor: str | Sequence[str] | None = None,
    idle: str | None = None,
    cap: float | str | None = None,
    ambient: float | None = None,
    battery: str | float | Battery | None = None,
    duration: float | str | None = None,
    start: str | None = None,
) -> Knobs:
    """Checks what can be checked without a platform. Throws InputError."""
    overall, single = read_governors([governor] if isinstance(governor, str) else governor or ())
    return Knobs(
        period_s=_period(rate, period),
        clocks={name: hertz(value, f"clock {name}") for name, value in (clocks or {}).items()},
        cores={name: whole(value, f"cores {name}") for name, value in (cores or {}).items()},
        loads={name: fraction(value, f"load {name}") for name, value in (loads or {}).items()},
        off=tuple(_off(name, state) for name, state in (states or {}).items()),
        governor=overall,
        governors=single,
        idle=None if idle is None else known(idle, IDLE_POLICIES, "idle"),
        cap_w=None if cap is None else watts(cap, "cap"),
        ambient_c=None if ambient is None else _celsius(ambient),
        battery=read_battery(battery) if isinstance(battery, (str, int, float)) else battery,
        duration_s=None if duration is None else seconds(duration, "duration"),
        start=None if start is None else known(start, STARTS, "start"),
    )


def _celsius(value: float) -> float:
    if not -60.0 <= value <= 150.0:
        raise InputError(f"ambient: {plain(value, 40)} is outside [-60, 150] degrees Celsius")
    return float(value)


def _period(rate: float | str | None, period: float | str | None) -> float | None:
    if rate is not None and period is not None:
        raise InputError("rate and period say the same; give one of them")
    if rate is not None:
        return 1.0 / hertz(_per_second(rate), "rate")
    return None if period is None else seconds(period, "period")


def _per_second(rate: float | str) -> float | str:
    """A bare number counts inferences a second."""
    if isinstance(rate, str):
        try:
            return float(rate)
        except ValueError:
            return rate
    return rate


def _off(name: str, state: str) -> str:
    if state != "off":
        raise InputError(f'state {plain(name, 40)}: "{plain(state, 40)}" is not known (known: off)')
    return name


def read_governors(texts: Sequence[str]) -> tuple[str | None, dict[str, str]]:
    """ "ondemand" for every domain, "npu=fixed" for one."""
    overall: str | None = None
    single: dict[str, str] = {}
    for text in texts:
        name, equals, kind = text.rpartition("=")
        if not equals:
            overall = known(kind, GOVERNORS, "governor")
        else:
            single[name] = known(kind, GOVERNORS, f"governor {plain(name, 40)}")
    return overall, single


def known(word: str, words: Sequence[str], place: str) -> str:
    if word not in words:
        raise InputError(f'{place}: "{plain(word, 40)}" is not known{did_you_mean(word, words)}')
    return word


def read_battery(text: str | float) -> Battery:
    """ "300" or "300:3.7": mAh, and volts where they are not the platform's."""
    capacity, colon, volts = str(text).partition(":")
    try:
        battery = Battery(float(capacity), float(volts) if colon else None)
    except ValueError:
        battery = Battery(0.0)
    if not (0 < battery.capacity_mah <= 1e9 and (battery.volts_v is None or 0.5 <= battery.volts_v <= 1000)):
        raise InputError(f'battery: "{plain(text, 40)}" is not MAH or MAH:VOLTS, as in 300:3.7')
    return battery


def assignments(texts: Sequence[str], place: str) -> dict[str, str]:
    """NAME=VALUE texts; a name stands once. Throws InputError."""
    out: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise InputError(f'{place}: "{plain(text, 60)}" is not NAME=VALUE')
        if name in out:
            raise InputError(f"{place}: {plain(name, 40)} is given twice")
        out[name] = value
    return out


def rate_text(period_s: float | None) -> str:
    return "back to back" if period_s is None else f"{1.0 / period_s:.6g} Hz"


__all__ = ["GOVERNORS", "IDLE_POLICIES", "Battery", "Knobs", "amount", "assignments", "read_knobs"]
