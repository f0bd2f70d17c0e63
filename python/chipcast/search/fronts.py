# SPDX-License-Identifier: Apache-2.0
"""Fronts and what they cover; every objective is made small. The algorithms are moocore's, which pymoo stands on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chipcast._core import InputError
from chipcast.search.libraries import need

Floats = NDArray[np.float64]


def pareto_mask(values: ArrayLike) -> NDArray[np.bool_]:
    """Which rows of `values` [n, m] no other row dominates. Equal rows stay together; a row with a value that is not
    finite is never among them."""
    points = _table(values)
    found = np.zeros(len(points), dtype=bool)
    usable = np.isfinite(points).all(axis=1)
    if usable.any():
        found[usable] = need("moocore").is_nondominated(points[usable], keep_weakly=True)
    return found


def hypervolume(values: ArrayLike, reference: ArrayLike) -> float:
    """Volume that the rows of `values` [n, m] dominate below `reference` [m]; rows that are not finite, or not below
    it in every objective, add nothing."""
    points, corner = _table(values), np.asarray(reference, dtype=float)
    if corner.ndim != 1 or (len(points) and points.shape[1] != len(corner)):
        raise InputError(f"reference: {corner.shape} does not fit values of {points.shape}")
    if not np.isfinite(corner).all():
        raise InputError("reference: it has values that are not finite")
    if not len(points):
        return 0.0
    inside = np.isfinite(points).all(axis=1) & (points < corner).all(axis=1)
    return float(need("moocore").hypervolume(points[inside], ref=corner)) if inside.any() else 0.0


def corner_of(values: ArrayLike, margin: float = 0.1) -> Floats:
    """A reference behind all finite rows: the worst of each objective, and `margin` of its spread beyond (of the
    worst value itself where there is no spread)."""
    points = _table(values)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        raise InputError("reference: no row is finite")
    worst, best = points.max(axis=0), points.min(axis=0)
    spread = np.where(worst > best, worst - best, np.where(worst != 0.0, np.abs(worst), 1.0))
    corner: Floats = worst + margin * spread
    return corner


def _table(values: ArrayLike) -> Floats:
    points: Any = np.asarray(values, dtype=float)
    if points.ndim == 2:
        table: Floats = points
        return table
    if points.size == 0:
        return np.empty((0, 0))
    raise InputError(f"values: expected rows of objectives, got an array of shape {points.shape}")
