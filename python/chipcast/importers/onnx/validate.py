# SPDX-License-Identifier: Apache-2.0
"""What must hold before a model is converted: sizes, names, nesting and stored bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, defs

from chipcast.importers.errors import fail, plain, quoted
from chipcast.importers.limits import ImportLimits
from chipcast.importers.onnx.node import normal_domain
from chipcast.importers.onnx.tensors import check_dims, check_tensor, check_text

OLDEST_OPSET = 7


@dataclass
class Counter:
    """Nodes seen so far in all graphs."""

    nodes: int = 0


def validate(model: ModelProto, source: str, limits: ImportLimits) -> None:
    """Raises InputError for a model that no importer should touch."""
    if not model.HasField("graph") or not model.graph.node:
        fail(source, "the model has no graph with nodes; give an .onnx file that holds a network")
    check_text(source, (entry.domain for entry in model.opset_import))
    check_opset(model, source)
    for function in model.functions:
        check_node_limits(function.node, source, limits, 0, Counter())
    check_graph(model.graph, source, limits, set(), 0, Counter())


def check_opset(model: ModelProto, source: str) -> None:
    newest = defs.onnx_opset_version()
    for entry in model.opset_import:
        if normal_domain(entry.domain) == "" and not OLDEST_OPSET <= entry.version <= newest:
            fail(source, f"opset {entry.version} is outside [{OLDEST_OPSET}, {newest}]; convert the model with "
                         "onnx.version_converter, or install a newer onnx package")  # fmt: skip
    known = any(normal_domain(entry.domain) == "" for entry in model.opset_import)
    if not known and any(normal_domain(node.domain) == "" for node in model.graph.node):
        fail(source, "the model does not say its opset (opset_import); export it again")


def check_graph(
    graph: GraphProto, place: str, limits: ImportLimits, outer: set[str], depth: int, counter: Counter
) -> None:
    """Names are written once and before they are needed; stored tensors hold what their shapes say."""
    if depth > limits.subgraph_depth:
        fail(place, f"subgraphs are nested more than {limits.subgraph_depth} deep; flatten the model")
    check_node_limits(graph.node, place, limits, depth, counter)
    known = check_stored(graph, place)
    check_text(place, (value.name for value in (*graph.input, *graph.output)))
    known |= {name for value in graph.input if (name := check_input(value, place))}
    for node in graph.node:
        for name in filter(None, node.output):
            if name in known:
                fail(
                    place,
                    f"{quoted(name)} is written twice, the second time by {plain(node.op_type)}; rename one of them",
                )
            known.add(name)
    visible = known | outer
    check_reads(graph, visible, place)
    for node in graph.node:
        for subgraph in subgraphs(node):
            check_graph(
                subgraph,
                f"{place}: {plain(node.op_type)} {quoted(node.name)}",
                limits,
                visible,
                depth + 1,
                counter,
            )


def check_node_limits(
    nodes: Iterable[NodeProto], place: str, limits: ImportLimits, depth: int, counter: Counter
) -> None:
    for node in nodes:
        counter.nodes += 1
        if counter.nodes > limits.nodes:
            fail(
                place,
                f"more than {limits.nodes} nodes; cut the model into parts, or raise ImportLimits.nodes",
            )
        check_text(place, (node.op_type, node.name, node.domain, *node.input, *node.output))
        check_attributes(node, place)


def check_attributes(node: NodeProto, place: str) -> None:
    place = f"{place}: {plain(node.op_type)} {quoted(node.name)}"
    names = [attribute.name for attribute in node.attribute]
    check_text(place, names)
    if len(set(names)) != len(names):
        fail(place, "an attribute is given twice; export the model again")
    for attribute in node.attribute:
        if attribute.type == AttributeProto.TENSOR:
            check_tensor(attribute.t, f"{place}: attribute {plain(attribute.name)}")


def check_stored(graph: GraphProto, place: str) -> set[str]:
    """Initializers, dense and sparse; returns their names."""
    names: set[str] = set()
    check_text(place, (tensor.name for tensor in graph.initializer))
    check_text(place, (sparse.values.name for sparse in graph.sparse_initializer))
    for tensor in graph.initializer:
        own = f"{place}: initializer {quoted(tensor.name)}"
        check_tensor(tensor, own)
        if not tensor.name or tensor.name in names:
            fail(own, "has no name of its own; every initializer needs one that nothing else has")
        names.add(tensor.name)
    for sparse in graph.sparse_initializer:
        own = f"{place}: sparse initializer {quoted(sparse.values.name)}"
        check_dims(list(sparse.dims), own)
        check_tensor(sparse.values, own)
        check_tensor(sparse.indices, own)
        if not sparse.values.name or sparse.values.name in names:
            fail(own, "has no name of its own; every initializer needs one that nothing else has")
        names.add(sparse.values.name)
    return names


def check_input(value: object, place: str) -> str:
    name = value.name  # type: ignore[attr-defined]
    for axis, dim in enumerate(value.type.tensor_type.shape.dim):  # type: ignore[attr-defined]
        check_text(f"{place}: input {quoted(name)}", [dim.dim_param])
        if dim.WhichOneof("value") == "dim_value" and not 0 <= dim.dim_value < 2**31:
            fail(f"{place}: input {quoted(name)}", f"extent {dim.dim_value} of axis {axis} is outside "
                                                   f"[1, {2**31 - 1}]; correct the shape")  # fmt: skip
    return name


def check_reads(graph: GraphProto, visible: set[str], place: str) -> None:
    for node in graph.node:
        for name in node.input:
            if name and name not in visible:
                fail(place, f"{plain(node.op_type)} {quoted(node.name)} reads {quoted(name)}, which nothing writes; "
                            "export the model again")  # fmt: skip
    for output in graph.output:
        if output.name not in visible:
            fail(place, f"output {quoted(output.name)} is written by no node; export the model again")


def subgraphs(node: NodeProto) -> list[GraphProto]:
    found = [attribute.g for attribute in node.attribute if attribute.type == AttributeProto.GRAPH]
    for attribute in node.attribute:
        if attribute.type == AttributeProto.GRAPHS:
            found += attribute.graphs
    return found
