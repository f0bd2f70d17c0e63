# SPDX-License-Identifier: Apache-2.0
"""Random values for parameters, of a scale that keeps activations finite through deep networks."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from chipcast.onnx_export.context import FLOATS, numpy_dtype

_PRODUCTS = ("conv", "conv_transpose", "gemm", "matmul", "recurrent")
_BATCH_NORM_ROLES = {1: "scale", 2: "bias", 3: "bias", 4: "scale"}


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
            return np.zeros(shape, dtype=numpy_dtype(dtype))  # zero is a valid index everywhere
        values = self._real(name, shape)
        return np.asarray(values).astype(numpy_dtype(dtype))

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
