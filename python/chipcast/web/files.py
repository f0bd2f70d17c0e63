# SPDX-License-Identifier: Apache-2.0
"""Reads runs back: reports of `chipcast run --report` and pages of `chipcast run --html`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chipcast import summary
from chipcast._core import InputError
from chipcast.text import plain
from chipcast.web.checks import check_run, loads
from chipcast.web.comparison import FEWEST, MOST
from chipcast.web.page import VERSION, document_of

_LIMIT_BYTES = 512 << 20


def read_report(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The report of a run in a file. Throws InputError where there is none, in one line that says what is there."""
    name = plain(os.fspath(path))
    document = _document(_text(Path(path), name), name)
    report = document.get("run", document)  # a scenario's stands inside its own
    if isinstance(report, dict) and "streams" in report:
        raise InputError(f'"{name}" is a report of streams; runs alone are compared')
    form = report.get("format") if isinstance(report, dict) else None
    if form != "chipcast-report":
        found = f'format "{plain(form, 40)}"' if form is not None else "no format"
        raise InputError(
            f'"{name}" is no report of a run ({found}); `chipcast run --report FILE` or --html writes one'
        )
    if report.get("version") != 1:
        raise InputError(
            f'"{name}": version {plain(report.get("version"), 20)} of a report is not known; 1 is'
        )
    check_run(report, name)
    return dict(report)


def read_runs(paths: Sequence[str | os.PathLike[str]]) -> tuple[list[str], list[dict[str, Any]]]:
    """Labels and reports of two to five files. Labels are what was run, or the files' names where that is the same."""
    if not FEWEST <= len(paths) <= MOST:
        raise InputError(f"compare: {len(paths)} files; {FEWEST} to {MOST} can be shown side by side")
    reports = [read_report(path) for path in paths]
    titles = [summary.title(report) for report in reports]
    stems = [plain(Path(path).stem, 40) for path in paths]
    if len(set(titles)) < len(titles):
        titles = stems if len(set(stems)) == len(stems) else [plain(os.fspath(path), 80) for path in paths]
    return titles, reports


def _text(path: Path, name: str) -> str:
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise InputError(f'"{name}" is larger than {_LIMIT_BYTES >> 20} MiB')
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f'no file "{name}"') from None
    except UnicodeDecodeError:
        raise InputError(f'"{name}" is not text; a report (JSON) or a page (HTML) is needed') from None
    except (OSError, ValueError) as error:
        raise InputError(f'cannot read "{name}": {getattr(error, "strerror", None) or error}') from None


def _document(text: str, name: str) -> dict[str, Any]:
    if text.lstrip()[:1] == "<":
        return _of_page(text, name)
    try:
        document = loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f'"{name}" is not JSON: {plain(error)}') from None
    if not isinstance(document, dict):
        raise InputError(f'"{name}" is no report: its JSON is no object')
    return document


def _of_page(text: str, name: str) -> dict[str, Any]:
    document = document_of(text, name)
    if document.get("format") != "chipcast-page" or document.get("version") != VERSION:
        found = plain(f"{document.get('format')} {document.get('version')}", 40)
        raise InputError(f'"{name}": a page of "{found}" is not known; "chipcast-page {VERSION}" is')
    kind = plain(document.get("kind"), 20)
    if kind in ("sweep", "workbench"):
        raise InputError(f'"{name}" is a page of a {kind}; runs alone are compared')
    runs = document.get("runs")
    if not isinstance(runs, list) or not all(isinstance(run, dict) for run in runs):
        raise InputError(f'"{name}" is a page, but its data is damaged; write it again')
    if len(runs) != 1:
        raise InputError(f'"{name}" is a page of {len(runs)} runs; name their own files')
    report = runs[0].get("report")
    if not isinstance(report, dict):
        raise InputError(f'"{name}" is a page, but its data is damaged; write it again')
    return report
