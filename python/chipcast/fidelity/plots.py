# SPDX-License-Identifier: Apache-2.0
"""Pictures of a validation (needs the extra "plot")."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.fidelity.outcome import Outcome
from chipcast.fidelity.validation import Validation

_AXES = {
    "time": "seconds per inference",
    "energy": "joules per run",
    "power": "watts",
    "traffic": "bytes",
    "cycles": "cycles",
}


def write_plots(validation: Validation, folder: str | os.PathLike[str]) -> list[Path]:
    """One file per kind of quantity (measured against predicted, on logarithmic axes) and one of errors by operator
    class. Throws InputError where matplotlib is absent."""
    plt = _pyplot()
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for scale in _AXES:
        some = [each for each in validation.outcomes if each.scale == scale]
        if some:
            written.append(_scatter(plt, some, scale, target / f"measured-predicted-{scale}.svg"))
    if any(each.found.classes for each in validation.outcomes):
        written.append(_classes(plt, validation.outcomes, target / "error-operator-class.svg"))
    return written


def _pyplot() -> Any:
    try:
        import matplotlib
    except ModuleNotFoundError:
        raise InputError('--plots: needs matplotlib; pip install "chipcast[plot]"') from None
    matplotlib.use("svg")
    from matplotlib import pyplot

    pyplot.rcParams.update({"svg.hashsalt": "chipcast", "font.size": 9})
    return pyplot


def _scatter(plt: Any, outcomes: Sequence[Outcome], scale: str, path: Path) -> Path:
    what = _AXES[scale]
    figure, axes = plt.subplots(figsize=(6.4, 6.0), layout="constrained")
    for family in sorted({each.family for each in outcomes}):
        pairs = [each.pair for each in outcomes if each.family == family]
        axes.scatter(*zip(*pairs, strict=True), s=14, alpha=0.7, label=f"{family} ({len(pairs)})")
    values = [value for each in outcomes for value in each.pair]
    ends = (min(values) / 1.5, max(values) * 1.5)
    axes.plot(ends, ends, color="black", linewidth=0.8)
    for factor in (0.75, 1.25):
        axes.plot(ends, [end * factor for end in ends], color="black", linewidth=0.6, linestyle=":")
    axes.set(xscale="log", yscale="log", xlim=ends, ylim=ends, aspect="equal")
    axes.set(xlabel=f"measured, {what}", ylabel=f"predicted, {what}", title="Dotted: 25 % off")
    axes.legend()
    return _saved(plt, figure, path)


def by_class(outcomes: Sequence[Outcome]) -> dict[str, tuple[float, float]]:
    """Operator class -> (mean absolute error, mean error), each case weighted with the share of its time that the class
    takes: what networks have in common that are far off."""
    weights: dict[str, float] = {}
    sums: dict[str, list[float]] = {}
    for each in outcomes:
        for name, share in each.found.classes.items():
            weights[name] = weights.get(name, 0.0) + share
            both = sums.setdefault(name, [0.0, 0.0])
            both[0] += share * abs(each.ratio - 1.0)
            both[1] += share * (each.ratio - 1.0)
    return {name: (sums[name][0] / weights[name], sums[name][1] / weights[name]) for name in sorted(weights)}


def _classes(plt: Any, outcomes: Sequence[Outcome], path: Path) -> Path:
    figure, (bars, dots) = plt.subplots(1, 2, figsize=(10, 5), layout="constrained")
    means = by_class(outcomes)
    names = sorted(means, key=lambda name: means[name][0])
    bars.barh(names, [means[name][0] * 100 for name in names], color="lightgray", label="mean absolute error")
    bars.plot([means[name][1] * 100 for name in names], names, "k|", markersize=9, label="mean error")
    bars.set(xlabel="error weighted with the class's share of the time, %", title="Error by operator class")
    bars.legend()
    heaviest = sorted(means, key=lambda name: -sum(each.found.classes.get(name, 0.0) for each in outcomes))[
        :5
    ]
    for name in heaviest:
        points = [
            (each.found.classes[name] * 100, (each.ratio - 1.0) * 100)
            for each in outcomes
            if name in each.found.classes
        ]
        dots.scatter(*zip(*points, strict=True), s=10, alpha=0.6, label=name)
    dots.axhline(0, color="black", linewidth=0.8)
    dots.set(xlabel="share of a case's time, %", ylabel="forecast / measured - 1, %", title="Each case")
    dots.legend()
    return _saved(plt, figure, path)


def _saved(plt: Any, figure: Any, path: Path) -> Path:
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    return path
