# SPDX-License-Identifier: Apache-2.0
"""The table of a sweep: a line per point in the order of the points, whoever ran them and in which order."""

from __future__ import annotations

import csv
import importlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipcast._core import InputError
from chipcast.sweep.columns import HEAD, METRICS, TAIL
from chipcast.sweep.spec import Sweep
from chipcast.sweep.store import Row
from chipcast.text import plain

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".parquet", ".csv")


@dataclass(frozen=True)
class SweepTable:
    """`lines` have a cell per column: the point's number and state, its axes, metrics, kept columns, the reason."""

    columns: tuple[str, ...]
    lines: Sequence[tuple[Any, ...]]

    def __len__(self) -> int:
        return len(self.lines)

    def records(self) -> Iterator[dict[str, Any]]:
        for line in self.lines:
            yield dict(zip(self.columns, line, strict=True))

    def to_pandas(self) -> pd.DataFrame:
        """A row per point. Columns of numbers are numbers; a missing one is NaN."""
        import pandas as pd

        return pd.DataFrame.from_records(list(self.lines), columns=list(self.columns))

    def to_csv(self) -> str:
        """Numbers with all their digits; lists and objects as JSON."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([_cell(value) for value in line] for line in self.lines)
        return text.getvalue()

    def write(self, path: Path) -> None:
        """As Parquet or CSV, by its suffix; raises InputError for another, or where pyarrow is not there."""
        check_suffix(path)
        if path.suffix == ".csv":
            path.write_text(self.to_csv(), encoding="utf-8")
        else:
            self._write_parquet(path)

    def _write_parquet(self, path: Path) -> None:
        arrow = importlib.import_module("pyarrow")
        parquet = importlib.import_module("pyarrow.parquet")
        cells = zip(*self.lines, strict=True) if self.lines else ([] for _ in self.columns)
        columns = {name: _alike(column) for name, column in zip(self.columns, cells, strict=True)}
        parquet.write_table(arrow.table(columns), path)


def table_of(sweep: Sweep, rows: Iterable[Row], limit: int | None = None) -> SweepTable:
    """Of what a store has of a sweep; of its first `limit` points."""
    axes = tuple(f"axis.{name}" if name in (*HEAD, *METRICS, *TAIL) else name for name in sweep.columns)
    columns = (*HEAD, *axes, *sweep.metrics, *sweep.keep, *TAIL)
    lines = [_line(sweep, row) for row in islice(rows, limit)]
    return SweepTable(columns, lines)


def check_suffix(path: Path) -> Path:
    """Before a long run rather than after it."""
    if path.suffix not in SUFFIXES:
        raise InputError(f'export: "{plain(path)}" ends in neither {" nor ".join(SUFFIXES)}')
    if path.suffix == ".parquet":
        try:
            importlib.import_module("pyarrow.parquet")
        except ImportError:
            raise InputError("export: Parquet needs pyarrow; pip install 'chipcast[parquet]'") from None
    return path


def _line(sweep: Sweep, row: Row) -> tuple[Any, ...]:
    axes = (row.values.get(name) for name in sweep.columns)
    found = (row.row.get(name) for name in (*sweep.metrics, *sweep.keep))
    return (row.point, row.state, *axes, *found, row.reason or None)


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, Mapping | list | bool) else value


def _alike(column: Iterable[Any]) -> list[Any]:
    """Cells of one type, as Parquet wants them: numbers, or else text throughout."""
    cells = list(column)
    kinds = {type(cell) for cell in cells if cell is not None}
    if len(kinds) <= 1 and not kinds & {list, dict}:
        return cells
    if kinds <= {int, float}:
        return [None if cell is None else float(cell) for cell in cells]
    return [cell if cell is None or isinstance(cell, str) else json.dumps(cell) for cell in cells]
