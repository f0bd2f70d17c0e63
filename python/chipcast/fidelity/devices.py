# SPDX-License-Identifier: Apache-2.0
"""Which device of a platform a case means: "a72", "npu" and "dsp" are what tables print, not names of devices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chipcast._core import InputError
from chipcast.fidelity.case import Case
from chipcast.fidelity.kinds import CPU
from chipcast.fidelity.runtimes import kinds_of
from chipcast.text import did_you_mean, plain

ENGINES: dict[str, tuple[str, ...]] = {
    "npu": ("npu", "ethos_u", "row_stationary", "systolic", "spatial", "dsp"),
    "tpu": ("systolic",),
    "dsp": ("dsp",),
    "hexagon": ("dsp",),
    "htp": ("dsp",),
    "hifi": ("dsp",),
    "ethos": ("ethos_u",),
    "ethosu": ("ethos_u",),
    "ipu": ("ipu",),
}
"""What tables call an engine -> types of device, the first that the platform has. Qualcomm calls its DSP an NPU."""

# What tables call cores whose preset has another name.
_CORES = {
    "kryo485": "a76", "kryo495": "a76", "kryo585": "a77", "kryo670": "a78", "kryo680": "x1", "kryo": "a76",
    "kryo485prime": "a76", "kryo485gold": "a76", "kryo485silver": "a55", "m4": "m4f", "ri5cy": "ri5cy",
}  # fmt: skip
_VENDORS = ("arm", "cortex", "neoverse", "apple", "nvidia", "qualcomm", "hisilicon")


@dataclass(frozen=True)
class Chosen:
    """Where a case runs."""

    devices: tuple[str, ...]
    """Empty: all of the platform."""
    kind: str
    """Type of the device, "" where the mapper chooses."""
    overrides: Mapping[str, Any]
    helpers: tuple[str, ...] = ()
    """CPU clusters that run what the devices cannot."""


def key(text: str) -> str:
    """A core's or engine's name without its maker, version dots and dashes: "Arm Cortex-A76" is "a76"."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    kept = [word for word in words if word not in _VENDORS] or words
    joined = "".join(kept)
    return _CORES.get(joined, joined)


def choose(case: Case, platform: Mapping[str, Any]) -> Chosen:
    """`platform`: as `chipcast.describe` gives it. Throws InputError for a device that it does not have."""
    devices: Mapping[str, Any] = platform["devices"]
    clusters = {name: d for name, d in devices.items() if d["type"] == CPU}
    if not case.device:
        kinds = kinds_of(case.runtime)
        if CPU in kinds and clusters:
            return _on_cpu(case, clusters)
        named = [name for name, d in devices.items() if d["type"] in kinds]
        return _on_engine(case, named, devices, clusters) if named else Chosen((), "", {})
    own = [name for name, d in devices.items() if d["type"] != CPU]
    words = {key(case.device), *map(key, re.findall(r"\w+", case.device))}
    names = [name for name, d in clusters.items() if words & _core_keys(d)]
    if not names and case.device in devices and devices[case.device]["type"] == CPU:
        names = [case.device]
    if not names and key(case.device) in ("cpu", "mcu"):
        names = list(clusters)
    if names:
        return _on_cpu(case, {name: clusters[name] for name in names})
    engines = [case.device] if case.device in devices else _engines(case, devices)
    if not engines and key(case.device) in (key(str(platform["name"])), key(case.platform)):
        engines = own if len(own) == 1 else []
        if not own and clusters:
            return _on_cpu(case, clusters)
    if engines:
        return _on_engine(case, engines, devices, clusters)
    known = {_core_name(d) for d in clusters.values()} | set(devices)
    raise InputError(
        f'device: "{plain(case.device, 40)}" is not on {platform["name"]}{did_you_mean(case.device, known)}'
    )


def _on_cpu(case: Case, clusters: Mapping[str, Any]) -> Chosen:
    """One thread runs on the fastest cluster. More threads than it has cores take the next ones too; the slowest of
    them stands for all, because OpenMP shares work out equally and the slower cores decide."""
    fastest_first = sorted(clusters, key=lambda name: _speed(clusters[name]), reverse=True)
    together = 0
    for name in fastest_first:
        together += clusters[name]["cores"]
        if case.threads <= together:
            given = {f"{name}.cores": case.threads} if case.threads != clusters[name]["cores"] else {}
            return Chosen((name,), CPU, given)
    raise InputError(
        f"threads: {case.threads} are more than the {together} cores of {case.device or 'the CPU'}"
    )


def _on_engine(
    case: Case, names: list[str], devices: Mapping[str, Any], clusters: Mapping[str, Any]
) -> Chosen:
    """`threads` engines of a kind where there are several (cores of an NPU), else the one that there is."""
    if case.threads > len(names) > 1:
        raise InputError(
            f"threads: {case.threads} are more than the {len(names)} devices of {case.device or case.runtime}"
        )
    used = tuple(names[: case.threads])
    return Chosen(used, devices[used[0]]["type"], {}, helpers=tuple(clusters))


def _engines(case: Case, devices: Mapping[str, Any]) -> list[str]:
    """Engines of the kind that the case names; by name first (ne16, hexagon-v68)."""
    wanted = key(case.device)
    named = [
        name
        for name, d in devices.items()
        if d["type"] != CPU and wanted in (key(name), key(name).rstrip("0123456789"))
    ]
    if named:
        return named
    engine = next((e for e in sorted(ENGINES, key=len, reverse=True) if wanted.startswith(e)), "")
    for kind in ENGINES.get(engine, ()):
        if found := [name for name, d in devices.items() if d["type"] == kind]:
            return found
    return []


def _core_name(cluster: Mapping[str, Any]) -> str:
    return str(cluster["core"].get("name", ""))


def _core_keys(cluster: Mapping[str, Any]) -> set[str]:
    """ "Apple Firestorm (A14, M1)" is "firestorm" too; "Cortex-M4F" is "m4" too."""
    name = _core_name(cluster)
    return {key(name), key(name.split("(")[0])} - {""}


def _speed(cluster: Mapping[str, Any]) -> float:
    """Clock in hertz, which orders clusters of one core; of several cores, their fp32 products a second."""
    number, unit = str(cluster["clock"]).split()
    clock = float(number) * {"Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9}[unit]
    rates = {rate["dtype"]: float(str(rate["macs"]).split()[0]) for rate in cluster["core"].get("rates", [])}
    return clock * rates.get("fp32", 1.0)
