# SPDX-License-Identifier: Apache-2.0
"""Points of a sweep per second. See README.md."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from chipcast import _core
from chipcast.sweep import Sweep, evaluate, run_sweep
from chipcast.sweep.jobs import Job, Jobs
from chipcast.sweep.read import read_sweep
from chipcast.sweep.space import Space

DESIGNS = {
    "model": "mobilenet_v2",
    "platform": "rv1106",
    "options": {"dtype": "int8"},
    "axes": {
        "npu.input_lanes": [8, 16, 24, 32, 64],
        "npu.output_lanes": [8, 16, 24, 32, 64],
        "npu.buffer": {"from": "64 KiB", "to": "1 MiB", "steps": 30, "scale": "log", "multiple_of": "1 KiB"},
        "npu.clock": {"from": "300 MHz", "to": "900 MHz", "steps": 25},
        "ddr3l.mega_transfers": [800, 1066, 1333, 1600, 1866],
    },
    "set": {"npu.rates": [{"dtype": "int8", "macs": "{npu.input_lanes * npu.output_lanes} op/cycle"}]},
    "area": False,
}


@dataclass
class Figure:
    """What some points took, in seconds."""

    what: str
    points: int
    wall_s: float
    cpu_s: float
    load: float
    more: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        extra = "".join(f"  {name} {value}" for name, value in self.more.items())
        return (
            f"{self.what:38} {self.points:6d} points  {self.points / self.wall_s:8.1f} /s wall"
            f"  {self.points / self.cpu_s:8.1f} /s cpu  load {self.load:.1f}{extra}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=300, help="designs (300)")
    parser.add_argument("--tile-budget", type=int, help="cuts of an operator that a search may estimate")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--evaluator-only", action="store_true", help="no worker processes")
    wanted = parser.parse_args()
    print(machine())
    figures = []
    for figure in all_figures(wanted.points, wanted.tile_budget, whole=not wanted.evaluator_only):
        figures.append(figure)
        print(figure.line(), flush=True)
    if wanted.json:
        document = {"machine": machine(), "figures": [asdict(each) for each in figures]}
        wanted.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def all_figures(points: int, tile_budget: int | None, *, whole: bool) -> Iterator[Figure]:
    yield from evaluator_figures(points, tile_budget)
    if whole:
        yield from sweep_figures(points, tile_budget)


def sweep_of(tier: str, points: int, tile_budget: int | None) -> Sweep:
    document = json.loads(json.dumps(DESIGNS))
    document["tier"] = tier
    document["sample"] = {"method": "random", "points": points, "seed": 11}
    if tile_budget:
        document["options"]["tile_budget"] = tile_budget
    return read_sweep(document)


def evaluator_figures(points: int, tile_budget: int | None) -> Iterator[Figure]:
    tiers = {tier: jobs_of(sweep_of(tier, points, tile_budget)) for tier in ("analytic", "systemc")}
    evaluate.evaluate(tiers["systemc"][0])  # modules and files are read
    forget()
    yield timed("evaluator, analytic, cold", tiers["analytic"])
    yield timed("evaluator, analytic, searches known", tiers["analytic"])
    yield timed("evaluator, systemc, searches known", tiers["systemc"])
    yield from mapped_figures(tiers["analytic"], tiers["systemc"])
    forget()
    yield timed("evaluator, systemc, cold", tiers["systemc"])


def mapped_figures(analytic: list[Job], systemc: list[Job]) -> Iterator[Figure]:
    """In rounds of as many points as workers keep the mappings of; the first time is not counted."""
    figures: dict[str, list[Figure]] = {"analytic": [], "systemc": []}
    size = evaluate._MAPPED
    for start in range(0, len(analytic), size):
        part = slice(start, start + size)
        for job in analytic[part]:
            evaluate.evaluate(job)
        figures["analytic"].append(timed("", analytic[part]))
        figures["systemc"].append(timed("", systemc[part]))
    for tier, parts in figures.items():
        yield Figure(
            f"evaluator, {tier}, mapped",
            sum(part.points for part in parts),
            sum(part.wall_s for part in parts),
            sum(part.cpu_s for part in parts),
            parts[0].load,
        )


def sweep_figures(points: int, tile_budget: int | None) -> Iterator[Figure]:
    for tier in ("analytic", "systemc"):
        sweep = sweep_of(tier, points, tile_budget)
        one = timed_sweep(f"sweep, {tier}, 1 worker", sweep, jobs=1)
        two = timed_sweep(f"sweep, {tier}, 2 workers", sweep, jobs=2)
        yield one
        yield replace(two, more={"efficiency": f"{one.wall_s / two.wall_s / 2:.2f}"})
        if importlib.util.find_spec("distributed") is not None:
            dask = timed_sweep(f"sweep, {tier}, Dask of 2", sweep, jobs=2, scheduler="local")
            yield replace(dask, more={"overhead": f"{dask.wall_s / two.wall_s - 1:+.0%}"})


def jobs_of(sweep: Sweep) -> list[Job]:
    maker = Jobs(sweep)
    return [maker.job(point) for point in Space(sweep).points()]


def forget() -> None:
    _core.remember_searches(0)
    evaluate._remember_searches.cache_clear()
    evaluate._session.cache_clear()
    evaluate._mapped.clear()


def timed(what: str, jobs: list[Job]) -> Figure:
    before = _core.remembered_searches()

    def work() -> None:
        for job in jobs:
            evaluate.evaluate(job)

    figure = clocked(what, len(jobs), work)
    found, made = (now - then for now, then in zip(_core.remembered_searches(), before, strict=True))
    share = found / max(found + made, 1)
    return replace(figure, more={"searches known": f"{share:.0%}"})


def timed_sweep(what: str, sweep: Sweep, **how: Any) -> Figure:
    finished = []

    def work() -> None:
        finished.append(run_sweep(sweep, **how).counts)

    figure = clocked(what, 1, work)
    (counts,) = finished
    if set(counts) != {"done"}:
        sys.exit(f"{what}: not all points were done: {counts}")
    return replace(figure, points=counts["done"])


def clocked(what: str, points: int, work: Callable[[], None]) -> Figure:
    load = os.getloadavg()[0]
    cpu, wall = processor_s(), time.monotonic()
    work()
    return Figure(what, points, time.monotonic() - wall, processor_s() - cpu, load)


def processor_s() -> float:
    """Of this process and of those that it has waited for."""
    parts = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in parts)


def machine() -> str:
    names = [
        line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")
    ]
    name = names[0] if names else platform.processor()
    return f"{name}, {os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


if __name__ == "__main__":
    main()
