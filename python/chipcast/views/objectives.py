# SPDX-License-Identifier: Apache-2.0
"""What is to be small, or large: columns of a table by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chipcast._core import InputError
from chipcast.search.spec import Goal, Objective
from chipcast.sweep.columns import HEAD
from chipcast.text import did_you_mean, plain
from chipcast.views.designs import Designs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chipcast.sweep.spec import Sweep

_USUAL = (("latency_s", "analytic_latency_s"), ("energy_j",), ("area_mm2",))
GOALS: tuple[Goal, ...] = ("min", "max")
_LARGE = ("_db", "_fps", "battery_life_h", "battery_h", "utilisation", "accuracy")
"""Ends of names of which more is better."""


Objectives = Sequence[str | Objective]
"""Names of columns. "max:NAME" and "min:NAME" say which way; without, names of which more is better (sqnr_db, ..._fps,
battery_life_h) are made large and all others small."""


def sense(objective: Objective) -> str:
    return "less is better" if objective.goal == "min" else "more is better"


def arrow(objective: Objective) -> str:
    return "↓" if objective.goal == "min" else "↑"


def read_objective(given: str | Objective) -> Objective:
    if isinstance(given, Objective):
        return given
    for goal in GOALS:
        if given.startswith(f"{goal}:"):
            return Objective(given.removeprefix(f"{goal}:"), goal)
    return Objective(given, "max" if given.endswith(_LARGE) else "min")


def choose_objectives(designs: Designs, given: Objectives | None, *, least: int = 1) -> list[Objective]:
    """Those that are named, or the search's, or those of latency, energy and area that the table has and that vary.

    Raises InputError for a name that is no column of numbers, or where fewer than `least` are there.
    """
    if isinstance(given, str):
        given = [given]
    given = given or designs.goals
    found = [_checked(designs, read_objective(each)) for each in given] if given else usual(designs)
    if given and len({each.column for each in found}) != len(found):
        raise InputError("objectives: a column stands there twice")
    if len(found) < least:
        have = ", ".join(each.column for each in found) or "none"
        raise InputError(f"objectives: {least} are needed, got {have} (known: {', '.join(numeric(designs))})")
    return found


def check_names(given: Objectives, sweep: Sweep, place: str = "objectives") -> None:
    """Before the sweep is run: whether its table will have such columns."""
    known = [*sweep.metrics, *sweep.keep, *sweep.columns]
    for each in given:
        name = read_objective(each).column
        if name not in known:
            raise InputError(f'{place}: no column "{plain(name)}"{did_you_mean(name, known)}')


def usual(designs: Designs) -> list[Objective]:
    """Latency, energy and area, as far as they are known and vary."""
    found = []
    for names in _USUAL:
        vary = [name for name in names if name in designs.frame.columns and _varies(designs, name)]
        found += [Objective(name) for name in vary[:1]]
    return found


def numeric(designs: Designs) -> list[str]:
    """Columns of numbers that are not the points' own."""
    names = [str(name) for name in designs.frame.columns if name not in HEAD]
    return [name for name in names if not _problem(designs, name)]


def values_of(designs: Designs, objectives: Sequence[Objective]) -> NDArray[np.float64]:
    """[designs, objectives] as the numbers that are to be small; NaN where one is not known."""
    import numpy as np

    columns = []
    for each in objectives:
        numbers = designs.numbers(each.column)
        assert numbers is not None  # choose_objectives has seen them
        columns.append(numbers if each.goal == "min" else -numbers)
    return np.column_stack(columns) if columns else np.empty((len(designs.frame), 0))


def _checked(designs: Designs, objective: Objective) -> Objective:
    name = objective.column
    if name not in designs.frame.columns:
        raise InputError(f'objectives: no column "{plain(name)}"{did_you_mean(name, numeric(designs))}')
    if problem := _problem(designs, name):
        raise InputError(f'objectives: "{plain(name)}" {problem} (known: {", ".join(numeric(designs))})')
    return objective


def _problem(designs: Designs, name: str) -> str:
    import numpy as np

    numbers = designs.numbers(name)
    if numbers is None:
        return "holds no numbers"
    return "" if np.isfinite(numbers).any() else "is empty in all points"


def _varies(designs: Designs, name: str) -> bool:
    import numpy as np

    numbers = designs.numbers(name)
    return numbers is not None and len(np.unique(numbers[np.isfinite(numbers)])) > 1
