# SPDX-License-Identifier: Apache-2.0
"""Matrix products."""

from __future__ import annotations

from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.conv import activate, plain_integers
from chipcast.importers.onnx.node import MICROSOFT, Node, Unsupported, handles


@handles("Gemm")
def gemm(c: Context, node: Node) -> None:
    node.need(2)
    c.emit(node, "gemm", gemm_operands(c, node), **transposes(node), **factors(node))


def factors(node: Node) -> dict[str, float]:
    """alpha and beta where they are not 1."""
    given = {name: node.float(name, 1.0) for name in ("alpha", "beta")}
    return {name: value for name, value in given.items() if value != 1.0}


def gemm_operands(c: Context, node: Node) -> list[str]:
    return [c.x(node, position) for position in range(3) if position < 2 or node.has(position)]


def transposes(node: Node) -> dict[str, bool]:
    return {"transpose_a": bool(node.int("transA")), "transpose_b": bool(node.int("transB"))}


@handles("FusedGemm", domain=MICROSOFT)
def fused_gemm(c: Context, node: Node) -> None:
    node.need(2)
    y = c.part(node, "gemm", gemm_operands(c, node), "gemm", **transposes(node), **factors(node))
    activate(c, node, y)


@handles("MatMul")
def matmul(c: Context, node: Node) -> None:
    node.need(2)
    c.emit(node, "matmul", [c.x(node, 0), c.x(node, 1)])


@handles("FusedMatMul", "TransposeMatMul", domain=MICROSOFT)
def fused_matmul(c: Context, node: Node) -> None:
    node.need(2)
    if node.int("transBatchA") or node.int("transBatchB"):
        raise Unsupported(f"{node.kind} with transposed batches")
    if node.float("alpha", 1.0) != 1.0:
        c.b.differs(node.place, f"scales its product by alpha {node.float('alpha', 1.0)}")
    c.emit(node, "matmul", [c.x(node, 0), c.x(node, 1)], **transposes(node))


@handles("MatMulInteger")
def matmul_integer(c: Context, node: Node) -> None:
    node.need(2)
    plain_integers(c, node)
    c.b.retype(c.emit(node, "matmul", [c.x(node, 0), c.x(node, 1)])[0], "int32")


@handles("MatMulNBits", domain=MICROSOFT)
def matmul_packed(c: Context, node: Node) -> None:
    """Weights of 4 or 8 bits, packed by blocks along K; the graph holds them as one [N, K] tensor."""
    node.need(3)
    bits, k, n = node.int("bits", 4), node.int("K"), node.int("N")
    if bits not in (4, 8):
        raise Unsupported(f"{node.kind} of {bits} bits")
    if k < 1 or n < 1:
        node.fail(f"K {k} and N {n} must be at least 1; export the model again")
    dtype = c.type(node).dtype
    c.b.differs(node.place, "has a scale for each block of weights")
    weight = c.b.weight(f"{node.name}/weight", [n, k], "int4" if bits == 4 else "int8")
    y = c.b.op(
        "matmul", [c.x(node), weight], node.outputs[:1], name=node.name, place=node.place, transpose_b=True
    )[0]
    c.b.retype(y, dtype)
