# SPDX-License-Identifier: Apache-2.0
"""ncnn `.param` files: blobs w,h,c become tensors [1,c,h,w], blobs of one axis [1,n]."""

from __future__ import annotations

from typing import Any

from chipcast.importers.builder import Builder
from chipcast.importers.document import finish
from chipcast.importers.errors import quoted, refuse_unsupported
from chipcast.importers.limits import ImportLimits
from chipcast.importers.ncnn import (  # noqa: F401  (they fill the handler table)
    arithmetic,
    attention,
    conv,
    detection,
    norm,
    pool,
    rearrange,
    recurrent,
    reshape,
)
from chipcast.importers.ncnn.layer import HANDLERS, Layer, unsupported
from chipcast.importers.ncnn.parse import parse
from chipcast.importers.options import check_shape_names


def convert(data: bytes, source: str, limits: ImportLimits, shapes: dict[str, list[int]]) -> dict[str, Any]:
    """The graph document of a `.param` file."""
    layers, ignored = parse(data, source, limits)
    refuse_unsupported(
        source, filter(None, map(unsupported, layers)), "docs/importers.md lists what is supported"
    )
    check_shape_names(
        shapes, [layer.tops[0] for layer in layers if layer.type == "Input" and layer.tops], source
    )
    builder = Builder(source.rsplit(".", 1)[0], source)
    builder.reserve(name for layer in layers for name in layer.tops)
    if ignored:
        builder.note(
            "import", layers[-1].name, f"{ignored} lines after the announced number of layers are ignored"
        )
    for layer in layers:
        if layer.type == "Input" and layer.tops and layer.tops[0] in shapes:
            layer.params[-1] = list(shapes[layer.tops[0]])
        HANDLERS[layer.type](builder, layer)
        if not shapes and layer.type not in detection.HEADS:  # how much a head finds depends on the data
            compare_with_hints(builder, layer)
    return finish(builder, outputs_of(layers))


def compare_with_hints(builder: Builder, layer: Layer) -> None:
    """The file may carry shapes; where they differ from ours it is said in the history."""
    for name, hint in zip(layer.tops, layer.hints, strict=False):
        if hint and builder.knows(name) and builder.shape(name) != hint:
            builder.note(
                "import",
                layer.name,
                f"shape hint of {quoted(name)} is {hint}, the layers give "
                f"{builder.shape(name)}, which counts",
            )


def outputs_of(layers: list[Layer]) -> list[str]:
    """Blobs that no layer reads, and those that only a Noop reads."""
    read = {name for layer in layers if layer.type != "Noop" for name in layer.bottoms}
    names = []
    for layer in layers:
        if layer.type == "Noop":
            names += [name for name in layer.bottoms if name not in names]
        else:
            names += [name for name in layer.tops if name not in read and name not in names]
    return names
