# SPDX-License-Identifier: Apache-2.0
"""Normalisation layers and softmax."""

from __future__ import annotations

import math

from chipcast.importers.builder import Builder
from chipcast.importers.ncnn.layer import Layer, handles


@handles("BatchNorm")
def batch_norm(b: Builder, layer: Layer) -> None:
    layer.need(1)
    channels = layer.int(0, "channels", 0, 1)
    weights = [b.weight(f"{layer.name}/{what}", [channels]) for what in ("slope", "bias", "mean", "variance")]
    b.op("batch_norm", [layer.bottoms[0], *weights], layer.tops[0], name=layer.name, place=layer.place,
         epsilon=layer.float(1, "eps", 0.0))  # fmt: skip


@handles("LRN")
def lrn(b: Builder, layer: Layer) -> None:
    layer.need(1)
    b.op("lrn", [layer.bottoms[0]], layer.tops[0], name=layer.name, place=layer.place,
         size=layer.int(1, "local_size", 5, 1), within_channel=bool(layer.int(0, "region_type", 0, 0, 1)),
         alpha=layer.float(2, "alpha", 1.0), beta=layer.float(3, "beta", 0.75),
         bias=layer.float(4, "bias", 1.0))  # fmt: skip


@handles("InstanceNorm", "GroupNorm")
def channel_norm(b: Builder, layer: Layer) -> None:
    layer.need(1)
    group = layer.type == "GroupNorm"
    channels = layer.int(1 if group else 0, "channels", 0, 1)
    inputs = [layer.bottoms[0]]
    if layer.int(3 if group else 2, "affine", 1):
        inputs += [b.weight(f"{layer.name}/{what}", [channels]) for what in ("gamma", "beta")]
    extra = (
        {"function": "group", "groups": layer.int(0, "group", 1, 1)} if group else {"function": "instance"}
    )
    epsilon = layer.float(2 if group else 1, "eps", 0.001)
    b.op("norm", inputs, layer.tops[0], name=layer.name, place=layer.place, epsilon=epsilon, **extra)


@handles("LayerNorm", "RMSNorm")
def layer_norm(b: Builder, layer: Layer) -> None:
    """Over the innermost axes whose extents multiply to affine_size."""
    layer.need(1)
    shape, size = b.shape(layer.bottoms[0]), layer.int(0, "affine_size", 0, 0)
    axis = next((a for a in range(-1, -len(shape), -1) if math.prod(shape[a:]) == size), None) if size else -1
    if axis is None:
        layer.fail(
            f"affine_size (0=) {size} is not the size of the inner axes of {shape[1:]}; correct the layer"
        )
    inputs = [layer.bottoms[0]]
    if size and layer.int(2, "affine", 1):
        names = ("gamma", "beta") if layer.type == "LayerNorm" else ("gamma",)
        inputs += [b.weight(f"{layer.name}/{what}", shape[axis:]) for what in names]
    function = "layer" if layer.type == "LayerNorm" else "rms"
    b.op("norm", inputs, layer.tops[0], name=layer.name, place=layer.place, function=function, axis=axis,
         epsilon=layer.float(1, "eps", 0.001))  # fmt: skip


@handles("MVN")
def mean_variance(b: Builder, layer: Layer) -> None:
    layer.need(1)
    if not layer.int(0, "normalize_variance"):
        b.differs(layer.place, "takes the mean off and leaves the variance")
    extra = {"function": "layer", "axis": 1} if layer.int(1, "across_channels") else {"function": "instance"}
    b.op("norm", [layer.bottoms[0]], layer.tops[0], name=layer.name, place=layer.place,
         epsilon=layer.float(2, "eps", 0.0001), **extra)  # fmt: skip


@handles("Normalize")
def normalize(b: Builder, layer: Layer) -> None:
    layer.need(1)
    size = layer.int(3, "scale_data_size", 0, 0)
    if layer.int(0, "across_spatial") or not layer.int(4, "across_channel", 1):
        b.differs(layer.place, "takes its sum of squares not over the channels alone")
    if layer.int(9, "eps_mode"):
        b.differs(layer.place, "bounds its sum of squares by eps instead of adding it")
    inputs = [layer.bottoms[0]]
    if size:
        inputs.append(b.weight(f"{layer.name}/scale", [size]))
    b.op("norm", inputs, layer.tops[0], name=layer.name, place=layer.place, function="l2", axis=1,
         epsilon=layer.float(2, "eps", 0.0001))  # fmt: skip


@handles("Softmax", "LogSoftmax")
def softmax(b: Builder, layer: Layer) -> None:
    layer.need(1)
    axis = layer.int(0, "axis")
    b.op("softmax", [layer.bottoms[0]], layer.tops[0], name=layer.name, place=layer.place,
         axis=axis + 1 if axis >= 0 else axis, log=layer.type == "LogSoftmax")  # fmt: skip
