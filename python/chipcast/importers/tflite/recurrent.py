# SPDX-License-Identifier: Apache-2.0
"""Recurrent operators; weights of the gates are stored apart in the file and together in the graph."""

from __future__ import annotations

import tflite

from chipcast.importers.errors import fail
from chipcast.importers.tflite.context import Context, handles
from chipcast.importers.tflite.reader import Operator

PEEPHOLES, PROJECTION = range(9, 12), 16


@handles("UNIDIRECTIONAL_SEQUENCE_LSTM")
def lstm(c: Context, op: Operator) -> None:
    c.need(op, 1)
    if c.has(op, PROJECTION) or any(c.has(op, position) for position in PEEPHOLES):
        fail(op.place, "LSTM with projection or peephole weights is not supported; export a plain LSTM")
    time_major = bool(c.options(op, tflite.UnidirectionalSequenceLSTMOptions).TimeMajor())
    cell(c, op, "lstm", 4, (2, 6), time_major)


@handles("UNIDIRECTIONAL_SEQUENCE_RNN")
def rnn(c: Context, op: Operator) -> None:
    c.need(op, 3)
    cell(c, op, "rnn", 1, (1, 2), bool(c.options(op, tflite.SequenceRNNOptions).TimeMajor()))


def cell(c: Context, op: Operator, kind: str, gates: int, weights: tuple[int, int], time_major: bool) -> None:
    """`weights` are the positions of one gate's input and recurrent weights."""
    if not all(c.stored(op, position) for position in weights):
        fail(op.place, "its weights are not stored in the model; export it again")
    hidden, width = (*c.network.tensors[op.inputs[weights[0]]].shape, 0, 0)[:2]
    x = c.x(op, 0)
    if c.b.type(x).rank != 3 or c.b.shape(x)[2] != width or hidden < 1:
        fail(op.place, f"input {c.b.shape(x)} does not fit weights {(hidden, width)}; the file is damaged")
    dtype = c.dtype(op.inputs[weights[0]], op.place)
    name = c.name(op)
    w = c.b.weight(f"{name}/input_weights", [1, gates * hidden, width], dtype)
    r = c.b.weight(f"{name}/recurrent_weights", [1, gates * hidden, hidden], dtype)
    bias = c.b.weight(f"{name}/bias", [1, 2 * gates * hidden], "fp32")
    batch_first = not time_major
    y = c.b.op("recurrent", [x, w, r, bias], c.out(op) if batch_first else 1, name=name, place=op.place, cell=kind,
               hidden=hidden, batch_first=batch_first)[0]  # fmt: skip
    if time_major:
        steps, _, batch, _ = c.b.shape(y)
        c.b.reshape(y, [steps, batch, hidden], c.out(op), name=f"{name}/steps", place=op.place)
