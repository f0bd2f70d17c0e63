# SPDX-License-Identifier: Apache-2.0
"""Recurrent layers and embeddings: sequences are blobs [steps, inputs], batch 1."""

from __future__ import annotations

from chipcast.importers.builder import Builder
from chipcast.importers.ncnn.layer import Layer, handles

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def projected(layer: Layer) -> str | None:
    hidden = layer.params.get(3, layer.params.get(0))
    return "LSTM with projection" if layer.type == "LSTM" and hidden != layer.params.get(0) else None


@handles("LSTM", "GRU", "RNN", variant=projected)
def recurrent(b: Builder, layer: Layer) -> None:
    layer.need(1)
    x = layer.bottoms[0]
    shape = b.shape(x)
    if len(shape) != 3:
        layer.fail(f"needs an input of two axes (inputs, steps), got shape {shape[1:]}; reshape it before")
    hidden = layer.int(0, "num_output", 0, 1)
    direction = layer.int(2, "direction", 0, 0, 2)
    directions = 2 if direction == 2 else 1
    width = GATES[layer.type] * hidden
    size = layer.int(1, "weight_data_size", 0, 1)
    if size != directions * width * shape[2]:
        layer.fail(
            f"weight_data_size (1=) is {size}, {shape[2]} inputs and {hidden} outputs need "
            f"{directions * width * shape[2]}; correct the layer"
        )
    weights = [("weight_xc", [directions, width, shape[2]]), ("weight_hc", [directions, width, hidden]),
               ("bias_c", [directions, 2 * width])]  # fmt: skip
    w, r, bias = (b.weight(f"{layer.name}/{name}", extents) for name, extents in weights)
    states = [b.reshape(state, [directions, 1, hidden], name=f"{layer.name}/state", place=layer.place)
              for state in layer.bottoms[1:3]]  # fmt: skip
    outputs = b.op("recurrent", [x, w, r, bias, *states], max(1, len(layer.tops)), name=layer.name, place=layer.place,
                   cell=layer.type.lower(), hidden=hidden, bidirectional=directions == 2, batch_first=True,
                   reverse=direction == 1, linear_before_reset=layer.type == "GRU")  # fmt: skip
    b.alias(layer.tops[0], outputs[0])
    for top, state in zip(layer.tops[1:], outputs[1:], strict=True):
        b.reshape(state, [1, directions, hidden], top, name=f"{layer.name}/state", place=layer.place)


@handles("Embed")
def embed(b: Builder, layer: Layer) -> None:
    layer.need(1)
    width, words = layer.int(0, "num_output", 0, 1), layer.int(1, "input_dim", 0, 1)
    indices = b.cast(layer.bottoms[0], "int32", name=f"{layer.name}/indices", place=layer.place)
    table = b.weight(f"{layer.name}/weight", [words, width])
    bias = layer.int(2, "bias_term")
    y = b.op(
        "gather", [table, indices], 1 if bias else layer.tops[0], name=layer.name, place=layer.place, axis=0
    )[0]
    if bias:
        addend = b.weight(f"{layer.name}/bias", [width])
        b.binary("add", y, addend, layer.tops[0], name=f"{layer.name}/add", place=layer.place)
