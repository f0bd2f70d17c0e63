# SPDX-License-Identifier: Apache-2.0
"""The designs that no other one beats in every objective: as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chipcast._core import InputError
from chipcast.search.fronts import pareto_mask
from chipcast.search.spec import Objective
from chipcast.text import plain
from chipcast.views.designs import Designs, Source, designs_of, text_of
from chipcast.views.objectives import Objectives, choose_objectives, values_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

By = str | None
OF_THEIR_OWN = ("model", "scenario")
"""Designs for another one of these are no rivals: a smaller network is not a better board."""


@dataclass(frozen=True, eq=False)
class Fronts:
    """Designs with all objectives known, and which of them are in front, within each group of `by`."""

    designs: Designs
    objectives: tuple[Objective, ...]
    by: By
    complete: NDArray[np.bool_]
    """Of all designs."""
    mask: NDArray[np.bool_]

    def groups(self) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """(name, which complete designs); one without a name where there is no `by`."""
        import numpy as np

        if self.by is None:
            yield "", self.complete
            return
        texts = np.array(self.designs.texts(self.by), dtype=object)
        for name in dict.fromkeys(texts[self.complete]):
            yield str(name), self.complete & (texts == name)

    def frame(self) -> pd.DataFrame:
        """Complete designs with a column "front"."""
        found: pd.DataFrame = self.designs.frame[self.complete].copy()
        found["front"] = self.mask[self.complete]
        return found


def fronts_of(source: Source, objectives: Objectives | None, by: By = "", *, least: int = 1) -> Fronts:
    """`by`: a column whose values have a front each; "" is the network, or else the scenario, where there are
    several; None is none.

    Raises InputError where fewer than `least` objectives are there, or no design has all of them.
    """
    import numpy as np

    designs = designs_of(source)
    chosen = choose_objectives(designs, objectives, least=least)
    group = _group(designs, by)
    values = values_of(designs, chosen)
    complete: NDArray[np.bool_] = np.asarray(np.isfinite(values).all(axis=1), dtype=bool)
    if not complete.any():
        names = ", ".join(each.column for each in chosen)
        raise InputError(f"objectives: no point has all of {names}")
    bare = Fronts(designs, tuple(chosen), group, complete, np.zeros(len(values), dtype=bool))
    for _, members in bare.groups():
        rivals = members & np.array(designs.admitted)
        bare.mask[rivals] = pareto_mask(values[rivals])
    return bare


def front(source: Source, objectives: Objectives | None = None, *, by: By = "") -> pd.DataFrame:
    """The rows of the Pareto front, by the first objective, the best first.

    Args:
        source: result of a sweep or a search, a CSV or Parquet file, a pandas frame.
        objectives: columns; "max:NAME" for those that are to be large. None: those of the search, or latency, energy
            and area, as far as they are there and vary.
        by: a column whose values have a front each. By default "model" where there are several networks, or
            "scenario", because designs for different ones are no rivals; None makes one front of all.

    Equal designs are all in front. Raises InputError for a column that is not there.
    """
    found = fronts_of(source, objectives, by)
    rows: Any = found.designs.frame[found.mask]
    first = found.objectives[0]
    found_rows: pd.DataFrame = rows.sort_values(first.column, ascending=first.goal == "min", kind="stable")
    return found_rows


def _group(designs: Designs, by: By) -> By:
    if by is None:
        return None
    if by == "":
        return next((name for name in OF_THEIR_OWN if name in designs.varied()), None)
    return designs.column(by, "by")


def names_of(designs: Designs) -> list[str]:
    """What each design is called in a picture: its number."""
    column = next((name for name in ("point", "design") if name in designs.frame.columns), None)
    values = designs.frame.index if column is None else designs.frame[column]
    return [plain(text_of(value), 12) for value in values]


def left_out(designs: Designs, complete: Any) -> str:
    """ "3 of 60 points are not shown: 2 failed, 1 without a figure." or nothing."""
    parts = [f"{count:,} {state}" for state, count in designs.states.items() if state != "done"]
    lacking = int((~complete).sum())
    if lacking:
        parts.append(f"{lacking:,} without all figures")
    missing = designs.total - int(complete.sum())
    words = f" {missing:,} of {designs.total:,} points are not shown: {', '.join(parts)}." if missing else ""
    refused = designs.admitted.count(False)
    return words + (f" Never in front: {refused:,} that break a constraint." if refused else "")
