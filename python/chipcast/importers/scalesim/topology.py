# SPDX-License-Identifier: Apache-2.0
"""Reads the text of a SCALE-Sim topology: https://github.com/scalesim-project/scale-sim-v2 (topologies/)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chipcast.importers.errors import fail, plain, quoted
from chipcast.importers.limits import ImportLimits

CONV = ("IFMAP Height", "IFMAP Width", "Filter Height", "Filter Width", "Channels", "Num Filter")
STRIDES = (("Strides",), ("Stride Height", "Stride Width"))
GEMM = ("M", "N", "K")
SPARSITY = re.compile(r"([0-9]{1,3}):([0-9]{1,3})")
NUMBER = re.compile(r"[0-9]{1,10}")
LARGEST = 2**31 - 1
LONGEST_LINE = 4096
DEPTHWISE = "DP"


@dataclass(frozen=True)
class ConvLayer:
    name: str
    place: str
    height: int
    width: int
    filter_height: int
    filter_width: int
    channels: int
    filters: int
    stride_height: int
    stride_width: int

    @property
    def depthwise(self) -> bool:
        """SCALE-Sim takes rows with "DP" in their name channel by channel, with all filters for each."""
        return DEPTHWISE in self.name


@dataclass(frozen=True)
class GemmLayer:
    name: str
    place: str
    m: int
    n: int
    k: int


Layer = ConvLayer | GemmLayer


def parse(data: bytes, source: str, limits: ImportLimits) -> list[Layer]:
    """The rows of the file, in order. The first line is a header; empty lines, comments (`#`, `//`), spaces and
    commas at the end are ignored."""
    lines = rows_of(data, source)
    first = next(lines, None)
    if first is None:
        fail(source, "no header and no layers; give a SCALE-Sim topology")
    number, header = first
    place = f"{source}:{number}"
    if len(header) > 1 and all(NUMBER.fullmatch(cell) for cell in header[1:]):
        fail(
            place,
            "the first line holds a layer; SCALE-Sim skips it, so put a line with column names before it",
        )
    gemm = [cell.upper() for cell in header[1:4]] == list(GEMM)
    if not gemm and len(header) < 1 + len(CONV) + 1:
        fail(
            place,
            f"{len(header)} columns; expected a layer name and M, N, K, or a layer name, "
            f"{', '.join(CONV)} and Strides",
        )
    layers: list[Layer] = []
    for number, cells in lines:
        if len(layers) == limits.nodes:
            fail(f"{source}:{number}", f"more than {limits.nodes} layers; cut the file into parts")
        layers.append(layer_of(cells, f"{source}:{number}", gemm))
    if not layers:
        fail(source, "no layers after the header; give at least one row")
    return layers


def rows_of(data: bytes, source: str) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of the lines that hold something."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fail(source, f"byte {error.start} is not UTF-8 text; give a SCALE-Sim topology in CSV form")
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > LONGEST_LINE:
            fail(f"{source}:{number}", f"the line is longer than {LONGEST_LINE} characters; correct the file")
        cells = [cell.strip() for cell in re.split(r"#|//", line, maxsplit=1)[0].split(",")]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def layer_of(cells: Sequence[str], place: str, gemm: bool) -> Layer:
    name = plain(cells[0]) or f"layer{place.rsplit(':', 1)[1]}"
    place = f"{place}: layer {quoted(name)}"
    cells = cells[1:]
    if cells and SPARSITY.fullmatch(cells[-1]):
        refuse_sparse(cells[-1], place)
        cells = cells[:-1]
    if gemm:
        return GemmLayer(name, place, *numbers(cells, GEMM, place))
    strides = STRIDES[1] if len(cells) > len(CONV) + 1 else STRIDES[0]
    values = numbers(cells, CONV + strides, place)
    layer = ConvLayer(name, place, *values[:7], values[-1])
    for what, window, extent in (
        ("Height", layer.filter_height, layer.height),
        ("Width", layer.filter_width, layer.width),
    ):
        if window > extent:
            fail(place, f"Filter {what} is {window}, more than IFMAP {what}, {extent}; correct one of them")
    return layer


def numbers(cells: Sequence[str], columns: Sequence[str], place: str) -> list[int]:
    if len(cells) != len(columns):
        fail(place, f"{len(cells)} values; expected {len(columns)}: {', '.join(columns)}")
    values = []
    for cell, column in zip(cells, columns, strict=True):
        if not NUMBER.fullmatch(cell) or not 1 <= int(cell) <= LARGEST:
            fail(place, f"column {quoted(column)} is {quoted(cell)}; give a whole number in [1, {LARGEST}]")
        values.append(int(cell))
    return values


def refuse_sparse(cell: str, place: str) -> None:
    """A graph has no sparsity of its own; the platform has one for all layers."""
    kept, of = cell.split(":")
    if int(kept) != int(of):
        fail(
            place,
            f'column "Sparsity" is {quoted(cell)}, which is not read; leave the column out and give '
            f"--set npu.sparsity.kept={int(kept)} --set npu.sparsity.of={int(of)}",
        )
