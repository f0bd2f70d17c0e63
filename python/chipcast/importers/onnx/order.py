# SPDX-License-Identifier: Apache-2.0
"""The order in which nodes can run. Iterative: chains may be as long as the file is large."""

from __future__ import annotations

import heapq

from onnx import GraphProto, NodeProto

from chipcast.importers.errors import fail, quoted
from chipcast.importers.onnx.validate import subgraphs

SHOWN = 6


def reads(node: NodeProto) -> set[str]:
    """Names that a node needs: its inputs, and what its subgraphs take from outside."""
    names = set(filter(None, node.input))
    pending = subgraphs(node)
    while pending:
        graph = pending.pop()
        inner = {tensor.name for tensor in graph.initializer} | {value.name for value in graph.input}
        inner.update(name for each in graph.node for name in each.output)
        for each in graph.node:
            names.update(name for name in each.input if name and name not in inner)
            pending += subgraphs(each)
        names.update(output.name for output in graph.output if output.name not in inner)
    return names


def ordered(graph: GraphProto, place: str) -> list[tuple[int, NodeProto]]:
    """Nodes with their numbers in the file, each after those that it reads from; a cycle is named."""
    nodes = list(graph.node)
    producer = {name: index for index, node in enumerate(nodes) for name in node.output if name}
    before = [{producer[name] for name in reads(node) if name in producer} for node in nodes]
    if all(not each or max(each) < index for index, each in enumerate(before)):
        return list(enumerate(nodes))
    sequence = sort(before)
    if len(sequence) < len(nodes):
        fail(place, f"nodes wait for each other in a cycle: {cycle(nodes, before, set(sequence))}; "
                    "a network must have none")  # fmt: skip
    return [(index, nodes[index]) for index in sequence]


def sort(before: list[set[int]]) -> list[int]:
    """Topological order; among nodes that are ready the first of the file."""
    after: list[list[int]] = [[] for _ in before]
    waiting = [len(each) for each in before]
    for index, each in enumerate(before):
        for earlier in each:
            after[earlier].append(index)
    ready = [index for index, count in enumerate(waiting) if count == 0]
    sequence = []
    while ready:
        index = heapq.heappop(ready)
        sequence.append(index)
        for later in after[index]:
            waiting[later] -= 1
            if waiting[later] == 0:
                heapq.heappush(ready, later)
    return sequence


def cycle(nodes: list[NodeProto], before: list[set[int]], done: set[int]) -> str:
    """The nodes of one cycle. Each node that never became ready waits for another such node."""
    index = next(i for i in range(len(nodes)) if i not in done)
    path: list[int] = []
    seen: dict[int, int] = {}
    while index not in seen:
        seen[index] = len(path)
        path.append(index)
        index = min(each for each in before[index] if each not in done)
    loop = path[seen[index] :][::-1]
    names = [quoted(nodes[i].name or f"{nodes[i].op_type} number {i}") for i in [*loop[:SHOWN], loop[0]]]
    return " -> ".join(names)
