# SPDX-License-Identifier: Apache-2.0
"""Tables of others in place of ours: which constants of a platform give a table's energies or areas.

What a platform charges is linear in the constants of its configuration (picojoules per operation, byte, cycle; square
micrometres), so that the constants follow from a table by least squares of relative errors; where several sets would
do, the one that changes least is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chipcast import api
from chipcast._core import InputError
from chipcast.technology.accelergy import Areas, Energies
from chipcast.technology.platform import Platform, energies, parts
from chipcast.text import did_you_mean, plain

Row = tuple[str, str]
"""Component and action."""
Values = dict[Row, float]

_CONSTANT = re.compile(r"[-+.\deE]+ [fpnum]?(J/(op|B|bit|cycle)|W)")
_POWERS = ("clock_power",)
_SQUARE_UM = 1e6
_SMALLEST_SHARE = 1e-9


@dataclass(frozen=True)
class Match:
    """An action of ours that a table's action stands for; `per` of ours are one of theirs (words of an access)."""

    component: str
    action: str
    per: float = 1.0


@dataclass(frozen=True)
class Fit:
    """What came out of a table."""

    overrides: dict[str, str]
    """Changes to the platform, for `run(..., overrides=...)`."""
    errors: dict[str, float] = field(default_factory=dict)
    """How far the changed platform is off, by "component.action", as a share of the table's value."""
    unused: list[str] = field(default_factory=list)
    """Lines of the table that no action of the platform matches."""

    @property
    def worst(self) -> float:
        return max(map(abs, self.errors.values()), default=0.0)


def fit_energies(
    platform: Platform,
    table: Energies,
    *,
    match: Mapping[str, Match] | None = None,
    overrides: api.Overrides = (),
) -> Fit:
    """Constants with which the platform charges what an ERT says.

    Args:
        table: from `read_ert`.
        match: actions of ours by "component.action" of the table, where it was not written by `write_ert`; a table's
            components have their full names without ranges.
    """
    given = api.override_list(overrides)
    now = _flat(energies(platform, overrides=given))
    wanted, unused = _matched(table, now, match or {})
    constants = dict(_constants(api.describe(platform, overrides=given)))

    def charged(changes: list[str]) -> Values:
        return _flat(energies(platform, overrides=[*given, *changes]))

    return _solve(constants, charged, now, wanted, unused)


def fit_areas(platform: Platform, table: Areas, *, overrides: api.Overrides = ()) -> Fit:
    """Constants of `technology.area` with which the platform's parts have the areas of an ART by `write_art`."""
    given = api.override_list(overrides)

    def silicon(changes: list[str]) -> Values:
        found = parts(platform, overrides=[*given, *changes])
        return {(part.name, "area"): part.area_mm2 / part.count * _SQUARE_UM for part in found}

    now = silicon([])
    wanted, unused = _matched({name: {"area": area} for name, area in table.items()}, now, {})
    area = api.describe(platform, overrides=given)["technology"]["area"]
    constants = {
        f"technology.area.{name}": str(value) for name, value in area.items() if name != "sram_efficiency"
    }
    return _solve(constants, silicon, now, wanted, unused)


def read_match(text: str) -> tuple[str, Match]:
    """ "system.glb.read=npu.buffer.word*4": an access of theirs is four of our words."""
    theirs, equals, ours = text.partition("=")
    name, _, per = ours.partition("*")
    component, dot, action = name.strip().rpartition(".")
    try:
        words = float(per) if per else 1.0
    except ValueError:
        words = 0.0
    if not (equals and dot and theirs.strip() and words > 0.0):
        raise InputError(
            f'match: "{plain(text, 80)}" is not THEIRS=OURS or THEIRS=OURS*WORDS, '
            "as in system.glb.read=npu.buffer.word*4"
        )
    return theirs.strip(), Match(component, action, words)


def _flat(table: Mapping[str, Mapping[str, float]]) -> Values:
    return {(component, action): value for component, row in table.items() for action, value in row.items()}


def _matched(table: Energies, now: Values, match: Mapping[str, Match]) -> tuple[Values, list[str]]:
    """The table's values by our rows; its lines that we have no row for."""
    lines = {f"{component}.{action}" for component, row in table.items() for action in row}
    for theirs, ours in match.items():
        if theirs not in lines:
            raise InputError(
                f'match: the table has no "{plain(theirs, 80)}"{did_you_mean(theirs, sorted(lines))}'
            )
        if (ours.component, ours.action) not in now:
            known = sorted(".".join(row) for row in now)
            name = f"{ours.component}.{ours.action}"
            raise InputError(f'match: the platform has no "{plain(name, 80)}"{did_you_mean(name, known)}')
    wanted: Values = {}
    unused = []
    for component, actions in table.items():
        for action, value in actions.items():
            name = f"{component}.{action}"
            if name in match:
                ours = match[name]
                wanted[(ours.component, ours.action)] = value / ours.per
            elif (row := _own_row(component, action, now)) is not None:
                wanted[row] = value
            else:
                unused.append(name)
    if not wanted:
        raise InputError(
            f'table: no line stands for anything that the platform charges ("{plain(unused[0], 80)}" and others); '
            "name the actions that match"
            if unused
            else "table: it is empty"
        )
    return wanted, unused


def _own_row(component: str, action: str, now: Values) -> Row | None:
    for name in (component, component.partition(".")[2]):
        if (name, action) in now:
            return (name, action)
    return None


def _constants(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Members of a resolved platform that are energies, with their text."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _constants(member, f"{path}.{name}" if path else name)
    elif isinstance(value, str) and _CONSTANT.fullmatch(value):
        power = value.endswith("W")
        if not power or path.rpartition(".")[2] in _POWERS:
            yield path, value


def _solve(
    constants: Mapping[str, str],
    charged: Callable[[list[str]], Values],
    now: Values,
    wanted: Values,
    unused: list[str],
) -> Fit:
    rows = sorted(wanted)
    import numpy as np  # takes a while to load

    target = np.array([wanted[row] for row in rows])
    start = np.array([now[row] for row in rows])
    scale = np.where(target > 0.0, target, np.where(start > 0.0, start, 1.0))
    used: list[str] = []
    columns = []
    for name, text in constants.items():
        doubled = charged([f"{name}={_times(text, 2.0)}"])
        column = np.array([doubled[row] for row in rows]) - start
        if np.any(np.abs(column) > _SMALLEST_SHARE * scale):
            used.append(name)
            columns.append(column / scale)
    if not used:
        raise InputError("table: none of the actions that it names depends on a constant of the platform")
    change, *_ = np.linalg.lstsq(np.array(columns).T, (target - start) / scale, rcond=1e-10)
    factors = 1.0 + change
    for name, factor in zip(used, factors, strict=True):
        if factor < -_SMALLEST_SHARE:
            raise InputError(
                f"table: its values would make {name} negative; it is no table of a platform like this one"
            )
    found = {
        name: _times(constants[name], max(0.0, float(factor)))
        for name, factor in zip(used, factors, strict=True)
        if abs(factor - 1.0) > _SMALLEST_SHARE
    }
    after = charged([f"{name}={value}" for name, value in found.items()])
    errors = {".".join(row): (after[row] - wanted[row]) / float(scale[i]) for i, row in enumerate(rows)}
    return Fit(found, errors, unused)


def _times(text: str, factor: float) -> str:
    number, _, unit = text.partition(" ")
    return f"{float(number) * factor:.12g} {unit}".strip()
