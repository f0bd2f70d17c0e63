# SPDX-License-Identifier: Apache-2.0
"""Layers that name, alias or reshape blobs without arithmetic, and reductions."""

from __future__ import annotations

import math

from chipcast.importers.builder import Builder
from chipcast.importers.ncnn.arithmetic import float_input
from chipcast.importers.ncnn.layer import ABSENT, Layer, handles
from chipcast.importers.ncnn.rearrange import tensor_axis

EXTENT_KEYS = (2, 11, 1, 0)  # c, d, h, w
REDUCTIONS = ["sum", "l1", "sum_square", "mean", "max", "min", "prod", "l1", "l2", None, "log_sum_exp"]


@handles("Input")
def input_blob(b: Builder, layer: Layer) -> None:
    layer.need(0)
    given = layer.params.get(-1)
    shape = tuple(given) if isinstance(given, list) else (1, *blob_extents(layer))
    if len(shape) == 1 and layer.hints and layer.hints[0]:
        shape = layer.hints[0]
    if len(shape) == 1:
        layer.fail(
            f'the input has no extents; pass them, for example shapes={{"{layer.tops[0]}": [1, 3, 224, 224]}}'
        )
    if not isinstance(given, list) and any(extent < 0 for extent in shape):
        layer.fail(f'extents {shape[1:]} are not known; pass shapes={{"{layer.tops[0]}": [...]}}')
    if not 2 <= len(shape) <= 5:
        layer.fail(f"shape {list(shape)} must have 2 to 5 axes: batch and 1 to 4 of the blob")
    b.add_input(layer.tops[0], shape, "fp32")


@handles("MemoryData")
def memory_data(b: Builder, layer: Layer) -> None:
    layer.need(0)
    b.add_parameter(layer.tops[0], (1, *blob_extents(layer)), "fp32")


def blob_extents(layer: Layer) -> list[int]:
    """c, d, h, w as far as they are given."""
    return [extent for key in EXTENT_KEYS if (extent := layer.int(key, "extent")) != 0]


@handles("Split", "Noop", "Dropout", "Packing")
def same_blob(b: Builder, layer: Layer) -> None:
    """The outputs are the input under other names (a Noop pairs them and may end the graph)."""
    if layer.type == "Noop":
        for top, bottom in zip(layer.tops, layer.bottoms, strict=False):
            b.alias(top, bottom)
        return
    layer.need(1)
    if layer.type == "Dropout" and layer.float(0, "scale", 1.0) != 1.0:
        b.differs(layer.place, f"scales its input by {layer.float(0, 'scale', 1.0)}")
    for top in layer.tops:
        b.alias(top, layer.bottoms[0])


@handles("Flatten")
def flatten(b: Builder, layer: Layer) -> None:
    layer.need(1)
    shape = b.shape(layer.bottoms[0])
    b.reshape(layer.bottoms[0], [1, math.prod(shape)], layer.tops[0], name=layer.name, place=layer.place)


@handles("Reshape", variant=lambda layer: "Reshape with a shape expression" if 6 in layer.params else None)
def reshape(b: Builder, layer: Layer) -> None:
    layer.need(1)
    x = layer.bottoms[0]
    wanted = [(key, layer.int(key, "extent", ABSENT)) for key in EXTENT_KEYS]
    shape = [copied_extent(b, layer, x, key) if extent == 0 else extent
             for key, extent in wanted if extent != ABSENT]  # fmt: skip
    if layer.int(3, "permute") and b.type(x).rank == 4:
        x = b.transpose(x, [0, 2, 3, 1], name=f"{layer.name}/to_hwc", place=layer.place)
        if len(shape) == 3:
            layer.fail("permute (3=) 1 with an output of three axes is not supported; set it to 0")
    b.op(
        "reshape",
        [x],
        layer.tops[0],
        name=layer.name,
        place=layer.place,
        shape=[1, *shape],
        zero_copies=False,
    )


def copied_extent(b: Builder, layer: Layer, x: str, key: int) -> int:
    """The input's extent along w, h, d or c; 1 where it has none."""
    shape = b.shape(x)[1:]
    by_rank = {1: (0,), 2: (1, 0), 3: (2, 1, 0), 4: (2, 11, 1, 0)}[len(shape)]
    return shape[by_rank.index(key)] if key in by_rank else 1


@handles("Squeeze")
def squeeze(b: Builder, layer: Layer) -> None:
    layer.need(1)
    x = layer.bottoms[0]
    shape = b.shape(x)
    gone = (
        {tensor_axis(b, layer, x, axis) for axis in layer.ints(3)}
        if 3 in layer.params
        else flagged(layer, shape)
    )
    kept = [extent for axis, extent in enumerate(shape) if axis == 0 or axis not in gone or extent != 1]
    b.reshape(x, kept if len(kept) > 1 else [1, 1], layer.tops[0], name=layer.name, place=layer.place)


def flagged(layer: Layer, shape: tuple[int, ...]) -> set[int]:
    """Axes whose squeeze_w, squeeze_h, squeeze_d or squeeze_c is set."""
    by_rank = {1: (0,), 2: (1, 0), 3: (2, 1, 0), 4: (2, 11, 1, 0)}[len(shape) - 1]
    return {axis for axis, key in enumerate(by_rank, start=1) if layer.int(key, "squeeze")}


@handles("ExpandDims")
def expand_dims(b: Builder, layer: Layer) -> None:
    layer.need(1)
    shape = list(b.shape(layer.bottoms[0])[1:])
    if 3 in layer.params:
        rank = len(shape) + len(layer.ints(3))
        places = sorted(axis % rank if -rank <= axis < rank else rank for axis in layer.ints(3))
    else:
        places = [place for place, key in enumerate((2, 11, 1, 0)) if layer.int(key, "expand")]
    for place in places:
        shape.insert(min(place, len(shape)), 1)
    b.reshape(layer.bottoms[0], [1, *shape], layer.tops[0], name=layer.name, place=layer.place)


def reduction_variant(layer: Layer) -> str | None:
    kind = layer.params.get(0, 0)
    known = isinstance(kind, int) and 0 <= kind < len(REDUCTIONS) and REDUCTIONS[kind]
    return None if known else f"Reduction with operation {kind}"


@handles("Reduction", variant=reduction_variant)
def reduction(b: Builder, layer: Layer) -> None:
    layer.need(1)
    x = float_input(b, layer, layer.bottoms[0])
    if layer.float(2, "coeff", 1.0) != 1.0:
        b.differs(layer.place, f"scales its result by {layer.float(2, 'coeff', 1.0)}")
    rank = b.type(x).rank
    everything = layer.int(1, "reduce_all", 1) or not layer.ints(3)
    axes = list(range(1, rank)) if everything else [tensor_axis(b, layer, x, axis) for axis in layer.ints(3)]
    keep = bool(layer.int(4, "keepdims"))
    scalar = not keep and len(set(axes)) == rank - 1
    function = REDUCTIONS[layer.int(0, "operation")]
    y = b.op("reduce", [x], 1 if scalar else layer.tops[0], name=layer.name, place=layer.place, function=function,
             axes=axes, keep_dims=keep)[0]  # fmt: skip
    if scalar:
        b.reshape(y, [1, 1], layer.tops[0], name=f"{layer.name}/vector", place=layer.place)


@handles("CumulativeSum")
def cumulative_sum(b: Builder, layer: Layer) -> None:
    layer.need(1)
    x = layer.bottoms[0]
    axis = tensor_axis(b, layer, x, layer.int(0, "axis"))
    b.op("cum_sum", [x], layer.tops[0], name=layer.name, place=layer.place, axis=axis)
