# SPDX-License-Identifier: Apache-2.0
"""Output: tables and JSON to stdout, words to stderr, files named by the user."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
from rich.console import Console, JustifyMethod
from rich.table import Table as RichTable
from rich.text import Text

from chipcast._core import InputError
from chipcast.summary import Column, Table
from chipcast.text import plain

_WIDTH_OFF_TERMINAL = 120


def stdout() -> Console:
    return _console(sys.stdout.isatty(), stderr=False)


def stderr() -> Console:
    return _console(sys.stderr.isatty(), stderr=True)


def _console(terminal: bool, stderr: bool) -> Console:
    width = None if terminal or "COLUMNS" in os.environ else _WIDTH_OFF_TERMINAL
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


def say(text: str, quiet: bool = False) -> None:
    """Words for the person at the terminal."""
    if not quiet:
        print(text, file=sys.stderr)


def print_json(value: Any) -> None:
    click.echo(value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False))


def print_table(console: Console, table: Table) -> None:
    rich = RichTable(title=table.title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in table.columns:
        justify: JustifyMethod = "right" if column.numeric else "left"
        rich.add_column(
            column.title, justify=justify, no_wrap=not (column.gives_way or column.wraps), header_style="dim"
        )
    for row in table.rows:
        rich.add_row(*map(_cell, table.columns, row))
    console.print(rich)


def _cell(column: Column, text: str) -> Text:
    return Text(text, overflow="fold") if column.wraps else Text(text, no_wrap=True, overflow="ellipsis")


def check_writable(path: Path, option: str) -> Path:
    """Fails before a long run rather than after it; makes the folder where it is missing."""
    if path.is_dir():
        raise InputError(f'{option}: "{plain(path)}" is a folder; name a file in it')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f'{option}: cannot make the folder of "{plain(path)}": {error.strerror}') from None
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise InputError(f'{option}: "{plain(path)}" is not writable')
    return path


def write_file(path: Path, data: str | bytes) -> None:
    """All of it or nothing: a run that is cut off leaves no half file. Devices and pipes are written straight."""
    raw = data.encode() if isinstance(data, str) else data
    if path.exists() and not path.is_file():
        path.write_bytes(raw)
        return
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
