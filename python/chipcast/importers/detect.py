# SPDX-License-Identifier: Apache-2.0
"""Tells the format of a model file from its name and its first bytes."""

from __future__ import annotations

from pathlib import Path

from chipcast._core import InputError

SUFFIXES = {".onnx": "onnx", ".tflite": "tflite", ".lite": "tflite", ".param": "ncnn", ".csv": "scalesim"}
NCNN_MAGIC = b"7767517"
TFLITE_MAGIC = b"TFL3"


def format_of(path: Path, head: bytes) -> str:
    """`onnx`, `tflite`, `ncnn` or `scalesim`; the content wins where it is unmistakable, else the suffix decides."""
    if head[4:8] == TFLITE_MAGIC:
        return "tflite"
    if head.lstrip().startswith(NCNN_MAGIC):
        return "ncnn"
    known = SUFFIXES.get(path.suffix.lower())
    if known is None:
        raise InputError(
            f"{path.name}: not a known model file; give an .onnx, .tflite, ncnn .param or SCALE-Sim .csv file "
            "(or a Chipcast graph as .json)"
        )
    return known
