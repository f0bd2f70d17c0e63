# SPDX-License-Identifier: Apache-2.0
"""Slips of the pen that would spoil every point, found before the first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chipcast import api, catalog
from chipcast._core import InputError
from chipcast.sweep import templates
from chipcast.sweep.fields import is_path
from chipcast.sweep.space import Space
from chipcast.sweep.spec import EVALUATOR, Sweep
from chipcast.text import plain

_NO_SUCH_PLACE = re.compile(r'unknown field|has no "|has no member|there is no element')


def check_paths(space: Space) -> None:
    """Raises InputError for a path that no platform of the sweep has. Values are the points' own business."""
    sweep = space.sweep
    if sweep.evaluator != EVALUATOR:
        return
    files = [catalog.find_platform(sweep.file(name)) for name in sweep.platforms]
    for place, path, value in _paths(space):
        problems = [_problem(file, path, value) for file in files]
        if all(problems):
            raise InputError(f"{place}: {problems[0]}")


def _paths(space: Space) -> Iterator[tuple[str, str, Any]]:
    """(place, path, a value of it)"""
    sweep: Sweep = space.sweep
    first = next(iter(space.first(1)), None)
    if first is None or first.problem:
        return
    for axis in sweep.all_axes:
        for path in filter(is_path, axis.sets):
            yield f"axes.{plain(axis.name)}", path, first.values[axis.name]
    for name in first.values if sweep.points is not None else ():
        if is_path(name):
            yield "points", name, first.values[name]
    for path, value in sweep.set.items():
        if is_path(path):
            yield "set", path, _filled(value, first.values)


def _filled(value: Any, values: Any) -> Any:
    try:
        return templates.fill(value, values)
    except (InputError, KeyError):
        return value


def _problem(platform: Any, path: str, value: Any) -> str:
    try:
        api.describe(platform, overrides={path: value})
    except InputError as error:
        return str(error) if _NO_SUCH_PLACE.search(str(error)) else ""
    return ""
