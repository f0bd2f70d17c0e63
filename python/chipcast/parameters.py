# SPDX-License-Identifier: Apache-2.0
"""Random values for parameters and inputs: seeded, and of a scale that keeps activations finite through deep
networks."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from chipcast._core import InputError
from chipcast.formats import FLOATS, RANGES, numpy_format

__all__ = ["Weights", "numpy_format", "random_inputs", "random_parameters"]

_PRODUCTS = ("conv", "conv_transpose", "gemm", "matmul", "recurrent")
_BATCH_NORM_ROLES = {1: "scale", 2: "bias", 3: "bias", 4: "scale"}
_PIXELS = {name: limits for name, limits in RANGES.items() if name != "int16"}


def random_parameters(graph: Mapping[str, Any], seed: int = 0) -> dict[str, np.ndarray]:
    """Values of all parameters of a graph document, by name: what `export_onnx` writes for the same seed."""
    weights = Weights(graph, seed)
    return {name: weights(name) for name, tensor in graph["tensors"].items() if tensor.get("parameter")}


def random_inputs(graph: Mapping[str, Any], seed: int = 0) -> dict[str, np.ndarray]:
    """Values of a graph document's inputs, by name. Floats are normally distributed, small integers uniform over
    their range; wide integers are valid indices into whatever they look up in."""
    lowest_extents = _looked_up(graph)
    return {name: _input(graph, name, seed, lowest_extents.get(name, 2)) for name in graph["inputs"]}


def _input(graph: Mapping[str, Any], name: str, seed: int, extent: int) -> np.ndarray:
    tensor = graph["tensors"][name]
    if "shape" not in tensor:
        raise InputError(
            f'{graph["name"]}: input "{name}" has no shape; take the graph from load_model(...).graph'
        )
    shape, dtype = tuple(tensor["shape"]), str(tensor.get("dtype", "fp32"))
    random = np.random.default_rng([seed, zlib.crc32(name.encode())])
    if dtype in FLOATS:
        return np.asarray(random.standard_normal(shape)).astype(numpy_format(dtype))
    if dtype == "binary":
        return np.where(random.integers(0, 2, shape) > 0, 1, -1).astype(np.int8)
    low, high = _PIXELS.get(dtype, (0, extent - 1))
    return np.asarray(random.integers(low, high, shape, endpoint=True)).astype(numpy_format(dtype))


def _looked_up(graph: Mapping[str, Any]) -> dict[str, int]:
    """The smallest axis that each tensor indexes, through casts and arrangements of the indices."""
    extents: dict[str, int] = {}
    for op in reversed(graph["ops"]):
        if op["kind"] == "gather":
            data, index = op["inputs"][:2]
            extent = graph["tensors"][data]["shape"][op.get("attributes", {}).get("axis", 0)]
        elif op["kind"] in ("cast", "reshape", "transpose", "expand", "slice", "tile"):
            index = op["inputs"][0]
            extent = extents.get((op.get("outputs") or [op["name"]])[0], 0)
        else:
            continue
        if extent:
            extents[index] = min(extent, extents.get(index, extent))
    return extents


class Weights:
    """Values by parameter name. A value depends on the seed, the name and the first use, not on the order."""

    def __init__(self, graph: Mapping[str, Any], seed: int) -> None:
        self._tensors = graph["tensors"]
        self._seed = seed
        self._uses: dict[str, tuple[Mapping[str, Any], int]] = {}
        for op in graph["ops"]:
            for index, name in enumerate(op["inputs"]):
                self._uses.setdefault(name, (op, index))

    def __call__(self, name: str) -> np.ndarray:
        tensor = self._tensors[name]
        shape, dtype = tuple(tensor["shape"]), str(tensor.get("dtype", "fp32"))
        if dtype not in FLOATS:
            return self._whole(name, shape, dtype)
        values = self._real(name, shape)
        return np.asarray(values).astype(numpy_format(dtype))

    def _whole(self, name: str, shape: tuple[int, ...], dtype: str) -> np.ndarray:
        """Weights of products take their whole range; all else is zero, a valid index everywhere."""
        op, index = self._uses.get(name, ({"kind": ""}, 0))
        if op["kind"] not in _PRODUCTS or index != 1 or dtype not in (*_PIXELS, "binary"):
            return np.zeros(shape, dtype=numpy_format(dtype))
        random = np.random.default_rng([self._seed, zlib.crc32(name.encode())])
        if dtype == "binary":
            return np.where(random.integers(0, 2, shape) > 0, 1, -1).astype(np.int8)
        low, high = _PIXELS[dtype]
        return np.asarray(random.integers(low, high, shape, endpoint=True)).astype(numpy_format(dtype))

    def _real(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        if not shape:
            return np.ones(shape)
        random = np.random.default_rng([self._seed, zlib.crc32(name.encode())])
        role = self._role(name, shape)
        if role == "scale":  # also variances: positive and near one
            return random.uniform(0.5, 1.5, shape)
        spread = {"bias": 0.01, "other": 0.1}.get(role)
        if spread is None:
            spread = math.sqrt(2.0 / self._fan_in(name, shape))  # He et al., arXiv:1502.01852
        return random.standard_normal(shape) * spread

    def _role(self, name: str, shape: tuple[int, ...]) -> str:
        if name not in self._uses:
            return "other"
        op, index = self._uses[name]
        if op["kind"] == "batch_norm":
            return _BATCH_NORM_ROLES.get(index, "other")
        if op["kind"] == "norm":
            return "scale" if index == 1 else "bias"
        if op["kind"] in _PRODUCTS:
            return "product" if len(shape) > 1 and index < 3 else "bias"
        return "bias" if len(shape) == 1 else "other"

    def _fan_in(self, name: str, shape: tuple[int, ...]) -> int:
        """How many products are added up into one result."""
        op, index = self._uses[name]
        attributes = op.get("attributes", {})
        if op["kind"] in ("gemm", "matmul"):
            swapped = attributes.get("transpose_a" if index == 0 else "transpose_b", False)
            inner_is_last = (index == 0) != bool(swapped)
            return shape[-1] if inner_is_last else shape[-2]
        if op["kind"] == "recurrent":
            return shape[-1]
        if op["kind"] == "conv_transpose" and attributes.get("layout", "nchw") == "nchw":
            return math.prod(shape) // shape[1] // int(attributes.get("groups", 1))
        return math.prod(shape[1:])
