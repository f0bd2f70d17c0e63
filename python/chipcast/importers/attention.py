# SPDX-License-Identifier: Apache-2.0
"""Attention as its parts: matrix products, a softmax and the transposes between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from chipcast.importers.builder import Builder


@dataclass(frozen=True)
class Heads:
    """Query, key and value heads; fewer key and value heads are shared by groups of query heads."""

    query: int
    key_value: int


def split_heads(b: Builder, x: str, heads: int, name: str, place: str) -> str:
    """[batch, steps, heads * width] to [batch, heads, steps, width]."""
    batch, steps, width = b.shape(x)
    x = b.reshape(x, [batch, steps, heads, width // heads], name=f"{name}/heads", place=place)
    return b.transpose(x, [0, 2, 1, 3], name=f"{name}/transpose", place=place)


def merge_heads(b: Builder, x: str, outputs: str | int, name: str, place: str) -> str:
    """[batch, heads, steps, width] to [batch, steps, heads * width]."""
    batch, heads, steps, width = b.shape(x)
    x = b.transpose(x, [0, 2, 1, 3], name=f"{name}/transpose", place=place)
    return b.reshape(x, [batch, steps, heads * width], outputs, name=f"{name}/merge", place=place)


def shared_heads(b: Builder, x: str, heads: Heads, name: str, place: str) -> str:
    """Key or value heads repeated for the query heads that share them (grouped-query attention)."""
    if heads.query == heads.key_value:
        return x
    batch, count, steps, width = b.shape(x)
    times = heads.query // count
    x = b.reshape(x, [batch, count, 1, steps, width], name=f"{name}/group", place=place)
    x = b.op("expand", [x], name=f"{name}/expand", place=place, shape=[batch, count, times, steps, width])[0]
    return b.reshape(x, [batch, count * times, steps, width], name=f"{name}/shared", place=place)


def scaled_product(
    b: Builder,
    q: str,
    k: str,
    v: str,
    masks: Sequence[str],
    *,
    name: str,
    place: str,
    outputs: str | int = 1,
    scale: float | None = None,
    capped: bool = False,
) -> str:
    """softmax(q k^T * scale + masks) v on [batch, heads, steps, width] tensors; `capped` bounds the scores by a
    scaled tanh. `scale` is 1 / sqrt(width) where it is not given."""
    scores = b.op("matmul", [q, k], name=f"{name}/scores", place=place, transpose_b=True)[0]
    if capped:
        b.differs(place, "bounds its scores, and the graph keeps one factor for both scales")
    scale = 1 / math.sqrt(b.shape(q)[-1]) if scale is None else scale
    factor = b.filled(f"{name}/scale_factor", [1], b.type(q).dtype, scale)
    scores = b.binary("mul", scores, factor, name=f"{name}/scale", place=place)
    if capped:
        scores = b.unary("tanh", scores, name=f"{name}/cap", place=place)
        scores = b.binary("mul", scores, factor, name=f"{name}/cap_scale", place=place)
    for mask in masks:
        scores = b.binary("add", scores, mask, name=f"{name}/mask", place=place)
    scores = b.op("softmax", [scores], name=f"{name}/softmax", place=place, axis=-1)[0]
    return b.op("matmul", [scores, v], outputs, name=f"{name}/context", place=place)[0]
