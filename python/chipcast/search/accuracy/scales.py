# SPDX-License-Identifier: Apache-2.0
"""Scales of formats, chosen on samples of what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
_SHARES = np.linspace(1.0, 0.3, 29)
"""Of the largest value: where a format may clip."""


def check_format(dtype: str) -> None:
    if dtype not in KNOWN:
        raise InputError(f"accuracy: no scale for {plain(dtype)} (known: {', '.join(KNOWN)})")


@dataclass(frozen=True)
class Seen:
    """Some values of a tensor, its extremes among them, and how many values each of them stands for."""

    values: Floats
    weights: NDArray[np.float64]


def together(parts: Sequence[Seen]) -> Seen:
    return Seen(
        np.concatenate([part.values for part in parts]), np.concatenate([part.weights for part in parts])
    )


def activation_scale(seen: Seen, bits: int, method: str) -> Scale:
    """One for the tensor; its zero point lets all 2^bits values count where values are of one sign, as after a relu.
    least_error scales both extremes by the share that leaves the least squared error."""
    low, high = float(seen.values.min()), float(seen.values.max())
    if method == "min_max":
        return affine(low, high, bits)
    tried = [affine(low * float(share), high * float(share), bits) for share in _SHARES]
    errors = [float(np.square(scale.rounded(seen.values) - seen.values) @ seen.weights) for scale in tried]
    return tried[int(np.argmin(errors))]


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
    """As Scale.rounded, ties aside: the search goes over millions of weights."""
    steps = scale.scales.astype(np.float32).reshape(shape)
    rounded: Floats = np.clip(np.rint(weights / steps), scale.low, scale.high) * steps
    return rounded
