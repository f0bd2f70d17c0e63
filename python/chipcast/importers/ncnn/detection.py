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
    sizes = [[float(value) for value in layer.list(key)] for key in range(3)]
    smallest, largest, ratios = map(len, sizes)
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
        **boxes(b, layer, sizes),
    )


def boxes(b: Builder, layer: Layer, sizes: list[list[float]]) -> dict[str, object]:
    """Sizes, ratios, variances and grid of the boxes; -233 stands for what follows from the shapes."""
    if 1.0 in sizes[2]:
        b.differs(layer.place, "repeats the square box for aspect ratio 1")
    if layer.int(14, "step_mmdetection") or layer.int(15, "center_mmdetection"):
        b.differs(layer.place, "places its boxes as mmdetection does")
    names = ("min_sizes", "max_sizes", "aspect_ratios")
    out: dict[str, object] = {name: values for name, values in zip(names, sizes, strict=True) if values}
    for name, height, width in (("image", 10, 9), ("step", 12, 11)):
        pair = [layer.float(key, name, ABSENT) for key in (height, width)]
        if min(pair) > 0:
            out[name] = pair
    return out | {"variances": variances(layer, 3), "offset": layer.float(13, "offset", 0.0),
                  "flip": bool(layer.int(7, "flip", 1)), "clip": bool(layer.int(8, "clip"))}  # fmt: skip


def variances(layer: Layer, first: int) -> list[float]:
    defaults = (0.1, 0.1, 0.2, 0.2)
    return [layer.float(first + i, "variance", default) for i, default in enumerate(defaults)]


def thresholds(layer: Layer) -> dict[str, object]:
    """What a head keeps; the defaults are ncnn's."""
    if layer.type == "DetectionOutput":
        return {"classes": layer.int(0, "num_class"), "iou_threshold": layer.float(1, "nms_threshold", 0.05),
                "max_per_class": layer.int(2, "nms_top_k", 300),
                "score_threshold": layer.float(4, "confidence_threshold", 0.5),
                "variances": variances(layer, 5)}  # fmt: skip
    return {"classes": layer.int(0, "num_class", 20), "iou_threshold": layer.float(3, "nms_threshold", 0.45),
            "score_threshold": layer.float(2, "confidence_threshold", 0.01)}  # fmt: skip


@handles(*HEADS)
def head(b: Builder, layer: Layer) -> None:
    layer.need(1)
    keep = layer.int(3, "keep_top_k", KEEP_TOP_K, 1) if layer.type == "DetectionOutput" else KEEP_TOP_K
    b.op("detect", layer.bottoms, layer.tops[0], name=layer.name, place=layer.place, function=HEADS[layer.type],
         max_detections=keep, **thresholds(layer))  # fmt: skip
