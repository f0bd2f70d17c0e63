# SPDX-License-Identifier: Apache-2.0
"""ncnn .param files: what layers become, and files that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from chipcast import InputError

Document = dict[str, Any]
Import = Callable[..., Document]
INPUT = "Input data 0 1 data 0=8 1=6 2=4"


@pytest.fixture
def layers(import_bytes: Import) -> Callable[..., Document]:
    """Imports lines after an input of 4 x 6 x 8; the header is counted from them."""

    def run(*lines: str, source: str = INPUT, header: str | None = None, **options: Any) -> Document:
        given = [line for line in (source, *lines) if line]
        tops = 0
        for line in given:
            words = line.split()
            tops += int(words[3]) if len(words) > 3 and words[3].isdigit() else 0
        text = "\n".join(["7767517", header or f"{len(given)} {tops}", *given]) + "\n"
        return import_bytes(text.encode(), "net.param", **options)

    return run


def shape(document: Document, name: str) -> list[int]:
    return document["tensors"][name]["shape"]


def last(document: Document) -> list[int]:
    return shape(document, document["outputs"][-1])


LAYERS = {
    "Convolution c 1 1 data y 0=10 1=3 6=360": [1, 10, 4, 6],
    "Convolution c 1 1 data y 0=10 1=3 4=-233 3=2 5=1 6=360 9=1": [1, 10, 3, 4],
    "Convolution c 1 1 data y 0=10 1=3 11=1 4=1 14=0 6=120 9=2 -23310=1,0.1": [1, 10, 6, 8],
    "ConvolutionDepthWise c 1 1 data y 0=4 1=3 4=1 6=36 7=4 9=3 -23310=2,0.0,6.0": [1, 4, 6, 8],
    "Deconvolution c 1 1 data y 0=2 1=4 3=2 4=1 6=128": [1, 2, 12, 16],
    "Deconvolution c 1 1 data y 0=2 1=4 3=2 4=-233 20=16 21=12 6=128": [1, 2, 12, 16],
    "InnerProduct c 1 1 data y 0=5 1=1 2=960": [1, 5],
    "Pooling c 1 1 data y 0=0 1=3 2=2": [1, 4, 3, 4],
    "Pooling c 1 1 data y 0=0 1=3 2=2 5=1": [1, 4, 2, 3],
    "Pooling c 1 1 data y 0=1 1=3 2=2 5=2": [1, 4, 3, 4],
    "Pooling c 1 1 data y 0=1 4=1": [1, 4],
    "Pooling c 1 1 data y 0=1 7=1 8=2 18=3": [1, 4, 3, 2],
    "Permute c 1 1 data y 0=3": [1, 6, 8, 4],
    "Permute c 1 1 data y 0=5": [1, 8, 6, 4],
    "Reshape c 1 1 data y 0=-1": [1, 192],
    "Reshape c 1 1 data y 0=0 1=-1": [1, 24, 8],
    "Reshape c 1 1 data y 0=4 1=6 2=-1": [1, 8, 6, 4],
    "Flatten c 1 1 data y": [1, 192],
    "Crop c 1 1 data y 0=1 1=2 2=0 3=3 4=-233 5=-233": [1, 4, 4, 3],
    "Crop c 1 1 data y -23309=1,1 -23310=1,-1 -23311=1,2": [1, 4, 6, 6],
    "Padding c 1 1 data y 0=1 1=2 2=3 3=4 7=1 8=1": [1, 6, 9, 15],
    "Interp c 1 1 data y 0=2 1=2.0 2=0.5": [1, 4, 12, 4],
    "Interp c 1 1 data y 0=1 3=7 4=9": [1, 4, 7, 9],
    "PixelShuffle c 1 1 data y 0=2": [1, 1, 12, 16],
    "Reorg c 1 1 data y 0=2": [1, 16, 3, 4],
    "ShuffleChannel c 1 1 data y 0=2": [1, 4, 6, 8],
    "Tile c 1 1 data y 0=1 1=3": [1, 4, 18, 8],
    "ExpandDims c 1 1 data y -23303=1,0": [1, 1, 4, 6, 8],
    "Reduction c 1 1 data y 0=3 1=0 -23303=2,1,2 4=1 5=1": [1, 4, 1, 1],
    "Reduction c 1 1 data y 0=0 1=1": [1, 1],
    "CumulativeSum c 1 1 data y 0=2": [1, 4, 6, 8],
    "GLU c 1 1 data y 0=0": [1, 2, 6, 8],
    "Softmax c 1 1 data y 0=0 1=1": [1, 4, 6, 8],
    "BatchNorm c 1 1 data y 0=4": [1, 4, 6, 8],
    "Scale c 1 1 data y 0=4 1=1": [1, 4, 6, 8],
    "InstanceNorm c 1 1 data y 0=4 1=0.001": [1, 4, 6, 8],
    "GroupNorm c 1 1 data y 0=2 1=4": [1, 4, 6, 8],
    "LayerNorm c 1 1 data y 0=48 1=0.001 2=1": [1, 4, 6, 8],
    "Normalize c 1 1 data y 0=0 4=1 3=4": [1, 4, 6, 8],
    "LRN c 1 1 data y 1=5": [1, 4, 6, 8],
    "MVN c 1 1 data y 0=1": [1, 4, 6, 8],
    "PReLU c 1 1 data y 0=4": [1, 4, 6, 8],
    "Power c 1 1 data y 0=2.0 1=0.5 2=1.0": [1, 4, 6, 8],
    "Clip c 1 1 data y 0=0.0 1=6.0": [1, 4, 6, 8],
    "BinaryOp c 1 1 data y 0=7 1=1 2=1.5": [1, 4, 6, 8],
    "Cast c 1 1 data y 0=1 1=2": [1, 4, 6, 8],
    "Quantize c 1 1 data y 0=1": [1, 4, 6, 8],
}


@pytest.mark.parametrize("line", LAYERS)
def test_layers(layers: Callable[..., Document], line: str) -> None:
    assert last(layers(line)) == LAYERS[line]


def test_slice_and_concat(layers: Callable[..., Document]) -> None:
    document = layers("Slice s 1 3 data a b c -23300=3,1,-233,-233", "Concat k 3 1 c b a y 0=0")
    assert shape(document, "a") == [1, 1, 6, 8]
    assert shape(document, "b") == [1, 1, 6, 8]
    assert shape(document, "c") == [1, 2, 6, 8]
    assert last(document) == [1, 4, 6, 8]


def test_broadcasts_put_missing_axes_inside(layers: Callable[..., Document]) -> None:
    """A vector of one value per channel is spread over the plane."""
    document = layers("Split s 1 2 data a b", "Pooling p 1 1 a v 0=1 4=1", "BinaryOp m 2 1 b v y 0=2")
    assert last(document) == [1, 4, 6, 8]
    assert "Split" not in {op["kind"] for op in document["ops"]}


def test_int8_layers(layers: Callable[..., Document]) -> None:
    document = layers(
        "Convolution a 1 1 data t 0=8 1=1 5=1 6=32 8=102 9=1", "Convolution b 1 1 t y 0=8 1=1 6=64 8=2"
    )
    formats = {name: tensor["dtype"] for name, tensor in document["tensors"].items()}
    first, second = (op for op in document["ops"] if op["kind"] == "conv")
    assert [formats[name] for name in first["inputs"]] == ["int8", "int8", "int32"]
    assert formats[first["outputs"][0]] == "int8"
    assert formats[second["outputs"][0]] == "fp32"


def test_recurrent_and_attention(layers: Callable[..., Document], totals: Callable[..., Document]) -> None:
    source = "Input data 0 1 data 0=16 1=10"
    document = layers("LSTM l 1 1 data y 0=8 1=1024 2=2", source=source)
    assert last(document) == [1, 10, 16]
    assert totals(document)["macs"] == 10 * 2 * 4 * 8 * (16 + 8)
    document = layers("MultiHeadAttention a 1 1 data y 0=16 1=4 2=256", source=source)
    assert last(document) == [1, 10, 16]
    assert totals(document)["macs"] == 4 * 10 * 16 * 16 + 2 * 4 * 10 * 10 * 4
    document = layers("Gemm g 1 1 data y 3=1 5=1 6=1 7=10 8=24 9=16 10=4", source=source)
    assert last(document) == [1, 10, 24]


def test_detection_head(layers: Callable[..., Document]) -> None:
    document = layers(
        "Split s 1 4 data a b c d",
        "PriorBox p 2 1 a b priors -23300=1,60.0 -23301=1,90.0 -23302=2,2.0,3.0 9=300 10=300",
        "Flatten f 1 1 c loc",
        "Flatten g 1 1 d conf",
        "DetectionOutput o 3 1 loc conf priors y 0=21 3=50",
    )
    assert shape(document, "priors") == [1, 2, 4 * 6 * 48]
    assert last(document) == [50, 6]


def test_shapes_of_the_input(layers: Callable[..., Document]) -> None:
    line = "ReLU r 1 1 data y"
    with pytest.raises(InputError, match=r"has no extents; pass them"):
        layers(line, source="Input data 0 1 data")
    assert last(layers(line, source="Input data 0 1 data", shapes={"data": [1, 3, 5, 5]})) == [1, 3, 5, 5]
    assert last(layers(line, source="Input data 0 1 data -23330=4,3,7,6,5")) == [1, 5, 6, 7]


def test_wrong_hints_are_said(layers: Callable[..., Document]) -> None:
    document = layers("ReLU r 1 1 data y -23330=4,3,9,9,9")
    assert "shape hint" in document["history"][0]["detail"]


WRONG = {
    "Convolution c 1 1 data y 0=10 1=3 6=361": r"weight_data_size \(6=\) is 361.*360",
    "Convolution c 1 1 data y 0=0 1=3 6=360": r"num_output \(0=\) is 0",
    "Convolution c 1 1 data y 0=10 1=0 6=360": r"kernel_w \(1=\) is 0",
    "Convolution c 1 1 data y 0=10 1=3 3=0 6=360": r"stride_w \(3=\) is 0",
    "Convolution c 1 1 data y 0=10 1=3 2=0 6=360": r"dilation_w \(2=\) is 0",
    "Convolution c 1 1 data y 0=10 1=3 4=-7 6=360": r"pad \(4=\) is -7|pad -7",
    "Convolution c 1 1 data y 0=10 1=100 6=400000": "window reaches over 100",
    "Convolution c 1 1 data y 0=99999999999999999999 1=3 6=360": "sensible size",
    "Convolution c 1 1 data y 0=1e30 1=3 6=360": "sensible size",
    "Convolution c 1 1 data y 0=nan 1=3 6=360": "finite",
    "Convolution c 1 1 data y 0=10 0=10 1=3 6=360": "given twice",
    "Convolution c 1 1 data y 0=10 1=3 6=360 9=77": "activation_type",
    "Convolution c 1 1 data y 0=10 1=3 6=360 -23310=5,1": "announces 5",
    "Convolution c 1 1 data y 99=1": r"key 99",
    "Convolution c 1 1 data y 0": "not of the form key=value",
    "Convolution c 2 1 data y 0=10 1=3 6=360": "blob name is expected|names",
    "Convolution c 1 1 nothing y 0=10 1=3 6=360": '"nothing" is not written',
    "Convolution c 1 1 data data 0=10 1=3 6=360": "written a second time",
    "Convolution c -1 1 data y": "correct the line",
    "Convolution": "expected",
    "ConvolutionDepthWise c 1 1 data y 0=4 1=3 6=36 7=3": r"group \(7=\) 3",
    "InnerProduct c 1 1 data y 0=5 2=961": "does not divide",
    "InnerProduct c 1 1 data y 0=5 2=965": "do not fit the input",
    "Permute c 1 1 data y 0=6": r"order_type \(0=\) is 6",
    "Reshape c 1 1 data y 0=7": "do not fill shape",
    "Slice c 1 2 data y z -23300=1,2": "1 entries for 2 outputs",
    "Concat c 1 1 data y 0=5": "axis 5",
    "Interp c 1 1 data y 0=2 1=1e18 2=1.0": "extent",
    "LSTM c 1 1 data y 0=8 1=4": "two axes",
    "Quux c 1 1 data y": r"1 operator kind is not supported: Quux \(1\)",
    "UnaryOp c 1 1 data y 0=11": r"UnaryOp with op_type 11 \(1\)",
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_layers(layers: Callable[..., Document], line: str) -> None:
    with pytest.raises(InputError, match=WRONG[line]) as caught:
        layers(line)
    assert str(caught.value).startswith("net.param")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "words"),
    [("9 2", "9 layers announced, 2 found"), ("2 9", "9 blobs announced, 2 found"), ("0 0", "0 layers"), ("x", "line"),
     ("99999999999 2", "layers"), ("-1 -1", "layers")],
)  # fmt: skip
def test_wrong_counts(layers: Callable[..., Document], header: str, words: str) -> None:
    with pytest.raises(InputError, match=rf"^net\.param:2: .*{words}"):
        layers("ReLU r 1 1 data y", header=header)


@pytest.mark.parametrize(
    "data", [b"", b"7767517", b"7767517\n", b"7767518\n1 1\n", b"\xff\xfe\x00", b"\n" * 100]
)
def test_no_param_file(import_bytes: Import, data: bytes) -> None:
    with pytest.raises(InputError, match=r"^net\.param"):
        import_bytes(data, "net.param")


NUMBERS: dict[str, dict[str, Any]] = {
    "LRN c 1 1 data y 1=3 2=0.5 4=2.0": {"size": 3, "alpha": 0.5, "beta": 0.75, "bias": 2.0},
    "Interp c 1 1 data y 0=1 3=7 4=9": {"coordinates": "asymmetric", "rounding": "floor"},
    "Interp c 1 1 data y 0=1 1=1.2 2=2.0": {"coordinate_scales": [1, 1, 1.2, 2]},
    "Interp c 1 1 data y 0=2 1=2.0 2=2.0": {"coordinates": "half_pixel"},
    "Interp c 1 1 data y 0=2 1=2.0 2=2.0 6=1": {"coordinates": "align_corners"},
    "Padding c 1 1 data y 0=1 5=1.5": {"pads": [0, 0, 1, 0, 0, 0, 0, 0], "value": 1.5},
    "PixelShuffle c 1 1 data y 0=2": {"to_depth": False, "column_row_depth": True},
    "Reorg c 1 1 data y 0=2 1=1": {"to_depth": True, "column_row_depth": False},
    "CELU c 1 1 data y 0=0.5": {"function": "elu", "alpha": 0.5, "beta": 0.5},
    "GELU c 1 1 data y 0=1": {"function": "gelu", "approximate": True},
    "PriorBox c 1 1 data y -23300=1,30.0 -23301=1,60.0 -23302=1,2.0 3=0.1 4=0.1 5=0.2 6=0.2 9=300 10=200 11=8 12=8":
        {"min_sizes": [30], "max_sizes": [60], "aspect_ratios": [2], "variances": [0.1, 0.1, 0.2, 0.2],
         "image": [200, 300], "step": [8, 8], "offset": 0, "flip": True, "clip": False},
}  # fmt: skip


@pytest.mark.parametrize(("line", "wanted"), NUMBERS.items())
def test_numbers_are_carried(layers: Callable[..., Document], line: str, wanted: dict[str, Any]) -> None:
    attributes = layers(line)["ops"][-1]["attributes"]
    assert {name: attributes.get(name) for name in wanted} == wanted


def test_a_head_keeps_its_thresholds(layers: Callable[..., Document]) -> None:
    document = layers("Yolov3DetectionOutput c 1 1 data y 0=1 1=1 2=0.3 3=0.4 -23304=2,10.0,20.0")
    attributes = document["ops"][-1]["attributes"]
    assert (attributes["classes"], attributes["score_threshold"], attributes["iou_threshold"]) == (
        1,
        0.3,
        0.4,
    )


def test_a_recurrent_layer_keeps_its_direction(layers: Callable[..., Document]) -> None:
    line = "GRU g 1 1 data y 0=2 1=18 2=1"
    attributes = layers(line, source="Input data 0 1 data 0=3 1=5")["ops"][-1]["attributes"]
    assert attributes["reverse"] and attributes["linear_before_reset"]
