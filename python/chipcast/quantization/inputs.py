# SPDX-License-Identifier: Apache-2.0
"""Inputs to calibrate and to measure with: images made at random, or the user's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chipcast._core import InputError
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
        if dtype in _FLOATS:
            out[name] = natural_image(shape, generator).astype(_FLOATS[dtype])
        elif dtype in _INTEGERS:
            out[name] = _integers(graph, name, shape, dtype, generator)
        else:
            raise InputError(f"input {name}: no random values in {dtype}; give a .npz file")
    return out


_FLOATS: dict[str, type[np.floating[Any]]] = {"fp64": np.float64, "fp32": np.float32, "fp16": np.float16}
_INTEGERS = {
    "int8": (np.int8, -128, 127),
    "uint8": (np.uint8, 0, 255),
    "int7": (np.int8, -63, 63),
    "int16": (np.int16, -32768, 32767),
    "int32": (np.int32, 0, 1),
    "int64": (np.int64, 0, 1),
    "bool": (np.bool_, 0, 1),
}


def _integers(
    graph: Mapping[str, Any], name: str, shape: tuple[int, ...], dtype: str, generator: np.random.Generator
) -> NDArray[Any]:
    """Quantised images fill their format; other integers are indices, small ones so that they point somewhere."""
    kind, low, high = _INTEGERS[dtype]
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
        loaded = np.load(file, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError(f"inputs: cannot read {plain(file)}: {error}") from None
    if isinstance(loaded, np.ndarray):
        if len(names) != 1:
            raise InputError(
                f"inputs: {plain(file)} is one array, the network has {len(names)} inputs; give a .npz"
            )
        arrays = {names[0]: loaded}
    else:
        arrays = dict(loaded)
    return _sets(arrays, graph, str(plain(file)))


def _sets(arrays: Mapping[str, NDArray[Any]], graph: Mapping[str, Any], place: str) -> list[Inputs]:
    counts = set()
    stacked: Inputs = {}
    for name in graph["inputs"]:
        if name not in arrays:
            raise InputError(f"inputs: {place} has no {plain(name)} (has: {', '.join(map(plain, arrays))})")
        shape = tuple(graph["tensors"][name]["shape"])
        array = arrays[name]
        if array.shape == shape:
            array = array[None]
        if array.shape[1:] != shape or not array.shape[0]:
            raise InputError(
                f"inputs: {place}: {plain(name)} has shape {array.shape}; expected {shape}, or several of those"
            )
        if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
            raise InputError(f"inputs: {place}: {plain(name)} holds values that are not finite")
        stacked[name] = array
        counts.add(len(array))
    if len(counts) != 1:
        raise InputError(f"inputs: {place} holds different numbers of sets: {sorted(counts)}")
    return [{name: array[i] for name, array in stacked.items()} for i in range(counts.pop())]
