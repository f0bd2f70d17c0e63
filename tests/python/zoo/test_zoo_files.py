# SPDX-License-Identifier: Apache-2.0
"""Zoo networks against public files of the same network: MACs and parameters are equal, not close."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from chipcast import _core
from chipcast.importers import import_model

# docs/zoo.md says where a file departs from the paper.
SAME_NETWORK = {
    "ncnn/mobilenet.param": "mobilenet_v1",
    "ncnn/mobilenet_v2.param": "mobilenet_v2_ncnn",
    "ncnn/mobilenet_v3.param": "mobilenet_v3_large_ncnn",
    "ncnn/resnet18.param": "resnet18_ncnn",
    "ncnn/resnet50.param": "resnet50",
    "ncnn/squeezenet.param": "squeezenet1_1_ncnn",
    "onnx/light_resnet50.onnx": "resnet50_v1_5",
    "onnx/light_squeezenet.onnx": "squeezenet1_1",
    "tflite/pretrainedResnet.tflite": "mlperf_tiny_ic",
    "tflite/pretrainedResnet_quant.tflite": "mlperf_tiny_ic",
    "tflite/kws_ref_model_float32.tflite": "mlperf_tiny_kws",
    "tflite/kws_ref_model.tflite": "mlperf_tiny_kws",
    "tflite/vww_96_float.tflite": "mlperf_tiny_vww",
    "tflite/vww_96_int8.tflite": "mlperf_tiny_vww",
    "tflite/ad01_fp32.tflite": "mlperf_tiny_ad",
    "tflite/ad01_int8.tflite": "mlperf_tiny_ad",
}


def folded_parameters(document: dict[str, Any]) -> int:
    """Parameters as if every batch normalisation were folded into the layer before it: that layer's bias stays."""
    tensors, producers = document["tensors"], {op["outputs"][0]: op for op in document["ops"]}
    count = sum(math.prod(each["shape"]) for each in tensors.values() if each.get("parameter"))
    for op in document["ops"]:
        if op["kind"] != "batch_norm":
            continue
        channels = tensors[op["inputs"][1]]["shape"][0]
        has_bias = any(producers[op["inputs"][0]]["inputs"][2:])
        count -= (4 if has_bias else 3) * channels
    return count


def counts(document: dict[str, Any]) -> tuple[int, int]:
    totals = json.loads(_core.graph_totals(json.dumps(document), document["name"]))
    return totals["macs"], folded_parameters(document)


@pytest.mark.parametrize("file", SAME_NETWORK)
def test_equals_the_public_file(shared_models: Path, file: str) -> None:
    ours = json.loads(_core.zoo_graph(SAME_NETWORK[file], "{}"))
    assert counts(import_model(shared_models / file)) == counts(ours)
