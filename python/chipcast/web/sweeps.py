# SPDX-License-Identifier: Apache-2.0
"""The document of a sweep's page: its table by column, what is to be small, and how to run a point again."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chipcast._core import InputError
from chipcast.text import plain
from chipcast.views.designs import Designs, Source, designs_of
from chipcast.views.objectives import Objectives, choose_objectives
from chipcast.views.units import unit_of

if TYPE_CHECKING:
    from chipcast.sweep import Sweep

_FLAGS = {
    "dtype": "--dtype",
    "mapper": "--mapper",
    "objective": "--objective",
    "budget": "--budget",
    "tile_budget": "--tile-budget",
    "power_cap": "--power-cap",
    "memory_cap": "--memory-cap",
    "seed": "--seed",
    "max_simulated_time": "--max-time",
}
_SWITCHES = ("split", "fuse")


def of_sweep(
    source: Source,
    *,
    sweep: Sweep | None = None,
    objectives: Objectives | None = None,
    title: str = "sweep",
) -> dict[str, Any]:
    """A table of designs (of a sweep, a search, or a file that one exported). `sweep`: what it is of; its points get
    the command that makes the page of each. Raises InputError for a table without a forecast."""
    designs = designs_of(source)
    found = choose_objectives(designs, objectives, least=0)
    own = ("point", "design", "state", "reason", *designs.axes)
    metrics = [str(name) for name in designs.frame.columns if name not in own]
    first = next((name for name in ("point", "design") if name in designs.frame.columns), None)
    points = [int(each) for each in designs.frame[first]] if first else list(designs.places)
    data = {
        "states": dict(designs.states),
        "points": points,
        "axes": [_column(designs, name) for name in designs.axes],
        "metrics": [_column(designs, name) for name in metrics],
        "objectives": [{"name": each.column, "goal": each.goal} for each in found],
        "commands": _commands(sweep, points) if sweep is not None else [None] * len(points),
    }
    return {
        "format": "chipcast-page",
        "version": 1,
        "kind": "sweep",
        "runs": [{"label": plain(title)}],
        "sweep": data,
    }


def _column(designs: Designs, name: str) -> dict[str, Any]:
    """Numbers, None where there is none; texts where the column holds something else."""
    numbers = designs.numbers(name)
    if numbers is None:
        return {"name": name, "unit": "", "values": designs.texts(name)}
    values = [float(value) if math.isfinite(value) else None for value in numbers]
    return {"name": name, "unit": unit_of(name), "values": values}


def _commands(sweep: Sweep, points: Sequence[int]) -> list[str | None]:
    """By number of point; None where no command line says it."""
    from chipcast.sweep import Space
    from chipcast.sweep.jobs import Jobs

    jobs, space = Jobs(sweep), Space(sweep)
    return [_command(jobs.job, space.point(number)) for number in points]


def _command(job_of: Callable[[Any], Mapping[str, Any]], point: Any) -> str | None:
    if point is None:
        return None
    try:
        return command_of(job_of(point), f"point-{point.index}.html")
    except InputError:
        return None


def command_of(job: Mapping[str, Any], page: str) -> str | None:
    """The command that runs a job and writes its page; None for a scenario, and for what `chipcast run` cannot be
    told."""
    if job.get("scenario") or job["tier"] != "systemc":
        return None
    words = ["chipcast", "run", str(job["model"]), "--on", str(job["platform"])]
    for name, value in job["overrides"].items():
        words += ["--set", f"{name}={_text(value)}"]
    for name, value in job["model_options"].items():
        words += ["--model-option", f"{name}={value}"]
    for name, value in job["options"].items():
        if name in _FLAGS:
            words += [_FLAGS[name], str(value)]
        elif name in _SWITCHES:
            words.append(f"--{name}" if value else f"--no-{name}")
        elif name == "devices":
            words += ["--devices", ",".join(value)]
        else:
            return None
    return shlex.join([*words, "--html", page])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
