# SPDX-License-Identifier: Apache-2.0
"""Scales of formats, chosen on samples of what is stored."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from chipcast._core import InputError
from chipcast.quantization.scales import Floats, Scale, affine, symmetric
from chipcast.text import plain

BITS = {"int16": 16, "int8": 8, "int7": 7, "int4": 4}
"""Formats with a scale."""
HALF = ("fp16", "bf16")
EXACT = ("fp32", "fp64")
KNOWN = (*BITS, *HALF, *EXACT)
_NARROW = 8
"""Bits up to which it pays to clip what was seen."""
_SHARES = np.linspace(1.0, 0.3, 29)
"""Of the largest value seen: where a format may clip."""
_WIDER = np.asarray([1.05, 1.1, 1.2, 1.3, 1.4, 1.6, 1.8, 2.0, 2.5, 3.0, 4.0])
"""How far beyond it a format may reach, for images that were not seen."""
_EULER = 0.5772156649015329
_NEVER = 1e-4
"""Share of images of which one value may be beyond the range of a wide format that clips nowhere."""


def check_format(dtype: str) -> None:
    if dtype not in KNOWN:
        raise InputError(f"accuracy: no scale for {plain(dtype)} (known: {', '.join(KNOWN)})")


@dataclass(frozen=True)
class Tail:
    """The largest values of one image each, as a Gumbel distribution: those of the images that were not seen, too.

    Fitted by moments: scale = sqrt(6)/pi times the deviation, location = mean - 0.5772 scale (E. J. Gumbel, Statistics
    of Extremes, 1958). A scale of 0 is a bound that is never passed, as the zero of a relu.
    """

    location: float
    scale: float

    @classmethod
    def of(cls, largest: NDArray[np.float64]) -> Tail:
        if len(largest) < 2:
            return cls(float(largest.max(initial=0.0)), 0.0)
        scale = float(largest.std(ddof=1)) * math.sqrt(6.0) / math.pi
        if scale <= 1e-9 * float(np.abs(largest).max()):
            return cls(float(largest.max()), 0.0)
        return cls(float(largest.mean()) - _EULER * scale, scale)

    def clipped(self, limit: float) -> float:
        """Expected square of what one image's largest value has beyond `limit`: of an exponential tail, 2 scale^2 times
        the share of images that go beyond."""
        if self.scale <= 0.0:
            return 0.0
        return 2.0 * self.scale**2 * min(1.0, math.exp(-(limit - self.location) / self.scale))

    def passed_by(self, share: float) -> float:
        """What that share of images goes beyond."""
        return self.location - self.scale * math.log(-math.log1p(-share))


@dataclass(frozen=True)
class Seen:
    """Some values of a tensor, its extremes among them, how many values each of them stands for, and the least and the
    largest value of each image."""

    values: Floats
    weights: NDArray[np.float64]
    lows: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    highs: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))


def together(parts: Sequence[Seen]) -> Seen:
    return Seen(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.lows for part in parts]),
        np.concatenate([part.highs for part in parts]),
    )


def activation_scale(seen: Seen, bits: int, method: str) -> Scale:
    """One for the tensor; its zero point lets all 2^bits values count where values are of one sign, as after a relu.

    least_error scales both extremes by the share that leaves the least squared error: of what was seen, and of what
    images that were not seen are expected to have beyond. So wide formats get headroom, and narrow ones clip. min_max
    takes what was seen; wide formats reach so far that one image of 10^4 goes beyond.
    """
    low, high = min(float(seen.values.min()), 0.0), max(float(seen.values.max()), 0.0)
    below, above = Tail.of(-seen.lows), Tail.of(seen.highs)
    if method == "min_max":
        if bits <= _NARROW:
            return affine(low, high, bits)
        return affine(
            min(low, -below.passed_by(_NEVER)) if low < 0.0 else 0.0,
            max(high, above.passed_by(_NEVER)) if high > 0.0 else 0.0,
            bits,
        )
    shares = _SHARES if bits <= _NARROW else _SHARES[:1]
    tried = [affine(low * float(share), high * float(share), bits) for share in (*shares, *_WIDER)]
    errors = [
        _error(scale, seen) + len(seen.highs) * _beyond(scale, below, above, low, high) for scale in tried
    ]
    return tried[int(np.argmin(errors))]


def _error(scale: Scale, seen: Seen) -> float:
    """As of Scale.rounded, ties aside: every tensor tries some forty scales."""
    step, zero = np.float32(scale.scales[0]), np.float32(scale.zero_points[0])
    stored = np.clip(np.rint(seen.values / step), scale.low - zero, scale.high - zero)
    return float(np.square(stored * step - seen.values) @ seen.weights)


def _beyond(scale: Scale, below: Tail, above: Tail, low: float, high: float) -> float:
    step, zero = float(scale.scales[0]), int(scale.zero_points[0])
    lost = below.clipped((zero - scale.low) * step) if low < 0.0 else 0.0
    return lost + (above.clipped((scale.high - zero) * step) if high > 0.0 else 0.0)


def weight_scale(weights: Floats, bits: int, axis: int, method: str) -> Scale:
    """Symmetric, one per output channel, at most 8 bits wide beside wider activations."""
    others = tuple(i for i in range(weights.ndim) if i != axis)
    limits = np.abs(weights).max(axis=others)
    best = symmetric(limits, bits, axis)
    if method == "min_max":
        return best
    shape = [-1 if i == axis else 1 for i in range(weights.ndim)]
    steps, least = best.scales.copy(), np.full(len(limits), np.inf)
    for share in _SHARES:
        scale = symmetric(limits * share, bits, axis)
        errors = np.square(_rounded(weights, scale, shape) - weights).sum(axis=others, dtype=np.float64)
        better = errors < least
        steps[better], least[better] = scale.scales[better], errors[better]
    return Scale(steps, np.zeros(len(steps), np.int64), bits, axis)


def _rounded(weights: Floats, scale: Scale, shape: list[int]) -> Floats:
    """As Scale.rounded, but to the even neighbour at ties: quicker, and scales are tried on millions of weights."""
    steps = scale.scales.astype(np.float32).reshape(shape)
    rounded: Floats = np.clip(np.rint(weights / steps), scale.low, scale.high) * steps
    return rounded
