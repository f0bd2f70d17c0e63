# SPDX-License-Identifier: Apache-2.0
"""What converters share: rows of a table, and the cases made of them."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from chipcast._core import InputError
from chipcast.catalog import is_file
from chipcast.fidelity.case import SCORE, Case
from chipcast.text import plain

Row = Mapping[str, str]


@dataclass(frozen=True)
class LeftOut:
    """A row that makes no case."""

    what: str
    why: str


Converter = Callable[[Iterable[Row]], Iterator[Case | LeftOut]]


def read_table(path: str | os.PathLike[str]) -> list[Row]:
    """Throws InputError where there is no such file, or no table in it."""
    file = Path(path)
    if not is_file(file):
        raise InputError(f'table: no file "{plain(file)}"')
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            rows: list[Row] = [
                {str(k): (v or "").strip() for k, v in row.items()} for row in csv.DictReader(lines)
            ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{plain(file)}: not CSV in UTF-8: {error}") from None
    if not rows:
        raise InputError(f"{plain(file)}: no rows")
    return rows


def cell(row: Row, column: str) -> str:
    """Throws InputError where the table has no such column."""
    if column not in row:
        raise InputError(f"table: no column {column} (columns: {', '.join(map(plain, row))})")
    return row[column]


def number(row: Row, column: str) -> float | None:
    """None where the cell is empty or no number above zero: tables mark what failed in words."""
    try:
        value = float(cell(row, column))
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None


def case(
    *,
    platform: str,
    device: str,
    runtime: str,
    workload: str,
    dtype: str,
    measured: float,
    unit: str,
    source: str,
    quantity: str = "latency",
    threads: int = 1,
    batch: int = 1,
    label: str = "",
) -> Case:
    """Named after what tells it apart; `label` where that is more than the columns say."""
    stem = workload.rsplit("/", 1)[-1].removesuffix(".param").removesuffix("_int8")
    parts = [platform, device, label or runtime, stem, dtype, f"{threads}t" if threads > 1 else "", quantity]
    return Case(
        "/".join(filter(None, parts)), platform, device, runtime, workload, dtype, threads, batch, quantity, measured,
        unit, source, SCORE,
    )  # fmt: skip
