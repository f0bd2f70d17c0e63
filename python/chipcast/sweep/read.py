# SPDX-License-Identifier: Apache-2.0
"""A sweep from JSON. Errors name the place, the value and what is allowed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.sweep import fields, quantities
from chipcast.sweep.axes import Axis, Range
from chipcast.sweep.spec import Limits, Sample, Sweep
from chipcast.text import did_you_mean, plain

_LIMIT_BYTES = 64 << 20
_SPEC = (
    "name",
    "description",
    "model",
    "models",
    "platform",
    "platforms",
    "scenario",
    "scenarios",
    "axes",
    "set",
    "options",
    "model_options",
    "where",
    "sample",
    "points",
    "keep",
    "limits",
    "retries",
    "area",
    "tier",
)
_AXIS = ("values", "from", "to", "steps", "scale", "multiple_of", "set")
_SAMPLE = ("method", "points", "seed")
_LIMITS = ("time", "memory", "events")


def read_sweep(
    spec: str | os.PathLike[str] | Mapping[str, Any],
    *,
    chosen: Sequence[Mapping[str, Any]] | None = None,
) -> Sweep:
    """Of a file, or of a dict of the same form. `chosen`: as the Sweep's. Raises InputError."""
    if isinstance(spec, Mapping):
        return sweep_of(spec, chosen=chosen)
    path = Path(os.fspath(spec))
    name = plain(path)
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise InputError(f'sweep: "{name}" is larger than {_LIMIT_BYTES >> 20} MiB')
        document = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refused)
    except OSError as error:
        raise InputError(f'sweep: cannot read "{name}": {error.strerror}') from None
    except (ValueError, RecursionError) as error:
        raise InputError(f'sweep: "{name}" is not JSON: {plain(error)}') from None
    try:
        return sweep_of(document, base=path.parent, name=path.stem, chosen=chosen)
    except InputError as error:
        raise InputError(f"{plain(path.name)}: {error}") from None


def sweep_of(
    document: Any,
    base: Path = Path(),
    name: str = "sweep",
    chosen: Sequence[Mapping[str, Any]] | None = None,
) -> Sweep:
    """`base`: folder that relative files are looked for in. `chosen`: as the Sweep's."""
    given = _object(document, "sweep", _SPEC)
    return Sweep(
        name=_text(given.get("name", name), "name"),
        models=[] if _names_scenarios(given) else _one_or_more(given, "model"),
        platforms=_one_or_more(given, "platform"),
        axes=_axes(given),
        set=_fixed(given),
        where=_list(given.get("where", []), "where"),
        sample=_sample(given["sample"]) if "sample" in given else Sample(),
        points=_points(given["points"]) if "points" in given else None,
        chosen=chosen,
        keep={
            str(key): _text(value, f"keep.{key}")
            for key, value in _object(given.get("keep", {}), "keep").items()
        },
        limits=_limits(given["limits"]) if "limits" in given else Limits(),
        retries=given.get("retries", 2),
        area=_flag(given.get("area", True), "area"),
        base=base,
    )


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _fixed(given: Mapping[str, Any]) -> dict[str, Any]:
    """All that is the same at every point, by field."""
    fixed: dict[str, Any] = {}
    for key, value in _object(given.get("options", {}), "options", fields.OPTIONS).items():
        fixed[key] = value
    for key, value in _object(given.get("model_options", {}), "model_options").items():
        fixed[fields.MODEL_OPTIONS + str(key)] = value
    for key in ("tier", "scenario"):
        if key in given:
            fixed[key] = given[key]
    return {**fixed, **_object(given.get("set", {}), "set")}


def _names_scenarios(given: Mapping[str, Any]) -> bool:
    """Whether networks stand in scenarios and not in the sweep."""
    axes = given.get("axes")
    named = "scenario" in given or "scenarios" in given or (isinstance(axes, Mapping) and "scenario" in axes)
    return named and "model" not in given and "models" not in given


def _axes(given: Mapping[str, Any]) -> list[Axis]:
    axes = [_axis(str(key), value) for key, value in _object(given.get("axes", {}), "axes").items()]
    if "scenarios" not in given:
        return axes
    if "scenario" in given:
        raise InputError('sweep: needs either "scenario" or "scenarios"')
    names = [_text(each, "scenarios") for each in _list(given["scenarios"], "scenarios")]
    return [Axis("scenario", names), *axes]


def _axis(name: str, given: Any) -> Axis:
    place = f"axes.{plain(name)}"
    if isinstance(given, list):
        return Axis(name, given)
    if not isinstance(given, Mapping):
        raise InputError(f"{place}: expected a list of values or an object, got {plain(given, 60)}")
    axis = _object(given, place, _AXIS)
    sets = axis.get("set", ())
    names = (sets,) if isinstance(sets, str) else tuple(_text(each, f"{place}.set") for each in sets)
    return Axis(name, _axis_values(axis, place), names)


def _axis_values(axis: Mapping[str, Any], place: str) -> Sequence[Any] | Range:
    if "values" in axis:
        if ranged := sorted({"from", "to", "steps", "scale", "multiple_of"} & set(axis)):
            raise InputError(f"{place}: values and {ranged[0]} exclude each other")
        return _list(axis["values"], f"{place}.values")
    if "from" not in axis or "to" not in axis:
        raise InputError(f"{place}: needs values, or from and to")
    try:
        return Range(
            axis["from"],
            axis["to"],
            steps=axis.get("steps"),
            scale=axis.get("scale", "linear"),
            multiple_of=axis.get("multiple_of"),
        )
    except InputError as error:
        raise InputError(f"{place}.{error}") from None


def _sample(given: Any) -> Sample:
    sample = _object(given, "sample", _SAMPLE)
    return Sample(sample.get("method", "random"), sample.get("points"), sample.get("seed", 0))


def _limits(given: Any) -> Limits:
    limits = _object(given, "limits", _LIMITS)
    standard = Limits()
    memory = _quantity(limits, "memory", "B", standard.memory_bytes)
    events = limits.get("events")
    if events is not None and (isinstance(events, bool) or not isinstance(events, int) or events < 1):
        raise InputError(f"limits.events: {plain(events)} is not a whole number above zero, or null")
    return Limits(
        seconds=_quantity(limits, "time", "s", standard.seconds),
        memory_bytes=None if memory is None else int(memory),
        events=events,
    )


def _quantity(given: Mapping[str, Any], key: str, dimension: str, standard: float | None) -> float | None:
    if key not in given:
        return standard
    value = given[key]
    if value is None:
        return None
    quantity = quantities.parse(value)
    if quantity is None or quantity.unit.dimension != dimension:
        example = {"s": "10 s", "B": "2 GiB"}[dimension]
        raise InputError(f'limits.{key}: {plain(value)} is not a quantity such as "{example}", or null')
    return quantity.base


def _one_or_more(given: Mapping[str, Any], name: str) -> list[str]:
    several = f"{name}s"
    if (name in given) == (several in given):
        raise InputError(f'sweep: needs either "{name}" or "{several}"')
    if name in given:
        return [_text(given[name], name)]
    names = [_text(each, several) for each in _list(given[several], several)]
    if not names:
        raise InputError(f"{several}: none given")
    return names


def _points(given: Any) -> list[dict[str, Any]]:
    return [_object(each, f"points[{number}]") for number, each in enumerate(_list(given, "points"))]


def _object(value: Any, place: str, known: Sequence[str] = ()) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{place}: expected an object, got {plain(value, 60)}")
    for key in value if known else ():
        if key not in known:
            raise InputError(f'{place}: unknown member "{plain(key)}"{did_you_mean(str(key), known)}')
    return dict(value)


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise InputError(f"{place}: expected a list, got {plain(value, 60)}")
    return list(value)


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value:
        raise InputError(f"{plain(place)}: expected text, got {plain(value, 60)}")
    return value


def _flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{place}: {plain(value, 60)} is neither true nor false")
    return value
