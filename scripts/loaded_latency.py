# SPDX-License-Identifier: Apache-2.0
"""Draws, tabulates and compares what bench/loaded_latency measured; see scripts/plot-loaded-latency."""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

KEPT_UP = 0.98  # of the offered load; below, queues grow for as long as the traffic lasts
TOLERANCE = {"delivered": 0.02, "mean": 0.05, "p99": 0.15}
NEAR_SATURATION = 0.95  # of a curve's highest bandwidth: the slope magnifies every difference there


@dataclass(frozen=True)
class Point:
    """One load of one curve; GB/s and ns."""

    load: float
    offered: float
    delivered: float
    mean: float
    p99: float
    closed_form: float | None

    @property
    def keeps_up(self) -> bool:
        return self.delivered >= KEPT_UP * self.offered and self.load < 1.0


Key = tuple[str, str, str, str]  # memory, speed, pattern, arbitration
Curves = dict[Key, list[Point]]


def read(path: Path) -> Curves:
    """The curves of a CSV file in its order."""
    curves: Curves = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            key = (row["memory"], row["speed"], row["pattern"], row["arbitration"])
            point = Point(
                float(row["load"]),
                float(row["offered_gbps"]),
                float(row["delivered_gbps"]),
                float(row["mean_ns"]),
                float(row["p99_ns"]),
                float(row["closed_form_ns"]) if row["closed_form_ns"] else None,
            )
            curves.setdefault(key, []).append(point)
    return curves


def title(key: Key) -> str:
    memory, speed, pattern, arbitration = key
    return f"{memory} {arbitration}" if not speed else f"{pattern}, {speed}"


def highest(points: list[Point]) -> float:
    return max(point.delivered for point in points)


def knee(points: list[Point]) -> float | None:
    """Bandwidth at which the mean latency is twice that of the lowest load, between two points."""
    limit = 2.0 * points[0].mean
    for a, b in pairwise(points):
        if b.mean >= limit:
            share = (limit - a.mean) / (b.mean - a.mean)
            return a.delivered + share * (b.delivered - a.delivered)
    return None


def table(curves: Curves) -> None:
    """Mean latency in ns at some loads, the knee, and the most bandwidth that was delivered."""
    loads = (0.05, 0.25, 0.5, 0.75, 0.85, 0.95)
    print(
        f"{'mean latency in ns at a load of':<48}"
        + "".join(f"{load:>9.0%}" for load in loads)
        + f"{'knee':>9}{'most':>9} GB/s"
    )
    for key, points in curves.items():
        by_load = {point.load: point for point in points}
        cells = [by_load[load] for load in loads]
        text = "".join(f"{point.mean:>9.1f}" if point.keeps_up else f"{'-':>9}" for point in cells)
        print(f"{title(key):<48}{text}{knee(points) or 0.0:>9.2f}{highest(points):>9.2f}")
    worst = max(
        abs(point.mean / point.closed_form - 1.0)
        for points in curves.values()
        for point in points
        if point.closed_form is not None
    )
    print(f"largest distance from M/D/1: {worst:.1%}")


def draw(curves: Curves, path: Path) -> None:
    """Mean latency over delivered bandwidth; the same bytes for the same curves."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "chipcast", "svg.fonttype": "none", "font.size": 9})
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5.5), width_ratios=(2, 3))
    markers = iter("osvx")
    for key, points in curves.items():
        good = [point for point in points if point.keeps_up]
        x, y = [point.delivered for point in good], [point.mean for point in good]
        if not key[1]:
            left.plot(x, y, next(markers), markersize=5, fillstyle="none", label=key[3].replace("_", " "))
            line = [(p.delivered, p.closed_form) for p in good if p.closed_form is not None]
    left.plot(*zip(*line, strict=True), "k-", linewidth=0.8, label="M/D/1")
    patterns = list(dict.fromkeys(key[2] for key in curves if key[1]))
    for key, points in curves.items():
        if not key[1]:
            continue
        good = [point for point in points if point.keeps_up]
        style = "-" if key[1] == "stream" else "--"
        label = key[2] if key[1] == "stream" else None
        x, y = [point.delivered for point in good], [point.mean for point in good]
        right.plot(x, y, style, color=f"C{patterns.index(key[2])}", linewidth=1.2, label=label)
    peak = max(p.offered for key, points in curves.items() if key[1] for p in points)
    right.axvline(peak, color="grey", linewidth=0.8)
    finish(left, "simple memory: 8 GB/s, 20 ns, 64 B, 4 initiators", 200)
    finish(right, "LPDDR4X-4224, 4 x 16 bit (solid: stream, dashed: command)", 1000)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def finish(axes: Any, heading: str, top: float) -> None:
    axes.set(title=heading, xlabel="delivered, GB/s", ylabel="mean latency, ns", ylim=(0, top))
    axes.set_xlim(left=0)
    axes.legend(loc="upper left", frameon=True, framealpha=0.9, fontsize=8)


def differences(old: Curves, new: Curves) -> list[str]:
    """What has moved by more than the tolerance."""
    found = [f"{title(key)}: only in one of the two" for key in old.keys() ^ new.keys()]
    for key in old.keys() & new.keys():
        limit = NEAR_SATURATION * highest(old[key])
        for a, b in zip(old[key], new[key], strict=True):
            names = ["delivered"]
            if a.keeps_up and a.delivered < limit:
                names += ["mean", "p99"]
            for name in names:
                before, after = getattr(a, name), getattr(b, name)
                if abs(after / before - 1.0) > TOLERANCE[name]:
                    found.append(f"{title(key)} at {a.load:.0%}: {name} was {before:g}, is {after:g}")
    return sorted(found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fresh", type=Path, help="what bench/loaded_latency printed")
    parser.add_argument("kept", type=Path, help="name of the CSV and SVG files without their ending")
    parser.add_argument("--check", action="store_true", help="only compare")
    arguments = parser.parse_args()
    fresh = read(arguments.fresh)
    table(fresh)
    kept = arguments.kept.with_suffix(".csv")
    if arguments.check:
        moved = differences(read(kept), fresh)
        for line in moved:
            print(line, file=sys.stderr)
        print(f"{kept}: {'as it was' if not moved else f'{len(moved)} points have moved'}")
        return 1 if moved else 0
    draw(fresh, arguments.kept.with_suffix(".svg"))
    shutil.copyfile(arguments.fresh, kept)
    print(f"wrote {kept} and {kept.with_suffix('.svg')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
