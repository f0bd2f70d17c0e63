# SPDX-License-Identifier: Apache-2.0
"""The latency-energy curve as a picture; needs matplotlib (the extra "plot")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.power.units import clock_text
from chipcast.text import plain

FORMATS = (".png", ".svg", ".pdf")


def check_format(path: Path) -> None:
    if path.suffix.lower() not in FORMATS:
        raise InputError(f'plot: "{plain(path)}" is no picture (known: {", ".join(FORMATS)})')
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise InputError('plot: matplotlib is not installed; pip install "chipcast[plot]"') from None


def draw(rows: Sequence[Mapping[str, Any]], title: str, path: Path) -> None:
    """Energy of an inference over its latency, above for the whole board, below for what the network switched. A line
    for each combination of all knobs but the last; hollow points where the rate was not met."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 6.0), layout="constrained")
    panels = figure.subplots(2, 1, sharex=True)
    lines: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        lines.setdefault(", ".join(map(_label, row["knobs"][:-1])), []).append(row)
    for axes, measure, words in zip(panels, _MEASURES, _WORDS, strict=True):
        for number, (label, its) in enumerate(lines.items()):
            _line(axes, its, measure, f"C{number % 10}", label)
        axes.set_ylabel(f"energy per inference (mJ)\n{words}")
        axes.margins(x=0.12, y=0.15)
    panels[0].set_title(title)
    panels[1].set_xlabel("latency (ms)")
    if len(lines) > 1:
        panels[0].legend()
    figure.savefig(path, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)


_MEASURES = ("energy_per_inference_j", "dynamic_energy_per_inference_j")
_WORDS = ("whole board", "switched by the network")


def _line(axes: Any, rows: Sequence[Mapping[str, Any]], measure: str, colour: str, label: str) -> None:
    points = [(1e3 * row["latency_s"], 1e3 * row[measure]) for row in rows]
    axes.plot(*zip(*points, strict=True), color=colour, linewidth=1, label=label)
    for row, (x, y) in zip(rows, points, strict=True):
        face = colour if row["rate_met"] else "none"
        axes.plot([x], [y], marker="o", markersize=5, markerfacecolor=face, markeredgecolor=colour)
        axes.annotate(
            _label(row["knobs"][-1]),
            (x, y),
            textcoords="offset points",
            xytext=(4, 4),
            fontsize=8,
            color=colour,
        )


def _label(entry: Mapping[str, Any]) -> str:
    if "value_hz" in entry:
        return clock_text(entry["value_hz"])
    return f"{entry['value_count']} {entry['of']}"
