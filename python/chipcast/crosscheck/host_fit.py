# SPDX-License-Identifier: Apache-2.0
"""Few non-negative numbers from measured times: what each thing that a kernel does costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chipcast._core import InputError


@dataclass(frozen=True)
class Fit:
    """cost[i] of one unit of feature i; times are sums of feature * cost."""

    costs: tuple[float, ...]
    median_error: float
    """Median of |predicted / measured - 1| over the samples that it was fitted to."""


def non_negative_least_squares(matrix: np.ndarray, target: np.ndarray) -> np.ndarray:
    """x >= 0 with the least |matrix x - target|_2 (Lawson, Hanson, "Solving Least Squares Problems", 1974)."""
    columns = matrix.shape[1]
    passive = np.zeros(columns, dtype=bool)
    x = np.zeros(columns)
    scale = float(np.abs(matrix.T @ target).max(initial=0.0)) or 1.0
    for _ in range(10 * columns + 10):
        gradient = matrix.T @ (target - matrix @ x)
        gradient[passive] = -np.inf
        if columns == 0 or gradient.max() <= 1e-12 * scale:
            break
        passive[int(gradient.argmax())] = True
        while True:
            trial = np.zeros(columns)
            trial[passive] = np.linalg.lstsq(matrix[:, passive], target, rcond=None)[0]
            if not passive.any() or trial[passive].min() > 0.0:
                x = trial
                break
            negative = passive & (trial <= 0.0)
            step = float(np.min(x[negative] / (x[negative] - trial[negative] + 1e-300)))
            x = x + step * (trial - x)
            passive &= x > 1e-15 * max(1.0, float(np.abs(x).max()))
            x[~passive] = 0.0
    return x


def _bounded(matrix: np.ndarray, target: np.ndarray, most: np.ndarray) -> np.ndarray:
    """0 <= x <= most: what would pass its bound is fixed there, and the others are found anew."""
    fixed = np.zeros(matrix.shape[1], dtype=bool)
    while True:
        x = np.where(fixed, most, 0.0)
        x[~fixed] = non_negative_least_squares(matrix[:, ~fixed], target - matrix[:, fixed] @ most[fixed])
        above = ~fixed & (x > most)
        if not above.any():
            return x
        fixed |= above


def fit_costs(
    features: Sequence[Sequence[float]],
    times: Sequence[float],
    least: Sequence[float],
    most: Sequence[float] | None = None,
    rounds: int = 12,
) -> Fit:
    """Costs of at least `least` and at most `most` each, with the least sum of |predicted / measured - 1|.

    Relative errors, so that a short operator counts as much as a long one; their absolute values (by least squares that
    are weighted again in each round), so that a sample which others disturbed counts little.
    """
    matrix = np.asarray(features, dtype=float)
    measured = np.asarray(times, dtype=float)
    floor = np.asarray(least, dtype=float)
    ceiling = np.full(len(floor), np.inf) if most is None else np.asarray(most, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != len(measured) or matrix.shape[1] != len(floor):
        raise InputError("fit: features, times and bounds differ in length")
    if len(measured) == 0 or not (measured > 0.0).all():
        raise InputError("fit: every measured time must be above 0")
    relative = matrix / measured[:, None]
    rest = 1.0 - relative @ floor
    # Columns of very different size would hide one another.
    size = np.maximum(np.abs(relative).max(axis=0), 1e-300)
    weights = np.ones(len(measured))
    costs = floor
    for _ in range(rounds):
        root = np.sqrt(weights)
        found = _bounded(relative / size * root[:, None], rest * root, (ceiling - floor) * size)
        costs = floor + found / size
        weights = 1.0 / np.maximum(np.abs(relative @ costs - 1.0), 0.02)
    errors = np.abs(relative @ costs - 1.0)
    return Fit(tuple(float(cost) for cost in costs), float(np.median(errors)))
