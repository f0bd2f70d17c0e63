# SPDX-License-Identifier: Apache-2.0
"""What the page asks, checked: out of JSON that anybody may have sent, jobs for the workers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chipcast import catalog
from chipcast._core import InputError
from chipcast.api import mappers
from chipcast.serve.uploads import MOST_PLATFORM_BYTES, Shelf
from chipcast.text import did_you_mean, plain

MOST_OVERRIDES = 256
_OPTIONS = ("dtype", "devices", "mapper", "objective", "fuse")
_KNOBS = ("rate", "period", "governor", "idle", "cap", "ambient", "battery", "clocks", "cores", "loads")
_MEMBERS = (
    "kind",
    "model",
    "model_options",
    "platform",
    "overrides",
    "options",
    "knobs",
    "nvpmodel",
    "caller",
)
KINDS = ("analytic", "run", "page", "power", "describe")


def job_of(question: object, shelf: Shelf) -> dict[str, Any]:
    """Throws InputError: "member: what is wrong". Names never become paths, but for files that the shelf keeps."""
    asked = _object(question, "question")
    for name in asked:
        if name not in _MEMBERS:
            raise InputError(f'question: unknown member "{plain(name, 40)}"{did_you_mean(name, _MEMBERS)}')
    kind = asked.get("kind")
    if kind not in KINDS:
        raise InputError(f'kind: "{plain(kind, 40)}" is not known (known: {", ".join(KINDS)})')
    job: dict[str, Any] = {"kind": kind, "platform": _platform(asked.get("platform"), shelf)}
    job["overrides"] = _overrides(asked.get("overrides", {}))
    if kind == "describe":
        return job
    job["model"] = _model(asked.get("model"), shelf)
    job["model_options"] = _object(asked.get("model_options", {}), "model_options")
    job["options"] = _picked(asked.get("options", {}), _OPTIONS, "options")
    _check_mapper(job["options"].get("mapper"))
    if kind == "power":
        job["knobs"] = _picked(asked.get("knobs", {}), _KNOBS, "knobs")
        job["nvpmodel"] = bool(asked.get("nvpmodel", False))
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
    if isinstance(platform, Mapping):
        text = platform.get("text")
        if not isinstance(text, str) or len(text) > MOST_PLATFORM_BYTES:
            raise InputError(f"platform.text: not a text of at most {MOST_PLATFORM_BYTES >> 20} MiB")
        return str(shelf.keep("platform.json", text.encode("utf-8", "replace")).path)
    names = catalog.platforms()
    if not isinstance(platform, str) or platform not in names:
        raise InputError(
            f'platform: "{plain(platform, 80)}" is not bundled{did_you_mean(str(platform), names)}'
        )
    return platform


def _overrides(overrides: object) -> dict[str, Any]:
    found = _object(overrides, "overrides")
    if len(found) > MOST_OVERRIDES:
        raise InputError(f"overrides: {len(found)} of them; at most {MOST_OVERRIDES}")
    return found


def _check_mapper(mapper: object) -> None:
    known = [name for name, _ in mappers()]
    if mapper is not None and mapper not in known:
        raise InputError(
            f'options.mapper: "{plain(mapper, 40)}" is not known{did_you_mean(str(mapper), known)}'
        )


def _picked(value: object, allowed: tuple[str, ...], where: str) -> dict[str, Any]:
    """Without what is not set."""
    found = {name: each for name, each in _object(value, where).items() if each not in (None, "")}
    for name in found:
        if name not in allowed:
            raise InputError(f'{where}: unknown member "{plain(name, 40)}"{did_you_mean(name, allowed)}')
    return found


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{where}: not a JSON object")
    return value


def read_json(body: bytes) -> object:
    """Throws InputError."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise InputError("question: not JSON") from None
