# SPDX-License-Identifier: Apache-2.0
"""Recurrent operators; weights of the gates are stored apart in the file and together in the graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tflite

from chipcast.importers.errors import fail
from chipcast.importers.tflite.context import Context, handles
from chipcast.importers.tflite.reader import Operator

PEEPHOLES, PROJECTION = range(9, 12), 16
LAYER_NORMS = range(20, 24)
# Positions of one gate after the other in the graph's order (input, output, forget, cell), and of the only gate.
LSTM_GATES = ((1, 4, 2, 3), (5, 8, 6, 7), (12, 15, 13, 14))
RNN_GATES = ((1,), (2,), (3,))


@handles("UNIDIRECTIONAL_SEQUENCE_LSTM")
def lstm(c: Context, op: Operator) -> None:
    c.need(op, 1)
    if c.has(op, PROJECTION) or any(c.has(op, position) for position in PEEPHOLES):
        fail(op.place, "LSTM with projection or peephole weights is not supported; export a plain LSTM")
    options = c.options(op, tflite.UnidirectionalSequenceLSTMOptions)
    plain = options.FusedActivationFunction() == tflite.ActivationFunctionType.TANH and not (
        options.CellClip() or options.ProjClip() or any(c.has(op, position) for position in LAYER_NORMS)
    )
    cell(c, op, "lstm", (2, 6), Gates(LSTM_GATES, plain), bool(options.TimeMajor()))


@handles("UNIDIRECTIONAL_SEQUENCE_RNN")
def rnn(c: Context, op: Operator) -> None:
    c.need(op, 3)
    options = c.options(op, tflite.SequenceRNNOptions)
    plain = options.FusedActivationFunction() == tflite.ActivationFunctionType.TANH
    cell(c, op, "rnn", (1, 2), Gates(RNN_GATES, plain), bool(options.TimeMajor()))


@dataclass(frozen=True)
class Gates:
    """Where the gates' input weights, recurrent weights and biases stand among the inputs."""

    positions: tuple[tuple[int, ...], ...]
    plain: bool
    """The graph's cell computes what the file's does."""

    def array(self, c: Context, op: Operator, part: int) -> np.ndarray:
        """Those of all gates, one below the other."""
        indices = [op.inputs[position] if c.has(op, position) else -1 for position in self.positions[part]]
        if not self.plain or -1 in indices or any(c.network.tensors[i].quantization for i in indices):
            fail(op.place, "values of a cell with coupled gates, clipping, another activation than tanh, layer "
                           "normalisation or quantised weights have no form in the graph; "
                           "export a plain floating-point cell")  # fmt: skip
        return np.concatenate([c.array(i, op.place) for i in indices])[np.newaxis]


def cell(
    c: Context, op: Operator, kind: str, weights: tuple[int, int], gates: Gates, time_major: bool
) -> None:
    """`weights` are the positions of one gate's input and recurrent weights."""
    if not all(c.stored(op, position) for position in weights):
        fail(op.place, "its weights are not stored in the model; export it again")
    hidden, width = (*c.network.tensors[op.inputs[weights[0]]].shape, 0, 0)[:2]
    x = c.x(op, 0)
    if c.b.type(x).rank != 3 or c.b.shape(x)[2] != width or hidden < 1:
        fail(op.place, f"input {c.b.shape(x)} does not fit weights {(hidden, width)}; the file is damaged")
    dtype = c.dtype(op.inputs[weights[0]], op.place)
    name = c.name(op)
    rows = len(gates.positions[0]) * hidden
    w = c.b.weight(f"{name}/input_weights", [1, rows, width], dtype, lambda: gates.array(c, op, 0))
    r = c.b.weight(f"{name}/recurrent_weights", [1, rows, hidden], dtype, lambda: gates.array(c, op, 1))
    bias = c.b.weight(f"{name}/bias", [1, 2 * rows], "fp32", lambda: both_biases(gates.array(c, op, 2)))
    batch_first = not time_major
    y = c.b.op("recurrent", [x, w, r, bias], c.out(op) if batch_first else 1, name=name, place=op.place, cell=kind,
               hidden=hidden, batch_first=batch_first)[0]  # fmt: skip
    if time_major:
        steps, _, batch, _ = c.b.shape(y)
        c.b.reshape(y, [steps, batch, hidden], c.out(op), name=f"{name}/steps", place=op.place)


def both_biases(bias: np.ndarray) -> np.ndarray:
    """The graph has a bias for each product; the file one for their sum."""
    return np.concatenate([bias, np.zeros_like(bias)], axis=1)
