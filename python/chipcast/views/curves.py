# SPDX-License-Identifier: Apache-2.0
"""One column over another: what turning one knob does."""

from __future__ import annotations

from typing import Any

from chipcast._core import InputError
from chipcast.views.designs import Source, designs_of
from chipcast.views.figures import COLOURS, MARKERS, View, drawing, finish, new_figure
from chipcast.views.fronts import left_out
from chipcast.views.scales import lay, scale_of


def curve(source: Source, x: str, y: str, *, by: str | None = None, title: str = "") -> View:
    """`y` over `x`, a line for each value of `by`. Where several designs share an `x`, the line runs through the middle
    one and dots show all of them.

    `data` has the designs that are shown. Raises InputError for a column that is not there, or not of numbers.
    """
    import numpy as np

    designs = designs_of(source)
    for name, place in ((x, "x"), (y, "y"), (by or x, "by")):
        designs.column(name, place)
    if designs.numbers(y) is None:
        raise InputError(f'y: "{y}" holds no numbers')
    across, up = scale_of(designs, x), scale_of(designs, y)
    shown = np.isfinite(across.numbers) & np.isfinite(up.numbers)
    if not shown.any():
        raise InputError(f"curve: no point has both {x} and {y}")
    groups = designs.texts(by) if by else [""] * len(shown)
    names = list(dict.fromkeys(name for name, there in zip(groups, shown, strict=True) if there))
    if len(names) > len(COLOURS):
        raise InputError(f'by: "{by}" has {len(names)} values; {len(COLOURS)} at most can be told apart')
    each = f", a line for each {by}" if by else ""
    caption = f"{y} over {x}{each}; {int(shown.sum()):,} designs.{left_out(designs, shown)}"
    with drawing():
        figure = new_figure(6.4, 4.2)
        plot = figure.subplots()
        for name, colour, marker in zip(names, COLOURS, MARKERS, strict=False):
            members = shown & np.array([group == name for group in groups])
            _line(plot, across.numbers[members], up.numbers[members], colour, marker, name)
        lay(plot, "x", across)
        lay(plot, "y", up)
        if by:
            plot.legend(title=by, fontsize=8)
        finish(figure, title, caption)
    return View(figure, designs.frame[shown].copy(), caption)


def _line(plot: Any, x: Any, y: Any, colour: str, marker: str, name: str) -> None:
    import numpy as np

    places = np.unique(x)
    middle = [float(np.median(y[x == place])) for place in places]
    plot.plot(places, middle, color=colour, marker=marker, markersize=5, label=name)
    if len(places) < len(x):
        plot.scatter(x, y, s=9, color=colour, alpha=0.4, linewidths=0)
