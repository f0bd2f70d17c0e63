# SPDX-License-Identifier: Apache-2.0
"""Well-formed ONNX files with wrong content: attributes, shapes, inputs and operators of the onnx package's cases are
changed at random (seeded). Blind damage to bytes rarely gets past the parser; this does."""

from __future__ import annotations

import json
import random
import warnings

import numpy as np
import pytest
from chipcast import InputError
from chipcast._core import graph_check
from chipcast.importers import ImportLimits
from chipcast.importers.onnx import convert
from chipcast.importers.onnx.node import HANDLERS
from importers.test_onnx_shapes import cases
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, numpy_helper

LIMITS = ImportLimits(folded_elements=1 << 12)
NUMBERS = [0, -1, 1, 2, 3, 7, -7, 65536, 2**31 - 1, 2**31, -(2**31), 2**62, 2**63 - 1, -(2**63)]
EXTENTS = [0, 1, 2, 3, 5, 64, 2**31 - 1, -1]
FORMATS = [1, 2, 3, 6, 7, 8, 9, 10, 16, 17]
OP_TYPES = sorted(op_type for domain, op_type in HANDLERS if domain == "")
MODELS = 2500


class Mutator:
    """Random changes to one model."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def change(self, model: ModelProto) -> None:
        graph = model.graph
        changes = [
            self.attribute,
            self.attribute,
            self.drop_attribute,
            self.rewire,
            self.drop_input,
            self.op_type,
        ]
        for _ in range(self.random.randrange(1, 4)):
            if self.random.random() < 0.4:
                self.random.choice([self.extent, self.rank, self.format, self.constant])(graph)
            elif graph.node:
                self.random.choice(changes)(self.random.choice(graph.node), graph)

    def attribute(self, node: NodeProto, _: GraphProto) -> None:
        if not node.attribute:
            return
        attribute = self.random.choice(node.attribute)
        if attribute.type == AttributeProto.INT:
            attribute.i = self.random.choice(NUMBERS)
        elif attribute.type == AttributeProto.INTS and attribute.ints:
            attribute.ints[self.random.randrange(len(attribute.ints))] = self.random.choice(NUMBERS)
            attribute.ints.extend(self.random.choice(([], [], [1])))
        elif attribute.type == AttributeProto.FLOAT:
            attribute.f = self.random.choice((0.0, -1.0, 1e30, float("nan"), float("inf")))
        elif attribute.type == AttributeProto.STRING:
            attribute.s = self.random.choice(
                (b"", b"\xff", b"SAME_UPPER", b"reverse", b"ij,jk->ik", b"...->")
            )

    def drop_attribute(self, node: NodeProto, _: GraphProto) -> None:
        if node.attribute:
            del node.attribute[self.random.randrange(len(node.attribute))]

    def rewire(self, node: NodeProto, graph: GraphProto) -> None:
        if node.input:
            names = ["", *(value.name for value in graph.input)]
            node.input[self.random.randrange(len(node.input))] = self.random.choice(names)

    def drop_input(self, node: NodeProto, _: GraphProto) -> None:
        if node.input:
            del node.input[self.random.randrange(len(node.input))]

    def op_type(self, node: NodeProto, _: GraphProto) -> None:
        node.op_type = self.random.choice(OP_TYPES)

    def extent(self, graph: GraphProto) -> None:
        for value in graph.input[:1]:
            if value.type.tensor_type.shape.dim:
                self.random.choice(value.type.tensor_type.shape.dim).dim_value = self.random.choice(EXTENTS)

    def rank(self, graph: GraphProto) -> None:
        if graph.input:
            dims = self.random.choice(graph.input).type.tensor_type.shape.dim
            if dims and self.random.random() < 0.5:
                del dims[0]
            else:
                dims.add().dim_value = self.random.choice((1, 2, 3))

    def format(self, graph: GraphProto) -> None:
        if graph.input:
            self.random.choice(graph.input).type.tensor_type.elem_type = self.random.choice(FORMATS)

    def constant(self, graph: GraphProto) -> None:
        whole = [tensor for tensor in graph.initializer if tensor.data_type == 7]
        if whole:
            tensor = self.random.choice(whole)
            value = numpy_helper.to_array(tensor).copy()
            if value.size:
                value.reshape(-1)[self.random.randrange(value.size)] = self.random.choice(NUMBERS)
                tensor.CopyFrom(numpy_helper.from_array(value.astype(np.int64), tensor.name))


@pytest.mark.parametrize("seed", [11, 12])
def test_changed_models(seed: int) -> None:
    mutator, names = Mutator(seed), sorted(cases())
    refused = 0
    for _ in range(MODELS):
        model = ModelProto.FromString(cases()[mutator.random.choice(names)])
        mutator.change(model)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                document = convert(model.SerializeToString(), "m.onnx", LIMITS, {})
            graph_check(json.dumps(document), "m.onnx")
        except InputError as error:
            refused += 1
            assert str(error).startswith("m.onnx")
            assert "\n" not in str(error)
            assert len(str(error)) < 1000
    assert MODELS // 4 < refused < MODELS
