# SPDX-License-Identifier: Apache-2.0
"""Control flow that is decided while the model is read."""

from __future__ import annotations

from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import Node, Unsupported, handles


@handles("If")
def branch(c: Context, node: Node) -> None:
    """A known condition: the nodes of its branch take the place of the If."""
    node.need(1)
    condition = c.value(node, 0)
    if condition is None or condition.size != 1:
        raise Unsupported("If with a condition computed at run time")
    chosen = "then_branch" if bool(condition.reshape(-1)[0]) else "else_branch"
    graph = node.graph(chosen)
    if len(graph.output) != len(node.outputs):
        node.fail(
            f"{chosen} gives {len(graph.output)} tensors, {len(node.outputs)} are expected; export it again"
        )
    scope = dict(node.scope)
    c.run(graph, scope, prefix=f"{node.name}/")
    for output, inner in zip(node.outputs, graph.output, strict=True):
        name = scope.get(inner.name, inner.name)
        if name in c.unknown:
            c.unknown.add(output)
        elif output:
            c.b.alias(output, c.quantized.read(node, name))
    c.b.note("import", node.name, f"the condition is a constant; {chosen} takes the place of the If")
