# SPDX-License-Identifier: Apache-2.0
"""Resize of every opset, and Upsample."""

from __future__ import annotations

import math
from typing import Any

from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import Node, handles

COORDINATES = ("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric")
ROUNDINGS = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
MODES = {"nearest": "nearest", "linear": "linear", "bilinear": "linear", "cubic": "cubic"}


def mode_of(node: Node) -> str:
    mode = node.text("mode", "nearest")
    if mode not in MODES:
        node.fail(f"mode {mode!r} is not known; use nearest, linear or cubic")
    return MODES[mode]


def emit(c: Context, node: Node, sizes: list[int], scales: list[float] | None = None) -> None:
    """Places follow the scales where they are given; extents alone would round them."""
    places = places_of(c, node)
    shape = c.shape(node)
    exact = [size / extent for size, extent in zip(sizes, shape, strict=False) if extent]
    if scales is not None and scales != exact:
        places["coordinate_scales"] = scales
    c.emit(node, "resize", [c.x(node)], sizes=sizes, mode=mode_of(node), **places)


def places_of(c: Context, node: Node) -> dict[str, Any]:
    """Where each element comes from. Upsample and the first Resize know one way only."""
    if node.op_type == "Upsample" or node.version < 11:
        return {"coordinates": "asymmetric", "rounding": "floor"}
    coordinates = node.text("coordinate_transformation_mode", "half_pixel")
    if coordinates not in COORDINATES:
        c.b.differs(node.place, f"takes its coordinates by {coordinates}")
        coordinates = "half_pixel"
    if node.int("antialias"):
        c.b.differs(node.place, "smooths (antialias)")
    out: dict[str, Any] = {"coordinates": coordinates}
    mode = mode_of(node)
    if mode == "nearest":
        rounding = node.text("nearest_mode", "round_prefer_floor")
        if rounding not in ROUNDINGS:
            node.fail(f"nearest_mode {rounding!r} is not known; use one of {', '.join(ROUNDINGS)}")
        out["rounding"] = rounding
    if mode == "cubic":
        out["cubic_coefficient"] = node.float("cubic_coeff_a", -0.75)
    if node.int("exclude_outside"):
        out["exclude_outside"] = True
    return out


def scaled(c: Context, node: Node, scales: list[float]) -> list[int]:
    """floor(extent * scale) per axis; C++ checks the result."""
    shape = c.shape(node)
    if len(scales) != len(shape):
        node.fail(f"scales has {len(scales)} entries, the input {len(shape)} axes; one per axis is needed")
    for scale in scales:
        if not (math.isfinite(scale) and 0 < scale < 2**31):
            node.fail(f"scale {scale} is not a positive number below 2^31; correct the model")
    return [math.floor(extent * scale) for extent, scale in zip(shape, scales, strict=True)]


@handles("Upsample")
def upsample(c: Context, node: Node) -> None:
    node.need(1)
    given = node.floats("scales") if node.version < 9 else floats(c, node, 1)
    emit(c, node, scaled(c, node, given), given)


def floats(c: Context, node: Node, position: int) -> list[float]:
    return [float(value) for value in c.constant(node, position, "scales").reshape(-1)]


@handles("Resize")
def resize(c: Context, node: Node) -> None:
    """Inputs: x, scales (opset 10); x, roi, scales, sizes (since 11), for some axes (since 18)."""
    node.need(1)
    if node.version < 11:
        given = floats(c, node, 1)
        emit(c, node, scaled(c, node, given), given)
        return
    shape = list(c.shape(node))
    axes = [c.axis(node, axis, len(shape)) for axis in node.ints("axes")] or list(range(len(shape)))
    if node.has(3) and (c.value(node, 3) is None or c.value(node, 3).size):  # type: ignore[union-attr]
        sizes = c.ints(node, 3, "sizes")
        check_entries(node, "sizes", len(sizes), len(axes))
        emit(c, node, with_sizes(node, shape, axes, sizes))
        return
    scales = floats(c, node, 2) if node.has(2) else []
    check_entries(node, "scales", len(scales), len(axes))
    by_axis = dict(zip(axes, scales, strict=True))
    each = [by_axis.get(axis, 1.0) for axis in range(len(shape))]
    emit(c, node, scaled(c, node, each), each)


def check_entries(node: Node, what: str, given: int, wanted: int) -> None:
    if given != wanted:
        node.fail(f"{what} has {given} entries for {wanted} axes; one per axis is needed")


def with_sizes(node: Node, shape: list[int], axes: list[int], sizes: list[int]) -> list[int]:
    """The policies that keep the aspect ratio take one factor for all axes."""
    policy = node.text("keep_aspect_ratio_policy", "stretch")
    if policy != "stretch":
        factors = [size / shape[axis] for size, axis in zip(sizes, axes, strict=True)]
        factor = min(factors) if policy == "not_larger" else max(factors)
        sizes = [math.floor(shape[axis] * factor + 0.5) for axis in axes]
    for size, axis in zip(sizes, axes, strict=True):
        shape[axis] = size
    return shape
