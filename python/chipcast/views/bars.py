# SPDX-License-Identifier: Apache-2.0
"""Indices of a sensitivity as bars with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chipcast.sweep.names import short_names
from chipcast.views.figures import COLOURS, INK, View, drawing, finish, new_figure
from chipcast.views.units import Unit, label, prefixed, unit_of, words_of

if TYPE_CHECKING:
    import pandas as pd

    from chipcast.views.sensitivity import Sensitivity

_ERROR = {"elinewidth": 1.0, "capsize": 2.5, "ecolor": INK}


def bars(found: Sensitivity, title: str = "") -> View:
    """A panel for each output, the most telling axis on top; the caption says what bars and whiskers are."""
    plan = found.plan
    with drawing():
        figure = new_figure(4.0 * len(found.outputs) + 1.5, 0.42 * len(plan.axes) + 1.9)
        panels = figure.subplots(1, len(found.outputs), squeeze=False)[0]
        names = [axis.name for axis in plan.axes]
        short = dict(zip(names, short_names(names), strict=True))
        for panel, output in zip(panels, found.outputs, strict=True):
            rows = found.of(output).iloc[::-1].fillna(0.0)
            (_shares if plan.method == "sobol" else _effects)(panel, rows, output)
            panel.set_yticks(range(len(rows)), [short[name] for name in rows["axis"]])
            panel.grid(False, axis="y")
        panels[0].legend(fontsize=8, loc="lower right")
        caption = _caption(found)
        finish(figure, title, caption)
    return View(figure, found.frame, caption)


def _shares(panel: Any, rows: pd.DataFrame, output: str) -> None:
    places = range(len(rows))
    for offset, name, colour, words in (
        (0.19, "first_order", COLOURS[0], "alone"),
        (-0.19, "total_order", COLOURS[4], "with interactions"),
    ):
        panel.barh(
            [place + offset for place in places], rows[name], 0.36, xerr=rows[f"{name}_conf"].clip(lower=0.0),
            color=colour, label=words, error_kw=_ERROR,
        )  # fmt: skip
    panel.set(xlabel="share of the variance", title=words_of(output))
    panel.axvline(0.0, color=INK, linewidth=0.8)


def _effects(panel: Any, rows: pd.DataFrame, output: str) -> None:
    unit: Unit = prefixed(unit_of(output), rows["mu_star"])
    places = list(range(len(rows)))
    panel.barh(
        places, rows["mu_star"] / unit.scale, 0.6, xerr=rows["mu_star_conf"].clip(lower=0.0) / unit.scale,
        color=COLOURS[0], label="mean of absolute effects", error_kw=_ERROR,
    )  # fmt: skip
    panel.plot(
        rows["sigma"] / unit.scale, places, linestyle="none", marker="D", markersize=6, color=COLOURS[4],
        markeredgecolor=INK, label="spread of effects",
    )  # fmt: skip
    panel.set(xlabel=label("effect", unit), title=words_of(output))
    panel.set_xlim(left=0.0)


def _caption(found: Sensitivity) -> str:
    plan, counts = found.plan, found.result.counts
    if plan.method == "sobol":
        what = (
            "Sobol indices: the share of an output's variance over the space that an axis takes, alone and with "
            "interactions"
        )
    else:
        what = (
            "Morris effects: what going from one end of an axis to the other does to an output; a spread near the mean "
            "says that it depends on the others, or bends"
        )
    failed = sum(count for state, count in counts.items() if state != "done")
    beside = f", {failed:,} of them not forecast" if failed else ""
    remarks = "".join(f" {remark[0].upper()}{remark[1:]}." for remark in found.remarks)
    return (
        f"{what}. Whiskers: 95 % intervals. {plan.samples:,} samples, {sum(counts.values()):,} different "
        f"points{beside}."
        f"{remarks}"
    )
