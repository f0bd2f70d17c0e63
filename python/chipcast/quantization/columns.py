# SPDX-License-Identifier: Apache-2.0
"""Products as matrices over some of their output positions, to try many scales on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chipcast.quantization.folding import Document, output_axis
from chipcast.quantization.scales import Floats

# Elements of a layer's columns: a trial of a scale stays within the first caches.
SAMPLE = 1 << 16
MOST_POSITIONS = 1024


@dataclass(frozen=True)
class Product:
    """A convolution or fully connected layer: groups x (output channels x K) matrix times (K x positions)."""

    op: Document
    weight_shape: tuple[int, ...]
    output_shape: tuple[int, ...]

    @property
    def name(self) -> str:
        return str(self.op["name"])

    @property
    def input(self) -> str:
        return str(self.op["inputs"][0])

    @property
    def weight(self) -> str:
        return str(self.op["inputs"][1])

    @property
    def bias(self) -> str:
        return str(self.op["inputs"][2])

    @property
    def axis(self) -> int:
        return output_axis(self.op)

    @property
    def groups(self) -> int:
        return int(self.op["attributes"].get("groups", 1))

    @property
    def channels_last(self) -> bool:
        return bool(self.op["attributes"].get("layout") == "nhwc")

    @property
    def out_channels(self) -> int:
        return self.weight_shape[self.axis]

    @property
    def depth(self) -> int:
        """K, of one group."""
        return int(np.prod(self.weight_shape)) // self.out_channels

    def matrix(self, weights: Floats) -> Floats:
        """[groups, output channels of a group, K]; K runs over input channels, then taps."""
        if self.op["kind"] == "conv" and self.channels_last:
            weights = np.moveaxis(weights, -1, 1)
        if self.axis == 1:
            weights = weights.T
        return np.ascontiguousarray(weights.reshape(self.groups, self.out_channels // self.groups, -1))

    def positions(self, share: int, seed: int) -> NDArray[np.int64]:
        """Output positions to look at: at most 1 / share of what a sample holds."""
        spatial = self._out_extents()
        count = int(np.prod(spatial))
        wanted = min(MOST_POSITIONS, SAMPLE // (self.depth * self.groups)) // share
        wanted = min(count, max(4, wanted))
        return np.sort(np.random.default_rng(seed).choice(count, wanted, replace=False))

    def columns(self, data: Floats, positions: NDArray[np.int64]) -> Floats:
        """[groups, K, positions] of the layer's input; padding is zero."""
        if self.op["kind"] == "gemm":
            rows = data.T if self.op["attributes"].get("transpose_a") else data
            return np.ascontiguousarray(rows[positions].T[None])
        return self._windows(data, positions)

    def _out_extents(self) -> tuple[int, ...]:
        """Extents of positions: batch and spatial axes, or rows."""
        if self.op["kind"] == "gemm":
            return self.output_shape[:1]
        spatial = self.output_shape[1:-1] if self.channels_last else self.output_shape[2:]
        return (self.output_shape[0], *spatial)

    def _windows(self, data: Floats, positions: NDArray[np.int64]) -> Floats:
        x = np.moveaxis(data, -1, 1) if self.channels_last else data
        extents = x.shape[2:]
        kernel = self.weight_shape[1:-1] if self.channels_last else self.weight_shape[2:]
        strides, dilations, pads = self._window(extents, kernel)
        batch, *outs = np.unravel_index(positions, self._out_extents())
        taps = np.indices(kernel).reshape(len(kernel), -1)
        inside = np.ones((taps.shape[1], len(positions)), bool)
        places = []
        for axis, extent in enumerate(extents):
            at = outs[axis] * strides[axis] - pads[axis] + taps[axis][:, None] * dilations[axis]
            inside &= (at >= 0) & (at < extent)
            places.append(np.clip(at, 0, extent - 1))
        values = x[(batch[None, :], slice(None), *places)]  # [taps, positions, channels]
        values = np.where(inside[..., None], values, np.float32(0.0))
        columns = np.moveaxis(values, -1, 0)  # [channels, taps, positions]
        return np.ascontiguousarray(columns.reshape(self.groups, -1, len(positions)), np.float32)

    def _window(
        self, extents: tuple[int, ...], kernel: tuple[int, ...]
    ) -> tuple[list[int], list[int], list[int]]:
        given: dict[str, Any] = self.op["attributes"]
        ones = [1] * len(extents)
        strides, dilations = list(given.get("strides") or ones), list(given.get("dilations") or ones)
        pads = list(given.get("pads") or [0] * (2 * len(extents)))[: len(extents)]
        mode = given.get("pad_mode", "explicit")
        if mode == "valid":
            pads = [0] * len(extents)
        elif mode.startswith("same"):
            for axis, extent in enumerate(extents):
                out = -(-extent // strides[axis])
                reach = (kernel[axis] - 1) * dilations[axis] + 1
                total = max(0, (out - 1) * strides[axis] + reach - extent)
                pads[axis] = total // 2 if mode == "same_upper" else total - total // 2
        return strides, dilations, pads
