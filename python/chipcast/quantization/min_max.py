# SPDX-License-Identifier: Apache-2.0
"""Ranges as they were seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chipcast.quantization.scales import Floats, Scale, affine, symmetric


@dataclass
class Extremes:
    """Least and largest value of a tensor over all calibration inputs; zero always counts as seen."""

    low: float = 0.0
    high: float = 0.0

    def add(self, values: Floats) -> None:
        self.low = min(self.low, float(values.min()))
        self.high = max(self.high, float(values.max()))

    @property
    def reach(self) -> float:
        return max(-self.low, self.high)

    def symmetric(self, bits: int) -> Scale:
        return symmetric(self.reach, bits)

    def affine(self, bits: int) -> Scale:
        return affine(self.low, self.high, bits)


def weight_scales(weights: Floats, bits: int, axis: int) -> Scale:
    """Symmetric, one scale per output channel: its largest magnitude is the largest stored value."""
    others = tuple(i for i in range(weights.ndim) if i != axis)
    return symmetric(np.abs(weights).max(axis=others), bits, axis)
