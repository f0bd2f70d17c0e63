# SPDX-License-Identifier: Apache-2.0
"""Prediction against measurement on this machine: operators that were not calibrated with, and whole networks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from chipcast import _core
from chipcast._core import InputError
from chipcast.api import describe, run
from chipcast.catalog import model_names
from chipcast.crosscheck.energy import EnergyMeasurement, measure_energy
from chipcast.crosscheck.host_graphs import Case
from chipcast.crosscheck.host_platform import quantity
from chipcast.crosscheck.host_shapes import unseen_cases
from chipcast.model import Model, load_model

SHAPES_WITHIN = 0.15
NETWORKS_WITHIN = 0.12


@dataclass(frozen=True)
class TimeRow:
    """One operator or network."""

    name: str
    kernel: str
    """The kernel that ran; of a network, its operators' count."""
    measured_s: float
    """The shortest of `runs`."""
    predicted_s: float
    spread: float
    """Median over minimum of the runs, less one: how quiet the machine was."""
    runs: int

    @property
    def error(self) -> float:
        """predicted / measured - 1"""
        return self.predicted_s / self.measured_s - 1.0

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "error": self.error}


@dataclass(frozen=True)
class TimeTable:
    """Rows, and what did not run."""

    title: str
    rows: tuple[TimeRow, ...]
    skipped: tuple[str, ...]
    within: float
    """Median error that is asked for."""
    judged: bool = True
    """False where a few rows or a rough calibration say nothing."""

    @property
    def median_error(self) -> float:
        """Median of |predicted / measured - 1|; 0 without rows."""
        return median(abs(row.error) for row in self.rows) if self.rows else 0.0

    @property
    def passed(self) -> bool:
        return bool(self.rows) and (not self.judged or self.median_error <= self.within)

    @property
    def spread(self) -> float:
        return median(row.spread for row in self.rows) if self.rows else 0.0

    def to_dict(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "rows": [row.to_dict() for row in self.rows],
            "skipped": list(self.skipped),
            "median_error": self.median_error,
            "within": self.within,
            "judged": self.judged,
            "passed": self.passed,
        }

    def summary(self) -> str:
        asked = f"at most {self.within:.0%} asked for" if self.judged else "not judged"
        return (
            f"{len(self.rows)} rows, median error {self.median_error:.1%} ({asked}); "
            f"median run {self.spread:.1%} above the shortest"
        )

    def to_text(self) -> str:
        lines = [self.title, f"{'':<44}{'measured':>12}{'predicted':>12}{'error':>9}{'spread':>9}  kernel"]
        for row in self.rows:
            times = f"{_micro(row.measured_s):>12}{_micro(row.predicted_s):>12}"
            lines.append(f"{row.name:<44}{times}{row.error:>+9.1%}{row.spread:>9.1%}  {row.kernel}")
        return "\n".join([*lines, self.summary(), *(f"not run: {text}" for text in self.skipped)])

    def to_markdown(self) -> str:
        lines = ["| | measured | predicted | error | kernel |", "|---|---|---|---|---|"]
        for row in self.rows:
            times = f"{_micro(row.measured_s)} | {_micro(row.predicted_s)}"
            lines.append(f"| {row.name} | {times} | {row.error:+.1%} | {row.kernel} |")
        return "\n".join([*lines, "", self.summary().capitalize() + "."])


@dataclass(frozen=True)
class HostReport:
    """Both tables, and the energy of one network."""

    platform: str
    processor: str
    shapes: TimeTable
    networks: TimeTable
    energy: EnergyMeasurement
    energy_of: str
    predicted_j: float

    @property
    def passed(self) -> bool:
        return self.shapes.passed and self.networks.passed

    def to_dict(self) -> dict[str, Any]:
        return {
            "platform": self.platform,
            "processor": self.processor,
            "shapes": self.shapes.to_dict(),
            "networks": self.networks.to_dict(),
            "energy": {"network": self.energy_of, "predicted_j": self.predicted_j, **self.energy.to_dict()},
        }

    def energy_text(self) -> str:
        text = f"Energy of {self.energy_of}: {self.energy}"
        return f"{text}; predicted {self.predicted_j * 1e3:.3g} mJ" if self.energy.measurable else text

    def to_text(self) -> str:
        return "\n\n".join(
            [
                f"{self.processor}, {self.platform}",
                self.shapes.to_text(),
                self.networks.to_text(),
                self.energy_text(),
            ]
        )


def crosscheck_host(
    platform: str | os.PathLike[str],
    *,
    networks: Sequence[str | os.PathLike[str]] | None = None,
    more: Sequence[str | os.PathLike[str]] = (),
    fast: bool = False,
    progress: Callable[[float], object] | None = None,
) -> HostReport:
    """Holds a calibrated platform file against what this machine does now, on one thread.

    `networks`: names of the zoo or model files; all of the zoo by default. `more` are files besides; one that is not
    there is reported as not run. `fast` takes a few of everything, and judges nothing.

    Raises:
        InputError: the platform has no calibrated device `cpu`, or a network that does not exist.
    """
    path = Path(platform)
    cpu = _calibrated(path)
    for name in networks or ():
        load_model(name)  # a misspelt name is told before minutes of measuring
    absent = [str(path) for path in more if not Path(path).is_file()]
    names = [*(networks if networks is not None else _zoo(fast)), *(m for m in more if Path(m).is_file())]
    models = [load_model(name) for name in names]  # what is misspelt shows before anything is measured
    cases = unseen_cases()[::8] if fast else unseen_cases()
    share = len(cases) / (len(cases) + 4 * len(names))

    def part(start: float, length: float) -> Callable[[float], object] | None:
        return None if progress is None else lambda done: progress(start + length * done)

    shapes = compare_shapes(path, cases, fast=fast, progress=part(0.0, share))
    found = _compare_models(path, names, models, fast, part(share, 1.0 - share))
    skipped = (*found.skipped, *(f"{path}: no such file" for path in absent))
    found = replace(found, skipped=skipped)
    energy, predicted = compare_energy(path, models[0], seconds=0.05 if fast else 2.0)
    return HostReport(str(path), cpu["core"]["name"], shapes, found, energy, Path(names[0]).name, predicted)


def compare_shapes(
    platform: str | os.PathLike[str],
    cases: Iterable[Case] | None = None,
    *,
    fast: bool = False,
    progress: Callable[[float], object] | None = None,
) -> TimeTable:
    """Single operators: the kernel's own time and that of bringing its input into the kernel's order of axes,
    beside the forecast less what a network costs as a whole."""
    profile = _calibrated(Path(platform))["profile"]
    besides = quantity(profile["network_overhead"], "s") + quantity(profile["operator_overhead"], "s")
    rows: list[TimeRow] = []
    skipped: list[str] = []
    todo = list(unseen_cases() if cases is None else cases)
    for i, case in enumerate(todo):
        if progress is not None:
            progress(i / len(todo))
        try:
            timed = _time(case.graph_json, fast)
        except InputError as error:
            skipped.append(f"{case.name}: {error}")
            continue
        forecast = run(case.graph, platform, overrides={"cpu.cores": 1})
        op = timed["operators"][-1]
        least, middle = (op["elapsed"][key] + op["relayout"][key] for key in ("minimum_s", "median_s"))
        predicted = forecast.latency_s - besides
        rows.append(
            TimeRow(case.name, op["kernel"], least, predicted, middle / least - 1.0, op["elapsed"]["runs"])
        )
    return TimeTable(
        "Operators that were not calibrated with, one thread",
        tuple(rows),
        tuple(skipped),
        SHAPES_WITHIN,
        judged=not fast,
    )


def compare_networks(
    platform: str | os.PathLike[str],
    networks: Sequence[str | os.PathLike[str]] | None = None,
    *,
    fast: bool = False,
    progress: Callable[[float], object] | None = None,
) -> TimeTable:
    """Whole networks, from inputs to outputs, with the graph that the forecast is of: batch norms folded, activations
    fused."""
    names = list(networks) if networks is not None else _zoo(fast)
    return _compare_models(platform, names, [load_model(name) for name in names], fast, progress)


def _compare_models(
    platform: str | os.PathLike[str],
    names: Sequence[str | os.PathLike[str]],
    models: Sequence[Model],
    fast: bool,
    progress: Callable[[float], object] | None,
) -> TimeTable:
    rows: list[TimeRow] = []
    skipped: list[str] = []
    for i, (name, model) in enumerate(zip(names, models, strict=True)):
        if progress is not None:
            progress(i / len(names))
        forecast = run(model, platform, overrides={"cpu.cores": 1})
        try:
            timed = _time(forecast._simulation.graph(), fast)
        except InputError as error:
            skipped.append(f"{Path(name).name}: {error}")
            continue
        least, middle = timed["run"]["minimum_s"], timed["run"]["median_s"]
        kernels = f"{sum(1 for op in timed['operators'] if op['kernel'])} operators"
        rows.append(
            TimeRow(
                Path(name).name,
                kernels,
                least,
                forecast.latency_s,
                middle / least - 1.0,
                timed["run"]["runs"],
            )
        )
    return TimeTable("Networks, one thread", tuple(rows), tuple(skipped), NETWORKS_WITHIN, judged=not fast)


def compare_energy(
    platform: str | os.PathLike[str], network: str | os.PathLike[str] | Model, seconds: float = 2.0
) -> tuple[EnergyMeasurement, float]:
    """Joules of an inference as the processor counts them, and as the platform says."""
    model = network if isinstance(network, Model) else load_model(network)
    forecast = run(model, platform, overrides={"cpu.cores": 1})
    graph = forecast._simulation.graph()
    runs = max(1, int(0.1 / max(forecast.latency_s, 1e-6)))
    measured = measure_energy(lambda: _core.time_network(graph, 1, runs, 0.0, 10.0), seconds=seconds)
    if measured.joules is None or measured.power_w is None:
        return measured, forecast.energy_j
    each = EnergyMeasurement(measured.joules / (runs + 1), measured.power_w, measured.runs * (runs + 1), "")
    return each, forecast.energy_j


def _time(graph_json: str, fast: bool) -> dict[str, Any]:
    timed: dict[str, Any] = json.loads(
        _core.time_network(graph_json, 1, *((3, 0.0, 0.2) if fast else (15, 0.15, 3.0)))
    )
    return timed


def _zoo(fast: bool) -> list[str | os.PathLike[str]]:
    return ["mlperf_tiny_ic", "mlperf_tiny_kws"] if fast else list(model_names())


def _calibrated(platform: Path) -> dict[str, Any]:
    cpu = describe(platform)["devices"].get("cpu")
    if not isinstance(cpu, dict) or not cpu.get("profile", {}).get("kernels"):
        raise InputError(
            f'platform: "{platform}" has no calibrated device "cpu"; `chipcast calibrate --host` makes one'
        )
    return cpu


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:.2f} us" if seconds < 1e-3 else f"{seconds * 1e3:.3f} ms"
