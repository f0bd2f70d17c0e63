# SPDX-License-Identifier: Apache-2.0
"""Layers that cut, join, pad and reorder blobs."""

from __future__ import annotations

from itertools import pairwise

from chipcast.importers.builder import Builder
from chipcast.importers.ncnn.arithmetic import float_input
from chipcast.importers.ncnn.layer import ABSENT, Layer, handles

PAD_MODES = ["constant", "edge", "reflect"]
RESIZE_MODES = {0: "nearest", 1: "nearest", 2: "linear", 3: "cubic"}


def tensor_axis(b: Builder, layer: Layer, x: str, axis: int) -> int:
    """ncnn's axis (batch not counted, negative from the end) as an axis of the tensor."""
    rank = b.type(x).rank - 1
    if not -rank <= axis < rank:
        layer.fail(f"axis {axis} is outside [{-rank}, {rank - 1}]; correct the layer")
    return axis % rank + 1


@handles("Concat")
def concat(b: Builder, layer: Layer) -> None:
    layer.need(1)
    names = layer.bottoms
    if len({b.type(name).dtype for name in names}) > 1:
        names = [float_input(b, layer, name) for name in names]
    axis = tensor_axis(b, layer, names[0], layer.int(0, "axis"))
    b.op("concat", names, layer.tops[0], name=layer.name, place=layer.place, axis=axis)


@handles("Slice")
def split(b: Builder, layer: Layer) -> None:
    layer.need(1)
    x = layer.bottoms[0]
    axis = tensor_axis(b, layer, x, layer.int(1, "axis"))
    extent = b.shape(x)[axis]
    sizes = sizes_by_indices(layer, extent) if 2 in layer.params else sizes_by_slices(layer, extent)
    b.op("split", [x], layer.tops, name=layer.name, place=layer.place, axis=axis, sizes=sizes)


def sizes_by_slices(layer: Layer, extent: int) -> list[int]:
    """-233 stands for an even share of what is left."""
    slices = layer.ints(0)
    if len(slices) != len(layer.tops):
        layer.fail(f"slices (0=) has {len(slices)} entries for {len(layer.tops)} outputs; give one each")
    sizes: list[int] = []
    for i, wanted in enumerate(slices):
        sizes.append((extent - sum(sizes)) // (len(slices) - i) if wanted == ABSENT else wanted)
    return sizes


def sizes_by_indices(layer: Layer, extent: int) -> list[int]:
    cuts = [index + extent if index < 0 else index for index in layer.ints(2)]
    bounds = [0, *cuts, extent]
    return [end - start for start, end in pairwise(bounds)]


@handles("Crop")
def crop(b: Builder, layer: Layer) -> None:
    layer.need(1)
    x = layer.bottoms[0]
    shape = b.shape(x)[1:]
    if 9 in layer.params:
        starts, ends, axes = crop_by_lists(b, layer, x, shape)
    elif len(layer.bottoms) > 1:
        starts, ends, axes = crop_like(b, layer, shape)
    else:
        starts, ends, axes = crop_by_offsets(layer, shape)
    b.op("slice", [x], layer.tops[0], name=layer.name, place=layer.place, starts=starts, ends=ends, axes=axes)


Cut = tuple[list[int], list[int], list[int]]


def crop_by_lists(b: Builder, layer: Layer, x: str, shape: tuple[int, ...]) -> Cut:
    starts, ends = layer.ints(9), layer.ints(10)
    axes = layer.ints(11) or list(range(len(starts)))
    if not len(starts) == len(ends) == len(axes):
        layer.fail("starts (9=), ends (10=) and axes (11=) differ in length; give one entry per axis")
    places = [tensor_axis(b, layer, x, axis) for axis in axes]
    extents = [shape[place - 1] for place in places]
    begin = [0 if start == ABSENT else start for start in starts]
    end = [extent if stop in (ABSENT, 0) else stop for stop, extent in zip(ends, extents, strict=True)]
    return begin, end, places


def crop_offsets(layer: Layer, rank: int) -> list[int]:
    """Offsets per axis, outermost first."""
    keys = {1: (0,), 2: (1, 0), 3: (2, 1, 0), 4: (2, 13, 1, 0)}[rank]
    return [max(layer.int(key, "offset"), 0) for key in keys]


def crop_like(b: Builder, layer: Layer, shape: tuple[int, ...]) -> Cut:
    """To the extents of a reference blob; axes that it lacks stay whole."""
    wanted = b.shape(layer.bottoms[1])[1:]
    offsets = crop_offsets(layer, len(shape))
    missing = len(shape) - len(wanted)
    extents = [*shape[: max(missing, 0)], *wanted[max(-missing, 0) :]]
    if missing == 0 and len(shape) == 3 and layer.params.get(2, 0) == ABSENT:
        extents[0] = shape[0]
    ends = [offset + extent for offset, extent in zip(offsets, extents, strict=True)]
    return offsets, ends, list(range(1, len(shape) + 1))


def crop_by_offsets(layer: Layer, shape: tuple[int, ...]) -> Cut:
    rank = len(shape)
    sizes = {1: (3,), 2: (4, 3), 3: (5, 4, 3), 4: (5, 14, 4, 3)}[rank]
    tails = {1: (6,), 2: (7, 6), 3: (8, 7, 6), 4: (8, 15, 7, 6)}[rank]
    starts, ends = crop_offsets(layer, rank), []
    for axis, extent in enumerate(shape):
        size = layer.int(sizes[axis], "output extent")
        tail = max(layer.int(tails[axis], "offset2"), 0)
        ends.append(starts[axis] + size if size not in (ABSENT, 0) else extent - tail)
    return starts, ends, list(range(1, rank + 1))


@handles("Padding")
def padding(b: Builder, layer: Layer) -> None:
    layer.need(1)
    x = layer.bottoms[0]
    top, bottom, left, right = (layer.int(key, "padding") for key in range(4))
    front, behind = layer.int(7, "front"), layer.int(8, "behind")
    inner = [(front, behind), (top, bottom), (left, right)]
    rank = b.type(x).rank
    pairs = [(0, 0)] * (rank - 3) + inner if rank > 3 else [(0, 0), *inner[4 - rank :]]
    pads = [begin for begin, _ in pairs] + [end for _, end in pairs]
    if not any(pads):
        return b.alias(layer.tops[0], x)
    if layer.int(6, "per_channel_pad_data_size"):
        b.differs(layer.place, "fills each channel with a value of its own")
    mode = PAD_MODES[layer.int(4, "type", 0, 0, 2)]
    filled = layer.float(5, "value", 0.0) if mode == "constant" else 0.0
    extra = {"value": filled} if filled else {}
    b.op("pad", [x], layer.tops[0], name=layer.name, place=layer.place, pads=pads, mode=mode, **extra)


# order_type of Permute per number of axes: the output's axes, innermost first, by name of the input's.
ORDERS = {
    2: ["wh", "hw"],
    3: ["whc", "hwc", "wch", "cwh", "hcw", "chw"],
    4: ["whdc", "hwdc", "wdhc", "dwhc", "hdwc", "dhwc", "whcd", "hwcd", "wchd", "cwhd", "hcwd", "chwd",
        "wdch", "dwch", "wcdh", "cwdh", "dcwh", "cdwh", "hdcw", "dhcw", "hcdw", "chdw", "dchw", "cdhw"],
}  # fmt: skip


@handles("Permute")
def permute(b: Builder, layer: Layer) -> None:
    layer.need(1)
    x = layer.bottoms[0]
    rank = b.type(x).rank - 1
    if rank == 1:
        return b.alias(layer.tops[0], x)
    orders = ORDERS[rank]
    wanted = orders[layer.int(0, "order_type", 0, 0, len(orders) - 1)]
    outermost_first = orders[0][::-1]
    perm = [0, *(outermost_first.index(axis) + 1 for axis in reversed(wanted))]
    if perm == list(range(rank + 1)):
        return b.alias(layer.tops[0], x)
    b.transpose(x, perm, layer.tops[0], name=layer.name, place=layer.place)


@handles("ShuffleChannel")
def shuffle(b: Builder, layer: Layer) -> None:
    layer.need(1)
    groups = layer.int(0, "group", 1, 1)
    channels = b.shape(layer.bottoms[0])[1]
    if layer.int(1, "reverse") and channels % groups == 0:
        groups = channels // groups
    b.op(
        "channel_shuffle",
        [layer.bottoms[0]],
        layer.tops[0],
        name=layer.name,
        place=layer.place,
        groups=groups,
    )


@handles("PixelShuffle", "Reorg")
def space_depth(b: Builder, layer: Layer) -> None:
    """Mode 0: the place in the block is the faster part of the channel."""
    layer.need(1)
    b.op("space_depth", [layer.bottoms[0]], layer.tops[0], name=layer.name, place=layer.place,
         block=layer.int(0, "factor", 1, 1), to_depth=layer.type == "Reorg",
         column_row_depth=layer.int(1, "mode", 0, 0, 1) == 0)  # fmt: skip


@handles("Tile")
def tile(b: Builder, layer: Layer) -> None:
    layer.need(1)
    x = layer.bottoms[0]
    rank = b.type(x).rank
    repeats = [1] * rank
    if 2 in layer.params:
        given = layer.ints(2)[-(rank - 1) :]
        repeats[rank - len(given) :] = given
    else:
        repeats[tensor_axis(b, layer, x, layer.int(0, "axis"))] = layer.int(1, "tiles", 1, 1)
    b.op("tile", [x], layer.tops[0], name=layer.name, place=layer.place, repeats=repeats)


@handles("Interp")
def interp(b: Builder, layer: Layer) -> None:
    layer.need(1)
    x = layer.bottoms[0]
    if b.type(x).rank == 2:  # a vector is spread over the plane
        x = b.reshape(x, [*b.shape(x), 1, 1], name=f"{layer.name}/plane", place=layer.place)
    shape = b.shape(x)
    mode = RESIZE_MODES[layer.int(0, "resize_type", 0, 0, 3)]
    sizes = [*shape[: -2 if len(shape) > 3 else -1], *interp_extents(b, layer, shape)]
    b.op("resize", [x], layer.tops[0], name=layer.name, place=layer.place, sizes=sizes, mode=mode,
         **interp_places(layer, shape, sizes, mode))  # fmt: skip


def interp_places(layer: Layer, shape: tuple[int, ...], sizes: list[int], mode: str) -> dict[str, object]:
    """Nearest takes floor(place * in / out), or place / scale where a scale is given; the others take the centres
    of elements, or the corners."""
    if mode != "nearest":
        return {"coordinates": "align_corners" if layer.int(6, "align_corner") else "half_pixel"}
    out: dict[str, object] = {"coordinates": "asymmetric", "rounding": "floor"}
    keys = [(3, 1), (4, 2)][-(len(shape) - 2) :]
    if len(layer.bottoms) > 1 or any(layer.params.get(size) for size, _ in keys):
        return out
    scales = [layer.float(scale, "scale", 1.0) for _, scale in keys]
    factors = [1.0] * (len(shape) - len(scales)) + scales
    if any(factor * extent != size for factor, extent, size in zip(factors, shape, sizes, strict=True)):
        out["coordinate_scales"] = factors
    return out


def interp_extents(b: Builder, layer: Layer, shape: tuple[int, ...]) -> list[int]:
    """Height and width of the output; width only for a matrix."""
    count = 2 if len(shape) > 3 else 1
    if len(layer.bottoms) > 1:
        return list(b.shape(layer.bottoms[1])[-count:])
    out = []
    for extent, size_key, scale_key in list(zip(shape[-2:], (3, 4), (1, 2), strict=True))[-count:]:
        size, scale = layer.int(size_key, "output extent", 0, 0), layer.float(scale_key, "scale", 1.0)
        out.append(size or int(extent * scale) if 0 <= scale < 2**31 else -1)
    return out
