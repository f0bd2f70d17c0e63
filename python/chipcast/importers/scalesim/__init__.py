# SPDX-License-Identifier: Apache-2.0
"""SCALE-Sim topologies: each row becomes an operator with an input and an output of its own, in int8 (its word is a
byte)."""

from __future__ import annotations

from typing import Any

from chipcast.importers.builder import Builder
from chipcast.importers.document import finish
from chipcast.importers.limits import ImportLimits
from chipcast.importers.options import check_shape_names
from chipcast.importers.scalesim.topology import ConvLayer, GemmLayer, parse

WORD = "int8"


def convert(data: bytes, source: str, limits: ImportLimits, shapes: dict[str, list[int]]) -> dict[str, Any]:
    """The graph document of a topology `.csv` file."""
    check_shape_names(shapes, [], source)
    builder = Builder(source.rsplit(".", 1)[0], source)
    outputs = []
    for layer in parse(data, source, limits):
        outputs.append(
            add_convolution(builder, layer) if isinstance(layer, ConvLayer) else add_product(builder, layer)
        )
    return finish(builder, outputs)


def add_convolution(builder: Builder, layer: ConvLayer) -> str:
    """Windows that reach beyond the input are padded at its end, as SCALE-Sim's requests to nowhere."""
    groups = layer.channels if layer.depthwise else 1
    x = builder.fresh(f"{layer.name}/input")
    builder.add_input(x, [1, layer.channels, layer.height, layer.width], WORD)
    shape = [groups * layer.filters, layer.channels // groups, layer.filter_height, layer.filter_width]
    weight = builder.weight(f"{layer.name}/weight", shape, WORD)
    ends = [
        padding(layer.height, layer.filter_height, layer.stride_height),
        padding(layer.width, layer.filter_width, layer.stride_width),
    ]
    return builder.op(
        "conv",
        [x, weight],
        1,
        name=layer.name,
        place=layer.place,
        strides=[layer.stride_height, layer.stride_width],
        pads=[0, 0, *ends],
        groups=groups,
    )[0]


def padding(extent: int, window: int, stride: int) -> int:
    """What the last of ceil((extent - window + stride) / stride) windows takes beyond the input."""
    outputs = -((window - extent - stride) // stride)
    return max(0, (outputs - 1) * stride + window - extent)


def add_product(builder: Builder, layer: GemmLayer) -> str:
    x = builder.fresh(f"{layer.name}/input")
    builder.add_input(x, [layer.m, layer.k], WORD)
    weight = builder.weight(f"{layer.name}/weight", [layer.k, layer.n], WORD)
    return builder.op("gemm", [x, weight], 1, name=layer.name, place=layer.place)[0]
