# SPDX-License-Identifier: Apache-2.0
"""A table of designs, whatever it comes as: the result of a sweep or a search, a file, a pandas frame."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from chipcast._core import InputError
from chipcast.search import Objective, SearchResult
from chipcast.search.records import Judge
from chipcast.sweep.columns import HEAD, METRICS, RESERVED, TAIL
from chipcast.text import did_you_mean, plain
from chipcast.views.units import unit_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


class HasFrame(Protocol):
    """SweepResult, SweepTable, and what a search gives back."""

    def to_pandas(self) -> pd.DataFrame: ...


Source = HasFrame | str | os.PathLike[str] | Any
"""What views take: one of the above, a CSV or Parquet file that a sweep exported, a pandas frame."""

_SUFFIXES = (".csv", ".parquet")
MISSING = "–"
SEARCH_HEAD = ("design", "state", "tier", "round", "front")
"""Columns of a search before its axes."""
FEASIBLE = "feasible"
"""Column of a search: whether a design keeps its constraints."""


@dataclass(frozen=True, eq=False)
class Designs:
    """`frame`: a row per design that has a forecast. `states`: how all rows of the table ended. `places`: which rows of
    the table they are, from 1 on. `search`: where it is one's."""

    frame: pd.DataFrame
    states: Mapping[str, int]
    places: Sequence[int]
    search: SearchResult | None = None

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def goals(self) -> Sequence[Objective]:
        """What the search was for."""
        return () if self.search is None else self.search.search.objectives

    @cached_property
    def admitted(self) -> list[bool]:
        """Which designs keep the constraints of the search, by its table where it comes from a file; all where there
        are none."""
        if self.search is None and self._is_of_search and FEASIBLE in self.frame.columns:
            return [text_of(value) == "True" for value in self.frame[FEASIBLE]]
        if self.search is None:
            return [True] * len(self.frame)
        judge = Judge(self.search.search)
        return [judge.violation(self.search.records[place - 1]) == 0.0 for place in self.places]

    @property
    def _is_of_search(self) -> bool:
        return tuple(self.frame.columns[: len(SEARCH_HEAD)]) == SEARCH_HEAD

    @cached_property
    def axes(self) -> list[str]:
        """Columns that were varied: what stands before the metrics of a sweep's table; in another, all that is not
        measured in a unit."""
        columns = [str(name) for name in self.frame.columns]
        for head in (HEAD, SEARCH_HEAD):
            if tuple(columns[: len(head)]) == head and METRICS[0] in columns:
                return columns[len(head) : columns.index(METRICS[0])]
        spare = {*SEARCH_HEAD, *RESERVED, FEASIBLE}
        return [name for name in columns if name not in spare and not unit_of(name)]

    def varied(self) -> list[str]:
        """Axes that take more than one value."""
        return [name for name in self.axes if len(set(self.texts(name))) > 1]

    def column(self, name: str, place: str) -> str:
        """`name`, where there is such a column."""
        if name not in self.frame.columns:
            known = [str(each) for each in self.frame.columns if each not in (*HEAD, *TAIL)]
            raise InputError(f'{place}: no column "{plain(name)}"{did_you_mean(name, known)}')
        return name

    def numbers(self, name: str) -> NDArray[np.float64] | None:
        """Values as floats, NaN where there is none; None where the column holds something else."""
        import pandas as pd

        column = self.frame[name]
        if len(column) and all(isinstance(value, bool) for value in column):
            return None
        try:
            found: NDArray[np.float64] = pd.to_numeric(column).to_numpy(dtype=float, na_value=float("nan"))
        except (ValueError, TypeError):
            return None
        return found

    def texts(self, name: str) -> list[str]:
        """Values as a person reads them; "–" where there is none."""
        return [text_of(value) for value in self.frame[name]]


def designs_of(source: Source) -> Designs:
    """Raises InputError for a file that is no table, or a table in which nothing was forecast."""
    if isinstance(source, Designs):
        return source
    frame = _frame(source)
    search = source if isinstance(source, SearchResult) else None
    if not len(frame):
        raise InputError("table: it has no rows")
    if "state" not in frame.columns:
        return Designs(frame, {"done": len(frame)}, range(1, len(frame) + 1))
    counts = frame["state"].value_counts()
    states = {str(state): int(counts[state]) for state in sorted(counts.index)}
    whole = (frame["state"] == "done").tolist()
    done = frame[whole]
    if not len(done):
        raise InputError(f"table: none of {len(frame)} points was forecast ({_first_reason(frame)})")
    return Designs(done, states, [place for place, there in enumerate(whole, 1) if there], search)


def _first_reason(frame: pd.DataFrame) -> str:
    reasons = frame["reason"].dropna() if "reason" in frame.columns else ()
    return f"the first: {plain(next(iter(reasons)))}" if len(reasons) else "no reason is given"


def _frame(source: Any) -> pd.DataFrame:
    import pandas as pd

    if isinstance(source, pd.DataFrame):
        return source
    if hasattr(source, "to_pandas"):
        frame: pd.DataFrame = source.to_pandas()
        return frame
    if isinstance(source, str | os.PathLike):
        return _read(Path(source))
    if isinstance(source, Sequence) and all(isinstance(row, Mapping) for row in source):
        return pd.DataFrame(list(source))
    raise InputError(
        f"table: expected a result of a sweep, a CSV or Parquet file or a pandas frame, got {type(source).__name__}"
    )


def _read(path: Path) -> pd.DataFrame:
    import pandas as pd

    shown = plain(path)
    if path.suffix not in _SUFFIXES:
        raise InputError(f'table: "{shown}" ends in neither {" nor ".join(_SUFFIXES)}')
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, keep_default_na=False, na_values=[""])
    except ImportError:
        raise InputError("table: Parquet needs pyarrow; pip install 'chipcast[parquet]'") from None
    except OSError as error:
        raise InputError(f'table: cannot read "{shown}": {error.strerror or plain(error)}') from None
    except ValueError as error:
        raise InputError(f'table: "{shown}" is no table: {plain(error)}') from None


def text_of(value: Any) -> str:
    """A cell as a person reads it: 600.0 is "600", a list is JSON."""
    if value is None or (isinstance(value, float) and value != value):
        return MISSING
    if isinstance(value, list | dict):
        return plain(json.dumps(value), 40)
    if isinstance(value, float):
        return f"{value:.6g}"
    return plain(value, 40)
