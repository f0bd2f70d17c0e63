# SPDX-License-Identifier: Apache-2.0
"""Indexing operators that are a gather from a flattened tensor at computed places."""

from __future__ import annotations

import math

import numpy as np

from chipcast.importers.builder import Builder
from chipcast.importers.errors import fail


def gather_nd(b: Builder, data: str, indices: str, outputs: str | int, *, name: str, place: str) -> str:
    """The last axis of `indices` holds places along the first axes of `data`."""
    shape, index_shape = b.shape(data), b.shape(indices)
    depth = index_shape[-1] if index_shape else 0
    if not 1 <= depth <= len(shape):
        fail(place, f"indices {index_shape} do not address data of shape {shape}; correct the model")
    flat = b.reshape(data, [math.prod(shape[:depth]), *shape[depth:]], name=f"{name}/flat", place=place)
    steps = [math.prod(shape[axis + 1 : depth]) for axis in range(depth)]
    weights = b.constant(f"{name}/steps", np.array(steps, dtype=np.int64))
    places = b.binary("mul", indices, weights, name=f"{name}/places", place=place)
    places = b.op(
        "reduce", [places], name=f"{name}/place", place=place, function="sum", axes=[-1], keep_dims=False
    )[0]
    return b.op("gather", [flat, places], outputs, name=name, place=place, axis=0)[0]


def gather_elements(
    b: Builder, data: str, indices: str, axis: int, outputs: str | int, *, name: str, place: str
) -> str:
    """y[i][j] = data[index[i][j]][j] for axis 0: a gather of single elements."""
    shape, index_shape = b.shape(data), b.shape(indices)
    if len(shape) != len(index_shape) or not -len(shape) <= axis < len(shape):
        fail(place, f"axis {axis} of data {shape} and indices {index_shape} do not fit; correct the model")
    flat = b.reshape(data, [math.prod(shape)], name=f"{name}/flat", place=place)
    step = b.constant(f"{name}/step", np.array([math.prod(shape[axis % len(shape) + 1 :])], dtype=np.int64))
    origin = b.weight(
        f"{name}/origin", index_shape, "int64", lambda: origins(shape, index_shape, axis % len(shape))
    )
    places = b.binary("mul", indices, step, name=f"{name}/places", place=place)
    places = b.binary("add", places, origin, name=f"{name}/place", place=place)
    return b.op("gather", [flat, places], outputs, name=name, place=place, axis=0)[0]


def origins(shape: tuple[int, ...], index_shape: tuple[int, ...], axis: int) -> np.ndarray:
    """Place of each index's element in the flattened data, but for the part along the axis."""
    steps = [math.prod(shape[i + 1 :]) for i in range(len(shape))]
    steps[axis] = 0
    return np.tensordot(np.array(steps, np.int64), np.indices(index_shape, np.int64), axes=1)
