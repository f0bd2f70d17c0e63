# SPDX-License-Identifier: Apache-2.0
"""Attention and free matrix products."""

from __future__ import annotations

from chipcast.importers.attention import merge_heads, scaled_product, split_heads
from chipcast.importers.builder import Builder
from chipcast.importers.ncnn.layer import Layer, handles


def cached(layer: Layer) -> str | None:
    return f"{layer.type} with a key/value cache" if layer.params.get(7) else None


@handles("MultiHeadAttention", variant=cached)
def multi_head_attention(b: Builder, layer: Layer) -> None:
    """Projections of query, key and value, attention per head, projection of the result."""
    layer.need(1)
    width, heads = layer.int(0, "embed_dim", 0, 1), layer.int(1, "num_heads", 1, 1)
    size = layer.int(2, "weight_data_size", 0, 1)
    if width % heads or size % width:
        layer.fail(
            f"embed_dim (0=) {width} must divide by num_heads (1=) {heads}, weight_data_size (2=) {size} "
            "by embed_dim; correct the layer"
        )
    bottoms = list(layer.bottoms)
    masks = [bottoms.pop()] if layer.int(5, "attn_mask") and len(bottoms) > 1 else []
    query = bottoms[0]
    key = bottoms[1] if len(bottoms) > 1 else query
    value = bottoms[2] if len(bottoms) > 2 else key
    parts = []
    for name, x, inner in (("q", query, size // width), ("k", key, layer.int(3, "kdim", width, 1)),
                           ("v", value, layer.int(4, "vdim", width, 1))):  # fmt: skip
        y = project(b, layer, name, x, inner, width)
        parts.append(split_heads(b, y, heads, f"{layer.name}/{name}", layer.place))
    masks = [heads_mask(b, layer, mask) for mask in masks]
    scale = layer.float(6, "scale", 0.0) or None
    y = scaled_product(b, *parts, masks, name=layer.name, place=layer.place, scale=scale)
    y = merge_heads(b, y, 1, layer.name, layer.place)
    b.alias(layer.tops[0], project(b, layer, "out", y, width, size // width))


def heads_mask(b: Builder, layer: Layer, mask: str) -> str:
    """[1, steps, steps] for all heads, or [1, heads, steps, steps] as it is."""
    if b.type(mask).rank != 3:
        return mask
    return b.reshape(mask, [1, *b.shape(mask)], name=f"{layer.name}/mask_heads", place=layer.place)


def project(b: Builder, layer: Layer, what: str, x: str, inner: int, outer: int) -> str:
    """x [1, steps, inner] times a [outer, inner] matrix, plus bias."""
    shape = b.shape(x)
    if len(shape) != 3 or shape[2] != inner:
        layer.fail(f"{what} needs an input of {inner} columns, got shape {shape[1:]}; correct the layer")
    weight = b.weight(f"{layer.name}/{what}_weight", [outer, inner])
    bias = b.weight(f"{layer.name}/{what}_bias", [outer])
    rows = b.reshape(x, shape[1:], name=f"{layer.name}/{what}_rows", place=layer.place)
    y = b.op(
        "gemm", [rows, weight, bias], name=f"{layer.name}/{what}_project", place=layer.place, transpose_b=True
    )[0]
    return b.reshape(y, [1, shape[1], outer], name=f"{layer.name}/{what}_steps", place=layer.place)


@handles("MatMul")
def matmul(b: Builder, layer: Layer) -> None:
    """Vectors are rows on the left and columns on the right; the axis they lack is taken out again."""
    layer.need(2)
    left, right = layer.bottoms[:2]
    transpose = bool(layer.int(0, "transB"))
    vectors = b.type(left).rank == 2, b.type(right).rank == 2
    if vectors[0]:
        left = b.reshape(left, [1, 1, b.shape(left)[1]], name=f"{layer.name}/row", place=layer.place)
    if vectors[1]:
        extents = [1, 1, b.shape(right)[1]] if transpose else [1, b.shape(right)[1], 1]
        right = b.reshape(right, extents, name=f"{layer.name}/column", place=layer.place)
    y = b.op("matmul", [left, right], name=layer.name, place=layer.place, transpose_b=transpose)[0]
    if any(vectors):
        shape = list(b.shape(y))
        if vectors[1]:
            del shape[-1]
        if vectors[0] and len(shape) > 2:
            del shape[-2 if not vectors[1] else -1]
        y = b.reshape(y, shape if len(shape) > 1 else [1, 1], name=f"{layer.name}/vector", place=layer.place)
    b.alias(layer.tops[0], y)


@handles("Gemm")
def gemm(b: Builder, layer: Layer) -> None:
    """y = a b + c, with any operand stored in the model."""
    transposed = {"A": bool(layer.int(2, "transA")), "B": bool(layer.int(3, "transB"))}
    stored = {name: bool(layer.int(key, f"constant{name}")) for key, name in ((4, "A"), (5, "B"), (6, "C"))}
    m, n, k = (layer.int(key, f"constant{name}") for key, name in ((7, "M"), (8, "N"), (9, "K")))
    bottoms = list(layer.bottoms)
    operands = []
    for name, extents in (("A", [m, k]), ("B", [k, n])):
        if stored[name]:
            operands.append(b.weight(f"{layer.name}/{name}", extents[::-1] if transposed[name] else extents))
        elif bottoms:
            operands.append(matrix(b, layer, bottoms.pop(0)))
        else:
            layer.fail(f"operand {name} is neither an input nor stored; correct the layer")
    if stored["C"]:
        operands += stored_addend(b, layer, m, n)
    elif bottoms:
        operands.append(matrix(b, layer, bottoms.pop(0)))
    given = {name: layer.float(key, name, 1.0) for key, name in enumerate(("alpha", "beta"))}
    factors = {name: value for name, value in given.items() if value != 1.0}
    y = b.op("gemm", operands, name=layer.name, place=layer.place, transpose_a=transposed["A"],
             transpose_b=transposed["B"], **factors)[0]  # fmt: skip
    if layer.int(14, "output_transpose"):
        y = b.transpose(y, [1, 0], name=f"{layer.name}/transpose", place=layer.place)
    b.reshape(y, [1, *b.shape(y)], layer.tops[0], name=f"{layer.name}/blob", place=layer.place)


def matrix(b: Builder, layer: Layer, name: str) -> str:
    shape = b.shape(name)
    wanted = shape[1:] if len(shape) == 3 else [1, shape[1]] if len(shape) == 2 else None
    if wanted is None:
        layer.fail(f"operand {name} has shape {shape[1:]}; a matrix is needed")
    return b.reshape(name, wanted, name=f"{layer.name}/matrix", place=layer.place)


def stored_addend(b: Builder, layer: Layer, m: int, n: int) -> list[str]:
    """C by its kind of broadcasting: none, scalar, per row (two ways), whole, per column."""
    kind = layer.int(10, "constant_broadcast_type_C", 0, -1, 4)
    shapes = {0: [1], 1: [m, 1], 2: [m, 1], 3: [m, n], 4: [1, n]}
    return [b.weight(f"{layer.name}/C", shapes[kind])] if kind in shapes else []
