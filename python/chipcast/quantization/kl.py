# SPDX-License-Identifier: Apache-2.0
"""Thresholds of least information loss (S. Migacz, "8-bit inference with TensorRT", GTC 2017)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from chipcast.quantization.scales import Floats, Scale, largest, symmetric

BINS = 2048


class Histogram:
    """Of magnitudes, from 0 to `reach`."""

    def __init__(self, reach: float) -> None:
        self.reach = reach if reach > 0.0 else 1.0
        self.counts: NDArray[np.float64] = np.zeros(BINS)

    def add(self, values: Floats) -> None:
        counts, _ = np.histogram(np.abs(values), bins=BINS, range=(0.0, self.reach))
        self.counts += counts

    def scale(self, bits: int) -> Scale:
        kept = best_bins(self.counts, largest(bits) + 1)
        return symmetric((kept + 0.5) * self.reach / BINS if kept < BINS else self.reach, bits)


def best_bins(counts: NDArray[np.float64], levels: int) -> int:
    """How many bins to keep: those for which the clipped distribution P loses least in `levels` steps, by KL(P || Q).
    The bin of zero is left out: zeros (of ReLU) are exact with any scale."""
    counts = counts.copy()
    counts[0] = 0.0
    if counts.sum() < len(counts):  # too few values to have a distribution
        return len(counts)
    tails = counts.sum() - np.cumsum(counts)
    losses = [divergence(counts[:kept], tails[kept - 1], levels) for kept in range(levels, len(counts) + 1)]
    return levels + int(np.argmin(losses))


def divergence(kept: NDArray[np.float64], outliers: float, levels: int) -> float:
    """KL(P || Q), P the kept bins with all outliers in the last one, Q the kept bins in `levels` equal groups: each
    group's count is spread evenly over those of its bins that are not empty."""
    p = kept.copy()
    p[-1] += outliers
    if p.sum() == 0.0 or kept.sum() == 0.0:
        return float("inf")
    group = (np.arange(len(kept)) * levels) // len(kept)
    filled = np.flatnonzero(kept)
    group = group[filled]
    sums, used = np.bincount(group, kept[filled], levels), np.bincount(group, minlength=levels)
    q = (sums / np.maximum(used, 1))[group] / kept.sum()
    total = p.sum()
    inside = p[filled] / total
    # Mass where Q has none would make the loss infinite; it counts as if Q had one part in a million there.
    lost = max(0.0, 1.0 - float(inside.sum()))
    return float(inside @ np.log(inside / q)) + lost * math.log(1e6)
