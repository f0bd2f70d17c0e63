# SPDX-License-Identifier: Apache-2.0
"""From a finished Builder to the graph document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chipcast.importers.builder import Builder
from chipcast.importers.errors import fail


def finish(builder: Builder, outputs: Sequence[str]) -> dict[str, Any]:
    """The document with everything that the outputs need; the rest is dropped and noted."""
    wanted = computed_outputs(builder, outputs)
    ops = needed_ops(builder, wanted)
    new_names = output_names(builder, outputs, wanted)
    used = used_tensors(builder, ops, wanted)

    def named(name: str) -> str:
        return new_names.get(name, name)

    document = {
        "format": "chipcast-graph",
        "version": 1,
        "name": builder.name,
        "tensors": {named(name): tensor_json(builder, name) for name in used},
        "inputs": list(builder.inputs),
        "outputs": [named(name) for name in wanted],
        "ops": [op_json(op, named) for op in ops],
        "history": builder.history,
    }
    if builder.contents is not None:
        builder.contents.of(document, builder.values, builder.source)
    return document


def computed_outputs(builder: Builder, outputs: Sequence[str]) -> list[str]:
    """The outputs that operators compute; constants and repeated names are left out."""
    wanted: list[str] = []
    for output in outputs:
        name = builder.resolve(output)
        if name not in builder.tensors or builder.tensors[name].parameter:
            builder.note("import", output, "the output is a constant; it is left out")
        elif name in builder.inputs:
            builder.note("import", output, "the output is an input; it is left out")
        elif name not in wanted:
            wanted.append(name)
    if not wanted:
        fail(builder.source, "no output is computed from the inputs; export the model again with its outputs")
    return wanted


def needed_ops(builder: Builder, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """Operators on a path to an output, in order."""
    needed, kept = set(wanted), []
    for op in reversed(builder.ops):
        if needed.isdisjoint(op["outputs"]):
            builder.note("import", op["name"], "no output needs its result; it is left out")
            continue
        needed.update(op["inputs"])
        kept.append(op)
    return kept[::-1]


def output_names(builder: Builder, outputs: Sequence[str], wanted: Sequence[str]) -> dict[str, str]:
    """Tensors that get the name of the output they stand for (an Identity at the end, say)."""
    names: dict[str, str] = {}
    for output in outputs:
        name = builder.resolve(output)
        if name != output and name in wanted and name not in outputs and output not in builder.tensors:
            names.setdefault(name, output)
    return names


def used_tensors(builder: Builder, ops: Sequence[dict[str, Any]], wanted: Sequence[str]) -> list[str]:
    used = dict.fromkeys(builder.inputs)
    for op in ops:
        used.update(dict.fromkeys(name for name in (*op["inputs"], *op["outputs"]) if name))
    used.update(dict.fromkeys(wanted))
    return list(used)


def tensor_json(builder: Builder, name: str) -> dict[str, Any]:
    tensor = builder.tensors[name]
    out: dict[str, Any] = {"shape": list(tensor.type.shape), "dtype": tensor.type.dtype}
    if tensor.parameter:
        out["parameter"] = True
    if tensor.quantization:
        out["quantization"] = tensor.quantization
    return out


def op_json(op: dict[str, Any], named: Any) -> dict[str, Any]:
    return {
        "name": op["name"],
        "kind": op["kind"],
        "inputs": [named(name) for name in op["inputs"]],
        "outputs": [named(name) for name in op["outputs"]],
        "attributes": op["attributes"],
    }
