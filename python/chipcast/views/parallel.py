# SPDX-License-Identifier: Apache-2.0
"""Designs as lines across their axes and objectives: which values lead to the good ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chipcast._core import InputError
from chipcast.search.spec import Objective
from chipcast.sweep.names import short_names
from chipcast.views.designs import Designs, Source
from chipcast.views.figures import INK, MOST_VECTORS, View, drawing, finish, new_figure
from chipcast.views.fronts import By, Fronts, fronts_of, left_out
from chipcast.views.objectives import Objectives, arrow, choose_objectives
from chipcast.views.scales import Scale, scale_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_AXES = 16
_MAP = "cividis"
"""Even in lightness, and the same with any colour vision (Nuñez, Anderton, Renslow 2018)."""


def parallel(
    source: Source,
    objectives: Objectives | None = None,
    *,
    axes: Sequence[str] | None = None,
    colour: str | Objective | None = None,
    by: By = "",
    title: str = "",
) -> View:
    """A line for each design across `axes` and then the objectives, each from its smallest value to its largest.

    Args:
        source, objectives, by: as for `chipcast.views.front`.
        axes: columns; None: those that were varied.
        colour: the objective that lines are coloured by; None: the first.

    Axes whose values go up by factors are shown so. The front of all objectives is drawn thick, on top. `data` has the
    lines that are shown, with a column "front". Raises InputError.
    """
    found = fronts_of(source, objectives, by)
    designs = found.designs
    names = _columns(designs, axes, found.objectives)
    tint = found.objectives[0] if colour is None else choose_objectives(designs, [colour])[0]
    scales = [scale_of(designs, name) for name in names]
    with drawing():
        figure = new_figure(max(1.25 * len(names) + 1.6, 5.5), 4.6)
        shown = _draw(figure, found, scales, scale_of(designs, tint.column))
        caption = _caption(found, shown, tint) + left_out(designs, shown)
        finish(figure, title, caption)
    data = designs.frame[shown].copy()
    data["front"] = found.mask[shown]
    return View(figure, data, caption)


def _columns(designs: Designs, axes: Sequence[str] | None, objectives: Sequence[Objective]) -> list[str]:
    given = designs.varied() if axes is None else [designs.column(name, "axes") for name in axes]
    names = list(dict.fromkeys([*given, *(each.column for each in objectives)]))
    if len(names) < 2:
        raise InputError("parallel coordinates: one column makes no picture; name axes or objectives")
    if len(names) > _MOST_AXES:
        raise InputError(
            f"parallel coordinates: {len(names)} columns are more than {_MOST_AXES}; name fewer axes"
        )
    return names


def _caption(found: Fronts, shown: Any, tint: Objective) -> str:
    ahead = int((found.mask & shown).sum())
    each = f", each {found.by} for itself" if found.by else ""
    goals = ", ".join(f"{each.column} {arrow(each)}" for each in found.objectives)
    return (
        f"A line for each of {int(shown.sum()):,} designs; thick: {ahead:,} in front{each} ({goals}). "
        f"Colour: {tint.column}."
    )


def _draw(figure: Any, found: Fronts, scales: Sequence[Scale], tint: Scale) -> NDArray[np.bool_]:
    """Says which designs are drawn: those that have a place on all axes."""
    import numpy as np

    places = np.column_stack([scale.shares() for scale in scales])
    shown: NDArray[np.bool_] = found.complete & np.isfinite(places).all(axis=1) & np.isfinite(tint.numbers)
    plot = figure.subplots()
    lines = _lines(plot, places, tint, shown & ~found.mask, 0.8, 0.35)
    front = _lines(plot, places, tint, shown & found.mask, 2.0, 1.0)
    plot.set(xlim=(-0.15, len(scales) - 0.85), ylim=(-0.06, 1.06))
    plot.grid(False)
    plot.spines[:].set_visible(False)
    plot.set_yticks([])
    labels = dict(zip([s.column for s in scales], short_names([s.column for s in scales]), strict=True))
    for place, scale in enumerate(scales):
        _axis(plot, place, scale)
    plot.set_xticks(range(len(scales)), [_name(found, scale, labels) for scale in scales], fontsize=8)
    plot.tick_params(axis="x", length=0, labeltop=True, labelbottom=False)
    bar = figure.colorbar(
        front if int((shown & found.mask).sum()) else lines, ax=plot, pad=0.01, fraction=0.04
    )
    bar.set_label(tint.label)
    bar.solids.set_alpha(1.0)
    if tint.log:
        from matplotlib import ticker

        bar.ax.yaxis.set_minor_locator(ticker.NullLocator())
        bar.set_ticks([number for number, _ in tint.ticks()], labels=[text for _, text in tint.ticks()])
    return shown


def _name(found: Fronts, scale: Scale, short: dict[str, str]) -> str:
    """In two lines where there is a unit, with an arrow to the good end of objectives."""
    way = next((arrow(each) for each in found.objectives if each.column == scale.column), "")
    words = scale.label.replace(scale.column, short[scale.column])
    return f"{words.replace(' (', chr(10) + '(')} {way}".rstrip()


def _lines(plot: Any, places: Any, tint: Scale, rows: Any, width: float, alpha: float) -> Any:
    import numpy as np
    from matplotlib.collections import LineCollection
    from matplotlib.colors import LogNorm, Normalize

    where = np.arange(places.shape[1], dtype=float)
    paths = [np.column_stack([where, row]) for row in places[rows]]
    norm = (LogNorm if tint.log else Normalize)(*tint.ends)
    lines = LineCollection(paths, cmap=_MAP, norm=norm, linewidths=width, alpha=alpha)
    lines.set_array(tint.numbers[rows])
    lines.set_rasterized(len(paths) > MOST_VECTORS)
    return plot.add_collection(lines)


def _axis(plot: Any, place: int, scale: Scale) -> None:
    plot.axvline(place, color=INK, linewidth=0.8, zorder=3)
    for number, text in scale.ticks():
        share = float(scale.share(number))
        plot.plot([place, place + 0.03], [share, share], color=INK, linewidth=0.8, zorder=3)
        plot.text(
            place + 0.045, share, text, fontsize=7, va="center", zorder=4,
            bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.6},
        )  # fmt: skip
