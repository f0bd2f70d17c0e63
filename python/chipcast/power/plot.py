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
    """Energy of an inference over its latency; a point for each row, hollow where the rate was not met."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 4.5), layout="constrained")
    axes = figure.subplots()
    latency = [1e3 * row["latency_s"] for row in rows]
    energy = [1e3 * row["energy_per_inference_j"] for row in rows]
    dynamic = [1e3 * row["dynamic_energy_per_inference_j"] for row in rows]
    axes.plot(latency, energy, color="C0", linewidth=1, label="whole board")
    axes.plot(latency, dynamic, color="C1", linewidth=1, linestyle="--", label="switched by the network")
    for row, x, y in zip(rows, latency, energy, strict=True):
        face = "C0" if row["rate_met"] else "none"
        axes.plot([x], [y], marker="o", markersize=5, markerfacecolor=face, markeredgecolor="C0")
        axes.annotate(_label(row), (x, y), textcoords="offset points", xytext=(4, 4), fontsize=8)
    axes.set_xlabel("latency (ms)")
    axes.set_ylabel("energy per inference (mJ)")
    axes.set_ylim(bottom=0)
    axes.set_title(title)
    axes.legend()
    figure.savefig(path, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)


def _label(row: Mapping[str, Any]) -> str:
    return ", ".join(
        clock_text(entry["value_hz"]) if "value_hz" in entry else str(entry["value_count"])
        for entry in row["knobs"]
    )
