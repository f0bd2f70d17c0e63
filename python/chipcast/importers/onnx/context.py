# SPDX-License-Identifier: Apache-2.0
"""What handlers share: tensors by name, constants, the graph under construction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import GraphProto, SparseTensorProto, TensorProto

from chipcast.importers.builder import Builder, Type
from chipcast.importers.errors import quoted
from chipcast.importers.fold import NUMPY_BY_NAME
from chipcast.importers.limits import ImportLimits
from chipcast.importers.onnx.node import HANDLERS, Node, Unsupported, normal_domain
from chipcast.importers.onnx.order import ordered
from chipcast.importers.onnx.quantized import Quantized
from chipcast.importers.onnx.tensors import dtype_name, small_value, stored_value


class Context:
    """A model on its way into a Builder."""

    def __init__(
        self, builder: Builder, versions: dict[str, int], limits: ImportLimits, graph: GraphProto
    ) -> None:
        self.b = builder
        self.versions = versions
        self.limits = limits
        self.unsupported: Counter[str] = Counter()
        self.unknown: set[str] = set()
        """Tensors that depend on something unsupported; nodes that read them are passed over."""
        self.sequences: dict[str, list[str]] = {}
        """Sequences of tensors by name."""
        self.quantized = Quantized(graph, builder)

    # Tensors

    def x(self, node: Node, position: int = 0) -> str:
        """The tensor behind an input, in the number format that the node computes in; "" where it is absent."""
        if not node.has(position):
            return ""
        name = self.quantized.read(node, node.inputs[position])
        if not self.b.knows(name):
            node.fail(f"input {quoted(name)} is no tensor that an earlier node gives; export the model again")
        return name

    def type(self, node: Node, position: int = 0) -> Type:
        if not node.has(position):
            node.fail(f"input {position} is missing; export the model again")
        return self.b.type(self.x(node, position))

    def shape(self, node: Node, position: int = 0) -> tuple[int, ...]:
        return self.type(node, position).shape

    def rank(self, node: Node, position: int = 0) -> int:
        return len(self.shape(node, position))

    def value(self, node: Node, position: int) -> np.ndarray | None:
        return self.b.value(node.inputs[position]) if node.has(position) else None

    def constant(self, node: Node, position: int, what: str) -> np.ndarray:
        """An input that must be known while the model is read."""
        value = self.value(node, position)
        if value is None:
            raise Unsupported(f"{node.kind} whose {what} is computed at run time")
        return value

    def ints(self, node: Node, position: int, what: str) -> list[int]:
        value = self.constant(node, position, what)
        if not np.issubdtype(value.dtype, np.integer):
            node.fail(f"{what} must be whole numbers, got {value.dtype.name}; export the model again")
        return [int(each) for each in value.reshape(-1)]

    def int(self, node: Node, position: int, what: str) -> int:
        values = self.ints(node, position, what)
        if len(values) != 1:
            node.fail(f"{what} must be one number, got {len(values)}; export the model again")
        return values[0]

    def ints_by_version(self, node: Node, name: str, position: int, since: int) -> list[int] | None:
        """An attribute in older opsets, an input from `since` on; None where it is not given."""
        if node.version >= since and node.domain == "":
            return self.ints(node, position, name) if node.has(position) else None
        return node.ints(name) if name in node.attributes else None

    def axis(self, node: Node, axis: int, rank: int) -> int:
        """The axis counted from 0."""
        if not -rank <= axis < rank:
            node.fail(f"axis {axis} is outside [{-rank}, {rank - 1}]; correct the model")
        return axis % rank

    # Operators

    def emit(
        self, node: Node, kind: str, inputs: Sequence[str], *, outputs: int = 0, **attributes: Any
    ) -> list[str]:
        """The operator that writes the node's outputs (the first `outputs` of them)."""
        names = node.outputs[: outputs or len(node.outputs)]
        while len(names) > 1 and not names[-1]:
            names = names[:-1]
        return self.b.op(kind, list(inputs), names, name=node.name, place=node.place, **attributes)

    def part(self, node: Node, kind: str, inputs: Sequence[str], suffix: str, **attributes: Any) -> str:
        """An inner operator of a node that is taken apart."""
        return self.b.op(kind, list(inputs), 1, name=f"{node.name}/{suffix}", place=node.place, **attributes)[
            0
        ]

    def reshaped(self, node: Node, x: str, shape: Sequence[int], suffix: str = "") -> str:
        """To a known shape: an inner operator with a suffix, else the node's output."""
        if suffix:
            return self.part(node, "reshape", [x], suffix, shape=[int(e) for e in shape], zero_copies=False)
        return self.emit(node, "reshape", [x], outputs=1, shape=[int(e) for e in shape], zero_copies=False)[0]

    def store(self, name: str, tensor: TensorProto | SparseTensorProto, place: str) -> None:
        """A tensor of the file: its values where they are small, else only its type."""
        if isinstance(tensor, SparseTensorProto):
            self.b.add_parameter(name, tensor.dims, dtype_name(tensor.values.data_type, place),
                                 values=lambda: self.stored(tensor, place))  # fmt: skip
            self.b.note("import", name, "a sparse tensor; it counts as stored densely")
            return
        value = small_value(tensor, self.limits.folded_elements)
        if value is not None:
            self.b.add_value(name, value)
        else:
            self.b.add_parameter(name, tensor.dims, dtype_name(tensor.data_type, place),
                                 values=lambda: self.stored(tensor, place))  # fmt: skip

    def stored(self, tensor: TensorProto | SparseTensorProto, place: str) -> np.ndarray:
        folder = self.b.contents.folder if self.b.contents is not None else None
        return stored_value(tensor, folder, place)

    def used(self, name: str) -> bool:
        """Some node reads the tensor, or it is an output of the model."""
        return bool(name) and (name in self.quantized.outputs or name in self.quantized.readers)

    def add_empty(self, node: Node, output: str, shape: Sequence[int]) -> None:
        """A tensor without elements: it has no place in the graph, but concatenations may name it."""
        dtype = NUMPY_BY_NAME.get(self.type(node).dtype, "float32")
        self.b.add_value(output, np.zeros(shape, dtype=dtype))

    def add_number(self, output: str, number: int) -> None:
        self.b.add_value(output, np.array(number, dtype=np.int64))

    # Graphs

    def run(self, graph: GraphProto, scope: dict[str, str], prefix: str = "") -> None:
        """Converts the nodes of a graph. `scope` maps its names to the builder's; absent ones are the same."""
        for tensor in graph.initializer:
            self.store_in(scope, tensor.name, tensor, prefix)
        for sparse in graph.sparse_initializer:
            self.store_in(scope, sparse.values.name, sparse, prefix)
        for index, proto in ordered(graph, self.b.source):
            inputs = [scope.get(name, name) for name in proto.input]
            outputs = [self.define(scope, name, prefix) for name in proto.output]
            version = self.versions.get(normal_domain(proto.domain), 1)
            node = Node(proto, self.b.source, index, version, inputs, outputs)
            node.name = prefix + node.name
            node.scope = scope
            self.convert(node)

    def define(self, scope: dict[str, str], name: str, prefix: str) -> str:
        """The builder's name of a tensor that a subgraph writes."""
        if prefix and name:
            scope[name] = self.b.fresh(prefix + name)
            self.b.reserve([scope[name]])
            return scope[name]
        return name

    def store_in(
        self, scope: dict[str, str], name: str, tensor: TensorProto | SparseTensorProto, prefix: str
    ) -> None:
        if isinstance(tensor, TensorProto) and tensor.data_type == TensorProto.STRING:
            self.unknown.add(name)
            return
        place = f"{self.b.source}: initializer {quoted(name)}"
        self.store(self.define(scope, name, prefix), tensor, place)

    def convert(self, node: Node) -> None:
        """One node; what cannot be converted is counted, and what depends on it passed over."""
        handler = HANDLERS.get((node.domain, node.op_type))
        if handler is None:
            self.refuse(node, node.kind)
        elif not self.unknown.isdisjoint(node.inputs):
            self.unknown.update(filter(None, node.outputs))
        else:
            self.quantized.enter(node)
            try:
                handler(self, node)
            except Unsupported as reason:
                self.refuse(node, reason.kind)
            else:
                self.quantized.leave(node)

    def refuse(self, node: Node, kind: str) -> None:
        self.unsupported[kind] += 1
        self.unknown.update(filter(None, node.outputs))
