# SPDX-License-Identifier: Apache-2.0
"""From the graph document to the ONNX model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import onnx
from onnx import helper

from chipcast._core import InputError
from chipcast.onnx_export import arithmetic, movement, spatial
from chipcast.onnx_export.context import DTYPES, FLOATS, Context, Op, Unsupported
from chipcast.parameters import Weights

HANDLERS = {**spatial.HANDLERS, **arithmetic.HANDLERS, **movement.HANDLERS}
LOWEST_OPSET = 17
_PRODUCTS = ("conv", "conv_transpose", "gemm", "matmul", "recurrent")
_NEEDED_FUNCTION = {"gelu": 20, "mish": 18, "group": 21, "rms": 23}


def build_model(graph: Mapping[str, Any], seed: int, opset: int) -> onnx.ModelProto:
    ops = [_op(each) for each in graph["ops"]]
    _check_tensors(graph)
    version = _opset(ops, opset)
    ctx = Context(dict(graph["tensors"]), version, Weights(graph, seed))
    _write_all(ctx, ops, str(graph["name"]))
    onnx_graph = helper.make_graph(
        ctx.nodes,
        str(graph["name"]) or "graph",
        [_value(ctx, name) for name in graph["inputs"]],
        [_value(ctx, name) for name in graph["outputs"]],
        initializer=list(ctx.initializers.values()),
    )
    imports = [helper.make_opsetid("", version)]
    # The oldest file version that holds this opset: runtimes lag behind the newest.
    return helper.make_model(
        onnx_graph,
        opset_imports=imports,
        ir_version=helper.find_min_ir_version_for(imports),
        producer_name="chipcast",
    )


def _op(document: Mapping[str, Any]) -> Op:
    name = str(document["name"])
    return Op(
        name=name,
        kind=str(document["kind"]),
        inputs=list(document["inputs"]),
        outputs=list(document.get("outputs") or [name]),
        attributes=document.get("attributes", {}),
        fused=document.get("fused", []),
    )


def _check_tensors(graph: Mapping[str, Any]) -> None:
    tensors = graph["tensors"]
    for op in graph["ops"]:
        for name in (*op["inputs"], *(op.get("outputs") or [op["name"]])):
            if name and "shape" not in tensors.get(name, {}):
                raise InputError(
                    f'{graph["name"]}: tensor "{name}" has no shape; take the graph from load_model(...).graph, '
                    "which fills them in"
                )


def _opset(ops: Sequence[Op], wanted: int) -> int:
    """The lowest opset from `wanted` on that has all operators."""
    newest = onnx.defs.onnx_opset_version()
    if not LOWEST_OPSET <= wanted <= newest:
        raise InputError(f"opset: {wanted} is outside [{LOWEST_OPSET}, {newest}]")
    return max([wanted, *(_needed(op) for op in ops)])


def _needed(op: Op) -> int:
    functions = [op.get("function", ""), *(each["unary"]["function"] for each in op.fused)]
    needed = max(_NEEDED_FUNCTION.get(function, 0) for function in functions)
    if op.kind == "pad" and op.get("mode") == "wrap":
        return 19
    if op.kind == "pool" and op.get("function") == "avg" and any(d != 1 for d in op.get("dilations", [])):
        return 19
    return needed


def _write_all(ctx: Context, ops: Sequence[Op], source: str) -> None:
    """Writes every operator; one error for all that cannot be."""
    refused: Counter[str] = Counter()
    for op in ops:
        try:
            _write(ctx, op)
        except Unsupported as reason:
            refused[str(reason)] += 1
    if refused:
        listed = ", ".join(f"{reason} ({count})" for reason, count in sorted(refused.items()))
        raise InputError(f"{source}: ONNX has no counterpart of {listed}; cut these operators off first")


def _write(ctx: Context, op: Op) -> None:
    handler = HANDLERS.get(op.kind)
    if handler is None:
        raise Unsupported(op.kind)
    for name in op.inputs:
        if name and ctx.dtype(name) not in DTYPES:
            raise Unsupported(f"{op.kind} on {ctx.dtype(name)}")
    if op.kind in _PRODUCTS and ctx.dtype(op.input(1)) not in FLOATS:
        raise Unsupported(f"{op.kind} on {ctx.dtype(op.input(1))}")
    result, dtype = op.outputs[0], ctx.dtype(op.outputs[0])
    if op.fused:
        op.outputs[0] = ctx.fresh(f"{op.name}/unfused")
        ctx.tensors[op.outputs[0]] = ctx.tensors[result]
    handler(ctx, op)
    x = op.outputs[0]
    for index, activation in enumerate(op.fused):
        last = index + 1 == len(op.fused)
        y = result if last else ctx.fresh(str(activation["name"]))
        arithmetic.unary(ctx, activation["unary"], x, y, str(activation["name"]), dtype)
        x = y


def _value(ctx: Context, name: str) -> onnx.ValueInfoProto:
    dtype = ctx.dtype(name)
    if dtype not in DTYPES:
        raise InputError(f'tensor "{name}": ONNX has no number format {dtype}')
    return helper.make_tensor_value_info(name, DTYPES[dtype], ctx.shape(name))
