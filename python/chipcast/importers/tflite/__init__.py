# SPDX-License-Identifier: Apache-2.0
"""TFLite files. Tensors keep the file's order of axes (nhwc)."""

from __future__ import annotations

from typing import Any

from chipcast.importers.builder import Builder
from chipcast.importers.contents import Contents
from chipcast.importers.document import finish
from chipcast.importers.errors import fail, quoted, refuse_unsupported
from chipcast.importers.limits import ImportLimits
from chipcast.importers.options import check_shape_names
from chipcast.importers.tflite import (  # noqa: F401  (they fill the handler table)
    conv,
    detection,
    elementwise,
    join,
    matrix,
    norm,
    recurrent,
    reduce,
    reshape,
    select,
    space,
)
from chipcast.importers.tflite.context import HANDLERS, Context, run_handler
from chipcast.importers.tflite.reader import read_network


def convert(
    data: bytes,
    source: str,
    limits: ImportLimits,
    shapes: dict[str, list[int]],
    contents: Contents | None = None,
) -> dict[str, Any]:
    """The graph document of a .tflite file; `contents` receives the values of its parameters."""
    network = read_network(data, source, limits)
    unsupported = (op.kind for op in network.operators if op.kind not in HANDLERS)
    refuse_unsupported(source, unsupported, "docs/importers.md lists what is supported")
    builder = Builder(source.rsplit(".", 1)[0], source, limits.folded_elements, contents)
    context = Context(network, builder)
    check_shape_names(shapes, [context.names[index] for index in network.inputs], source)
    for index in dict.fromkeys(network.inputs):
        add_input(context, index, shapes, source)
    for op in network.operators:
        if op.index not in context.skipped:
            run_handler(context, op)
    return finish(builder, [checked_output(context, index, source) for index in network.outputs])


def add_input(context: Context, index: int, shapes: dict[str, list[int]], source: str) -> None:
    record, name = context.network.tensors[index], context.names[index]
    place = f"{source}: input {quoted(name)}"
    shape = shapes.get(name) or list(record.shape)
    open_axes = [axis for axis, extent in enumerate(record.signature) if extent < 0]
    if name not in shapes and open_axes:
        context.b.note("import", name, f"axes {open_axes} are open in the file; shape {record.shape} is used")
    if any(extent < 1 for extent in shape):
        fail(place, f"shape {shape} has open extents; pass shapes={{{quoted(name)}: [...]}} with all of them")
    context.b.add_input(name, shape, context.dtype(index, place), record.quantization)


def checked_output(context: Context, index: int, source: str) -> str:
    name = context.names[index]
    if not context.b.knows(name):
        fail(source, f"output {quoted(name)} is written by no operator; the file is damaged")
    return name
