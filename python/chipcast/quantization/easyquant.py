# SPDX-License-Identifier: Apache-2.0
"""EasyQuant (Wu et al., arXiv:2006.16669): scales by search.

From scales of the largest magnitudes, each layer's activation scale and weight scales are changed in turn, each time
to the one of n = 100 candidates between 0.5 and 2 times its first value that brings the layer's quantised output
closest to the exact one, by the cosine between both; until nothing improves. (The paper's scale multiplies real
values: twice the scale clips at half the range.) Weights have one scale per output channel; the cosine is always the
whole layer's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from chipcast.quantization.metrics import cosine
from chipcast.quantization.scales import Floats, Scale, float32_steps, largest

STEPS = 100
LOWEST, HIGHEST = 0.5, 2.0
MOST_ROUNDS = 3
ENOUGH = 1e-7  # a round that gains less ends the search
MOST_CHANNELS = 128  # of a layer, that judge a scale of activations

Doubles = NDArray[np.float64]


@dataclass
class Sampled:
    """A layer on some output positions, while its scales are searched."""

    matrix: Floats  # [groups, output channels, K]
    exact: Floats  # [groups, output channels, positions]: of exact inputs
    columns: Floats  # [groups, K, positions]: inputs as earlier layers leave them
    steps: Doubles  # [groups * output channels]: of weights
    first_steps: Doubles = field(init=False)

    def __post_init__(self) -> None:
        self.first_steps = self.steps.copy()

    def stored(self, steps: Doubles, bits: int) -> Floats:
        """The matrix as it is left after storing."""
        wide = steps.reshape(self.matrix.shape[0], -1, 1).astype(np.float32)
        return rounded(self.matrix, wide, bits)


def rounded(values: Floats, step: Floats | np.float32, bits: int) -> Floats:
    high = np.float32(largest(bits))
    out = values / step
    np.rint(out, out=out)
    np.clip(out, -high, high, out=out)
    out *= step
    return out


def candidates(first: float, now: float) -> list[float]:
    """Steps to try: the one in use, then first / f for n factors f between 0.5 and 2."""
    factors = LOWEST + (HIGHEST - LOWEST) * np.arange(STEPS + 1) / STEPS
    return [now, *float32_steps(first / factors)]


@dataclass
class Found:
    step: float
    before: float
    """Objective at the first scales: mean cosine over all that read the tensor."""
    after: float
    rounds: int


def search(first: float, bits: int, weight_bits: int, layers: Sequence[Sampled], own: Floats | None) -> Found:
    """Searches the step of a tensor's values and the weight steps of all layers that read it (in place). `own`: some
    of the tensor's values where something reads it that has no weights (an addition, the network's output): the cosine
    of the values themselves then counts as one layer's."""
    step = first
    before = now = objective(step, bits, weight_bits, layers, own)
    rounds = 0
    while rounds < MOST_ROUNDS:
        rounds += 1
        best = step, [layer.steps for layer in layers]
        step = _search_activations(first, step, bits, weight_bits, layers, own)
        for layer in layers:
            _search_weights(layer, rounded(layer.columns, np.float32(step), bits), weight_bits)
        value = objective(step, bits, weight_bits, layers, own)
        if value <= now:  # scales were judged on some of the channels
            step = best[0]
            for layer, steps in zip(layers, best[1], strict=True):
                layer.steps = steps
            break
        gained, now = value - now, value
        if gained < ENOUGH:
            break
    return Found(step, before, now, rounds)


def objective(
    step: float, bits: int, weight_bits: int, layers: Sequence[Sampled], own: Floats | None
) -> float:
    matrices = [layer.stored(layer.steps, weight_bits) for layer in layers]
    return _mean_cosine(step, bits, layers, matrices, [layer.exact for layer in layers], own)


def _mean_cosine(
    step: float,
    bits: int,
    layers: Sequence[Sampled],
    matrices: Sequence[Floats],
    exact: Sequence[Floats],
    own: Floats | None,
) -> float:
    small = np.float32(step)
    values = [
        _cosine(some, matrix @ rounded(layer.columns, small, bits))
        for layer, matrix, some in zip(layers, matrices, exact, strict=True)
    ]
    if own is not None:
        values.append(_cosine(own, rounded(own, small, bits)))
    return math.fsum(values) / len(values) if values else 1.0


def _cosine(a: Floats, b: Floats) -> float:
    flat_a, flat_b = a.ravel(), b.ravel()
    return cosine(float(flat_a @ flat_b), float(flat_a @ flat_a), float(flat_b @ flat_b))


def _search_activations(
    first: float, now: float, bits: int, weight_bits: int, layers: Sequence[Sampled], own: Floats | None
) -> float:
    matrices, exact = [], []
    for layer in layers:
        every = -(-layer.matrix.shape[1] // MOST_CHANNELS)
        matrices.append(np.ascontiguousarray(layer.stored(layer.steps, weight_bits)[:, ::every]))
        exact.append(np.ascontiguousarray(layer.exact[:, ::every]))
    tried = [
        (_mean_cosine(step, bits, layers, matrices, exact, own), -i, step)
        for i, step in enumerate(candidates(first, now))
    ]
    return max(tried)[2]


def _search_weights(layer: Sampled, inputs: Floats, bits: int) -> None:
    """Channel by channel, each to the step that is best for the cosine of the whole layer's output."""
    factors = LOWEST + (HIGHEST - LOWEST) * np.arange(STEPS + 1) / STEPS
    trials = [layer.steps, *(float32_steps(layer.first_steps / factor) for factor in factors)]
    products = np.empty((len(trials), len(layer.steps)))
    squares = np.empty_like(products)
    for i, steps in enumerate(trials):
        out = layer.stored(steps, bits) @ inputs
        products[i] = (out * layer.exact).sum(axis=2).ravel()
        squares[i] = np.square(out, out=out).sum(axis=2).ravel()
    chosen = _best_of_each(products, squares)
    layer.steps = np.stack(trials)[chosen, np.arange(len(layer.steps))]


def _best_of_each(products: Doubles, squares: Doubles) -> NDArray[np.int64]:
    """Trial of each channel, one channel after the other, that makes sum(products) / sqrt(sum(squares)) largest while
    the others stay; trial 0 is where they start."""
    product, square = float(products[0].sum()), float(squares[0].sum())
    chosen = np.zeros(products.shape[1], np.int64)
    for channel in range(products.shape[1]):
        p = product - products[0, channel] + products[:, channel]
        s = np.maximum(square - squares[0, channel] + squares[:, channel], 0.0)
        best = int(np.argmax(np.divide(p, np.sqrt(s), out=np.full_like(p, -np.inf), where=s > 0.0)))
        chosen[channel] = best
        product, square = float(p[best]), float(s[best])
    return chosen


def scale_of(step: float, bits: int) -> Scale:
    return Scale(np.asarray([step]), np.zeros(1, np.int64), bits)
