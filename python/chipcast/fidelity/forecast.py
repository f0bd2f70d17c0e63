# SPDX-License-Identifier: Apache-2.0
"""What the model says where a case says what was measured."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.api import describe, run
from chipcast.fidelity.case import Case, in_unit
from chipcast.fidelity.devices import Chosen, choose
from chipcast.fidelity.families import computed_in, device_class
from chipcast.fidelity.platforms import platform_of
from chipcast.fidelity.runtimes import runtime_of
from chipcast.fidelity.workloads import workload_of

Overrides = Mapping[str, Any]


@dataclass(frozen=True)
class Forecast:
    value: float
    """In the case's unit."""
    limited_by: str
    """What most of the time went to: compute, launch, or the name of a memory or link."""
    report: dict[str, Any]
    """As `chipcast.run` gives it."""
    device_class: str = ""
    """cpu, mcu, npu, dsp, ethos_u, ...; "any" where the mapper chose among several."""
    classes: Mapping[str, float] = field(default_factory=dict)
    """Share of the operators' time by operator class: conv, conv 1x1, depthwise_conv, pool, ..."""
    dtype: str = ""
    """Format that most products were computed in."""
    network: str = ""
    """Bundled network, or model file, that the workload was found to be."""
    warnings: tuple[str, ...] = ()
    """What stands in for something, or differs from what the row says."""


def forecast(
    case: Case,
    *,
    base: Path,
    overrides: Overrides | None = None,
    platform: str | os.PathLike[str] | None = None,
) -> Forecast:
    """Runs the case's network on the case's device.

    Args:
        base: folder that model and platform files are looked up in, that of the file of cases.
        overrides: changes to the platform, as `chipcast.run` takes them; they win over those of runtime and threads.
        platform: used instead of the case's, for overlays.

    Throws InputError for an unknown platform, device, runtime or network, naming the column.
    """
    path = Path(platform) if platform is not None else platform_of(case.platform, base)
    given = dict(overrides or {})
    described = _described(str(path), json.dumps(given, sort_keys=True))
    chosen = choose(case, described)
    first = chosen.devices[0] if chosen.devices else ""
    runtime = runtime_of(case.runtime, first, described["devices"].get(first))
    workload = workload_of(case, runtime, base, chosen.kind)
    changes = {**runtime.overrides, **chosen.overrides, **given}
    report = _run(workload.model, path, workload.dtype, chosen, changes)
    value = _quantity(case, report, described, chosen, workload.runs)
    dtype = _computed_in(report)
    return Forecast(
        in_unit(value, case.quantity, case.unit),
        limiting(report),
        report,
        device_class(described["devices"].get(first)),
        class_shares(report, workload.model.graph),
        dtype,
        workload.network,
        (*runtime.warnings, *workload.warnings, *_differences(case, report, dtype, chosen)),
    )


def _computed_in(report: Mapping[str, Any]) -> str:
    """Format of most of the products."""
    macs: dict[str, int] = {}
    for op in report["ops"]:
        name = computed_in(op)
        macs[name] = macs.get(name, 0) + int(op["macs"])
    return max(sorted(macs), key=macs.__getitem__) if macs else ""


def _differences(case: Case, report: Mapping[str, Any], dtype: str, chosen: Chosen) -> list[str]:
    """Between what a row says and what ran."""
    out = []
    if case.dtype and dtype.removeprefix("u") != case.dtype.removeprefix("u"):
        out.append(f"dtype: {case.dtype}, but most is computed in {dtype} there")
    times: dict[bool, float] = {False: 0.0, True: 0.0}
    for op in report["ops"]:
        times[op["device"] in chosen.helpers] += float(op["end_s"]) - float(op["start_s"])
    if times[True] > times[False]:
        part = times[True] / (times[True] + times[False])
        used = {str(op["device"]) for op in report["ops"]} & set(chosen.helpers)
        spent = f"{part:.0%} of the time is spent on {' and '.join(sorted(used))}"
        out.append(f"device: {spent}, not on {' and '.join(chosen.devices)}")
    return out


@lru_cache(maxsize=256)
def _described(platform: str, overrides: str) -> dict[str, Any]:
    return describe(platform, overrides=json.loads(overrides))


def _run(model: Any, platform: Path, dtype: str | None, chosen: Chosen, changes: Overrides) -> dict[str, Any]:
    """On the chosen devices; what engines do not run goes to the CPU, as their runtimes do it."""
    devices = list(chosen.devices) or None
    try:
        return run(model, platform, dtype=dtype, devices=devices, overrides=changes).report
    except InputError as error:
        if not chosen.helpers or "no device runs it" not in str(error):
            raise
    return run(
        model, platform, dtype=dtype, devices=[*chosen.devices, *chosen.helpers], overrides=changes
    ).report


def _quantity(
    case: Case, report: Mapping[str, Any], platform: Mapping[str, Any], chosen: Chosen, runs: int
) -> float:
    """In base units, of `runs` runs one after the other."""
    totals = report["totals"]
    latency = float(totals["latency_s"]) * runs
    match case.quantity:
        case "latency":
            return latency
        case "energy":
            return float(totals["energy_j"]) * runs
        case "power":
            return float(totals["average_power_w"])
        case "throughput":
            return case.batch / latency
        case "traffic":
            return float(totals["traffic_bytes"]) * runs
        case "cycles":
            return latency * _clock_hz(platform, chosen)
    raise AssertionError(case.quantity)


def _clock_hz(platform: Mapping[str, Any], chosen: Chosen) -> float:
    if not chosen.devices:
        raise InputError("quantity: cycles are those of one device; name it in the column device")
    number, unit = str(platform["devices"][chosen.devices[0]]["clock"]).split()
    return float(number) * {"Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9}[unit]


def class_shares(report: Mapping[str, Any], graph: Mapping[str, Any]) -> dict[str, float]:
    """Of the time that operators were under way, by class."""
    classes = {op["name"]: operator_class(op, graph["tensors"]) for op in graph["ops"]}
    times: dict[str, float] = {}
    for op in report["ops"]:
        name = classes.get(op["name"], op["kind"])
        times[name] = times.get(name, 0.0) + float(op["end_s"]) - float(op["start_s"])
    total = sum(times.values())
    return {name: times[name] / total for name in sorted(times) if times[name] > 0} if total > 0 else {}


def operator_class(op: Mapping[str, Any], tensors: Mapping[str, Any]) -> str:
    """An operator's kind; convolutions by what their kernels do."""
    if op["kind"] != "conv":
        return str(op["kind"])
    groups = int(op.get("attributes", {}).get("groups", 1))
    if groups > 1:
        return "depthwise_conv" if groups == tensors[op["inputs"][1]]["shape"][0] else "grouped_conv"
    return "conv 1x1" if set(tensors[op["inputs"][1]]["shape"][2:]) == {1} else "conv"


def limiting(report: Mapping[str, Any]) -> str:
    """The bound that most of the operators' time was under."""
    times: dict[str, float] = {}
    for op in report["ops"]:
        bound = str(op.get("bound") or "other")
        times[bound] = times.get(bound, 0.0) + float(op["end_s"]) - float(op["start_s"])
    return max(sorted(times), key=times.__getitem__) if times else ""
