# SPDX-License-Identifier: Apache-2.0
"""Inputs of a model and their open extents."""

from __future__ import annotations

from onnx import GraphProto, TypeProto, ValueInfoProto

from chipcast.importers.builder import Builder
from chipcast.importers.errors import fail, quoted
from chipcast.importers.onnx.tensors import dtype_name
from chipcast.importers.options import check_shape_names


def add_inputs(builder: Builder, graph: GraphProto, shapes: dict[str, list[int]]) -> None:
    """Inputs without a default. An open batch is 1; other open extents must come from `shapes`, directly or by a
    named extent that another input of `shapes` fixes."""
    stored = {tensor.name for tensor in graph.initializer} | {s.values.name for s in graph.sparse_initializer}
    inputs = [value for value in graph.input if value.name not in stored]
    check_shape_names(shapes, [value.name for value in inputs], builder.source)
    symbols = named_extents(builder, inputs, shapes)
    for value in inputs:
        place = f"{builder.source}: input {quoted(value.name)}"
        tensor = tensor_type(value, place)
        shape = shapes.get(value.name) or known_shape(builder, value, tensor, symbols, place)
        builder.add_input(value.name, shape, dtype_name(tensor.elem_type, place))


def tensor_type(value: ValueInfoProto, place: str) -> TypeProto.Tensor:
    if value.type.WhichOneof("value") != "tensor_type":
        fail(
            place, "is no tensor; sequences, maps and optional values are not supported, export plain tensors"
        )
    return value.type.tensor_type


def named_extents(
    builder: Builder, inputs: list[ValueInfoProto], shapes: dict[str, list[int]]
) -> dict[str, int]:
    """Named extents that the caller's shapes fix; two shapes must agree."""
    symbols: dict[str, int] = {}
    for value in inputs:
        given = shapes.get(value.name)
        dims = value.type.tensor_type.shape.dim
        if given is None or not value.type.tensor_type.HasField("shape"):
            continue
        place = f"{builder.source}: input {quoted(value.name)}"
        if len(given) != len(dims):
            fail(
                place, f"shapes gives {len(given)} extents, the model has {len(dims)} axes; give one per axis"
            )
        for dim, extent in zip(dims, given, strict=True):
            if dim.dim_param and symbols.setdefault(dim.dim_param, extent) != extent:
                fail(place, f"shapes gives {extent} for {quoted(dim.dim_param)}, which another input fixes to "
                            f"{symbols[dim.dim_param]}; make them agree")  # fmt: skip
    return symbols


def known_shape(
    builder: Builder, value: ValueInfoProto, tensor: TypeProto.Tensor, symbols: dict[str, int], place: str
) -> list[int]:
    if not tensor.HasField("shape"):
        fail(place, f"has no shape in the file; pass shapes={{{quoted(value.name)}: [...]}}")
    shape: list[int] = []
    for axis, dim in enumerate(tensor.shape.dim):
        if dim.WhichOneof("value") == "dim_value" and dim.dim_value > 0:
            shape.append(dim.dim_value)
        elif dim.dim_param in symbols:
            shape.append(symbols[dim.dim_param])
        elif axis == 0:
            builder.note(
                "import", value.name, f"batch {quoted(dim.dim_param or '?')} is open in the file; 1 is used"
            )
            shape.append(1)
        else:
            fail(place, f"extent {quoted(dim.dim_param or '?')} of axis {axis} is open; pass "
                        f"shapes={{{quoted(value.name)}: [...]}} with {len(tensor.shape.dim)} extents")  # fmt: skip
    return shape
