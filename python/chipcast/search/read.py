# SPDX-License-Identifier: Apache-2.0
"""A search from JSON. Errors name the place, the value and what is allowed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.search.accuracy.settings import Accuracy
from chipcast.search.spec import Algorithm, Constraint, Fidelity, Objective, Search
from chipcast.sweep import quantities
from chipcast.sweep.read import sweep_of
from chipcast.sweep.spec import Sweep
from chipcast.text import did_you_mean, plain

_LIMIT_BYTES = 64 << 20
_SPEC = (
    "name",
    "description",
    "space",
    "objectives",
    "constraints",
    "algorithm",
    "evaluations",
    "seed",
    "fidelity",
    "accuracy",
    "formulas",
    "reference",
)
_ALGORITHM = ("name", "population", "protect", "start")
_FIDELITY = ("promote", "keep", "batch", "audit")
_ACCURACY = ("images", "seed", "scales", "predict")
_BOUNDS = ("min", "max")


def read_search(spec: str | os.PathLike[str] | Mapping[str, Any]) -> Search:
    """Of a file, or of a dict of the same form. Raises InputError."""
    if isinstance(spec, Mapping):
        return search_of(spec)
    path = Path(os.fspath(spec))
    name = plain(path)
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise InputError(f'search: "{name}" is larger than {_LIMIT_BYTES >> 20} MiB')
        document = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refused)
    except OSError as error:
        raise InputError(f'search: cannot read "{name}": {error.strerror}') from None
    except (ValueError, RecursionError) as error:
        raise InputError(f'search: "{name}" is not JSON: {plain(error)}') from None
    try:
        return search_of(document, base=path.parent, name=path.stem)
    except InputError as error:
        raise InputError(f"{plain(path.name)}: {error}") from None


def search_of(document: Any, base: Path = Path(), name: str = "search") -> Search:
    """`base`: folder that relative files are looked for in."""
    given = _object(document, "search", _SPEC)
    for needed in ("space", "objectives"):
        if needed not in given:
            raise InputError(f'search: needs "{needed}"')
    given_name = given.get("name", name)
    if not isinstance(given_name, str) or not given_name:
        raise InputError(f"name: expected text, got {plain(given_name, 60)}")
    return Search(
        space=_space(given["space"], base, given_name),
        objectives=_objectives(given["objectives"], "objectives"),
        constraints=_constraints(given.get("constraints", {})),
        algorithm=_algorithm(given.get("algorithm", {})),
        evaluations=given.get("evaluations", 500),
        seed=given.get("seed", 0),
        fidelity=Fidelity(**_object(given["fidelity"], "fidelity", _FIDELITY))
        if "fidelity" in given
        else None,
        accuracy=Accuracy(**_object(given["accuracy"], "accuracy", _ACCURACY))
        if "accuracy" in given
        else None,
        formulas={key: _text(text, f"formulas.{key}") for key, text in _members(given, "formulas")},
        reference={key: number(value, f"reference.{key}") for key, value in _members(given, "reference")},
        name=given_name,
    )


def number(value: Any, place: str) -> float:
    """A number, or one with a unit, in its unit without prefix."""
    quantity = quantities.parse(value)
    if quantity is not None:
        return quantity.base
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(
            f'{plain(place)}: {plain(value, 60)} is neither a number nor one with a unit ("10 ms")'
        )
    return float(value)


def _space(given: Any, base: Path, name: str) -> Sweep:
    try:
        return sweep_of(given, base=base, name=name, chosen=())
    except InputError as error:
        raise InputError(f"space: {error}") from None


def _objectives(given: Any, place: str) -> tuple[Objective, ...]:
    if isinstance(given, list) and all(isinstance(each, str) for each in given):
        return tuple(Objective(each) for each in given)
    if not isinstance(given, Mapping):
        wanted = 'columns with goals, such as {"latency_s": "min"}'
        raise InputError(f"{place}: expected {wanted}, got {plain(given, 60)}")
    return tuple(Objective(str(column), goal) for column, goal in given.items())


def _constraints(given: Any) -> tuple[Constraint, ...]:
    found = []
    for column, bounds in _object(given, "constraints").items():
        place = f"constraints.{plain(column)}"
        sides = {
            side: number(value, f"{place}.{side}") for side, value in _object(bounds, place, _BOUNDS).items()
        }
        found.append(Constraint(str(column), sides.get("min"), sides.get("max")))
    return tuple(found)


def _algorithm(given: Any) -> Algorithm:
    members: dict[str, Any] = (
        {"name": given} if isinstance(given, str) else _object(given, "algorithm", _ALGORITHM)
    )
    if "protect" in members:
        groups = members["protect"]
        if not isinstance(groups, list):
            raise InputError(
                f"algorithm.protect: expected a list of objectives' sets, got {plain(groups, 60)}"
            )
        members["protect"] = tuple(
            _objectives(group, f"algorithm.protect[{place}]") for place, group in enumerate(groups)
        )
    if "start" in members:
        designs = members["start"]
        if not isinstance(designs, list):
            raise InputError(f"algorithm.start: expected a list of designs, got {plain(designs, 60)}")
        members["start"] = tuple(
            _object(design, f"algorithm.start[{place}]") for place, design in enumerate(designs)
        )
    return Algorithm(**members)


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _members(given: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    return [(str(key), value) for key, value in _object(given.get(name, {}), name).items()]


def _object(value: Any, place: str, known: Sequence[str] = ()) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{place}: expected an object, got {plain(value, 60)}")
    for key in value if known else ():
        if key not in known:
            raise InputError(f'{place}: unknown member "{plain(key)}"{did_you_mean(str(key), known)}')
    return dict(value)


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value:
        raise InputError(f"{plain(place)}: expected text, got {plain(value, 60)}")
    return value
