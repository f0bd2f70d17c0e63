# SPDX-License-Identifier: Apache-2.0
"""Rotary position embedding as its parts: two products, a swap of halves and a sum."""

from __future__ import annotations

import numpy as np

from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import MICROSOFT, Node, handles


@handles("RotaryEmbedding")
def rotary_embedding(c: Context, node: Node) -> None:
    """Inputs: x, cos cache, sin cache, position ids."""
    node.need(3)
    embed(c, node, c.x(node, 3) if node.has(3) else "", c.x(node, 1), c.x(node, 2))


@handles("RotaryEmbedding", domain=MICROSOFT)
def contrib_rotary_embedding(c: Context, node: Node) -> None:
    """Inputs: x, position ids, cos cache, sin cache."""
    node.need(4)
    if node.float("scale", 1.0) != 1.0 or node.int("is_packed_batching"):
        c.b.differs(node.place, "scales its input or packs its batches")
    embed(c, node, c.x(node, 1), c.x(node, 2), c.x(node, 3))


def embed(c: Context, node: Node, positions: str, cos: str, sin: str) -> None:
    x = c.x(node)
    shape = c.b.shape(x)
    heads = node.int("num_heads")
    if not c.b.shape(cos) or not c.b.shape(sin):
        node.fail("the caches of cosines and sines must have axes; correct the model")
    if len(shape) == 3:
        width = c.b.shape(cos)[-1] * 2
        heads = heads or (shape[2] // width if width else 0)
        if heads < 1 or shape[2] % heads:
            node.fail(f"{shape[2]} columns do not divide into {heads} heads; set num_heads")
        x = c.reshaped(node, x, [shape[0], shape[1], heads, shape[2] // heads], "heads")
        x = c.part(node, "transpose", [x], "by_head", perm=[0, 2, 1, 3])
    elif len(shape) != 4:
        node.fail(f"input {shape} must have 3 or 4 axes; correct the model")
    y = rotate(c, node, x, positions, cos, sin)
    if len(shape) == 3:
        y = c.part(node, "transpose", [y], "by_step", perm=[0, 2, 1, 3])
        y = c.reshaped(node, y, shape, "columns")
    c.b.alias(node.outputs[0], y)


def rotate(c: Context, node: Node, x: str, positions: str, cos: str, sin: str, prefix: str = "") -> str:
    """x [batch, heads, steps, width] times cos, plus x with its halves swapped times sin. A part of the width may
    stay as it is."""
    if node.int("interleaved") or node.int("rotary_interleaved"):
        c.b.differs(node.place, "turns neighbours (interleaved) and not halves")
    width = c.b.shape(x)[-1]
    turned = node.int("rotary_embedding_dim") or min(2 * c.b.shape(cos)[-1], width)
    if not 2 <= turned <= width or turned % 2:
        node.fail(f"{turned} of {width} columns cannot be rotated; an even number is needed")
    rest = ""
    if turned < width:
        x, rest = c.b.op("split", [x], 2, name=f"{node.name}/{prefix}rotated", place=node.place, axis=-1,
                         sizes=[turned, width - turned])  # fmt: skip
    factors = [
        factor(c, node, table, positions, x, f"{prefix}{what}")
        for table, what in ((cos, "cos"), (sin, "sin"))
    ]
    a, b = c.b.op("split", [x], 2, name=f"{node.name}/{prefix}halves", place=node.place, axis=-1)
    swapped = c.part(node, "concat", [c.part(node, "unary", [b], f"{prefix}neg", function="neg"), a], f"{prefix}swap",
                     axis=-1)  # fmt: skip
    left = c.part(node, "binary", [x, factors[0]], f"{prefix}times_cos", function="mul")
    right = c.part(node, "binary", [swapped, factors[1]], f"{prefix}times_sin", function="mul")
    y = c.part(node, "binary", [left, right], f"{prefix}sum", function="add")
    return c.part(node, "concat", [y, rest], f"{prefix}whole", axis=-1) if rest else y


def factor(c: Context, node: Node, table: str, positions: str, x: str, what: str) -> str:
    """Rows of a cache [places, width / 2] for the steps, as [batch, 1, steps, width]."""
    steps, width = c.b.shape(x)[-2:]
    if positions:
        rows = c.part(node, "gather", [table, positions], f"{what}_rows", axis=0)
    elif len(c.b.shape(table)) == 2:
        places = c.b.constant(f"{node.name}/{what}_places", np.arange(steps, dtype=np.int64))
        rows = c.part(node, "gather", [table, places], f"{what}_rows", axis=0)
    else:
        rows = table
    shape = c.b.shape(rows)
    rows = c.part(node, "concat", [rows, rows], f"{what}_both", axis=-1)
    batch = shape[0] if len(shape) == 3 else 1
    return c.reshaped(node, rows, [batch, 1, steps if batch * steps * width == c.b.type(rows).elements else 1, width],
                      f"{what}_factor")  # fmt: skip
