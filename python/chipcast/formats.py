# SPDX-License-Identifier: Apache-2.0
"""Number formats of a graph, as numpy has them."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

FLOATS = ("fp64", "fp32", "fp16", "bf16")

NUMPY: dict[str, np.dtype[Any]] = {
    "fp64": np.dtype(np.float64), "fp32": np.dtype(np.float32), "fp16": np.dtype(np.float16),
    "bf16": np.dtype(ml_dtypes.bfloat16), "int64": np.dtype(np.int64), "int32": np.dtype(np.int32),
    "int16": np.dtype(np.int16), "int8": np.dtype(np.int8), "uint8": np.dtype(np.uint8), "int7": np.dtype(np.int8),
    "int4": np.dtype(np.int8), "uint4": np.dtype(np.uint8), "binary": np.dtype(np.int8), "bool": np.dtype(np.bool_),
}  # fmt: skip
"""Formats narrower than a byte take one each; binary is +1 or -1."""

RANGES = {
    "int16": (-32768, 32767), "int8": (-128, 127), "uint8": (0, 255), "int7": (-64, 63), "int4": (-8, 7),
    "uint4": (0, 15),
}  # fmt: skip
"""Smallest and largest value of the formats that images are quantised to."""


def numpy_format(dtype: str) -> np.dtype[Any]:
    """How values of a number format of the graph lie in numpy: packed formats take a byte each, binary is +1 or -1."""
    return NUMPY[dtype]
