# SPDX-License-Identifier: Apache-2.0
"""Energy of the processor while it computes, where the system lets it be read.

Linux' powercap gives each package's energy in microjoules in `energy_uj`, which wraps around after
`max_energy_range_uj` (Documentation/power/powercap/powercap.rst). Perf's `power/energy-pkg/` counts the same register.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

POWERCAP = Path("/sys/class/powercap")
PERF = Path("/sys/bus/event_source/devices/power")


@dataclass(frozen=True)
class Counter:
    """One package's energy counter."""

    name: str
    path: Path
    range_uj: int
    """It starts again at 0 after this; 0: never seen to."""

    def read_uj(self) -> int:
        return int((self.path / "energy_uj").read_text())


@dataclass(frozen=True)
class EnergyMeasurement:
    """What a run cost, or why nobody can say."""

    joules: float | None
    """Of one inference, everything that the packages did meanwhile included."""
    power_w: float | None
    runs: int
    reason: str
    """Empty where measured, else "not measurable: ..."."""

    @property
    def measurable(self) -> bool:
        return self.joules is not None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        if self.joules is None or self.power_w is None:
            return self.reason
        return f"{self.joules * 1e3:.3g} mJ per inference, {self.power_w:.3g} W over {self.runs} runs"


def elapsed_uj(before: int, after: int, range_uj: int) -> int:
    """Microjoules between two readings that lie less than one wrap-around apart."""
    return after - before if after >= before else after - before + range_uj


def find_counters(root: Path = POWERCAP, perf: Path = PERF) -> tuple[list[Counter], str]:
    """The package counters that can be read and "", or none and the reason."""
    if not root.is_dir():
        return [], _without_powercap(root, perf)
    zones = sorted(zone for zone in root.iterdir() if _is_package(zone))
    if not zones:
        return [], f"not measurable: {root} has no intel-rapl package"
    counters: list[Counter] = []
    refused: list[str] = []
    for zone in zones:
        try:
            counter = Counter(
                _text(zone / "name") or zone.name, zone, int(_text(zone / "max_energy_range_uj") or 0)
            )
            counter.read_uj()
            counters.append(counter)
        except PermissionError:
            refused.append(f"{zone / 'energy_uj'} may be read by root only")
        except (OSError, ValueError):
            refused.append(f"{zone / 'energy_uj'} gives no number")
    return (counters, "") if counters else ([], f"not measurable: {'; '.join(refused)}")


def _without_powercap(root: Path, perf: Path) -> str:
    if (perf / "events" / "energy-pkg").is_file():
        return f"not measurable: no {root}; perf has power/energy-pkg/, which needs `perf stat -a` and its rights"
    return f"not measurable: no {root} and no {perf}: a virtual machine, or a kernel without RAPL"


def _is_package(zone: Path) -> bool:
    """intel-rapl:0, not its parts intel-rapl:0:1, and not the same registers again as intel-rapl-mmio. AMD's too."""
    return zone.name.startswith("intel-rapl:") and zone.name.count(":") == 1


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


class EnergyMeter:
    """Joules of all packages since it was made. Read it at least once per wrap-around (minutes)."""

    def __init__(self, counters: list[Counter]) -> None:
        self._counters = counters
        self._last = [counter.read_uj() for counter in counters]
        self._sum_uj = 0

    def joules(self) -> float:
        for i, counter in enumerate(self._counters):
            now = counter.read_uj()
            self._sum_uj += elapsed_uj(self._last[i], now, counter.range_uj)
            self._last[i] = now
        return self._sum_uj * 1e-6


def measure_energy(
    run: Callable[[], object],
    *,
    seconds: float = 2.0,
    root: str | os.PathLike[str] = POWERCAP,
    perf: str | os.PathLike[str] = PERF,
) -> EnergyMeasurement:
    """Calls `run` again and again for about `seconds` and shares what the packages used meanwhile."""
    counters, reason = find_counters(Path(root), Path(perf))
    if not counters:
        return EnergyMeasurement(None, None, 0, reason)
    run()
    meter = EnergyMeter(counters)
    start = time.perf_counter()
    runs, used = 0, 0.0
    while runs == 0 or time.perf_counter() - start < seconds:
        run()
        runs += 1
        used = meter.joules()
    passed = time.perf_counter() - start
    return EnergyMeasurement(used / runs, used / passed, runs, "")
