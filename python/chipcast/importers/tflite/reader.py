# SPDX-License-Identifier: Apache-2.0
"""Takes a TFLite flatbuffer apart into plain records, with every length and index checked."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import tflite

from chipcast.importers.errors import fail, plain, quoted
from chipcast.importers.limits import ImportLimits

IDENTIFIER = b"TFL3"
LEAST_BYTES = 8
MOST_TENSORS = 4_000_000
BROKEN = (struct.error, IndexError, TypeError, ValueError, OverflowError, AttributeError, RecursionError)
REMEDY = "the file is cut off or damaged; export it again"

DTYPES = {
    "FLOAT32": "fp32", "FLOAT16": "fp16", "FLOAT64": "fp64", "BFLOAT16": "bf16", "INT64": "int64", "UINT64": "int64",
    "INT32": "int32", "UINT32": "int32", "INT16": "int16", "UINT16": "int16", "INT8": "int8", "UINT8": "uint8",
    "INT4": "int4", "BOOL": "bool",
}  # fmt: skip
NUMPY = {"FLOAT32": "<f4", "INT32": "<i4", "INT64": "<i8", "BOOL": "?"}


def names_of(enumeration: type) -> dict[int, str]:
    """Number -> name of a generated enumeration class."""
    return {value: name for name, value in vars(enumeration).items() if isinstance(value, int)}


BUILTINS = names_of(tflite.BuiltinOperator)
TENSOR_TYPES = names_of(tflite.TensorType)
CUSTOM = tflite.BuiltinOperator.CUSTOM
T = TypeVar("T")


@dataclass
class TensorRecord:
    """A tensor as the file declares it."""

    name: str
    shape: tuple[int, ...]
    signature: tuple[int, ...]
    type: str
    stored: bool
    variable: bool
    data: bytes | None = field(default=None, repr=False)
    raw: np.ndarray | None = field(default=None, repr=False)
    """All stored bytes, a view of the file; none for sparse tensors."""
    quantization: dict[str, Any] | None = None


@dataclass
class Operator:
    """An operator; `kind` is the builtin's name or the custom code."""

    index: int
    kind: str
    inputs: list[int]
    outputs: list[int]
    options_type: int
    options: Any
    custom: bytes
    place: str


@dataclass
class Network:
    """The main subgraph."""

    tensors: list[TensorRecord]
    operators: list[Operator]
    inputs: list[int]
    outputs: list[int]


def read_network(data: bytes, source: str, limits: ImportLimits) -> Network:
    """The main subgraph of the file. Generated readers trust offsets: whatever they raise is the file's fault."""
    if len(data) < LEAST_BYTES or data[4:8] != IDENTIFIER:
        fail(
            source,
            f"no TFLite model: bytes 4 to 8 are {data[4:8]!r}, not {IDENTIFIER!r}; give a .tflite file",
        )
    return guarded(source, lambda: Reader(data, source, limits).network())


def guarded(place: str, action: Callable[[], T]) -> T:
    """Runs code that reads the flatbuffer; turns what a bad offset raises into an InputError."""
    from chipcast._core import InputError

    try:
        return action()
    except InputError:
        raise
    except BROKEN as error:
        fail(place, f"the flatbuffer is damaged ({type(error).__name__}: {str(error)[:120]}); {REMEDY}")


class Reader:
    """Walks the generated accessors. Vectors may share bytes, so what is read in all is limited too."""

    def __init__(self, data: bytes, source: str, limits: ImportLimits) -> None:
        self.data = data
        self.source = source
        self.limits = limits
        self.budget = 4 * len(data) + 65536

    def network(self) -> Network:
        model = tflite.Model.GetRootAs(self.data, 0)
        if self.count(model.SubgraphsLength(), "subgraphs") < 1:
            fail(self.source, f"the model has no subgraph; {REMEDY}")
        graph = model.Subgraphs(0)
        kinds = [
            self.kind(model.OperatorCodes(i)) for i in range(self.count(model.OperatorCodesLength(), "codes"))
        ]
        tensors = [
            self.tensor(model, graph.Tensors(i), i)
            for i in range(self.count(graph.TensorsLength(), "tensors", MOST_TENSORS))
        ]
        operators = [
            self.operator(graph.Operators(i), i, kinds)
            for i in range(self.count(graph.OperatorsLength(), "operators", self.limits.nodes))
        ]
        network = Network(
            tensors,
            operators,
            self.numbers(graph.Inputs, graph.InputsLength(), "inputs"),
            self.numbers(graph.Outputs, graph.OutputsLength(), "outputs"),
        )
        self.check_indices(network)
        return network

    def count(self, length: int, what: str, most: int | None = None) -> int:
        """A vector's length, taken out of the budget of what the file can hold."""
        self.budget -= length
        if self.budget < 0 or (most is not None and length > most):
            fail(self.source, f"{length} {what} are more than the file can hold or than is allowed; {REMEDY}")
        return length

    def numbers(self, item: Callable[[int], int], length: int, what: str) -> list[int]:
        return [int(item(i)) for i in range(self.count(length, what))]

    def kind(self, code: Any) -> str:
        number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        if number == CUSTOM:
            return text_of(code.CustomCode()) or "CUSTOM"
        return BUILTINS.get(number, f"builtin operator {number}")

    def tensor(self, model: Any, tensor: Any, index: int) -> TensorRecord:
        name = text_of(tensor.Name()) or f"tensor_{index}"
        place = f"{self.source}: tensor {index} {quoted(name)}"
        type_ = TENSOR_TYPES.get(tensor.Type(), str(tensor.Type()))
        shape = tuple(self.numbers(tensor.Shape, tensor.ShapeLength(), "extents"))
        signature = tuple(self.numbers(tensor.ShapeSignature, tensor.ShapeSignatureLength(), "extents"))
        if len(shape) > 8 or any(not -1 <= extent < 2**31 for extent in shape):
            fail(place, f"shape {list(shape[:9])} must have at most 8 extents in [0, {2**31 - 1}]; {REMEDY}")
        buffer = self.buffer(model, tensor.Buffer(), place)
        size = buffer.DataLength() if buffer is not None else 0
        stored = size > 0 or (buffer is not None and buffer.Offset() > 1)
        record = TensorRecord(name, shape, signature, type_, stored, bool(tensor.IsVariable()))
        if size and tensor.Sparsity() is None:
            check_size(record, size, place)
            record.data = self.small_data(buffer, size, type_)
            record.raw = buffer.DataAsNumpy()
        elif stored and tensor.Sparsity() is None:
            record.raw = self.beyond(buffer)
        record.quantization = self.quantization(tensor.Quantization(), record, place)
        return record

    def buffer(self, model: Any, index: int, place: str) -> Any:
        if index >= model.BuffersLength():
            fail(place, f"buffer {index} does not exist, there are {model.BuffersLength()}; {REMEDY}")
        return model.Buffers(index) if index else None

    def beyond(self, buffer: Any) -> np.ndarray | None:
        """Bytes that lie after the flatbuffer, as in files of more than 2 GiB."""
        start, size = buffer.Offset(), buffer.Size()
        return np.frombuffer(self.data, np.uint8, size, start) if start + size <= len(self.data) else None

    def small_data(self, buffer: Any, size: int, type_: str) -> bytes | None:
        """The bytes of constants that may take part in the arithmetic of shapes."""
        if type_ not in NUMPY or size > 8 * self.limits.folded_elements:
            return None
        data = buffer.DataAsNumpy().tobytes()
        return data if len(data) == size else None

    def quantization(self, table: Any, record: TensorRecord, place: str) -> dict[str, Any] | None:
        if table is None or table.ScaleLength() == 0:
            return None
        scales = [float(table.Scale(i)) for i in range(self.count(table.ScaleLength(), "scales"))]
        zeros = self.numbers(table.ZeroPoint, table.ZeroPointLength(), "zero points")
        if not np.isfinite(scales).all():
            fail(place, f"a quantisation scale is not a finite number; {REMEDY}")
        if len(zeros) not in (0, len(scales)):
            fail(place, f"{len(scales)} scales but {len(zeros)} zero points; {REMEDY}")
        out: dict[str, Any] = {"scales": scales, "zero_points": zeros or [0] * len(scales)}
        if len(scales) > 1:
            axis = table.QuantizedDimension()
            if not 0 <= axis < len(record.shape) or record.shape[axis] != len(scales):
                fail(
                    place,
                    f"{len(scales)} scales along axis {axis} do not fit shape {list(record.shape)}; {REMEDY}",
                )
            out["axis"] = axis
        return out

    def operator(self, op: Any, index: int, kinds: Sequence[str]) -> Operator:
        place = f"{self.source}: operator {index}"
        if op.OpcodeIndex() >= len(kinds):
            fail(place, f"operator code {op.OpcodeIndex()} does not exist, there are {len(kinds)}; {REMEDY}")
        kind = kinds[op.OpcodeIndex()]
        custom = op.CustomOptionsAsNumpy().tobytes() if op.CustomOptionsLength() else b""
        return Operator(
            index,
            kind,
            self.numbers(op.Inputs, op.InputsLength(), "inputs"),
            self.numbers(op.Outputs, op.OutputsLength(), "outputs"),
            op.BuiltinOptionsType(),
            op.BuiltinOptions(),
            custom,
            f"{place} ({plain(kind)})",
        )

    def check_indices(self, network: Network) -> None:
        count = len(network.tensors)
        lists = [("inputs of the model", self.source, network.inputs, 0)]
        lists.append(("outputs of the model", self.source, network.outputs, 0))
        for op in network.operators:
            lists.append(("inputs", op.place, op.inputs, -1))
            lists.append(("outputs", op.place, op.outputs, 0))
        for what, place, indices, least in lists:
            for index in indices:
                if not least <= index < count:
                    fail(place, f"{what} name tensor {index}, there are {count}; {REMEDY}")


def text_of(raw: bytes | None) -> str:
    return raw.decode("utf-8", "replace") if raw else ""


def check_size(record: TensorRecord, size: int, place: str) -> None:
    """Stored bytes must be what the shape says."""
    if record.type not in DTYPES:
        return
    bits = {"INT4": 4, "BOOL": 8}.get(record.type) or int("".join(c for c in record.type if c.isdigit()))
    elements = 1
    for extent in record.shape:
        elements *= extent
    if size != (elements * bits + 7) // 8:
        fail(place, f"{size} bytes are stored, shape {list(record.shape)} of {record.type} needs "
                    f"{(elements * bits + 7) // 8}; {REMEDY}")  # fmt: skip
