# SPDX-License-Identifier: Apache-2.0
"""Public model files: each imports, and its totals are those that were published or counted independently."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chipcast.importers import import_model

Document = dict[str, Any]
Totals = Callable[[Document], Document]

NCNN = [
    "alexnet", "blazeface", "efficientnet_b0", "googlenet", "googlenet_int8", "mnasnet", "mobilenet",
    "mobilenet_int8", "mobilenet_ssd", "mobilenet_ssd_int8", "mobilenet_v2", "mobilenet_v3", "mobilenet_yolo",
    "mobilenetv2_yolov3", "nanodet_m", "proxylessnasnet", "resnet18", "resnet18_int8", "resnet50",
    "resnet50_int8", "shufflenet", "shufflenet_v2", "squeezenet", "squeezenet_int8", "squeezenet_ssd",
    "squeezenet_ssd_int8", "vgg16", "vgg16_int8", "yolo-fastest-1.1", "yolo-fastestv2",
]  # fmt: skip
# models/SOURCES.md
ONNX_MACS = {
    "light_bvlc_alexnet": 654_560_384,
    "light_inception_v1": 1_431_556_352,
    "light_resnet50": 4_089_184_256,
    "light_squeezenet": 349_151_936,
    "light_vgg19": 19_632_062_464,
    "light_zfnet512": 1_481_727_008,
}
TFLITE_MACS = {
    "pretrainedResnet": 12_501_632,
    "pretrainedResnet_quant": 12_501_632,
    "kws_ref_model": 2_656_768,
    "kws_ref_model_float32": 2_656_768,
    "vww_96_float": 7_489_664,
    "vww_96_int8": 7_489_664,
    "ad01_fp32": 264_192,
    "ad01_int8": 264_192,
}
PRODUCTS = ("conv", "conv_transpose", "gemm", "matmul")


def product_parameters(document: Document) -> int:
    """Weights and biases of convolutions and matrix products, as reference/networks.csv counts parameters."""
    names = {name for op in document["ops"] if op["kind"] in PRODUCTS for name in op["inputs"] if name}
    tensors = document["tensors"]
    return sum(math.prod(tensors[name]["shape"]) for name in names if tensors[name].get("parameter"))


@pytest.mark.parametrize("name", NCNN)
def test_ncnn_totals(samples: Path, reference: Path, totals: Totals, name: str) -> None:
    with (reference / "networks.csv").open(newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["network"] == name.removesuffix("_int8"))
    document = import_model(samples / "ncnn" / f"{name}.param")
    assert f"{totals(document)['macs'] / 1e6:.2f}" == row["macs_M"]
    assert f"{product_parameters(document) / 1e6:.3f}" == row["params_M"]
    assert not [note for note in document["history"] if "hint" in note["detail"]]


@pytest.mark.parametrize("name", [name for name in NCNN if name.endswith("_int8")])
def test_ncnn_int8_networks_compute_in_int8(samples: Path, name: str) -> None:
    document = import_model(samples / "ncnn" / f"{name}.param")
    convolutions = [op for op in document["ops"] if op["kind"] == "conv"]
    formats = [{document["tensors"][tensor]["dtype"] for tensor in op["inputs"][:2]} for op in convolutions]
    assert convolutions
    assert all(each == {"int8"} for each in formats)


@pytest.mark.parametrize("name", ONNX_MACS)
def test_onnx_macs(samples: Path, totals: Totals, name: str) -> None:
    document = import_model(samples / "onnx" / f"{name}.onnx")
    assert totals(document)["macs"] == ONNX_MACS[name]
    assert len(document["inputs"]) == 1


@pytest.mark.parametrize("name", TFLITE_MACS)
def test_tflite_macs(samples: Path, totals: Totals, name: str) -> None:
    document = import_model(samples / "tflite" / f"{name}.tflite")
    assert totals(document)["macs"] == TFLITE_MACS[name]
    assert not [note for note in document["history"] if "which counts" in note["detail"]]


def test_tflite_keeps_quantisation(samples: Path) -> None:
    document = import_model(samples / "tflite" / "vww_96_int8.tflite")
    convolutions = [op for op in document["ops"] if op["kind"] == "conv"]
    for op in convolutions:
        x, weight = (document["tensors"][name] for name in op["inputs"][:2])
        assert x["dtype"] == weight["dtype"] == "int8"
        assert weight["quantization"]["axis"] == 0
        assert len(weight["quantization"]["scales"]) == weight["shape"][0]


def test_the_same_file_gives_the_same_document(samples: Path) -> None:
    path = samples / "onnx" / "light_resnet50.onnx"
    assert import_model(path) == import_model(path)


def test_every_sample_is_tested(samples: Path) -> None:
    here = {path.stem for folder in ("ncnn", "onnx", "tflite") for path in (samples / folder).iterdir()}
    assert here == {*NCNN, *ONNX_MACS, *TFLITE_MACS}
