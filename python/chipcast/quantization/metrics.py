# SPDX-License-Identifier: Apache-2.0
"""How far computed values are from exact ones."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chipcast._core import InputError

Values = NDArray[np.generic]


@dataclass(frozen=True)
class Distance:
    sqnr_db: float
    """10 log10(sum of exact² / sum of errors²); infinite where there is no error."""
    cosine: float
    """Of the angle between both, as vectors; 1 where both are zero."""
    max_error: float
    max_relative_error: float
    """max_error over the largest exact magnitude; infinite where that is zero and there is an error."""
    lost: int = 0
    """Computed values that are infinite or no number where the exact ones are finite. With any, sqnr_db is -infinite,
    the cosine 0 and both errors infinite: nothing is left to compare."""


class Accumulator:
    """Distance over several arrays, as if they were one."""

    def __init__(self) -> None:
        self._signal = self._noise = self._computed = self._product = 0.0
        self._max_error = self._max_exact = 0.0
        self._lost = 0

    def add(self, exact: Values, computed: Values) -> None:
        if exact.shape != computed.shape:
            raise InputError(
                f"distance: shapes {exact.shape} and {computed.shape} differ; give two of one shape"
            )
        a, b = exact.astype(np.float64).ravel(), computed.astype(np.float64).ravel()
        # Where the exact value is itself not finite, the same one is right and counts as nothing.
        finite = np.isfinite(a)
        same = finite | (a == b) | (np.isnan(a) & np.isnan(b))
        self._lost += int((finite & ~np.isfinite(b)).sum() + (~same).sum())
        kept = finite & np.isfinite(b)
        a, b = a[kept], b[kept]
        error = b - a
        with np.errstate(over="ignore"):  # squares beyond the range: -inf dB
            self._signal += float(a @ a)
            self._noise += float(error @ error)
            self._computed += float(b @ b)
            self._product += float(a @ b)
        if a.size:
            self._max_error = max(self._max_error, float(np.abs(error).max()))
            self._max_exact = max(self._max_exact, float(np.abs(a).max()))

    def distance(self) -> Distance:
        if self._lost:
            return Distance(-math.inf, 0.0, math.inf, math.inf, self._lost)
        return Distance(
            sqnr_db=decibels(self._signal, self._noise),
            cosine=cosine(self._product, self._signal, self._computed),
            max_error=self._max_error,
            max_relative_error=_ratio(self._max_error, self._max_exact),
        )


def decibels(signal: float, noise: float) -> float:
    if noise == 0.0:
        return math.inf
    if signal == 0.0 or not math.isfinite(noise):
        return -math.inf
    return 10.0 * (math.log10(signal) - math.log10(noise))


def cosine(product: float, square_a: float, square_b: float) -> float:
    """Of two vectors whose product and squares are known."""
    if square_a == 0.0 and square_b == 0.0:
        return 1.0
    if square_a == 0.0 or square_b == 0.0:
        return 0.0
    return float(np.clip(product / math.sqrt(square_a) / math.sqrt(square_b), -1.0, 1.0))


def _ratio(error: float, largest: float) -> float:
    if error == 0.0:
        return 0.0
    return math.inf if largest == 0.0 else error / largest


def distance(exact: Values, computed: Values) -> Distance:
    both = Accumulator()
    both.add(exact, computed)
    return both.distance()
