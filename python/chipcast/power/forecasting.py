# SPDX-License-Identifier: Apache-2.0
"""`chipcast.power`: watts, degrees and hours of a network that runs at a rate."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chipcast.api import Overrides, override_list
from chipcast.model import Model, Shapes, load_model
from chipcast.power.calibration import with_range
from chipcast.power.csv_trace import power_csv
from chipcast.power.domains import Described, describe
from chipcast.power.knobs import Battery, Knobs, read_knobs
from chipcast.power.modes import ModeKnobs, read_mode_file, write_mode
from chipcast.power.opp import opp_text
from chipcast.power.provenance import provenance
from chipcast.power.report import forecast
from chipcast.power.sensitivity import sensitivity, turns
from chipcast.power.setup import Setup, check_clocks_once, make_setup
from chipcast.power.simulate import STREAM, Work, simulate
from chipcast.power.sweep import read_axis, run_sweep
from chipcast.streams import StreamsResult

Progress = Callable[[float], object]
Step = Callable[[str], object]


@dataclass(frozen=True, eq=False)
class PowerResult:
    """A forecast. Every number's name ends in its unit, and `report["provenance"]` says where it comes from."""

    report: dict[str, Any]
    streams: StreamsResult = field(repr=False)
    """The run behind it: trace, every job, energy by component."""
    setup: Setup = field(repr=False)
    knobs: Knobs = field(repr=False)

    @property
    def average_power_w(self) -> float:
        return float(self.report["average_power_w"])

    @property
    def energy_per_inference_j(self) -> float:
        return float(self.report["energy_per_inference_j"])

    @property
    def latency_s(self) -> float:
        """Mean, from release to end."""
        return float(self.report["streams"][0]["latency"]["mean_s"])

    @property
    def battery_life_h(self) -> float | None:
        life = self.report.get("battery", {}).get("life_h")
        return None if life is None else float(life)

    def domain(self, name: str) -> dict[str, Any]:
        entry: dict[str, Any] = next(each for each in self.report["domains"] if each["name"] == name)
        return entry

    def to_json(self) -> str:
        return json.dumps(self.report, indent=2, ensure_ascii=False, allow_nan=False)

    def to_csv(self) -> str:
        """Power over time by domain."""
        return power_csv(self.streams.run)

    def trace_bytes(self) -> bytes:
        """Perfetto trace, where the run was to keep one."""
        return self.streams.trace_bytes()

    def opp_text(self) -> str:
        """Operating points as Linux's device trees and its energy model have them."""
        return opp_text(self.setup.described, self.streams.run)

    def nvpmodel_conf(self, *, number: int = 0, name: str = "CHIPCAST") -> str:
        """The clocks and cores of this forecast as a power mode of nvpmodel."""
        return mode_text(self.setup, self.knobs, number, name)


def power(
    model: str | os.PathLike[str] | Mapping[str, Any] | Model,
    platform: str | os.PathLike[str],
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
    mode: str | None = None,
    dtype: str | None = None,
    devices: Sequence[str] | None = None,
    mapper: str | None = None,
    objective: str | None = None,
    overrides: Overrides = (),
    shapes: Shapes | None = None,
    model_options: Mapping[str, Any] | None = None,
    seed: int = 0,
    sensitivity: bool = False,
    sweep: Sequence[str] = (),
    keep_trace: bool = False,
    progress: Progress | None = None,
    step: Step = lambda text: None,
) -> PowerResult:
    """Runs `model` on `platform` again and again and says what that draws, heats and empties.

    Args:
        model, platform, dtype, devices, mapper, objective, overrides, shapes, model_options: as for `chipcast.run`.
        rate: inferences a second (15, "15 Hz"); `period` is its inverse ("1 s"). None of both: back to back.
        clocks: operating points to start in, {"npu": "600 MHz"}; anything that is not in the domain's table is refused.
        cores: cores of a CPU cluster that are on, {"a76": 2}.
        loads: level of a load of the platform between 0 and 1, {"gpu": 0.3}, or of other work on a CPU cluster or a
            memory. It adds power and takes no time from the network.
        states: {"npu": "off"}: not used, in its deepest idle state all the time.
        governor: "ondemand" for all domains, "npu=fixed" for one; a list of both. See docs/power.md.
        idle: how idle states are chosen: "none", "ladder", "menu", "deepest".
        cap: average power that is kept to by slower clocks (2.5, "2.5 W").
        ambient: temperature of the air in degrees Celsius.
        battery: "300" or "300:3.7": mAh, and volts where they are not the platform's.
        duration: what to simulate ("10 s"); None: ten inferences, more where governors have to settle.
        start: "steady" (the default): temperatures that the average power ends at; "ambient": cold.
        mode: a power mode of nvpmodel, FILE or FILE:ID; other knobs stand before it.
        sensitivity: turn each knob by one notch and say what it buys: one more run for each.
        sweep: "clock=npu", "clock=npu:600MHz,800MHz", "cores=a76", "rate=5,10": one run per point of the grid.
        keep_trace: keep every span for `trace_bytes`.
        progress: called with the share done of the main run; returning False stops it.
        step: called with words before each run.

    Raises:
        InputError: a name, a clock or an option is wrong.
        LimitError: a limit was hit.
    """
    knobs = read_knobs(
        rate=rate,
        period=period,
        clocks=clocks,
        cores=cores,
        loads=loads,
        states=states,
        governor=governor,
        idle=idle,
        cap=cap,
        ambient=ambient,
        battery=battery,
        duration=duration,
        start=start,
    )
    given = override_list(overrides)
    base = describe(platform, given)
    check_clocks_once(base, knobs)
    remarks: list[str] = []
    if mode is not None:
        knobs, devices, remarks = with_mode(knobs, read_mode_file(mode, base), devices, base)
    options = {"dtype": dtype, "mapper": mapper, "objective": objective}
    work = Work(load_model(model, shapes=shapes, model_options=model_options), options, seed)
    axes = [read_axis(text, base) for text in sweep]

    def at(turned: Knobs, allowed: Sequence[str] | None) -> tuple[dict[str, Any], StreamsResult, Setup]:
        setup = make_setup(platform, turned, given, allowed)
        result = simulate(work, platform, setup, turned)
        return _report(result, setup, turned), result, setup

    setup = make_setup(platform, knobs, given, devices)
    step(f"Running {work.model.name}")
    result = simulate(work, platform, setup, knobs, keep_trace=keep_trace, progress=progress)
    report = with_range(_report(result, setup, knobs), platform)
    report["warnings"] += remarks
    if sensitivity:
        _add_sensitivity(report, setup, knobs, devices, at, step)
    if axes:
        report["sweep"] = run_sweep(axes, knobs, lambda turned: at(turned, devices)[0], step)
    report["provenance"] = provenance(report)
    return PowerResult(report, result, setup, knobs)


def _report(result: StreamsResult, setup: Setup, knobs: Knobs) -> dict[str, Any]:
    return forecast(result.run, setup, knobs, (STREAM,) if knobs.period_s is None else ())


def _add_sensitivity(
    report: dict[str, Any],
    setup: Setup,
    knobs: Knobs,
    devices: Sequence[str] | None,
    at: Callable[[Knobs, Sequence[str] | None], tuple[dict[str, Any], StreamsResult, Setup]],
    step: Step,
) -> None:
    listed = turns(setup.described, knobs, report, devices)
    rows, refused = sensitivity(report, listed, lambda turned, allowed: at(turned, allowed)[0], step)
    report["sensitivity"] = rows
    report["sensitivity_refused"] = refused


def with_mode(
    knobs: Knobs, mode: ModeKnobs, devices: Sequence[str] | None, described: Described
) -> tuple[Knobs, list[str] | None, list[str]]:
    """Knobs under a power mode: what is asked for by name stands before the mode's."""
    offline = tuple(name for name in mode.unused if name not in knobs.cores)
    allowed = [name for name in (devices or described.devices) if name not in offline]
    limits, floors = {**mode.limits, **knobs.limits}, {**mode.floors, **knobs.floors}
    for pattern, clock in knobs.clocks.items():
        for domain in described.matching(pattern, "clock"):
            domain.point(clock, f"clock {domain.name}")
            if domain.name in limits:
                limits[domain.name] = max(limits[domain.name], clock)
            if domain.name in floors:
                floors[domain.name] = min(floors[domain.name], clock)
    merged = dataclasses.replace(
        knobs, limits=limits, floors=floors, cores={**mode.cores, **knobs.cores}, offline=offline
    )
    keep = allowed if offline or devices is not None else None
    return merged, keep, [f"power mode {mode.name}: {remark}" for remark in mode.remarks]


def mode_text(setup: Setup, knobs: Knobs, number: int, name: str) -> str:
    governed = (knobs.governor or "fixed") != "fixed" or bool(knobs.governors)
    cores = {**knobs.cores, **dict.fromkeys(_offline(setup.whole, knobs), 0)}
    return write_mode(setup.whole, governed=governed, cores=cores, number=number, name=name)


def _offline(described: Described, knobs: Knobs) -> list[str]:
    """Clusters without a core: those that a mode leaves so, and those of domains that are off."""
    off = [
        name for each in knobs.off for domain in described.matching(each, "state") for name in domain.members
    ]
    return [name for name in described.clusters if name in off or name in knobs.offline]
