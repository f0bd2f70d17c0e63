# SPDX-License-Identifier: Apache-2.0
"""Scales of quantised numbers: real = scale * (stored - zero point)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chipcast._core import InputError

Floats = NDArray[np.float32]

ACTIVATION_BITS = (7, 8, 16)
WEIGHT_BITS = tuple(range(2, 9))


def check_bits(bits: int, allowed: tuple[int, ...], place: str) -> None:
    if bits not in allowed:
        raise InputError(f"{place}: {bits} is not one of {', '.join(map(str, allowed))}")


def largest(bits: int) -> int:
    """Largest stored value of symmetric formats, 2^(bits-1) - 1: 127, and 63 for int7 (-63 to 63)."""
    return int((1 << (bits - 1)) - 1)


@dataclass(frozen=True)
class Scale:
    """Of a tensor, or of each channel where there are several scales."""

    scales: NDArray[np.float64]
    zero_points: NDArray[np.int64]
    bits: int
    axis: int | None = None
    narrow: bool = True
    """The lowest value is left out, as symmetric formats do."""

    @property
    def low(self) -> int:
        return -largest(self.bits) - int(not self.narrow)

    @property
    def high(self) -> int:
        return largest(self.bits)

    def _shape(self, rank: int) -> list[int]:
        """That scales broadcast in."""
        if self.axis is None:
            return []
        return [-1 if i == self.axis else 1 for i in range(rank)]

    def quantized(self, real: Floats) -> NDArray[np.int32]:
        """round(real / scale) + zero point, clipped; ties away from zero, as TFLite does."""
        shape = self._shape(real.ndim)
        scales = self.scales.astype(np.float32).reshape(shape)
        steps = round_half_away(real / scales) + self.zero_points.reshape(shape)
        stored: NDArray[np.int32] = np.clip(steps, self.low, self.high).astype(np.int32)
        return stored

    def dequantized(self, stored: NDArray[np.int32]) -> Floats:
        shape = self._shape(stored.ndim)
        real: Floats = (self.scales.reshape(shape) * (stored - self.zero_points.reshape(shape))).astype(
            np.float32
        )
        return real

    def rounded(self, real: Floats) -> Floats:
        """What is left of real values after they were stored."""
        return self.dequantized(self.quantized(real))

    def to_document(self) -> dict[str, object]:
        out: dict[str, object] = {
            "scales": [float(scale) for scale in np.atleast_1d(self.scales)],
            "zero_points": [int(zero) for zero in np.atleast_1d(self.zero_points)],
        }
        if self.axis is not None:
            out["axis"] = self.axis
        return out


def round_half_away(x: Floats) -> Floats:
    """As std::round, which TFLite uses."""
    whole = np.trunc(x)
    rounded: Floats = whole + np.copysign(np.abs(x - whole) >= np.float32(0.5), x)
    return rounded


_SMALLEST = 1e-12  # a tensor of zeros still has a step that is positive


def symmetric(limit: float | NDArray[np.floating], bits: int, axis: int | None = None) -> Scale:
    """The step that makes `limit` the largest stored value: limit / (2^(bits-1) - 1); one per channel with `axis`."""
    steps = np.atleast_1d(np.asarray(limit, np.float64)) / largest(bits)
    steps = float32_steps(np.maximum(steps, _SMALLEST))
    return Scale(steps, np.zeros(len(steps), np.int64), bits, axis)


def affine(low: float, high: float, bits: int) -> Scale:
    """All 2^bits values from `low` to `high`, widened to hold zero, which is exact: scale = (high - low) /
    (2^bits - 1), zero point = round(lowest stored value - low / scale)."""
    low, high = min(low, 0.0), max(high, 0.0)
    step = float(float32_steps(np.asarray([max((high - low) / ((1 << bits) - 1), _SMALLEST)]))[0])
    lowest = -(1 << (bits - 1))
    zero = int(np.clip(round(lowest - low / step), lowest, largest(bits)))
    return Scale(np.asarray([step]), np.asarray([zero], np.int64), bits, narrow=False)


def float32_steps(steps: NDArray[np.floating]) -> NDArray[np.float64]:
    """Kernels keep scales in fp32."""
    return np.asarray(steps, np.float32).astype(np.float64)
