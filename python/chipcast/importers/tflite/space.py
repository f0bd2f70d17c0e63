# SPDX-License-Identifier: Apache-2.0
"""Operators that move data between space, channels and batch, and resizing."""

from __future__ import annotations

import tflite

from chipcast.importers.errors import fail
from chipcast.importers.tflite.context import Context, handles
from chipcast.importers.tflite.conv import dilations, strides
from chipcast.importers.tflite.reader import Operator

CONVOLUTIONS = {"CONV_2D": tflite.Conv2DOptions, "DEPTHWISE_CONV_2D": tflite.DepthwiseConv2DOptions}


@handles("DEPTH_TO_SPACE", "SPACE_TO_DEPTH")
def space_depth(c: Context, op: Operator) -> None:
    c.need(op, 1)
    to_depth = op.kind == "SPACE_TO_DEPTH"
    options = c.options(op, tflite.SpaceToDepthOptions if to_depth else tflite.DepthToSpaceOptions)
    c.emit(op, "space_depth", [c.x(op)], block=options.BlockSize(), to_depth=to_depth, layout="nhwc")


@handles("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR")
def resize(c: Context, op: Operator) -> None:
    c.need(op, 2)
    shape, size = c.b.shape(c.x(op)), c.ints(op, 1, "size")
    if len(shape) != 4 or len(size) != 2:
        fail(op.place, f"needs an input of 4 axes and 2 extents, got {shape} and {size}; the file is damaged")
    linear = op.kind == "RESIZE_BILINEAR"
    options = c.options(op, tflite.ResizeBilinearOptions if linear else tflite.ResizeNearestNeighborOptions)
    half, corners = options.HalfPixelCenters(), options.AlignCorners()
    coordinates = "align_corners" if corners else "half_pixel" if half else "asymmetric"
    if half and corners:
        c.b.differs(op.place, "aligns corners of half pixels")
    rounding = None if linear else "floor" if coordinates == "asymmetric" else "round_prefer_ceil"
    c.emit(op, "resize", [c.x(op)], sizes=[shape[0], *size, shape[3]], mode="linear" if linear else "nearest",
           coordinates=coordinates, rounding=rounding)  # fmt: skip


@handles("SPACE_TO_BATCH_ND")
def space_to_batch(c: Context, op: Operator) -> None:
    """Before a convolution and its BATCH_TO_SPACE_ND it means dilation; alone it is a pad and a transpose."""
    c.need(op, 3)
    x, block, pairs = c.x(op), c.ints(op, 1, "block_shape"), c.ints(op, 2, "paddings")
    if len(pairs) != 2 * len(block) or not 1 <= len(block) < c.b.type(x).rank or min(block) < 1:
        fail(
            op.place,
            f"block {block} with paddings {pairs} does not fit input {c.b.shape(x)}; the file is damaged",
        )
    if fuse_dilation(c, op, block, pairs):
        return
    rest = c.b.type(x).rank - len(block) - 1
    pads = [0, *pairs[0::2], *[0] * rest, 0, *pairs[1::2], *[0] * rest]
    y = c.b.op("pad", [x], name=f"{c.name(op)}/pad", place=op.place, pads=pads)[0]
    shape, n = c.b.shape(y), len(block)
    if any(extent % step for extent, step in zip(shape[1:], block, strict=False)):
        fail(op.place, f"padded input {shape} does not divide into blocks {block}; the file is damaged")
    inner = [part for extent, step in zip(shape[1:], block, strict=False) for part in (extent // step, step)]
    y = c.b.reshape(y, [shape[0], *inner, *shape[n + 1 :]], name=f"{c.name(op)}/blocks", place=op.place)
    perm = [*range(2, 2 * n + 1, 2), 0, *range(1, 2 * n, 2), *range(2 * n + 1, len(c.b.shape(y)))]
    y = c.b.transpose(y, perm, name=f"{c.name(op)}/transpose", place=op.place)
    c.emit(op, "reshape", [y], shape=[-1, *inner[0::2], *shape[n + 1 :]], zero_copies=False)


@handles("BATCH_TO_SPACE_ND")
def batch_to_space(c: Context, op: Operator) -> None:
    c.need(op, 3)
    x, block, pairs = c.x(op), c.ints(op, 1, "block_shape"), c.ints(op, 2, "crops")
    shape, n, copies = c.b.shape(x), len(block), 1
    for step in block:
        copies *= step
    if len(pairs) != 2 * n or not 1 <= n < len(shape) or copies < 1 or shape[0] % copies:
        fail(op.place, f"block {block} with crops {pairs} does not fit input {shape}; the file is damaged")
    y = c.b.reshape(x, [*block, shape[0] // copies, *shape[1:]], name=f"{c.name(op)}/blocks", place=op.place)
    perm = [n, *(axis for i in range(n) for axis in (n + 1 + i, i)), *range(2 * n + 1, len(c.b.shape(y)))]
    y = c.b.transpose(y, perm, name=f"{c.name(op)}/transpose", place=op.place)
    extents = [extent * step for extent, step in zip(shape[1:], block, strict=False)]
    y = c.b.reshape(
        y, [shape[0] // copies, *extents, *shape[n + 1 :]], name=f"{c.name(op)}/planes", place=op.place
    )
    ends = [extent - crop for extent, crop in zip(extents, pairs[1::2], strict=True)]
    c.emit(op, "slice", [y], starts=pairs[0::2], ends=ends, axes=list(range(1, n + 1)))


def fuse_dilation(c: Context, op: Operator, block: list[int], pairs: list[int]) -> bool:
    """SPACE_TO_BATCH_ND, convolution, BATCH_TO_SPACE_ND: one convolution with dilation `block` whose padding is
    what is padded less what is cropped."""
    conv = only_consumer(c, op)
    back = only_consumer(c, conv) if conv and conv.kind in CONVOLUTIONS else None
    if (
        conv is None
        or back is None
        or back.kind != "BATCH_TO_SPACE_ND"
        or not plain(c, conv)
        or len(block) != 2
    ):
        return False
    if len(back.inputs) < 3 or c.ints(back, 1, "block_shape") != block:
        return False
    crops = c.ints(back, 2, "crops")
    if len(crops) != len(pairs):
        return False
    options = c.options(conv, CONVOLUTIONS[conv.kind])
    depthwise = conv.kind == "DEPTHWISE_CONV_2D"
    weight = c.relaid(conv, 1, (3, 1, 2, 0), 0) if depthwise else c.x(conv, 1)
    pads = [pad - crop for pad, crop in zip(pairs, crops, strict=True)]
    inputs = [c.x(op), weight, *([c.x(conv, 2)] if c.has(conv, 2) else [])]
    groups = c.b.shape(c.x(op))[-1] if depthwise else c.b.shape(c.x(op))[-1] // c.b.shape(weight)[-1]
    c.emit(conv, "conv", inputs, activation=options.FusedActivationFunction(), output=c.out(back), layout="nhwc",
           dilations=block, pads=pads[0::2] + pads[1::2], groups=max(groups, 1))  # fmt: skip
    c.settle(back)
    c.skipped.update((conv.index, back.index))
    c.b.note(
        "import", c.name(conv), f"SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND around it became dilation {block}"
    )
    return True


def only_consumer(c: Context, op: Operator) -> Operator | None:
    """The one operator that reads the first output, where nothing else does."""
    if len(op.outputs) != 1 or op.outputs[0] in c.network.outputs:
        return None
    readers = c.consumers.get(op.outputs[0], [])
    return readers[0] if len(readers) == 1 and readers[0].inputs[:1] == op.outputs[:1] else None


def plain(c: Context, conv: Operator) -> bool:
    """A convolution without stride, dilation or padding of its own."""
    options = c.options(conv, CONVOLUTIONS[conv.kind])
    return (
        options.Padding() == tflite.Padding.VALID
        and strides(options) == [1, 1]
        and dilations(options) == [1, 1]
        and c.stored(conv, 1)
    )
