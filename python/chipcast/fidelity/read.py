# SPDX-License-Identifier: Apache-2.0
"""Files of cases: strict about what stands in a row, but one bad row costs only itself."""

from __future__ import annotations

import csv
import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from chipcast._core import InputError
from chipcast.catalog import is_file
from chipcast.fidelity.case import COLUMNS, SCORE, USES, Case, read_format, read_quantity, read_unit
from chipcast.text import did_you_mean, plain

REQUIRED = ("platform", "workload", "quantity", "measured", "unit")
"""Columns that a file must have; but for the unit of a throughput, cells may not be empty. The others have defaults."""

_LIMIT_BYTES = 64 << 20
_MOST_THREADS, _MOST_BATCH = 4096, 65536
_MOST_LINES = 100
"""Of one record: quoted cells may have line breaks."""


@dataclass(frozen=True)
class RowError:
    """A row that no forecast can be compared with, and why."""

    line: int
    """In the file; 0 where the row was not read from one."""
    case: str
    message: str


@dataclass(frozen=True)
class Cases:
    cases: tuple[Case, ...]
    errors: tuple[RowError, ...] = ()
    warnings: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    """Line of each case in its file."""


def read_cases(path: str | os.PathLike[str]) -> Cases:
    """The rows of a CSV file: columns as in Case, in any order; further ones are ignored with a warning. Skipped are
    empty lines and those that begin with #, but for rows: lines with all the header's commas below it.

    A wrong row is an entry of `errors`, with its line, column, value and what is allowed. Throws InputError where the
    file itself is none: absent, not UTF-8, without its columns.
    """
    file = Path(path)
    text = _text(file)
    lines = text.replace("\r\n", "\n").split("\n")
    top = next((index for index, line in enumerate(lines) if not _comment(line)), None)
    if top is None:
        raise InputError(f"{plain(file)}: no header; the first line names the columns: {','.join(COLUMNS)}")
    header = _cells(lines[top])
    if isinstance(header, csv.Error):
        raise InputError(f"{plain(file)}: line {top + 1}: not CSV: {header}")
    columns, warnings = _columns(file, top + 1, header)
    good: list[tuple[int, Case]] = []
    errors = []
    for line, cells in _records(lines, top + 1, len(columns)):
        if isinstance(cells, csv.Error):
            errors.append(
                RowError(line, "?", f"line {line}: not CSV: {cells}; quotes stand around whole cells")
            )
            continue
        entry = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        if not any(entry.values()):
            continue
        try:
            if len(cells) > len(columns):
                raise InputError(f"{len(cells)} cells in {len(columns)} columns; put quotes around commas")
            good.append((line, _case(entry)))
        except InputError as error:
            errors.append(RowError(line, entry.get("case") or _name(entry), f"line {line}: {error}"))
    repeated = [name for name, times in Counter(case.case for _, case in good).items() if times > 1]
    if repeated:
        warnings.append(
            f'{plain(file)}: {len(repeated)} case names stand in several rows, as "{plain(repeated[0])}"'
        )
    return Cases(
        tuple(case for _, case in good), tuple(errors), tuple(warnings), tuple(line for line, _ in good)
    )


def _text(file: Path) -> str:
    if not is_file(file):
        raise InputError(
            f'cases: no file "{plain(file)}"; expected a CSV file with the columns {",".join(COLUMNS)}'
        )
    size = file.stat().st_size
    if size > _LIMIT_BYTES:
        raise InputError(f"{plain(file)}: {size} bytes; a file of cases may have {_LIMIT_BYTES}")
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{plain(file)}: not UTF-8 text at byte {error.start}; save it as UTF-8") from None


def _comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _cells(text: str) -> list[str] | csv.Error:
    """Of one record."""
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error as error:
        return error


def _records(lines: list[str], begin: int, columns: int) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """(line that a record begins on, its cells or what is wrong with them). A quote that is not closed costs its line:
    a record goes on over more lines only where it has all its columns then."""
    index = begin
    while index < len(lines):
        line, count = lines[index], 1
        if not line.strip() or (_comment(line) and line.count(",") < columns - 1):
            index += 1
            continue
        cells = _cells(line)
        if isinstance(cells, csv.Error) and line.count('"') % 2:
            for more in range(2, min(_MOST_LINES, len(lines) - index) + 1):
                longer = _cells("\n".join(lines[index : index + more]))
                if not isinstance(longer, csv.Error):
                    if len(longer) == columns:
                        cells, count = longer, more
                    break
        yield index + 1, cells
        index += count


def _columns(file: Path, line: int, header: list[str]) -> tuple[list[str], list[str]]:
    columns = [cell.strip().lower() for cell in header]
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        hint = "; separate the columns by commas" if len(columns) == 1 and ";" in columns[0] else ""
        raise InputError(
            f"{plain(file)}: line {line}: no column {', '.join(missing)} "
            f"(columns of a case: {', '.join(COLUMNS)}){hint}"
        )
    twice = [name for name, times in Counter(columns).items() if times > 1 and name in COLUMNS]
    if twice:
        raise InputError(f"{plain(file)}: line {line}: column {twice[0]} stands there twice; keep one")
    extra = [plain(name, 40) for name in columns if name and name not in COLUMNS]
    ignored = [f"{plain(file)}: ignored columns: {', '.join(extra)}"] if extra else []
    return columns, ignored


def _case(entry: Mapping[str, str]) -> Case:
    for name in REQUIRED:
        if not entry.get(name) and name != "unit":
            raise InputError(f"{name}: empty; every row needs one")
    quantity = read_quantity(entry["quantity"])
    use = (entry.get("use") or SCORE).lower()
    if use not in USES:
        raise InputError(f'use: "{plain(use, 40)}" is neither {" nor ".join(USES)}{did_you_mean(use, USES)}')
    return Case(
        case=entry.get("case") or _name(entry),
        platform=entry["platform"],
        device=entry.get("device", ""),
        runtime=entry.get("runtime", ""),
        workload=entry["workload"],
        dtype=read_format(entry.get("dtype", "")),
        threads=_count(entry.get("threads", ""), "threads", _MOST_THREADS),
        batch=_count(entry.get("batch", ""), "batch", _MOST_BATCH),
        quantity=quantity,
        measured=_measured(entry["measured"]),
        unit=read_unit(entry["unit"], quantity),
        source=entry.get("source", ""),
        use=use,
    )


def _name(entry: Mapping[str, str]) -> str:
    """What tells the row apart: rk3588/a76/ncnn/resnet18/fp16/4t/latency."""
    threads, batch = entry.get("threads", ""), entry.get("batch", "")
    parts = [entry.get(column, "") for column in ("platform", "device", "runtime", "workload", "dtype")]
    parts += [
        f"{threads}t" if threads not in ("", "1") else "",
        f"b{batch}" if batch not in ("", "1") else "",
    ]
    return "/".join(filter(None, [*parts, entry.get("quantity", "").lower()])) or "?"


def _count(text: str, column: str, most: int) -> int:
    """A whole number from 1 on; 1 where the cell is empty. Tables of spreadsheets have "4.0"."""
    if not text:
        return 1
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (1 <= value <= most and value == math.floor(value)):
        raise InputError(f'{column}: "{plain(text, 40)}" is no whole number from 1 to {most}')
    return int(value)


def _measured(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(
            f'measured: "{plain(text, 40)}" is no number; units stand in the column unit'
        ) from None
    if not (math.isfinite(value) and value > 0):
        raise InputError(f'measured: "{plain(text, 40)}" is not above zero and finite')
    return value
