# SPDX-License-Identifier: Apache-2.0
"""Number formats: NumPy's, and the names that graph documents use."""

from __future__ import annotations

import numpy as np

# Unsigned formats wider than 8 bits count as the signed ones of their width: cost depends on the width.
BY_NUMPY = {
    "float64": "fp64",
    "float32": "fp32",
    "float16": "fp16",
    "bfloat16": "bf16",
    "int64": "int64",
    "uint64": "int64",
    "int32": "int32",
    "uint32": "int32",
    "int16": "int16",
    "uint16": "int16",
    "int8": "int8",
    "uint8": "uint8",
    "bool": "bool",
}
BITS = {
    "fp64": 64, "fp32": 32, "fp16": 16, "bf16": 16, "int64": 64, "int32": 32, "int16": 16, "int8": 8, "uint8": 8,
    "int7": 8, "int4": 4, "uint4": 4, "binary": 1, "bool": 8,
}  # fmt: skip


def dtype_of(value: np.ndarray) -> str:
    """The document's name of an array's number format."""
    return BY_NUMPY[value.dtype.name]


def is_float(dtype: str) -> bool:
    return dtype in ("fp64", "fp32", "fp16", "bf16")
