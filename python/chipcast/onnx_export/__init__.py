# SPDX-License-Identifier: Apache-2.0
"""Writes a graph document as an ONNX file with seeded random weights."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import onnx

from chipcast._core import InputError
from chipcast.onnx_export.model import build_model

__all__ = ["export_onnx", "to_onnx"]

# A protobuf message ends at 2 GiB.
_LARGEST_BYTES = (1 << 31) - 1


def to_onnx(graph: Mapping[str, Any], *, seed: int = 0, opset: int = 17) -> onnx.ModelProto:
    """The graph as an ONNX model. Weights are random but reproducible: they depend on `seed` and on their names.

    `opset` is the lowest operator set to use; operators that need a newer one (GELU: 20) raise it. Raises
    InputError with a list of all operators that ONNX has no counterpart for.
    """
    return build_model(graph, seed, opset)


def export_onnx(
    graph: Mapping[str, Any], path: str | os.PathLike[str], *, seed: int = 0, opset: int = 17
) -> None:
    """Writes what `to_onnx` gives to a file."""
    model = to_onnx(graph, seed=seed, opset=opset)
    if model.ByteSize() > _LARGEST_BYTES:
        raise InputError(f"{graph['name']}: {model.ByteSize()} bytes; an ONNX file holds {_LARGEST_BYTES}")
    onnx.save(model, os.fspath(path))
