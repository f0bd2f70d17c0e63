# SPDX-License-Identifier: Apache-2.0
"""How much of the space of objectives is covered after so many evaluations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chipcast._core import InputError
from chipcast.search.fronts import corner_of, pareto_mask
from chipcast.search.fronts import hypervolume as volume_of
from chipcast.views.designs import Source
from chipcast.views.figures import COLOURS, View, drawing, finish, new_figure
from chipcast.views.fronts import By, Fronts, fronts_of
from chipcast.views.objectives import Objectives, values_of
from chipcast.views.units import prefixed, unit_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


def hypervolume(
    source: Source,
    objectives: Objectives | None = None,
    *,
    reference: Sequence[float] | None = None,
    whole: float | None = None,
    by: By = "",
    title: str = "",
) -> View:
    """Hypervolume of the first 1, 2, ... evaluations, in the order of the rows: how fast a search, or a sample, found
    its front (Zitzler, Thiele 1999).

    Args:
        source, objectives, by: as for `chipcast.views.front`. Points that failed count as evaluations.
        reference: a value of each objective that designs have to be better than. None: the search's, or a tenth of the
            spread beyond the worst of each, for each group.
        whole: the hypervolume that shares are of, from the same reference, such as that of a grid of all designs.
            None: this run's last, so that shares end at 1 whatever it found.

    `data` has the columns evaluation, hypervolume (in the product of the objectives' units) and share, beside `by`
    where there is one. Raises InputError.
    """
    found = fronts_of(source, objectives, by, least=2)
    if whole is not None and not (math.isfinite(whole) and whole > 0.0 and reference is not None):
        raise InputError(
            f"whole: needs a volume above zero and the reference that it was seen from, got {whole}"
        )
    corner = _corner(found, reference)
    if corner is None and found.designs.search is not None and found.objectives == tuple(found.designs.goals):
        corner = found.designs.search.reference
    values = values_of(found.designs, found.objectives)
    curves, corners = [], {}
    for name, members in found.groups():
        corners[name] = corner_of(values[members]) if corner is None else corner
        curves.append(_curve(found, values, members, corners[name], name, whole))
    caption = _caption(found, corners, whole)
    with drawing():
        figure = _draw(found, curves, whole)
        finish(figure, title, caption)
    import pandas as pd

    return View(figure, pd.concat(curves, ignore_index=True), caption)


def _corner(found: Fronts, reference: Sequence[float] | None) -> NDArray[np.float64] | None:
    """As numbers that are to be small."""
    import numpy as np

    if reference is None:
        return None
    corner = np.asarray(reference, dtype=float)
    if corner.shape != (len(found.objectives),) or not np.isfinite(corner).all():
        names = ", ".join(each.column for each in found.objectives)
        raise InputError(f"reference: needs a finite number for each of {names}, got {list(reference)}")
    signed = [each.made_small(float(value)) for each, value in zip(found.objectives, corner, strict=True)]
    return np.array(signed)


def _curve(
    found: Fronts, values: Any, members: Any, corner: Any, name: str, whole: float | None
) -> pd.DataFrame:
    """A row where the volume grows, and one for the last evaluation."""
    import numpy as np
    import pandas as pd

    evaluations = list(found.designs.places)
    ahead = np.empty((0, values.shape[1]))
    steps: list[tuple[int, float]] = []
    for row in np.flatnonzero(members & np.array(found.designs.admitted)).tolist():
        new = values[row]
        if not (new < corner).all() or (ahead <= new).all(axis=1).any():
            continue
        ahead = np.vstack([ahead, new])
        ahead = ahead[pareto_mask(ahead)]
        steps.append((int(evaluations[row]), volume_of(ahead, corner)))
    last = steps[-1][1] if steps else 0.0
    if not steps or steps[-1][0] < found.designs.total:
        steps.append((found.designs.total, last))
    frame = pd.DataFrame(steps, columns=["evaluation", "hypervolume"])
    of = last if whole is None else whole
    frame["share"] = frame["hypervolume"] / of if of > 0.0 else 0.0
    if found.by:
        frame.insert(0, found.by, name)
    return frame


def _draw(found: Fronts, curves: Sequence[pd.DataFrame], whole: float | None) -> Any:
    figure = new_figure(6.4, 4.0)
    plot = figure.subplots()
    for place, curve in enumerate(curves):
        style = ("-", "--", ":", "-.")[place % 4]
        words = str(curve[found.by].iloc[0]) if found.by else ""
        plot.plot(
            [0, *curve["evaluation"]], [0.0, *curve["share"]], drawstyle="steps-post", linestyle=style,
            color=COLOURS[place % len(COLOURS)], label=words,
        )  # fmt: skip
    plot.set(
        xlabel="evaluations",
        ylabel="share of this run's last hypervolume" if whole is None else "share of the whole hypervolume",
        ylim=(0.0, 1.04),
        xlim=(0, found.designs.total),
    )
    if found.by:
        plot.legend(loc="lower right")
    return figure


def _caption(found: Fronts, corners: dict[str, Any], whole: float | None) -> str:
    stated = []
    for name, corner in corners.items():
        parts = [_shown(each, value) for each, value in zip(found.objectives, corner, strict=True)]
        stated.append((f"{name}: " if name else "") + ", ".join(parts))
    goals = ", ".join(each.column for each in found.objectives)
    own = " Shares of the last volume of this run end at 1 whatever it found." if whole is None else ""
    return (
        f"Volume of {goals} that the designs found so far dominate, over {found.designs.total:,} evaluations. "
        f"Reference: {'; '.join(stated)}.{own}"
    )


def _shown(objective: Any, value: float) -> str:
    number = objective.made_small(value)
    return f"{objective.column} {prefixed(unit_of(objective.column), [number]).text(number)}"
