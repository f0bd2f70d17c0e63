# SPDX-License-Identifier: Apache-2.0
"""ONNX number formats, and tensors that are stored in a model."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np
from onnx import SparseTensorProto, TensorProto, numpy_helper

from chipcast.importers.builder import LARGEST_EXTENT, LARGEST_TENSOR
from chipcast.importers.contents import STORED, check_sign, truths
from chipcast.importers.errors import fail, quoted
from chipcast.importers.folder import Folder

DTYPES = {
    TensorProto.FLOAT: "fp32", TensorProto.DOUBLE: "fp64", TensorProto.FLOAT16: "fp16", TensorProto.BFLOAT16: "bf16",
    TensorProto.INT64: "int64", TensorProto.UINT64: "int64", TensorProto.INT32: "int32", TensorProto.UINT32: "int32",
    TensorProto.INT16: "int16", TensorProto.UINT16: "int16", TensorProto.INT8: "int8", TensorProto.UINT8: "uint8",
    TensorProto.INT4: "int4", TensorProto.UINT4: "uint4", TensorProto.BOOL: "bool",
}  # fmt: skip
BITS = {
    TensorProto.FLOAT: 32, TensorProto.DOUBLE: 64, TensorProto.FLOAT16: 16, TensorProto.BFLOAT16: 16,
    TensorProto.INT64: 64, TensorProto.UINT64: 64, TensorProto.INT32: 32, TensorProto.UINT32: 32,
    TensorProto.INT16: 16, TensorProto.UINT16: 16, TensorProto.INT8: 8, TensorProto.UINT8: 8, TensorProto.BOOL: 8,
    TensorProto.INT4: 4, TensorProto.UINT4: 4, TensorProto.COMPLEX64: 64, TensorProto.COMPLEX128: 128,
    TensorProto.FLOAT8E4M3FN: 8, TensorProto.FLOAT8E4M3FNUZ: 8, TensorProto.FLOAT8E5M2: 8,
    TensorProto.FLOAT8E5M2FNUZ: 8,
}  # fmt: skip
# The field that holds a format's values where raw_data does not, and how many of its entries one value takes
# (4-bit values: two to an entry).
FIELDS = {
    TensorProto.FLOAT: ("float_data", 1.0), TensorProto.COMPLEX64: ("float_data", 2.0),
    TensorProto.DOUBLE: ("double_data", 1.0), TensorProto.COMPLEX128: ("double_data", 2.0),
    TensorProto.INT64: ("int64_data", 1.0), TensorProto.UINT64: ("uint64_data", 1.0),
    TensorProto.UINT32: ("uint64_data", 1.0), TensorProto.STRING: ("string_data", 1.0),
    TensorProto.INT4: ("int32_data", 0.5), TensorProto.UINT4: ("int32_data", 0.5),
}  # fmt: skip
VALUE_TYPES = {
    TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.INT64, TensorProto.UINT64,
    TensorProto.INT32, TensorProto.UINT32, TensorProto.INT16, TensorProto.UINT16, TensorProto.INT8, TensorProto.UINT8,
    TensorProto.BOOL,
}  # fmt: skip


def type_name(number: int) -> str:
    return TensorProto.DataType.Name(number) if number in TensorProto.DataType.values() else str(number)


def dtype_name(number: int, place: str) -> str:
    """The document's name of an ONNX number format."""
    if number not in DTYPES:
        fail(place, f"number format {type_name(number)} is not supported; "
                    f"convert it to one of {', '.join(sorted(set(DTYPES.values())))}")  # fmt: skip
    return DTYPES[number]


def check_text(place: str, names: Iterable[object]) -> None:
    """protobuf gives bytes where a name is not UTF-8."""
    for name in names:
        if not isinstance(name, str):
            fail(place, f"name {quoted(name)} is not UTF-8 text; the file is damaged, export it again")


def check_dims(dims: list[int], place: str) -> None:
    """Extents of a stored tensor: 0 to 2^31 - 1, and a product that stays far from overflow."""
    for axis, extent in enumerate(dims):
        if not 0 <= extent <= LARGEST_EXTENT:
            fail(place, f"extent {extent} of axis {axis} is outside [0, {LARGEST_EXTENT}]; correct the shape")
    if len(dims) > 8:
        fail(place, f"{len(dims)} axes are more than the 8 allowed; correct the shape")
    if math.prod(dims) > LARGEST_TENSOR:
        fail(
            place,
            f"shape {dims} has {math.prod(dims)} elements, more than {LARGEST_TENSOR}; correct the shape",
        )


def check_tensor(tensor: TensorProto, place: str) -> None:
    """Shape and stored bytes of a tensor fit each other. External data is judged by its name and not opened."""
    dims = list(tensor.dims)
    check_dims(dims, place)
    count = math.prod(dims)
    if tensor.data_location == TensorProto.EXTERNAL:
        check_external(tensor, count, place)
        return
    if tensor.HasField("raw_data"):
        check_bytes(tensor, len(tensor.raw_data), count, place, "raw_data has")
        return
    field, per_value = FIELDS.get(tensor.data_type, ("int32_data", 1.0))
    stored = len(getattr(tensor, field))
    if stored != math.ceil(count * per_value):
        fail(place, f"{field} has {stored} entries, shape {dims} of {type_name(tensor.data_type)} needs "
                    f"{math.ceil(count * per_value)}; the file is damaged, export it again")  # fmt: skip


def check_bytes(tensor: TensorProto, stored: int, count: int, place: str, what: str) -> None:
    bits = BITS.get(tensor.data_type)
    if bits is None:
        fail(
            place,
            f"number format {type_name(tensor.data_type)} cannot be stored as raw data; export it again",
        )
    if stored != (count * bits + 7) // 8:
        fail(place, f"{what} {stored} bytes, shape {list(tensor.dims)} of {type_name(tensor.data_type)} needs "
                    f"{(count * bits + 7) // 8}; the file is damaged, export it again")  # fmt: skip


def check_external(tensor: TensorProto, count: int, place: str) -> None:
    check_text(place, (text for entry in tensor.external_data for text in (entry.key, entry.value)))
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = entries.get("location", "")
    if not location or leaves_folder(location):
        fail(place, f"external data {quoted(location)} is not a file inside the model's folder; "
                    "use a relative path without ..")  # fmt: skip
    length = entries.get("length", "")
    if length and tensor.data_type in BITS:
        if not length.isdecimal() or len(length) > 18:
            fail(
                place, f"external data length {quoted(length)} is no number of bytes; export the model again"
            )
        check_bytes(tensor, int(length), count, place, "external data has")


def leaves_folder(location: str) -> bool:
    """True for absolute paths and for those that climb, in the notation of any system."""
    if "\0" in location:
        return True
    for path in (PurePosixPath(location), PureWindowsPath(location)):
        if path.is_absolute() or path.drive or path.root or ".." in path.parts:
            return True
    return False


def small_value(tensor: TensorProto, limit: int) -> np.ndarray | None:
    """The values of a checked tensor that is small and numeric."""
    if tensor.data_location == TensorProto.EXTERNAL or tensor.data_type not in VALUE_TYPES:
        return None
    if math.prod(tensor.dims) > limit:
        return None
    return truths(numpy_helper.to_array(tensor))


def stored_value(tensor: TensorProto | SparseTensorProto, folder: Folder | None, place: str) -> np.ndarray:
    """All values of a checked tensor in the format of the graph; 4-bit values take a byte each."""
    if isinstance(tensor, SparseTensorProto):
        return dense(tensor, folder, place)
    dtype = STORED[dtype_name(tensor.data_type, place)]
    if tensor.data_location == TensorProto.EXTERNAL:
        raw = external_bytes(tensor, folder, place)
        inner = TensorProto(dims=tensor.dims, data_type=tensor.data_type, raw_data=raw.tobytes())
        return as_stored(numpy_helper.to_array(inner), dtype, place)
    return as_stored(numpy_helper.to_array(tensor), dtype, place)


def as_stored(value: np.ndarray, dtype: np.dtype[Any], place: str) -> np.ndarray:
    check_sign(value, place)
    return truths(value).astype(dtype, copy=False)


def external_bytes(tensor: TensorProto, folder: Folder | None, place: str) -> np.ndarray:
    """The bytes of a tensor in a file beside the model."""
    if folder is None:
        fail(place, "external data lie in the folder of a file; give the path of the model")
    entries = {entry.key: entry.value for entry in tensor.external_data}
    offset = entries.get("offset", "0") or "0"
    if not offset.isdecimal() or len(offset) > 18:
        fail(place, f"external data offset {quoted(offset)} is no number of bytes; export the model again")
    size = (math.prod(tensor.dims) * BITS[tensor.data_type] + 7) // 8
    return folder.read(entries["location"], int(offset), size, place)


def dense(tensor: SparseTensorProto, folder: Folder | None, place: str) -> np.ndarray:
    """A sparse tensor with its zeros. Indices are places in the flattened tensor, or one per axis."""
    values = stored_value(tensor.values, folder, place)
    indices = numpy_helper.to_array(tensor.indices).astype(np.int64)
    shape = tuple(tensor.dims)
    out = np.zeros(shape, values.dtype)
    if indices.ndim == 2 and indices.shape[1] == len(shape):
        indices = (
            np.ravel_multi_index(tuple(indices.T), shape, mode="raise") if indices.size else indices[:, 0]
        )
    if indices.shape != values.shape or (indices.size and not 0 <= indices.min() <= indices.max() < out.size):
        fail(place, f"indices of shape {list(indices.shape)} do not address a tensor of shape {list(shape)}; "
                    "export the model again")  # fmt: skip
    out.reshape(-1)[indices] = values
    return out
