# SPDX-License-Identifier: Apache-2.0
"""ONNX files, opset 7 to the newest that the onnx package knows. For the graph weights are not needed: large
ones are known by their shapes. External data is opened only where values are asked for."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError
from onnx import ModelProto, inliner

from chipcast.importers.builder import Builder
from chipcast.importers.contents import Contents
from chipcast.importers.document import finish
from chipcast.importers.errors import fail, refuse_unsupported
from chipcast.importers.limits import ImportLimits
from chipcast.importers.onnx import (  # noqa: F401  (they fill the handler table)
    activation,
    arithmetic,
    attention,
    constants,
    control,
    conv,
    einsum,
    indexing,
    joining,
    matrix,
    norm,
    qlinear,
    quantize,
    recurrent,
    reduce,
    reshape,
    resize,
    rotary,
    sequences,
)
from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.inputs import add_inputs
from chipcast.importers.onnx.node import normal_domain
from chipcast.importers.onnx.validate import validate


def convert(
    data: bytes,
    source: str,
    limits: ImportLimits,
    shapes: dict[str, list[int]],
    contents: Contents | None = None,
) -> dict[str, Any]:
    """The graph document of an .onnx file; `contents` receives the values of its parameters."""
    model = parse(data, source)
    validate(model, source, limits)
    if model.functions:
        model = inliner.inline_local_functions(model)
        validate(model, source, limits)
    builder = Builder(source.rsplit(".", 1)[0], source, limits.folded_elements, contents)
    builder.reserve(name for node in model.graph.node for name in node.output)
    versions = {normal_domain(entry.domain): entry.version for entry in model.opset_import}
    context = Context(builder, versions, limits, model.graph)
    add_inputs(builder, model.graph, shapes)
    context.run(model.graph, {})
    refuse_unsupported(source, context.unsupported, "docs/importers.md lists what is supported")
    return finish(builder, [output.name for output in model.graph.output])


def parse(data: bytes, source: str) -> ModelProto:
    """The protobuf message; nesting is limited by the parser (100 messages)."""
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError as error:
        reason = " ".join(str(error).split())[:160]
        fail(source, f"not an ONNX model ({reason}); the file is cut off, damaged or nested too deep")
    return model
