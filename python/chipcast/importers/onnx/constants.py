# SPDX-License-Identifier: Apache-2.0
"""Constants and what is known of shapes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from onnx import AttributeProto, TensorProto, numpy_helper

from chipcast.importers.contents import STORED
from chipcast.importers.dtypes import dtype_of
from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import Node, Unsupported, handles
from chipcast.importers.onnx.tensors import check_dims, dtype_name

LISTS = {
    "value_float": (AttributeProto.FLOAT, "f", np.float32),
    "value_floats": (AttributeProto.FLOATS, "floats", np.float32),
    "value_int": (AttributeProto.INT, "i", np.int64),
    "value_ints": (AttributeProto.INTS, "ints", np.int64),
}


@handles("Constant")
def constant(c: Context, node: Node) -> None:
    node.need(0)
    tensor = node.tensor("value")
    if tensor is not None:
        if tensor.data_type == TensorProto.STRING:
            raise Unsupported("Constant of strings")
        c.store(node.outputs[0], tensor, node.place)
        return
    for name, (kind, field, dtype) in LISTS.items():
        found = node.attribute(name, kind)
        if found is not None:
            raw = getattr(found, field)
            c.b.add_value(
                node.outputs[0], np.array(raw if isinstance(raw, (int, float)) else list(raw), dtype=dtype)
            )
            return
    if "sparse_value" in node.attributes:
        c.store(node.outputs[0], node.attributes["sparse_value"].sparse_tensor, node.place)
        return
    raise Unsupported("Constant of strings")


@handles("ConstantOfShape")
def constant_of_shape(c: Context, node: Node) -> None:
    node.need(1)
    shape = c.ints(node, 0, "shape")
    check_dims(shape, node.place)
    tensor = node.tensor("value")
    if tensor is not None and math.prod(tensor.dims) != 1:
        node.fail(f"attribute value has {math.prod(tensor.dims)} elements; exactly one is needed")
    dtype = dtype_name(tensor.data_type, node.place) if tensor is not None else "fp32"
    if math.prod(shape) > c.limits.folded_elements or dtype in ("int4", "uint4", "bf16"):
        c.b.add_parameter(
            node.outputs[0], shape, dtype, values=lambda: np.full(shape, filling(tensor), STORED[dtype])
        )
        return
    value = filling(tensor)
    c.b.add_value(node.outputs[0], np.full(shape, value))


def filling(tensor: TensorProto | None) -> Any:
    return numpy_helper.to_array(tensor).reshape(-1)[0] if tensor is not None else np.float32(0)


@handles("Shape")
def shape_of(c: Context, node: Node) -> None:
    """start and end as Python's slices (opset 15)."""
    node.need(1)
    shape = c.shape(node)
    end = node.int("end") if "end" in node.attributes else None
    c.b.add_value(node.outputs[0], np.array(shape[node.int("start", 0) : end], dtype=np.int64))


@handles("Size")
def size_of(c: Context, node: Node) -> None:
    node.need(1)
    c.b.add_value(node.outputs[0], np.array(math.prod(c.shape(node)), dtype=np.int64))


@handles("Range")
def number_range(c: Context, node: Node) -> None:
    node.need(3)
    parts = [c.constant(node, position, what) for position, what in enumerate(("start", "limit", "delta"))]
    if any(part.size != 1 for part in parts):
        node.fail("start, limit and delta must be one number each; export the model again")
    start, limit, delta = (part.reshape(-1)[0] for part in parts)
    count = math.ceil((float(limit) - float(start)) / float(delta)) if delta else -1
    if not 0 <= count <= 1 << 24:
        node.fail(f"range from {start} to {limit} by {delta} must have 0 to {1 << 24} numbers")
    value = (start + np.arange(count) * delta).astype(parts[0].dtype)
    if count <= c.limits.folded_elements:
        c.b.add_value(node.outputs[0], value)
    else:
        c.b.add_parameter(node.outputs[0], [count], dtype_of(value), values=lambda: value)


@handles("EyeLike")
def eye_like(c: Context, node: Node) -> None:
    node.need(1)
    dtype = dtype_name(node.int("dtype"), node.place) if "dtype" in node.attributes else c.type(node).dtype
    c.b.add_parameter(node.outputs[0], c.shape(node), dtype, values=lambda: diagonal(c, node, dtype))


def diagonal(c: Context, node: Node, dtype: str) -> np.ndarray:
    shape = c.shape(node)
    if len(shape) != 2:
        node.fail(f"input {shape} must have 2 axes; correct the model")
    return np.eye(*shape, k=node.int("k"), dtype=STORED[dtype])
