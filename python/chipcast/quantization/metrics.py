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


class Accumulator:
    """Distance over several arrays, as if they were one."""

    def __init__(self) -> None:
        self._signal = self._noise = self._computed = self._product = 0.0
        self._max_error = self._max_exact = 0.0

    def add(self, exact: Values, computed: Values) -> None:
        if exact.shape != computed.shape:
            raise InputError(
                f"distance: shapes {exact.shape} and {computed.shape} differ; give two of one shape"
            )
        a, b = exact.astype(np.float64).ravel(), computed.astype(np.float64).ravel()
        error = b - a
        self._signal += float(a @ a)
        self._noise += float(error @ error)
        self._computed += float(b @ b)
        self._product += float(a @ b)
        if a.size:
            self._max_error = max(self._max_error, float(np.abs(error).max()))
            self._max_exact = max(self._max_exact, float(np.abs(a).max()))

    def distance(self) -> Distance:
        return Distance(
            sqnr_db=decibels(self._signal, self._noise),
            cosine=cosine(self._product, self._signal, self._computed),
            max_error=self._max_error,
            max_relative_error=_ratio(self._max_error, self._max_exact),
        )


def decibels(signal: float, noise: float) -> float:
    if noise == 0.0:
        return math.inf
    return -math.inf if signal == 0.0 else 10.0 * math.log10(signal / noise)


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
