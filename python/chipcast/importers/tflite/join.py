# SPDX-License-Identifier: Apache-2.0
"""Operators that join and cut tensors, or pad them."""

from __future__ import annotations

import math

import tflite

from chipcast.importers.errors import fail
from chipcast.importers.tflite.context import Context, handles
from chipcast.importers.tflite.reader import Operator

OPEN_END = 2**31 - 1


@handles("CONCATENATION")
def concatenation(c: Context, op: Operator) -> None:
    c.need(op, 1)
    options = c.options(op, tflite.ConcatenationOptions)
    names = [c.x(op, position) for position in range(len(op.inputs))]
    c.emit(op, "concat", names, activation=options.FusedActivationFunction(), axis=options.Axis())


@handles("SPLIT")
def split(c: Context, op: Operator) -> None:
    """Inputs: axis, x; even pieces."""
    c.need(op, 2)
    axis, x = c.one(op, 0, "axis"), c.x(op, 1)
    extent = c.b.shape(x)[axis] if -c.b.type(x).rank <= axis < c.b.type(x).rank else 0
    if extent % len(op.outputs) or not extent:
        fail(op.place, f"axis {axis} of {c.b.shape(x)} does not split into {len(op.outputs)} even pieces")
    cut(c, op, x, axis, [extent // len(op.outputs)] * len(op.outputs))


@handles("SPLIT_V")
def split_v(c: Context, op: Operator) -> None:
    """Inputs: x, sizes (one may be -1), axis."""
    c.need(op, 3)
    x, sizes, axis = c.x(op, 0), c.ints(op, 1, "size_splits"), c.one(op, 2, "axis")
    if sizes.count(-1) == 1 and -c.b.type(x).rank <= axis < c.b.type(x).rank:
        sizes[sizes.index(-1)] = c.b.shape(x)[axis] - sum(size for size in sizes if size != -1)
    cut(c, op, x, axis, sizes)


def cut(c: Context, op: Operator, x: str, axis: int, sizes: list[int]) -> None:
    outputs = [c.names[index] for index in op.outputs]
    c.b.op("split", [x], outputs, name=c.name(op), place=op.place, axis=axis, sizes=sizes)


@handles("PACK")
def pack(c: Context, op: Operator) -> None:
    """A new axis, then a concatenation along it."""
    c.need(op, 1)
    axis = c.options(op, tflite.PackOptions).Axis()
    rank = c.b.type(c.x(op)).rank
    if not -rank - 1 <= axis <= rank:
        fail(op.place, f"axis {axis} is outside [{-rank - 1}, {rank}]; the file is damaged")
    axis %= rank + 1
    names = []
    for position in range(len(op.inputs)):
        shape = list(c.b.shape(c.x(op, position)))
        shape.insert(axis, 1)
        names.append(c.b.reshape(c.x(op, position), shape, name=f"{c.name(op)}/expand", place=op.place))
    c.emit(op, "concat", names, axis=axis)


@handles("UNPACK")
def unpack(c: Context, op: Operator) -> None:
    """Slices of extent 1, then without that axis."""
    c.need(op, 1)
    x, axis = c.x(op), c.options(op, tflite.UnpackOptions).Axis()
    shape = list(c.b.shape(x))
    if not -len(shape) <= axis < len(shape):
        fail(op.place, f"axis {axis} is outside [{-len(shape)}, {len(shape) - 1}]; the file is damaged")
    count = len(op.outputs)
    pieces = c.b.op("split", [x], count, name=c.name(op), place=op.place, axis=axis, sizes=[1] * count)
    del shape[axis]
    for index, piece in zip(op.outputs, pieces, strict=True):
        c.b.reshape(piece, shape, c.names[index], name=f"{c.name(op)}/squeeze", place=op.place)


@handles("SLICE")
def slice_(c: Context, op: Operator) -> None:
    c.need(op, 3)
    begin, size = c.ints(op, 1, "begin"), c.ints(op, 2, "size")
    if len(begin) != len(size):
        fail(op.place, f"begin has {len(begin)} entries and size {len(size)}; the file is damaged")
    ends = [OPEN_END if extent == -1 else start + extent for start, extent in zip(begin, size, strict=True)]
    c.emit(op, "slice", [c.x(op)], starts=begin, ends=ends, axes=list(range(len(begin))))


@handles("STRIDED_SLICE")
def strided_slice(c: Context, op: Operator) -> None:
    """NumPy's indexing by masks: open begins and ends, an ellipsis, new and dropped axes."""
    c.need(op, 4)
    options = c.options(op, tflite.StridedSliceOptions)
    begin, end, steps = (c.ints(op, i, what) for i, what in ((1, "begin"), (2, "end"), (3, "strides")))
    if not len(begin) == len(end) == len(steps):
        fail(op.place, "begin, end and strides differ in length; the file is damaged")
    shape = c.b.shape(c.x(op))
    kept, entries = index_entries(op, options, len(begin), len(shape))
    starts, ends, axes, strides = [], [], [], []
    for position, axis in entries:
        start, stop, step = begin[position], end[position], steps[position]
        if options.ShrinkAxisMask() >> position & 1:
            stop, step = start + 1 if start != -1 else OPEN_END, 1
        else:
            start = (0 if step > 0 else OPEN_END) if options.BeginMask() >> position & 1 else start
            stop = (OPEN_END if step > 0 else -OPEN_END) if options.EndMask() >> position & 1 else stop
        starts.append(start)
        ends.append(stop)
        axes.append(axis)
        strides.append(step)
    cut_out = c.b.op("slice", [c.x(op)], 1, name=f"{c.name(op)}/slice", place=op.place, starts=starts, ends=ends,
                     axes=axes, steps=strides)[0]  # fmt: skip
    extents = c.b.shape(cut_out)
    c.b.reshape(cut_out, [1 if axis is None else extents[axis] for axis in kept], c.out(op), name=c.name(op),
                place=op.place)  # fmt: skip


def index_entries(
    op: Operator, options: object, count: int, rank: int
) -> tuple[list[int | None], list[tuple[int, int]]]:
    """Axes of the result (None: a new one) and which entry indexes which axis of the input."""
    new, ellipsis, shrink = options.NewAxisMask(), options.EllipsisMask(), options.ShrinkAxisMask()
    used = sum(1 for i in range(count) if not (new >> i & 1 or ellipsis >> i & 1))
    kept: list[int | None] = []
    entries: list[tuple[int, int]] = []
    axis = 0
    for position in range(count):
        if ellipsis >> position & 1:
            kept += range(axis, axis + rank - used)
            axis += rank - used
        elif new >> position & 1:
            kept.append(None)
        else:
            entries.append((position, axis))
            kept += [] if shrink >> position & 1 else [axis]
            axis += 1
    if axis > rank:
        fail(op.place, f"indexes {axis} axes of a tensor with {rank}; the file is damaged")
    return [*kept, *range(axis, rank)], entries


@handles("PAD", "PADV2", "MIRROR_PAD")
def pad(c: Context, op: Operator) -> None:
    c.need(op, 2)
    pairs = c.ints(op, 1, "paddings")
    mode = "constant"
    if op.kind == "MIRROR_PAD":
        mode = "reflect"
        if c.options(op, tflite.MirrorPadOptions).Mode() != tflite.MirrorPadMode.REFLECT:
            c.b.differs(op.place, "repeats the border (SYMMETRIC)")
    value = filling(c, op) if op.kind == "PADV2" else None
    c.emit(op, "pad", [c.x(op)], pads=pairs[0::2] + pairs[1::2], mode=mode, value=value)


def filling(c: Context, op: Operator) -> float | None:
    """The real number that PADV2 fills with, where it is stored and not 0."""
    if not c.stored(op, 2):
        c.b.differs(op.place, "fills with a computed value")
        return None
    index = op.inputs[2]
    value = c.array(index, op.place)
    quantization = c.network.tensors[index].quantization
    if value.size != 1:
        fail(op.place, f"fills with {value.size} values, needs one; the file is damaged")
    number = float(value.reshape(-1)[0])
    if quantization:
        number = (number - quantization["zero_points"][0]) * quantization["scales"][0]
    return number if number and math.isfinite(number) else None


@handles("REVERSE_V2")
def reverse(c: Context, op: Operator) -> None:
    c.need(op, 2)
    axes = c.ints(op, 1, "axis")
    count = len(axes)
    c.emit(
        op, "slice", [c.x(op)], starts=[-1] * count, ends=[-OPEN_END] * count, axes=axes, steps=[-1] * count
    )
