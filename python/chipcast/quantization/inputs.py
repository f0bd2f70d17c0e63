# SPDX-License-Identifier: Apache-2.0
"""Inputs to calibrate and to measure with: images made at random, or the user's own."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chipcast._core import InputError
from chipcast.formats import FLOATS, RANGES, numpy_format
from chipcast.text import plain

Inputs = dict[str, NDArray[Any]]

SPECTRUM_EXPONENT = 1.0  # amplitude over spatial frequency: natural images have about 1/f (Field 1987)


def natural_image(shape: tuple[int, ...], generator: np.random.Generator) -> NDArray[np.float32]:
    """Gaussian noise whose amplitude falls as 1/f over the last two axes that are longer than 1, with mean 0 and
    standard deviation 1 per plane: smooth as photographs are, unlike white noise, so that neighbours are alike.
    """
    noise = generator.standard_normal(shape)
    axes = [axis for axis in range(1, len(shape)) if shape[axis] > 1][-2:]
    if not axes:
        return noise.astype(np.float32)
    squares = sum(
        np.fft.fftfreq(shape[axis]).reshape([-1 if i == axis else 1 for i in range(len(shape))]) ** 2
        for axis in axes
    )
    frequency = np.sqrt(np.maximum(squares, 1.0 / max(shape[axis] for axis in axes) ** 2))
    spectrum = np.fft.fftn(noise, axes=axes) / frequency**SPECTRUM_EXPONENT
    image = np.fft.ifftn(spectrum, axes=axes).real
    image -= image.mean(axis=tuple(axes), keepdims=True)
    image /= image.std(axis=tuple(axes), keepdims=True)
    return np.asarray(image, np.float32)


def random_inputs(graph: Mapping[str, Any], seed: int) -> Inputs:
    """One set of inputs: images for floats, whole numbers of the format's range for integers."""
    generator = np.random.default_rng(seed)
    out: Inputs = {}
    for name in graph["inputs"]:
        tensor = graph["tensors"][name]
        shape, dtype = tuple(tensor["shape"]), tensor["dtype"]
        if dtype in FLOATS:
            out[name] = _stretched(natural_image(shape, generator), graph, name).astype(numpy_format(dtype))
        elif dtype == "binary":
            out[name] = np.where(natural_image(shape, generator) < 0.0, -1, 1).astype(numpy_format(dtype))
        else:
            out[name] = _integers(graph, name, shape, dtype, generator)
    return out


def _stretched(image: NDArray[np.float32], graph: Mapping[str, Any], name: str) -> NDArray[np.float32]:
    """Over the range that the network's own integers represent, where an input in floats is quantised at once."""
    readers = [op for op in graph["ops"] if name in op["inputs"]]
    if len(readers) != 1 or readers[0]["kind"] != "cast":
        return image
    stored = graph["tensors"][readers[0]["outputs"][0]]
    quantization = stored.get("quantization") or {}
    if stored["dtype"] not in RANGES or len(quantization.get("scales") or ()) != 1:
        return image
    scale, zero = quantization["scales"][0], (quantization.get("zero_points") or [0])[0]
    low, high = (scale * (end - zero) for end in RANGES[stored["dtype"]])
    reach = max(float(np.abs(image).max()), 1e-12)
    return np.asarray((image / reach + 1.0) / 2.0 * (high - low) + low, np.float32)


def _integers(
    graph: Mapping[str, Any], name: str, shape: tuple[int, ...], dtype: str, generator: np.random.Generator
) -> NDArray[Any]:
    """Quantised images fill their format; other integers are indices, small ones so that they point somewhere."""
    kind, (low, high) = numpy_format(dtype), RANGES.get(dtype, (0, 1))
    if not graph["tensors"][name].get("quantization") and dtype in ("int32", "int64", "bool"):
        return generator.integers(low, high + 1, shape).astype(kind)
    image = natural_image(shape, generator)
    reach = max(float(np.abs(image).max()), 1e-12)
    return np.clip(np.round((image / reach + 1.0) / 2.0 * (high - low) + low), low, high).astype(kind)


def load_inputs(path: str | os.PathLike[str], graph: Mapping[str, Any]) -> list[Inputs]:
    """Sets of inputs from a .npy (networks with one input) or .npz (arrays by input name) file. One axis more than
    the input has counts the sets."""
    file = Path(path)
    names = list(graph["inputs"])
    try:
        loaded = _loaded(file)
    except _UNREADABLE as error:
        raise InputError(f"inputs: cannot read {plain(file)}: {plain(str(error) or 'it is empty')}") from None
    if isinstance(loaded, np.ndarray):
        if len(names) != 1:
            raise InputError(
                f"inputs: {plain(file)} is one array, the network has {len(names)} inputs; give a .npz"
            )
        loaded = {names[0]: loaded}
    return _sets(loaded, graph, str(plain(file)))


_UNREADABLE = (
    OSError,
    ValueError,
    EOFError,
    MemoryError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
)


def _loaded(file: Path) -> Any:
    loaded = np.load(file, allow_pickle=False)
    if isinstance(loaded, np.ndarray):
        return loaded
    with loaded:
        return dict(loaded)


def _sets(arrays: Mapping[str, Any], graph: Mapping[str, Any], place: str) -> list[Inputs]:
    counts = set()
    stacked: Inputs = {}
    for name in graph["inputs"]:
        if name not in arrays:
            raise InputError(f"inputs: {place} has no {plain(name)} (has: {', '.join(map(plain, arrays))})")
        shape = tuple(graph["tensors"][name]["shape"])
        array = _in_format(arrays[name], graph["tensors"][name]["dtype"], f"inputs: {place}: {plain(name)}")
        if array.shape == shape:
            array = array[None]
        if not array.shape or array.shape[1:] != shape or not array.shape[0]:
            raise InputError(
                f"inputs: {place}: {plain(name)} has shape {array.shape}; expected {shape}, or several of those"
            )
        stacked[name] = array
        counts.add(len(array))
    if len(counts) != 1:
        raise InputError(f"inputs: {place} holds different numbers of sets: {sorted(counts)}")
    return [{name: array[i] for name, array in stacked.items()} for i in range(counts.pop())]


def _in_format(array: Any, dtype: str, place: str) -> NDArray[Any]:
    """Floats of any width, whole numbers that the format holds, or bools."""
    wanted = numpy_format(dtype)
    if not isinstance(array, np.ndarray):
        raise InputError(f"{place} is no array")
    if dtype in FLOATS:
        if array.dtype.kind != "f" and array.dtype != wanted:
            raise InputError(f"{place} is {array.dtype}; the network takes {dtype}")
        with np.errstate(over="ignore"):
            array = array.astype(wanted)
        if not np.isfinite(array).all():
            raise InputError(f"{place} holds values that are not finite in {dtype}")
        return np.asarray(array)
    if array.dtype.kind not in ("b" if dtype == "bool" else "iu"):
        raise InputError(f"{place} is {array.dtype}; the network takes {dtype}")
    low, high = RANGES.get(dtype) or (
        (0, 1) if dtype == "bool" else (-1, 1) if dtype == "binary" else _ends(wanted)
    )
    if array.size and not low <= int(array.min()) <= int(array.max()) <= high:
        raise InputError(f"{place} holds {array.min()} to {array.max()}; {dtype} holds {low} to {high}")
    return np.asarray(array.astype(wanted))


def _ends(kind: np.dtype[Any]) -> tuple[int, int]:
    limits = np.iinfo(kind)
    return int(limits.min), int(limits.max)
