# SPDX-License-Identifier: Apache-2.0
"""Pooling layers."""

from __future__ import annotations

from chipcast.importers.builder import Builder
from chipcast.importers.ncnn.conv import axis_values
from chipcast.importers.ncnn.layer import ABSENT, Layer, handles

FUNCTIONS = ["max", "avg"]
FULL, VALID, SAME_UPPER, SAME_LOWER = 0, 1, 2, 3


def pooling_rank(layer: Layer) -> int:
    return {"1D": 1, "3D": 3}.get(layer.type[-2:], 2)


@handles("Pooling", "Pooling1D", "Pooling3D")
def pooling(b: Builder, layer: Layer) -> None:
    layer.need(1)
    rank = pooling_rank(layer)
    x = layer.bottoms[0]
    if b.type(x).rank != rank + 2:
        layer.fail(
            f"needs an input of {rank + 1} axes, got shape {b.shape(x)[1:]}; check the layers before it"
        )
    function = FUNCTIONS[layer.int(0, "pooling_type", 0, 0, 1)]
    if layer.int(4, "global_pooling"):
        y = b.op("pool", [x], name=layer.name, place=layer.place, function=function, **{"global": True})[0]
        b.reshape(y, b.shape(y)[:2], layer.tops[0], name=f"{layer.name}/flatten", place=layer.place)
        return
    attributes = (
        adaptive(b, layer, x, rank) if layer.int(7, "adaptive_pooling") else sliding(b, layer, x, rank)
    )
    b.op("pool", [x], layer.tops[0], name=layer.name, place=layer.place, function=function, **attributes)


def sliding(b: Builder, layer: Layer, x: str, rank: int) -> dict[str, object]:
    kernel = axis_values(layer, "kernel", (1, 11, 21), rank, 0, 1)
    strides = axis_values(layer, "stride", (2, 12, 22), rank, 1, 1)
    include = bool(layer.int(6, "avgpool_count_include_pad"))
    attributes = {"kernel": kernel, "strides": strides, "count_include_pad": include}
    mode = layer.int(5, "pad_mode", FULL, FULL, SAME_LOWER)
    if mode in (SAME_UPPER, SAME_LOWER):
        return attributes | {"pad_mode": "same_upper" if mode == SAME_UPPER else "same_lower"}
    begins = axis_values(layer, "pad", (3, 13, 23), rank, 0, 0)
    ends = [
        layer.int(key, "pad", begin, 0) for key, begin in zip((14, 15, 16), reversed(begins), strict=False)
    ][::-1]
    if mode == FULL:  # the end is padded until the last window fits; unlike ceil_mode no window is dropped
        for axis, extent in enumerate(b.shape(x)[2:]):
            room = extent + begins[axis] + ends[axis] - kernel[axis]
            ends[axis] += -room % strides[axis] if room >= 0 else 0
    return attributes | {"pads": begins + ends}


def adaptive(b: Builder, layer: Layer, x: str, rank: int) -> dict[str, object]:
    """Windows that cover the input evenly: window i spans floor(i*in/out) to ceil((i+1)*in/out)."""
    wanted = axis_values(layer, "out", (8, 18, 28), rank, 0, ABSENT)
    shape = b.shape(x)[2:]
    wanted = [extent if out == ABSENT else out for out, extent in zip(wanted, shape, strict=True)]
    for out, extent in zip(wanted, shape, strict=True):
        if not 1 <= out <= extent:
            layer.fail(
                f"adaptive pooling from {extent} to {out} is not possible; out (8=, 18=) must be in [1, {extent}]"
            )
    if any(extent % out for out, extent in zip(wanted, shape, strict=True)):
        b.differs(layer.place, "has windows of several extents")
    strides = [extent // out for out, extent in zip(wanted, shape, strict=True)]
    kernel = [extent - (out - 1) * step for out, extent, step in zip(wanted, shape, strides, strict=True)]
    return {"kernel": kernel, "strides": strides}
