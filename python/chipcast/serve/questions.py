# SPDX-License-Identifier: Apache-2.0
"""What the page asks, checked: out of JSON that anybody may have sent, jobs for the workers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from chipcast import catalog
from chipcast._core import InputError
from chipcast.api import mappers
from chipcast.serve.uploads import MOST_PLATFORM_BYTES, Shelf
from chipcast.text import did_you_mean, plain

MOST_OVERRIDES = 256
EDITED = "-edited"
KINDS = ("analytic", "run", "page", "power", "describe")
_MEMBERS = (
    "kind",
    "caller",
    "model",
    "model_options",
    "platform",
    "overrides",
    "options",
    "knobs",
    "nvpmodel",
)
_NO_SEARCH = ("exact", "fixed")
"""Mappers that want a mapping, or more time than a workbench has."""


def _text(value: object) -> bool:
    return isinstance(value, str)


def _number_or_text(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _object(value: object) -> bool:
    return isinstance(value, dict)


Table = Mapping[str, tuple[Callable[[object], bool], str]]
_OPTIONS: Table = {
    "dtype": (_text, "a text"),
    "mapper": (_text, "a text"),
    "objective": (_text, "a text"),
    "devices": (_texts, "a list of names"),
}
_KNOBS: Table = {
    "rate": (_number_or_text, "a number or a text"),
    "battery": (_number_or_text, "a number or a text"),
    "cap": (_number_or_text, "a number or a text"),
    "ambient": (lambda value: isinstance(value, int | float), "a number"),
    "governor": (_text, "a text"),
    "idle": (_text, "a text"),
    "clocks": (_object, "a JSON object"),
    "cores": (_object, "a JSON object"),
    "loads": (_object, "a JSON object"),
}


def job_of(question: object, models: Shelf, platforms: Shelf) -> dict[str, Any]:
    """Throws InputError: "member: what is wrong". Names never become paths, but for files that a shelf keeps."""
    asked = _members(question, "question", _MEMBERS)
    kind = asked.get("kind")
    if kind not in KINDS:
        raise InputError(f'kind: "{plain(kind, 40)}" is not known (known: {", ".join(KINDS)})')
    job: dict[str, Any] = {"kind": kind, "platform": _platform(asked.get("platform"), platforms)}
    job["overrides"] = _members(asked.get("overrides", {}), "overrides")
    if len(job["overrides"]) > MOST_OVERRIDES:
        raise InputError(f"overrides: {len(job['overrides'])} of them; at most {MOST_OVERRIDES}")
    if kind == "describe":
        return job
    job["model"] = _model(asked.get("model"), models)
    job["model_options"] = _members(asked.get("model_options", {}), "model_options")
    job["options"] = _picked(asked.get("options", {}), _OPTIONS, "options")
    _check_mapper(job["options"].get("mapper"))
    if kind == "power":
        job["knobs"] = _picked(asked.get("knobs", {}), _KNOBS, "knobs")
        job["nvpmodel"] = asked.get("nvpmodel") is True
    return job


def _model(model: object, shelf: Shelf) -> str:
    if isinstance(model, Mapping):
        return str(shelf.find(str(model.get("upload", ""))).path)
    names = catalog.model_names()
    if not isinstance(model, str) or model not in names:
        raise InputError(f'model: "{plain(model, 80)}" is not bundled{did_you_mean(str(model), names)}')
    return model


def _platform(platform: object, shelf: Shelf) -> str:
    """The name of a bundled one, or {"text": JSON as edited}."""
    names = catalog.platforms()
    if isinstance(platform, Mapping):
        text = platform.get("text")
        if not isinstance(text, str) or len(text) > MOST_PLATFORM_BYTES:
            raise InputError(f"platform.text: not a text of at most {MOST_PLATFORM_BYTES >> 20} MiB")
        return str(shelf.keep("platform.json", _renamed(text, names).encode("utf-8", "replace")).path)
    if not isinstance(platform, str) or platform not in names:
        raise InputError(
            f'platform: "{plain(platform, 80)}" is not bundled{did_you_mean(str(platform), names)}'
        )
    return platform


def _renamed(text: str, bundled: list[str]) -> str:
    """What was edited is no longer the chip that was measured: it does not carry its name, nor its error."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text  # a worker says what is wrong with it, and where
    if not isinstance(found, dict) or found.get("name") not in bundled:
        return text
    return json.dumps({**found, "name": f"{found['name']}{EDITED}"})


def _check_mapper(mapper: object) -> None:
    known = [name for name, _ in mappers() if name not in _NO_SEARCH]
    if mapper is not None and mapper not in known:
        raise InputError(
            f'options.mapper: "{plain(mapper, 40)}" is not known{did_you_mean(str(mapper), known)}'
        )


def _picked(value: object, allowed: Table, where: str) -> dict[str, Any]:
    """Without what is not set."""
    members = _members(value, where, tuple(allowed))
    found = {name: each for name, each in members.items() if each not in (None, "")}
    for name, each in found.items():
        suits, what = allowed[name]
        if not suits(each):
            raise InputError(f"{where}.{name}: {plain(each, 40)} is not {what}")
    return found


def _members(value: object, where: str, known: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object, of the known members where they are listed."""
    if not isinstance(value, dict):
        raise InputError(f"{where}: not a JSON object")
    for name in value:
        if known and name not in known:
            raise InputError(f'{where}: unknown member "{plain(name, 40)}"{did_you_mean(name, known)}')
    return value


def read_json(body: bytes) -> object:
    """Throws InputError."""
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise InputError("question: not JSON") from None


def _no_constant(name: str) -> float:
    raise ValueError(name)
