# SPDX-License-Identifier: Apache-2.0
"""Values of parameters, for importers that are asked for them. The graph document is the same with and without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chipcast.formats import NUMPY
from chipcast.importers.errors import fail, quoted
from chipcast.importers.folder import Folder

Values = Callable[[], np.ndarray]
"""Gives an array; called only where values are wanted."""

STORED = NUMPY
"""Number format of a document -> how its values are handed over; 4-bit values take a byte each."""


class Contents:
    """Arrays by tensor name while a graph is built. Large ones stay views of the file."""

    def __init__(self, folder: Folder | None = None) -> None:
        self.folder = folder
        """Where external data lies; none: it cannot be read."""
        self.arrays: dict[str, np.ndarray] = {}
        self.places: dict[str, str] = {}
        """Tensors without values -> the operator that would have to give them."""

    def add(self, name: str, values: Values) -> None:
        self.arrays[name] = values()

    def lack(self, name: str, place: str) -> None:
        self.places[name] = place

    def of(self, document: Mapping[str, Any], known: Mapping[str, np.ndarray], source: str) -> None:
        """Keeps exactly the parameters of the document, in its formats; `known` are the small constants."""
        kept: dict[str, np.ndarray] = {}
        for name, tensor in document["tensors"].items():
            if not tensor.get("parameter"):
                continue
            value = known.get(name, self.arrays.get(name))
            if value is None:
                fail(self.places.get(name, source), f"the values of parameter {quoted(name)} cannot be computed here; "
                                                    "fold constants before the export")  # fmt: skip
            kept[name] = stored_as(value, tensor, f"{source}: parameter {quoted(name)}")
        self.arrays = kept


def check_sign(value: np.ndarray, place: str) -> None:
    """The graph holds unsigned numbers of 16 bits and more as signed ones of that width."""
    if value.dtype.kind == "u" and value.dtype.itemsize > 1 and value.size:
        most = np.iinfo(f"int{8 * value.dtype.itemsize}").max
        if int(value.max()) > most:
            fail(
                place,
                f"holds {value.max()}; the graph holds {value.dtype.name} up to {most}, use a signed format",
            )


def truths(value: np.ndarray) -> np.ndarray:
    """Bytes of a file that are taken for bools may be any; everybody else counts on 0 and 1."""
    return value.view(np.uint8) != 0 if value.dtype == np.bool_ else value


def stored_as(value: np.ndarray, tensor: Mapping[str, Any], place: str) -> np.ndarray:
    """The array in the shape and format of the document; refuses what would lose more than a sign bit's meaning."""
    wanted, shape = STORED[tensor["dtype"]], tuple(tensor["shape"])
    if value.shape != shape:
        fail(
            place,
            f"has values of shape {list(value.shape)}, the graph says {list(shape)}; this is a bug to report",
        )
    if value.dtype == wanted:
        return truths(value)
    check_sign(value, place)
    if value.dtype.kind in "iub" and wanted.kind in "iu" and value.dtype.itemsize == wanted.itemsize:
        return value.view(wanted) if value.flags.c_contiguous else value.astype(wanted)
    if (value.dtype.kind == "f") != (wanted.kind == "f") and "V" not in (value.dtype.kind, wanted.kind):
        fail(
            place,
            f"has values of {value.dtype.name}, the graph says {tensor['dtype']}; this is a bug to report",
        )
    return value.astype(wanted)
