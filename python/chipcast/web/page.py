# SPDX-License-Identifier: Apache-2.0
"""Fills the built page (web/, report.html) with a document."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.text import plain
from chipcast.web.checks import loads

VERSION = 1
"""Of the document in a page."""
TEMPLATE = Path(__file__).with_name("report.html")
OPENING = '<script id="chipcast-data" type="application/json">'
CLOSING = "</script>"
_PLACE = OPENING + CLOSING
_TITLE = "<title>Chipcast</title>"
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
"""Inside JSON such characters stand in strings alone, so that nothing in a page can end its script or begin another."""


def page(document: Mapping[str, Any]) -> str:
    """A self-contained page: no other file, no network."""
    title = " · ".join(run["label"] for run in document["runs"])
    template = _template().replace(_TITLE, f"<title>{escape(title)} – Chipcast</title>", 1)
    before, found, after = template.partition(_PLACE)
    if not found:
        raise RuntimeError(f"{TEMPLATE.name} has no place for data; scripts/build-web makes it anew")
    return f"{before}{OPENING}{embedded(document)}{CLOSING}{after}"


def write_page(document: Mapping[str, Any], path: str | os.PathLike[str]) -> Path:
    """Writes the page of a document: all of it or nothing. Throws InputError where no file can be at that place."""
    target = Path(path)
    name = plain(os.fspath(path))
    if target.is_dir():
        raise InputError(f'"{name}" is a folder; name a file in it')
    if not target.parent.is_dir():
        raise InputError(f'"{name}": the folder "{plain(target.parent)}" is not there; make it first')
    data = page(document).encode("utf-8")
    if target.exists() and not target.is_file():  # a pipe or a device
        target.write_bytes(data)
        return target
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target


def embedded(document: Mapping[str, Any]) -> str:
    """JSON that may stand in a script element. Throws InputError where the document is none (NaN, a foreign object)."""
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"this cannot stand in a page: {plain(error, 100)}") from None
    # A name from a file may hold half of a surrogate pair, which UTF-8 cannot carry.
    return text.translate(_ESCAPES).encode("utf-8", "backslashreplace").decode("utf-8")


def document_of(text: str, name: str) -> dict[str, Any]:
    """The document of a page that was written before. Throws InputError where the text is no such page."""
    _, found, rest = text.partition(OPENING)
    body, ended, _ = rest.partition(CLOSING)
    if not found or not ended:
        raise InputError(f'"{name}" is a page, but none of `chipcast run --html`')
    try:
        document = loads(body)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f'"{name}" is a page, but its data is damaged ({plain(error, 100)}); write it again'
        ) from None
    if not isinstance(document, dict):
        raise InputError(f'"{name}" is a page, but its data is no object; write it again')
    return document


@cache
def _template() -> str:
    return TEMPLATE.read_text(encoding="utf-8")
