# SPDX-License-Identifier: Apache-2.0
"""What the handlers of TFLite operators share: tensors by index, options, fused activations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import tflite

from chipcast.importers.builder import Builder
from chipcast.importers.contents import STORED
from chipcast.importers.errors import fail, quoted
from chipcast.importers.tflite.reader import DTYPES, NUMPY, Network, Operator, guarded

Activation = tflite.ActivationFunctionType
ACTIVATIONS: dict[int, tuple[str, dict[str, Any]]] = {
    Activation.RELU: ("relu", {"function": "relu"}),
    Activation.RELU_N1_TO_1: ("relu_n1_to_1", {"function": "clip", "min": -1.0, "max": 1.0}),
    Activation.RELU6: ("relu6", {"function": "clip", "min": 0.0, "max": 6.0}),
    Activation.TANH: ("tanh", {"function": "tanh"}),
    Activation.SIGN_BIT: ("sign", {"function": "sign"}),
}
# Generated tables answer with defaults once they have a place to read from: a vtable without fields, and a table
# that points back to it.
EMPTY_TABLE = bytes((4, 0, 4, 0, 4, 0, 0, 0))


class Context:
    """A network on its way into a Builder. Parameters are declared when they are first read."""

    def __init__(self, network: Network, builder: Builder) -> None:
        self.network = network
        self.b = builder
        self.names = self._unique_names()
        self.consumers: dict[int, list[Operator]] = {}
        for op in network.operators:
            for index in set(op.inputs):
                self.consumers.setdefault(index, []).append(op)
        self.skipped: set[int] = set()
        builder.reserve(self.names)

    def _unique_names(self) -> list[str]:
        names: list[str] = []
        seen: dict[str, int] = {}
        for record in self.network.tensors:
            name = record.name
            while name in seen:
                seen[record.name] += 1
                name = f"{record.name}.{seen[record.name]}"
            seen[name] = 1
            names.append(name)
        return names

    # Tensors

    def dtype(self, index: int, place: str) -> str:
        type_ = self.network.tensors[index].type
        if type_ not in DTYPES:
            fail(
                place, f"tensor {quoted(self.names[index])} holds {type_}, which is not supported; remove it"
            )
        return DTYPES[type_]

    def has(self, op: Operator, position: int) -> bool:
        return position < len(op.inputs) and op.inputs[position] >= 0

    def x(self, op: Operator, position: int = 0) -> str:
        """Name of an input; "" where it is absent."""
        if not self.has(op, position):
            return ""
        index = op.inputs[position]
        if not self.b.knows(self.names[index]):
            self._declare(index, op.place)
        return self.names[index]

    def need(self, op: Operator, inputs: int, outputs: int = 1) -> None:
        have = sum(index >= 0 for index in op.inputs[:inputs])
        if have < inputs or len(op.outputs) < outputs:
            fail(op.place, f"has {have} inputs and {len(op.outputs)} outputs, needs {inputs} and {outputs}; "
                           "the file is damaged")  # fmt: skip

    def _declare(self, index: int, place: str) -> None:
        record = self.network.tensors[index]
        if not record.stored and not record.variable:
            fail(
                place,
                f"reads tensor {quoted(self.names[index])} before anything writes it; the file is damaged",
            )
        if record.data is not None and record.quantization is None:
            value = np.frombuffer(record.data, dtype=NUMPY[record.type]).reshape(record.shape)
            self.b.add_value(self.names[index], value)
        else:
            self.b.add_parameter(
                self.names[index], record.shape, self.dtype(index, place), record.quantization,
                lambda: self.array(index, place),
            )  # fmt: skip

    def array(self, index: int, place: str) -> np.ndarray:
        """What is stored in a tensor, in the file's order of axes; 4-bit values take a byte each."""
        record = self.network.tensors[index]
        if record.variable and not record.stored:
            zeros = (record.quantization or {}).get("zero_points", [0])
            return np.full(record.shape, zeros[0], STORED[self.dtype(index, place)])
        if record.raw is None:
            fail(place, f"tensor {quoted(self.names[index])} is stored sparsely or cut off, and its values are not "
                        "read; store it densely")  # fmt: skip
        if record.type == "INT4":
            return unpacked(record.raw, math.prod(record.shape)).reshape(record.shape)
        return record.raw.view(STORED[self.dtype(index, place)]).reshape(record.shape)

    def stored(self, op: Operator, position: int) -> bool:
        return self.has(op, position) and self.network.tensors[op.inputs[position]].stored

    def relaid(self, op: Operator, position: int, perm: Sequence[int], axis: int) -> str:
        """A weight in another order of axes: `perm[i]` is the file's axis that becomes axis i; `axis` is the new
        channel axis."""
        if not self.stored(op, position):
            fail(op.place, "weights that are computed are not supported; store them in the model")
        index = op.inputs[position]
        record = self.network.tensors[index]
        quantization = record.quantization
        if quantization and "axis" in quantization:
            quantization = {**quantization, "axis": axis}
        name = self.names[index]
        name = self.b.fresh(f"{name}/relaid") if self.b.knows(name) else name
        dtype = self.dtype(index, op.place)
        if len(record.shape) != len(perm):
            fail(op.place, f"weights {record.shape} must have {len(perm)} axes; the file is damaged")
        return self.b.add_parameter(name, [record.shape[i] for i in perm], dtype, quantization,
                                    lambda: self.array(index, op.place).transpose(perm))  # fmt: skip

    def ints(self, op: Operator, position: int, what: str) -> list[int]:
        """A constant input as a flat list of whole numbers."""
        value = self.b.value(self.x(op, position)) if self.has(op, position) else None
        if value is None or not np.issubdtype(value.dtype, np.integer):
            fail(op.place, f"{what} must be a constant of whole numbers; export the model with fixed shapes")
        return [int(each) for each in value.reshape(-1)]

    def one(self, op: Operator, position: int, what: str) -> int:
        values = self.ints(op, position, what)
        if len(values) != 1:
            fail(op.place, f"{what} must be one number, got {len(values)}; the file is damaged")
        return values[0]

    def out(self, op: Operator, position: int = 0) -> str:
        return self.names[op.outputs[position]]

    # Operators

    def name(self, op: Operator) -> str:
        """Operators have no names of their own: they take that of their first output."""
        return self.names[op.outputs[0]].split(";")[0] or f"{op.kind.lower()}_{op.index}"

    def options(self, op: Operator, kind: type) -> Any:
        """The operator's options table as `kind`; its defaults where the file leaves it out."""
        options = kind()
        if op.options is None:
            options.Init(EMPTY_TABLE, 4)
            return options
        expected = getattr(tflite.BuiltinOptions, kind.__name__, None)
        if expected is not None and op.options_type not in (expected, 0):
            fail(
                op.place, f"carries options of another operator (type {op.options_type}); the file is damaged"
            )
        options.Init(op.options.Bytes, op.options.Pos)
        return options

    def emit(
        self,
        op: Operator,
        kind: str,
        inputs: Iterable[str],
        *,
        activation: int = 0,
        output: str = "",
        **attributes: Any,
    ) -> None:
        """One operator that writes the first output, and the activation that is fused into it as one of its own."""
        out, name = output or self.out(op), self.name(op)
        if not activation:
            self.b.op(kind, list(inputs), out, name=name, place=op.place, **attributes)
            return
        if activation not in ACTIVATIONS:
            fail(op.place, f"fused activation {activation} is not known; the file is damaged or too new")
        word, function = ACTIVATIONS[activation]
        raw = self.b.op(kind, list(inputs), 1, name=name, place=op.place, **attributes)[0]
        if raw in self.b.tensors:
            self.b.retype(
                raw, self.dtype(op.outputs[0], op.place), self.network.tensors[op.outputs[0]].quantization
            )
        self.b.op("unary", [raw], out, name=f"{name}/{word}", place=op.place, **function)

    def settle(self, op: Operator) -> None:
        """Number formats and quantisation are the file's; shapes that differ are noted."""
        for index in op.outputs:
            name, record = self.names[index], self.network.tensors[index]
            if self.b.resolve(name) != name or name not in self.b.tensors:
                continue
            self.b.retype(name, self.dtype(index, op.place), record.quantization)
            if comparable(record.signature, record.shape) and record.shape != self.b.shape(name):
                self.b.note("import", self.name(op), f"the file gives shape {record.shape}, the operators "
                                                     f"{self.b.shape(name)}, which counts")  # fmt: skip


def unpacked(raw: np.ndarray, count: int) -> np.ndarray:
    """Two signed 4-bit values a byte, the first in the low half."""
    halves = np.empty((raw.size, 2), np.int8)
    halves[:, 0] = raw.view(np.int8) << 4 >> 4
    halves[:, 1] = raw.view(np.int8) >> 4
    return halves.reshape(-1)[:count]


def comparable(signature: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """The declared shape is one to compare with: known, and open along the batch at most."""
    return bool(shape) and min(shape) >= 1 and all(extent >= 0 for extent in signature[1:])


Handler = Callable[[Context, Operator], None]
HANDLERS: dict[str, Handler] = {}


def handles(*kinds: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(kinds, handler))
        return handler

    return register


def run_handler(context: Context, op: Operator) -> None:
    """Options are read inside handlers, so bad offsets can still show up here."""
    guarded(op.place, lambda: HANDLERS[op.kind](context, op))
    context.settle(op)
