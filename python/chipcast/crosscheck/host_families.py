# SPDX-License-Identifier: Apache-2.0
"""The native kernels by families: the structure that their owners state, before anything is calibrated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Family = dict[str, Any]

PRODUCTS = ["conv", "grouped_conv", "conv_transpose", "gemm", "matmul"]
GLOBAL_POOLS = ["global_avg_pool", "global_max_pool"]
RECURRENT = ["lstm", "gru", "rnn"]
PLAIN = [
    "relu",
    "clip",
    "add",
    "sub",
    "mul",
    "div",
    "max",
    "min",
    "abs",
    "neg",
    "leaky_relu",
    "prelu",
    "square",
    "cast",
]
SIGMOIDS = ["sigmoid", "swish", "exp", "elu", "mish", "softplus"]
TANHS = ["tanh"]
ERRORS = ["gelu", "erf"]
LINES = ["hard_swish", "hard_sigmoid"]
MOVES = ["transpose", "concat", "split", "slice", "pad", "gather", "channel_shuffle", "expand", "tile"]


def families(structure: Mapping[str, Any], dtype: str) -> list[Family]:
    """All families of a format, the first that computes an operator wins; costs at their defaults."""
    return _float_families(structure) if dtype == "fp32" else _integer_families(structure)


def _float_families(structure: Mapping[str, Any]) -> list[Family]:
    gemm = structure["gemm"]
    tile = {
        "rows": gemm["rows"],
        "columns": gemm["columns"],
        "lanes": gemm["lanes"],
        "block_rows": gemm["block_rows"],
        "block_depth": gemm["block_depth"],
    }
    return [
        {
            "name": "vector times matrix, fp32",
            "algorithm": "vector",
            "operators": PRODUCTS,
            "columns": gemm["columns"],
            "lanes": gemm["lanes"],
            "most_rows": gemm["vector_rows"],
        },
        {
            "name": "Winograd F(4, 3), fp32",
            "algorithm": "winograd",
            "operators": ["conv"],
            "winograd": 4,
            **tile,
        },
        {
            "name": "Winograd F(2, 3), fp32",
            "algorithm": "winograd",
            "operators": ["conv"],
            "winograd": 2,
            **tile,
        },
        {"name": "product, fp32", "algorithm": "product", "operators": PRODUCTS, **tile},
        {"name": "windows, fp32", "algorithm": "patches", "operators": PRODUCTS, **tile},
        _depthwise(structure, "depthwise, fp32", gemm["lanes"]),
        {"name": "recurrent, fp32", "algorithm": "steps", "operators": RECURRENT, **tile},
        *_element_families("fp32"),
    ]


def _integer_families(structure: Mapping[str, Any]) -> list[Family]:
    gemm, tile = structure["gemm"], structure["gemm_int"]
    shape = {"rows": tile["rows"], "columns": tile["columns"], "lanes": gemm["lanes"], "depth": tile["depth"]}
    return [
        {
            "name": "vector times matrix, int8",
            "algorithm": "vector",
            "operators": PRODUCTS,
            "most_rows": 1,
            **shape,
        },
        {"name": "product, int8", "algorithm": "product", "operators": PRODUCTS, **shape},
        {"name": "windows, int8", "algorithm": "patches", "operators": PRODUCTS, **shape},
        _depthwise(structure, "depthwise, int8", gemm["lanes"]),
        *_element_families("int8"),
    ]


def _depthwise(structure: Mapping[str, Any], name: str, lanes: int) -> Family:
    return {
        "name": name,
        "algorithm": "depthwise",
        "operators": ["depthwise_conv"],
        "rows": structure["depthwise"]["rows"],
        "lanes": lanes,
    }


def _element_families(dtype: str) -> list[Family]:
    kinds = {
        "maximum pooling": ["max_pool"],
        "average pooling": ["avg_pool"],
        "global pooling": GLOBAL_POOLS,
        "softmax": ["softmax", "log_softmax"],
        "normalisation": ["layer_norm", "rms_norm", "group_norm", "instance_norm", "l2_norm"],
        "plain elements": PLAIN,
        "piecewise elements": LINES,
        "sigmoid": SIGMOIDS,
        "tanh": TANHS,
        "gelu": ERRORS,
        "moves": MOVES,
        "other": [],
    }
    return [
        {"name": f"{name}, {dtype}", "algorithm": "elements", "operators": labels}
        for name, labels in kinds.items()
    ]
