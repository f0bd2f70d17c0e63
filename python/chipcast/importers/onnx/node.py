# SPDX-License-Identifier: Apache-2.0
"""One node with typed access to its attributes, and the handler table."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from onnx import AttributeProto, GraphProto, NodeProto, TensorProto

from chipcast.importers.errors import fail, plain, quoted

if TYPE_CHECKING:
    from chipcast.importers.onnx.context import Context

Kind = AttributeProto.AttributeType
MICROSOFT = "com.microsoft"


class Unsupported(Exception):
    """A node, or a form of it, that the graph cannot express; `kind` is what the user reads."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Node:
    """A node of the model. `inputs` and `outputs` are names in the builder; "" is an absent one."""

    def __init__(
        self, proto: NodeProto, source: str, index: int, version: int, inputs: list[str], outputs: list[str]
    ) -> None:
        self.op_type = proto.op_type
        self.domain = normal_domain(proto.domain)
        self.version = version
        self.inputs = inputs
        self.outputs = outputs
        self.name = proto.name or f"{proto.op_type}_{index}"
        shown = quoted(proto.name) if proto.name else f"number {index}"
        self.place = f"{source}: {plain(proto.op_type)} {shown}"
        self.attributes = {attribute.name: attribute for attribute in proto.attribute}
        self.scope: dict[str, str] = {}
        """Names of the graph that the node stands in, where they differ in the builder."""
        self.unit = False
        """Runs on quantised tensors (see quantized.py)."""

    @property
    def kind(self) -> str:
        return self.op_type if not self.domain else f"{self.domain}.{self.op_type}"

    def fail(self, message: str) -> None:
        fail(self.place, message)

    def has(self, position: int) -> bool:
        return position < len(self.inputs) and bool(self.inputs[position])

    def need(self, inputs: int, outputs: int = 1) -> None:
        """The first inputs and outputs must be there."""
        for position in range(inputs):
            if not self.has(position):
                self.fail(
                    f"input {position} is missing; the first {inputs} are needed, export the model again"
                )
        if len(self.outputs) < outputs:
            self.fail(f"has {len(self.outputs)} outputs, {outputs} are needed; export the model again")

    def wants(self, position: int) -> bool:
        """An output that the model names."""
        return position < len(self.outputs) and bool(self.outputs[position])

    # Attributes

    def attribute(self, name: str, kind: int) -> AttributeProto | None:
        found = self.attributes.get(name)
        if found is not None and found.type != kind:
            self.fail(f"attribute {name} is of the wrong type; {Kind.Name(kind).lower()} is needed")
        return found

    def int(self, name: str, default: int = 0) -> int:
        found = self.attribute(name, AttributeProto.INT)
        return int(found.i) if found is not None else default

    def float(self, name: str, default: float) -> float:
        found = self.attribute(name, AttributeProto.FLOAT)
        value = float(found.f) if found is not None else default
        if not math.isfinite(value):
            self.fail(f"attribute {name} is {value}; a finite number is needed")
        return value

    def ints(self, name: str) -> list[int]:
        found = self.attribute(name, AttributeProto.INTS)
        return [int(value) for value in found.ints] if found is not None else []

    def floats(self, name: str) -> list[float]:
        found = self.attribute(name, AttributeProto.FLOATS)
        return [float(value) for value in found.floats] if found is not None else []

    def text(self, name: str, default: str = "") -> str:
        found = self.attribute(name, AttributeProto.STRING)
        return found.s.decode("utf-8", "replace") if found is not None else default

    def texts(self, name: str) -> list[str]:
        found = self.attribute(name, AttributeProto.STRINGS)
        return [value.decode("utf-8", "replace") for value in found.strings] if found is not None else []

    def tensor(self, name: str) -> TensorProto | None:
        found = self.attribute(name, AttributeProto.TENSOR)
        return found.t if found is not None else None

    def graph(self, name: str) -> GraphProto:
        found = self.attribute(name, AttributeProto.GRAPH)
        if found is None:
            self.fail(f"attribute {name} is missing; export the model again")
        return found.g  # type: ignore[union-attr]


Handler = Callable[["Context", Node], Any]
HANDLERS: dict[tuple[str, str], Handler] = {}


def normal_domain(domain: str) -> str:
    return "" if domain == "ai.onnx" else domain


def handles(*op_types: str, domain: str = "") -> Callable[[Handler], Handler]:
    """Registers the handler of operators."""

    def register(handler: Handler) -> Handler:
        HANDLERS.update({(domain, op_type): handler for op_type in op_types})
        return handler

    return register
