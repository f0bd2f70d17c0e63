# SPDX-License-Identifier: Apache-2.0
"""Einsum of one or two operands: transposes, a matrix product and a reshape."""

from __future__ import annotations

import math
import string

from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import Node, Unsupported, handles


@handles("Einsum")
def einsum(c: Context, node: Node) -> None:
    node.need(len(node.inputs) or 1)
    equation = node.text("equation").replace(" ", "")
    ranks = [c.rank(node, position) for position in range(len(node.inputs))]
    terms, output = parse(node, equation, ranks)
    if len(terms) == 1:
        single(c, node, terms[0], output)
    elif len(terms) == 2:
        double(c, node, terms[0], terms[1], output)
    else:
        raise Unsupported(f"Einsum of {len(terms)} operands")


def parse(node: Node, equation: str, ranks: list[int]) -> tuple[list[str], str]:
    """Terms with the ellipsis spelt out in letters of its own."""
    left, arrow, output = equation.partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        node.fail(
            f"equation {equation!r} has {len(terms)} terms for {len(ranks)} inputs; export the model again"
        )
    spare = [letter for letter in string.ascii_letters if letter not in equation]
    widths = [rank - len(term.replace("...", "")) for term, rank in zip(terms, ranks, strict=True)]
    widest = max([width for term, width in zip(terms, widths, strict=True) if "..." in term], default=0)
    if not 0 <= widest <= len(spare):
        node.fail(f"equation {equation!r} does not fit inputs of {ranks} axes; export the model again")
    letters = "".join(spare[:widest])
    spelt = [term.replace("...", letters[widest - width :] if width > 0 else "")
             for term, width in zip(terms, widths, strict=True)]  # fmt: skip
    for term, rank in zip(spelt, ranks, strict=True):
        if len(term) != rank or (not term.isalpha() and term):
            node.fail(f"equation {equation!r} does not fit inputs of {ranks} axes; export the model again")
    if not arrow:
        joined = "".join(spelt)
        output = letters + "".join(
            sorted(each for each in set(joined) if joined.count(each) == 1 and each not in letters)
        )
    output = output.replace("...", letters)
    if len(set(output)) != len(output) or not set(output) <= set("".join(spelt)):
        node.fail(f"equation {equation!r} names outputs that no input has, or twice; export the model again")
    return spelt, output


def single(c: Context, node: Node, term: str, output: str) -> None:
    """Sums over what the output lacks, then a transpose."""
    if len(set(term)) != len(term):
        raise Unsupported("Einsum with a diagonal")
    x = summed(c, node, c.x(node), term, output)
    term = "".join(each for each in term if each in output)
    c.b.alias(node.outputs[0], ordered(c, node, x, term, output, "transpose"))


def summed(c: Context, node: Node, x: str, term: str, kept: str) -> str:
    gone = [axis for axis, each in enumerate(term) if each not in kept]
    return c.part(node, "reduce", [x], "sum", function="sum", axes=gone, keep_dims=False) if gone else x


def ordered(c: Context, node: Node, x: str, term: str, wanted: str, suffix: str) -> str:
    perm = [term.index(each) for each in wanted]
    return c.part(node, "transpose", [x], suffix, perm=perm) if perm != sorted(perm) else x


def double(c: Context, node: Node, a: str, b: str, output: str) -> None:
    """batch: in all three; inner: in both inputs only; rows and columns: in one input and the output."""
    if len(set(a)) != len(a) or len(set(b)) != len(b):
        raise Unsupported("Einsum with a diagonal")
    x = summed(c, node, c.x(node, 0), a, b + output)
    y = summed(c, node, c.x(node, 1), b, a + output)
    a, b = (
        "".join(each for each in a if each in b + output),
        "".join(each for each in b if each in a + output),
    )
    extents = dict(zip(a, c.b.shape(x), strict=True))
    for each, extent in zip(b, c.b.shape(y), strict=True):
        if extents.setdefault(each, extent) != extent:
            if 1 not in (extents[each], extent):
                node.fail(
                    f"axis {each!r} is {extents[each]} in one input and {extent} in the other; they must agree"
                )
            raise Unsupported("Einsum with broadcast extents")
    batch = "".join(each for each in output if each in a and each in b)
    inner = "".join(each for each in a if each in b and each not in output)
    rows = "".join(each for each in output if each in a and each not in b)
    columns = "".join(each for each in output if each in b and each not in a)

    def size(letters: str) -> int:
        return math.prod(extents[each] for each in letters)

    left = ordered(c, node, x, a, batch + rows + inner, "left")
    left = c.reshaped(node, left, [size(batch), size(rows), size(inner)], "left_matrix")
    right = ordered(c, node, y, b, batch + inner + columns, "right")
    right = c.reshaped(node, right, [size(batch), size(inner), size(columns)], "right_matrix")
    kind = {"kind": "matmul"} if inner else {"kind": "binary", "function": "mul"}
    product = c.part(node, inputs=[left, right], suffix="product", **kind)
    product = c.reshaped(node, product, [extents[each] for each in batch + rows + columns], "axes")
    c.b.alias(node.outputs[0], ordered(c, node, product, batch + rows + columns, output, "transpose"))
