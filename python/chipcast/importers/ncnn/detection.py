# SPDX-License-Identifier: Apache-2.0
"""Anchor boxes and detection heads."""

from __future__ import annotations

from chipcast.importers.builder import Builder
from chipcast.importers.ncnn.layer import ABSENT, Layer, handles

HEADS = {"DetectionOutput": "ssd", "YoloDetectionOutput": "yolo", "Yolov3DetectionOutput": "yolov3"}
KEEP_TOP_K = 100


def multibox(layer: Layer) -> str | None:
    """MXNet's form of PriorBox lays its boxes out differently."""
    mxnet = len(layer.bottoms) == 1 and layer.params.get(9, 0) == ABSENT and layer.params.get(10, 0) == ABSENT
    return "PriorBox in MXNet's form" if mxnet and not layer.params.get(1) else None


@handles("PriorBox", variant=multibox)
def prior_box(b: Builder, layer: Layer) -> None:
    layer.need(1)
    smallest, largest, ratios = (len(layer.list(key)) if key in layer.params else 0 for key in range(3))
    if not smallest:
        layer.fail("min_sizes (0=) is empty; give at least one size")
    per_cell = smallest * (1 + ratios) + largest + (smallest * ratios if layer.int(7, "flip", 1) else 0)
    b.op(
        "prior_box",
        layer.bottoms[:2],
        layer.tops[0],
        name=layer.name,
        place=layer.place,
        priors_per_cell=per_cell,
    )


@handles(*HEADS)
def head(b: Builder, layer: Layer) -> None:
    layer.need(1)
    keep = layer.int(3, "keep_top_k", KEEP_TOP_K, 1) if layer.type == "DetectionOutput" else KEEP_TOP_K
    b.op("detect", layer.bottoms, layer.tops[0], name=layer.name, place=layer.place, function=HEADS[layer.type],
         max_detections=keep)  # fmt: skip
