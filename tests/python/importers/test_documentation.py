# SPDX-License-Identifier: Apache-2.0
"""docs/importers.md lists what the handler tables hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from chipcast.importers.supported import markdown, supported

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "importers.md"
MARK = "do not edit below -->\n\n"


def test_the_list_is_fresh() -> None:
    listed = DOCUMENT.read_text(encoding="utf-8").partition(MARK)[2]
    assert listed == markdown(), "print it again: python -m chipcast.importers.supported"


@pytest.mark.parametrize(
    ("title", "names"),
    [
        (
            "ONNX",
            "Conv ConvTranspose Gemm MatMul Attention LSTM GRU QLinearConv DequantizeLinear Resize If Einsum TopK",
        ),
        (
            "TFLite",
            "CONV_2D DEPTHWISE_CONV_2D FULLY_CONNECTED TRANSPOSE_CONV UNIDIRECTIONAL_SEQUENCE_LSTM SHAPE TILE",
        ),
        (
            "ncnn",
            "Convolution ConvolutionDepthWise InnerProduct Pooling MultiHeadAttention Yolov3DetectionOutput LSTM",
        ),
    ],
)
def test_operators_that_must_be_there(title: str, names: str) -> None:
    assert set(names.split()) <= set(supported()[title])
