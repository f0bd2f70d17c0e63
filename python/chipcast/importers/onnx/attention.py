# SPDX-License-Identifier: Apache-2.0
"""Attention operators of ONNX and of ONNX Runtime, taken apart."""

from __future__ import annotations

import ml_dtypes
import numpy as np

from chipcast.importers.attention import Heads, merge_heads, scaled_product, shared_heads, split_heads
from chipcast.importers.contents import STORED
from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import MICROSOFT, Node, Unsupported, handles
from chipcast.importers.onnx.rotary import rotate


def with_past(c: Context, node: Node, x: str, past: int, present: int, what: str) -> str:
    """Keys or values of earlier steps before the new ones; the whole is an output where it is wanted."""
    if node.has(past):
        x = c.part(node, "concat", [c.x(node, past), x], f"{what}_with_past", axis=2)
    if node.wants(present):
        if c.b.resolve(x) in c.b.inputs:
            x = c.reshaped(node, x, c.b.shape(x), f"{what}_present")
        c.b.alias(node.outputs[present], x)
    return x


def by_head(c: Context, node: Node, x: str, heads: int, what: str) -> str:
    """[batch, heads, steps, width], from that or from [batch, steps, columns]."""
    shape = c.b.shape(x)
    if len(shape) == 4:
        return x
    if len(shape) != 3 or heads < 1 or shape[2] % heads:
        node.fail(f"{what} {shape} does not divide into {heads} heads; correct the number of heads")
    return split_heads(c.b, x, heads, f"{node.name}/{what}", node.place)


def finish(
    c: Context, node: Node, parts: tuple[str, str, str], heads: Heads, masks: list[str], merge: bool
) -> None:
    q, k, v = parts
    capped = node.float("softcap", 0.0) != 0.0
    if heads.key_value < 1 or heads.query % heads.key_value:
        node.fail(
            f"{heads.query} query heads do not divide by {heads.key_value} key and value heads; correct them"
        )
    k, v = (
        shared_heads(c.b, x, heads, f"{node.name}/{what}", node.place) for x, what in ((k, "k"), (v, "v"))
    )
    given = {
        "name": node.name,
        "place": node.place,
        "capped": capped,
        "scale": node.float("scale", 0.0) or None,
    }
    if not merge:
        scaled_product(c.b, q, k, v, masks, outputs=node.outputs[0], **given)
        return
    y = scaled_product(c.b, q, k, v, masks, **given)
    merge_heads(c.b, y, node.outputs[0], node.name, node.place)


def causal(c: Context, node: Node, q: str, k: str, before: int | None = None) -> str:
    """The mask that hides later steps, stored. The first query stands behind `before` keys; without it the last
    query sees all keys."""
    steps, keys, dtype = c.b.shape(q)[2], c.b.shape(k)[2], c.b.type(q).dtype
    offset = keys - steps if before is None else before

    def values() -> np.ndarray:
        hidden = np.triu(np.ones((steps, keys), np.bool_), 1 + offset)
        return np.where(hidden, -np.inf, 0).astype(STORED[dtype])

    return c.b.weight(f"{node.name}/causal", [steps, keys], dtype, values)


@handles("Attention")
def attention(c: Context, node: Node) -> None:
    """Opset 23. Inputs: q, k, v, mask, past key, past value."""
    node.need(3)
    if node.wants(3) or node.float("softcap", 0.0):
        raise Unsupported(
            "Attention with softcap" if not node.wants(3) else "Attention that gives its scores"
        )
    if node.has(6):
        c.b.differs(node.place, "has as many keys in each batch as the data say")
    if node.int("left_window_size", -1) >= 0 or node.int("right_window_size", -1) >= 0:
        c.b.differs(node.place, "sees a window of the keys")
    merge = c.rank(node) == 3
    counts = (node.int("q_num_heads"), node.int("kv_num_heads"), node.int("kv_num_heads"))
    q, k, v = (by_head(c, node, c.x(node, i), counts[i], what) for i, what in enumerate("qkv"))
    k = with_past(c, node, k, 4, 1, "k")
    v = with_past(c, node, v, 5, 2, "v")
    masks = [additive(c, node, c.x(node, 3), c.b.shape(k)[2])] if node.has(3) else []
    before = c.shape(node, 4)[2] if node.has(4) else 0
    masks += [causal(c, node, q, k, before)] if node.int("is_causal") else []
    finish(c, node, (q, k, v), Heads(c.b.shape(q)[1], c.b.shape(k)[1]), masks, merge)


def additive(c: Context, node: Node, mask: str, keys: int) -> str:
    """A boolean mask becomes one that is added; one that is shorter than the keys is padded."""
    if c.b.type(mask).dtype == "bool":
        c.b.differs(node.place, "hides keys by a mask of booleans")
        mask = c.part(node, "cast", [mask], "mask_cast", to=c.type(node).dtype)
    shape = c.b.shape(mask)
    if shape and 1 < shape[-1] < keys:
        pads = [0] * (2 * len(shape) - 1) + [keys - shape[-1]]
        least = float(ml_dtypes.finfo(STORED[c.b.type(mask).dtype]).min)
        mask = c.part(node, "pad", [mask], "mask_pad", pads=pads, value=least)
    return mask


@handles("MultiHeadAttention", domain=MICROSOFT)
def multi_head_attention(c: Context, node: Node) -> None:
    """Inputs: q, k, v, bias, key padding mask, added mask, past key, past value."""
    node.need(1)
    heads = node.int("num_heads")
    if not node.has(1) or not node.has(2):
        raise Unsupported("com.microsoft.MultiHeadAttention of packed tensors")
    parts = [c.x(node, position) for position in range(3)]
    if node.has(3):
        parts = add_biases(c, node, parts, c.x(node, 3))
    q, k, v = (by_head(c, node, x, heads, what) for x, what in zip(parts, "qkv", strict=True))
    k = with_past(c, node, k, 6, 1, "k")
    v = with_past(c, node, v, 7, 2, "v")
    masks = [padding_mask(c, node, c.x(node, 4), q)] if node.has(4) else []
    masks += [c.x(node, 5)] if node.has(5) else []
    masks += [causal(c, node, q, k)] if node.int("unidirectional") else []
    finish(c, node, (q, k, v), Heads(heads, heads), masks, True)


def add_biases(c: Context, node: Node, parts: list[str], bias: str) -> list[str]:
    """One vector holds the three biases."""
    widths = [c.b.shape(x)[-1] for x in parts]
    pieces = c.b.op("split", [bias], 3, name=f"{node.name}/biases", place=node.place, axis=0, sizes=widths)
    return [c.part(node, "binary", [x, piece], f"{what}_bias", function="add")
            for x, piece, what in zip(parts, pieces, "qkv", strict=True)]  # fmt: skip


def padding_mask(c: Context, node: Node, mask: str, q: str) -> str:
    """[batch, keys] to [batch, 1, 1, keys] in the format of the scores."""
    shape = c.b.shape(mask)
    if len(shape) == 1:
        raise Unsupported(f"{node.kind} with sequence lengths as mask")
    c.b.differs(node.place, "hides padded keys by a mask of whole numbers")
    mask = c.part(node, "cast", [mask], "mask_cast", to=c.b.type(q).dtype)
    return c.reshaped(node, mask, [shape[0], *[1] * (4 - len(shape)), *shape[1:]], "mask_shape")


@handles("Attention", domain=MICROSOFT)
def packed_attention(c: Context, node: Node) -> None:
    """Inputs: x, weights [inputs, 3 * width], bias, mask, past, added mask; one product gives q, k and v."""
    node.need(2)
    if node.has(4) or node.wants(1):
        raise Unsupported("com.microsoft.Attention with a key/value cache")
    heads = node.int("num_heads")
    y = c.part(node, "matmul", [c.x(node), c.x(node, 1)], "project")
    if node.has(2):
        y = c.part(node, "binary", [y, c.x(node, 2)], "bias", function="add")
    width = c.b.shape(y)[-1]
    sizes = node.ints("qkv_hidden_sizes") or [width // 3] * 3
    parts = c.b.op("split", [y], 3, name=f"{node.name}/split", place=node.place, axis=-1, sizes=sizes)
    q, k, v = (by_head(c, node, x, heads, what) for x, what in zip(parts, "qkv", strict=True))
    masks = [padding_mask(c, node, c.x(node, 3), q)] if node.has(3) else []
    masks += [c.x(node, 5)] if node.has(5) else []
    masks += [causal(c, node, q, k)] if node.int("unidirectional") else []
    finish(c, node, (q, k, v), Heads(heads, heads), masks, True)


@handles("GroupQueryAttention", domain=MICROSOFT)
def group_query_attention(c: Context, node: Node) -> None:
    """Inputs: q, k, v, past key, past value, lengths, total length, cos cache, sin cache. Causal."""
    node.need(1)
    if not node.has(1) or not node.has(2):
        raise Unsupported("com.microsoft.GroupQueryAttention of packed tensors")
    heads = Heads(node.int("num_heads"), node.int("kv_num_heads"))
    counts = (heads.query, heads.key_value, heads.key_value)
    q, k, v = (by_head(c, node, c.x(node, i), counts[i], what) for i, what in enumerate("qkv"))
    if node.int("local_window_size", -1) >= 0 or node.int("smooth_softmax"):
        c.b.differs(node.place, "sees a window of the keys or smooths its softmax")
    if node.int("do_rotary"):
        node.need(9)
        if node.has(3):
            c.b.differs(node.place, "turns its new steps behind the steps of the cache")
        q, k = (
            rotate(c, node, x, "", c.x(node, 7), c.x(node, 8), f"{what}_") for x, what in ((q, "q"), (k, "k"))
        )
    k = with_past(c, node, k, 3, 1, "k")
    v = with_past(c, node, v, 4, 2, "v")
    finish(c, node, (q, k, v), heads, [causal(c, node, q, k)], True)
