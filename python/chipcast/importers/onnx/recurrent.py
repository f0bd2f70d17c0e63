# SPDX-License-Identifier: Apache-2.0
"""LSTM, GRU and RNN."""

from __future__ import annotations

from typing import Any

from chipcast.importers.onnx.context import Context
from chipcast.importers.onnx.node import Node, Unsupported, handles

FUNCTIONS = {"hardsigmoid": "hard_sigmoid", "leakyrelu": "leaky_relu"}
X, W, R, BIAS, LENGTHS, HIDDEN, CELL, PEEPHOLES = range(8)


@handles("LSTM", "GRU", "RNN")
def recurrent(c: Context, node: Node) -> None:
    """layout 1 puts the batch first: in the input, the states and the outputs."""
    node.need(3)
    if node.has(PEEPHOLES) and node.op_type == "LSTM":
        raise Unsupported("LSTM with peepholes")
    if node.has(LENGTHS):
        c.b.note("import", node.name, "sequence lengths are left out; every sequence counts in full")
        c.b.differs(node.place, "ends each sequence at its own length")
    batch_first = bool(node.int("layout"))
    names = [X, W, R, BIAS, HIDDEN, *([CELL] if node.op_type == "LSTM" else [])]
    inputs = [c.x(node, position) for position in names]
    if batch_first:
        inputs[4:] = [transposed(c, node, state) if state else "" for state in inputs[4:]]
    hidden = node.int("hidden_size", c.shape(node, R)[-1] if c.rank(node, R) else 1)
    attributes = {"cell": node.op_type.lower(), "hidden": hidden, "batch_first": batch_first,
                  "bidirectional": node.text("direction", "forward") == "bidirectional",
                  "reverse": node.text("direction", "forward") == "reverse",
                  "linear_before_reset": bool(node.int("linear_before_reset")), **details(c, node)}  # fmt: skip
    if not batch_first:
        c.emit(node, "recurrent", inputs, **attributes)
        return
    count = max(len(node.outputs), 1)
    y, *states = c.b.op("recurrent", inputs, count, name=node.name, place=node.place, **attributes)
    if node.wants(0):
        batch, steps, width = c.b.shape(y)
        c.reshaped(node, y, [batch, steps, width // hidden, hidden])
    for output, state in zip(node.outputs[1:], states, strict=True):
        if output:
            c.b.transpose(state, [1, 0, 2], output, name=f"{node.name}/state", place=node.place)


def details(c: Context, node: Node) -> dict[str, Any]:
    """Functions and bounds that are not the usual ones."""
    if node.int("input_forget"):
        c.b.differs(node.place, "couples the input gate to the forget gate")
    if node.floats("activation_alpha") or node.floats("activation_beta"):
        c.b.differs(node.place, "gives its activations parameters")
    out: dict[str, Any] = {}
    names = [name.lower() for name in node.texts("activations")]
    usual = {"LSTM": ["sigmoid", "tanh", "tanh"], "GRU": ["sigmoid", "tanh"], "RNN": ["tanh"]}[node.op_type]
    if names and names != usual * (len(names) // len(usual)):
        out["activations"] = [FUNCTIONS.get(name, name) for name in names]
    if node.float("clip", 0.0) > 0:
        out["clip"] = node.float("clip", 0.0)
    return out


def transposed(c: Context, node: Node, state: str) -> str:
    return c.part(node, "transpose", [state], "state", perm=[1, 0, 2])
