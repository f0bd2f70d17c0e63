# SPDX-License-Identifier: Apache-2.0
"""Designs as dots over two objectives or more, with the front that no other design beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chipcast._core import InputError
from chipcast.views.designs import Source
from chipcast.views.figures import (
    COLOURS,
    INK,
    MARKERS,
    MOST_VECTORS,
    PALE,
    View,
    drawing,
    finish,
    new_figure,
)
from chipcast.views.fronts import By, Fronts, fronts_of, left_out, names_of
from chipcast.views.labels import key_lines, spread
from chipcast.views.objectives import Objectives, arrow, sense
from chipcast.views.scales import Scale, lay, scale_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_LABELS = 12
_MOST_OBJECTIVES = 6
_MOST_GROUPS = len(COLOURS)


def pareto(
    source: Source,
    objectives: Objectives | None = None,
    *,
    by: By = "",
    axes: Sequence[str] | None = None,
    labels: int = _MOST_LABELS,
    title: str = "",
) -> View:
    """Two objectives as a scatter with its front, its designs numbered and listed; three to six as a matrix of pairs.

    Args:
        source, objectives, by: as for `chipcast.views.front`.
        axes: columns that say what a design is; None: those that were varied.
        labels: at most so many designs of the front are numbered, spread over it.

    `data` has the designs that are shown, with a column "front". Raises InputError.
    """
    found = fronts_of(source, objectives, by, least=2)
    if len(found.objectives) > _MOST_OBJECTIVES:
        raise InputError(f"objectives: {len(found.objectives)} make no picture; {_MOST_OBJECTIVES} at most")
    names = [name for name, _ in found.groups()]
    if len(names) > _MOST_GROUPS:
        raise InputError(
            f'by: "{found.by}" has {len(names)} values; {_MOST_GROUPS} at most can be told apart'
        )
    with drawing():
        scales = [scale_of(found.designs, each.column) for each in found.objectives]
        remark = ""
        known = (
            found.designs.varied() if axes is None else [found.designs.column(name, "axes") for name in axes]
        )
        if len(scales) == 2:
            shown = _labelled(found, scales, labels)
            figure = _scatter(found, scales, shown, key_lines(found.designs, shown, known))
            remark = f" Numbered: {len(shown)}." if len(shown) < int(found.mask.sum()) else ""
        else:
            figure = _matrix(found, scales)
        caption = _caption(found) + remark + left_out(found.designs, found.complete)
        finish(figure, title, caption)
    return View(figure, found.frame(), caption)


def _caption(found: Fronts) -> str:
    shown, ahead = int(found.complete.sum()), int(found.mask.sum())
    each = f", each {found.by} for itself" if found.by else ""
    designs = "one design" if shown == 1 else f"{shown:,} designs"
    goals = " and ".join(scale.column for scale in found.objectives)
    return (
        f"{designs[0].upper()}{designs[1:]}. In front{each}: {ahead:,}, which means that no other one is at least as "
        f"good in {goals} and better in one of them."
    )


@dataclass(frozen=True)
class _Ink:
    colour: str
    marker: str


def _inks(found: Fronts) -> list[_Ink]:
    return [_Ink(*each) for each in zip(COLOURS, MARKERS, strict=True)][: len(list(found.groups()))]


def _scatter(found: Fronts, scales: list[Scale], shown: list[int], listed: list[str]) -> Any:
    """`shown`: designs that are numbered; `listed`: what the numbers stand for."""
    width = max(len(line) for line in listed) * 0.07 + 0.14 if listed else 0.0
    figure = new_figure(6.2 + width, 4.8)
    plot, key = figure.subplots(1, 2, width_ratios=[6.2, width]) if listed else (figure.subplots(), None)
    _dots(plot, found, scales, (0, 1), line=True)
    _place_labels(plot, found, scales, shown)
    for which, scale, objective in zip(("x", "y"), scales, found.objectives, strict=True):
        lay(plot, which, scale)  # type: ignore[arg-type]
        getattr(plot, f"set_{which}label")(f"{scale.label}, {sense(objective)}")
    plot.legend(loc="best", fontsize=8)
    if key is not None:
        key.axis("off")
        key.text(0, 1, "\n".join(listed), va="top", fontsize=7.5, family="monospace", in_layout=False)
    return figure


def _labelled(found: Fronts, scales: list[Scale], most: int) -> list[int]:
    """Rows whose numbers are shown: spread over the fronts, one of those that are alike."""
    import numpy as np

    places = np.column_stack([scale.shares() for scale in scales])
    return spread(places, np.flatnonzero(found.mask), most)


def _place_labels(plot: Any, found: Fronts, scales: list[Scale], shown: list[int]) -> None:
    """On the side where no design can be: beyond the front."""
    names = names_of(found.designs)
    away = [4 if objective.goal == "max" else -4 for objective in found.objectives]
    for row in shown:
        plot.annotate(
            names[row],
            (scales[0].numbers[row], scales[1].numbers[row]),
            xytext=away,
            textcoords="offset points",
            ha="left" if away[0] > 0 else "right",
            va="bottom" if away[1] > 0 else "top",
            fontsize=8,
            color=INK,
        )
    plot.margins(0.09)


def _dots(plot: Any, found: Fronts, scales: list[Scale], pair: tuple[int, int], *, line: bool) -> None:
    """Designs, those in front on top; `line`: the border of what they dominate."""
    x, y = (scales[place].numbers for place in pair)
    vectors = int(found.complete.sum()) <= MOST_VECTORS
    for (name, members), ink in zip(found.groups(), _inks(found), strict=True):
        behind, ahead = members & ~found.mask, members & found.mask
        faint = ink.colour if name else PALE
        plot.scatter(
            x[behind],
            y[behind],
            s=13,
            marker=ink.marker,
            color=faint,
            alpha=0.45,
            linewidths=0,
            rasterized=not vectors,
        )
        words = f"{name} ({int(members.sum()):,})" if name else f"in front ({int(ahead.sum()):,})"
        plot.scatter(
            x[ahead], y[ahead], s=34, marker=ink.marker, color=ink.colour, edgecolors="black", linewidths=0.6,
            label=words, zorder=3,
        )  # fmt: skip
        if line:
            _border(plot, found, (x, y), ahead, ink.colour)


def _border(
    plot: Any, found: Fronts, places: tuple[NDArray[np.float64], ...], ahead: NDArray[np.bool_], colour: str
) -> None:
    """From the best of the first objective to the best of the second, in steps."""
    import numpy as np

    signs = [objective.made_small(1.0) for objective in found.objectives]
    rows = np.flatnonzero(ahead)
    order = rows[np.lexsort((signs[1] * -places[1][rows], signs[0] * places[0][rows]))]
    x, y = places[0][order], places[1][order]
    plot.plot(x, y, drawstyle="steps-post", color=colour, linewidth=1.2, zorder=2)


def _matrix(found: Fronts, scales: list[Scale]) -> Any:
    """Pairs of objectives below the diagonal."""
    count = len(scales) - 1
    figure = new_figure(2.5 * count + 1.2, 2.2 * count + 0.9)
    grid = figure.subplots(count, count, squeeze=False, sharex="col", sharey="row")
    for row in range(count):
        for column in range(count):
            plot = grid[row][column]
            if column > row:
                plot.axis("off")
                continue
            _dots(plot, found, scales, (column, row + 1), line=False)
            lay(plot, "x", scales[column])
            lay(plot, "y", scales[row + 1])
            plot.label_outer()
    _arrows(grid, found, scales)
    handles, words = grid[0][0].get_legend_handles_labels()
    grid[0][-1].legend(handles, words, loc="upper right", fontsize=8)
    return figure


def _arrows(grid: Any, found: Fronts, scales: list[Scale]) -> None:
    for place, (scale, objective) in enumerate(zip(scales, found.objectives, strict=True)):
        if place < len(scales) - 1:
            grid[-1][place].set_xlabel(f"{scale.label} {arrow(objective)}")
        if place > 0:
            grid[place - 1][0].set_ylabel(f"{scale.label} {arrow(objective)}")
