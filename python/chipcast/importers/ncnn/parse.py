# SPDX-License-Identifier: Apache-2.0
"""Reads the text of a `.param` file: https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure."""

from __future__ import annotations

import math
import re

from chipcast.importers.errors import fail, plain, quoted
from chipcast.importers.limits import ImportLimits
from chipcast.importers.ncnn.layer import Layer, Scalar, Value

MAGIC = "7767517"
FIRST_ARRAY = -23300
SHAPE_HINT = 30
LARGEST_KEY = 63
LONGEST_LINE = 1 << 20
INTEGER = re.compile(r"[+-]?[0-9]{1,19}")


def parse(data: bytes, source: str, limits: ImportLimits) -> tuple[list[Layer], int]:
    """The layers of the file, with names and counts checked. Lines after the announced number of layers are
    ignored, as ncnn does; the second value is how many there were."""
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        fail(source, f"byte {error.start} is not UTF-8 text; give the text form (.param, not .param.bin)")
    if not lines or lines[0].strip() != MAGIC:
        first = quoted(lines[0].strip()) if lines else "nothing"
        fail(f"{source}:1", f"the first line is {first}, not {MAGIC}; give an ncnn .param file in text form")
    wanted, blobs = header(lines, source, limits)
    layers, ignored = [], 0
    for number, line in enumerate(lines[2:], start=3):
        if len(line) > LONGEST_LINE:
            fail(f"{source}:{number}", f"the line is longer than {LONGEST_LINE} characters; correct the file")
        if line.strip() and len(layers) == wanted:
            ignored += 1
        elif line.strip():
            layers.append(parse_line(line, f"{source}:{number}"))
    if len(layers) < wanted:
        fail(
            f"{source}:2",
            f"{wanted} layers announced, {len(layers)} found; the file is cut off or the count wrong",
        )
    check_blobs(layers, blobs, source)
    return layers, ignored


def header(lines: list[str], source: str, limits: ImportLimits) -> tuple[int, int]:
    words = lines[1].split() if len(lines) > 1 else []
    if len(words) != 2 or not all(INTEGER.fullmatch(word) for word in words):
        fail(
            f"{source}:2",
            "the line must hold the numbers of layers and of blobs; the file is cut off or malformed",
        )
    layers, blobs = (int(word) for word in words)
    if not 1 <= layers <= limits.nodes or not 1 <= blobs <= 4 * limits.nodes:
        fail(f"{source}:2", f"{layers} layers and {blobs} blobs; 1 to {limits.nodes} layers are allowed")
    return layers, blobs


def parse_line(line: str, place: str) -> Layer:
    words = line.split()
    if len(words) < 4 or not all(re.fullmatch("[0-9]{1,7}", word) for word in words[2:4]):
        fail(place, f'expected "type name inputs outputs ...", got {quoted(line.strip())}; correct the line')
    bottoms, tops = int(words[2]), int(words[3])
    if len(words) < 4 + bottoms + tops:
        fail(
            place,
            f"{bottoms} inputs and {tops} outputs announced, {len(words) - 4} words follow; "
            "correct the counts or the names",
        )
    names = words[4 : 4 + bottoms + tops]
    for name in names:
        if "=" in name:
            fail(
                place, f"{quoted(name)} stands where a blob name is expected; correct the counts of the layer"
            )
    layer = Layer(
        words[0],
        words[1],
        names[:bottoms],
        names[bottoms:],
        {},
        f"{place}: {plain(words[0])} {quoted(words[1])}",
    )
    for word in words[4 + bottoms + tops :]:
        add_parameter(layer, word)
    return layer


def add_parameter(layer: Layer, word: str) -> None:
    """`key=value` or `-233xx=count,v0,v1,...` (also written `key=v0,v1,...`)."""
    key_text, equals, text = word.partition("=")
    if not equals or not INTEGER.fullmatch(key_text):
        fail(layer.place, f"{quoted(word)} is not of the form key=value; correct the line")
    key = int(key_text)
    is_array = key <= FIRST_ARRAY
    key = FIRST_ARRAY - key if is_array else key
    if not 0 <= key <= LARGEST_KEY:
        fail(layer.place, f"parameter key {key_text} is outside [0, {LARGEST_KEY}]; correct the line")
    if key in layer.params or (key == SHAPE_HINT and layer.hints):
        fail(layer.place, f"parameter {key} is given twice; remove one")
    value = parse_value(layer, word, text, is_array)
    if key == SHAPE_HINT and is_array:
        layer.hints = shape_hints(layer, value)
    else:
        layer.params[key] = value


def parse_value(layer: Layer, word: str, text: str, is_array: bool) -> Value:
    if text.startswith('"'):
        return text.strip('"')
    if not is_array and "," not in text:
        return number(layer, word, text)
    values = [number(layer, word, part) for part in text.split(",") if part]
    if is_array:
        if not values or values[0] != len(values) - 1:
            fail(
                layer.place,
                f"{quoted(word)} announces {values[0] if values else 'no'} values and holds "
                f"{max(len(values) - 1, 0)}; correct the line",
            )
        values = values[1:]
    return values


def number(layer: Layer, word: str, text: str) -> Scalar:
    try:
        value: Scalar = int(text) if INTEGER.fullmatch(text) else float(text)
    except ValueError:
        fail(layer.place, f"{quoted(word)} does not hold a number; correct the line")
    if not math.isfinite(value) or abs(value) > 2.0**63:
        fail(layer.place, f"{quoted(word)} is not a finite number of sensible size; correct the line")
    return value


def shape_hints(layer: Layer, value: Value) -> list[tuple[int, ...]]:
    """Per output: dims,w,h,c; as a tensor shape (outermost first, batch 1), or () where unknown."""
    numbers = [int(each) for each in value] if isinstance(value, list) else []
    hints = []
    for i in range(0, len(numbers) - 3, 4):
        dims, *extents = numbers[i : i + 4]
        known = 1 <= dims <= 3 and all(extent >= 1 for extent in extents[:dims])
        hints.append((1, *reversed(extents[:dims])) if known else ())
    return hints


def check_blobs(layers: list[Layer], blobs: int, source: str) -> None:
    """Each blob is written once, before it is read; the announced number is right."""
    written: set[str] = set()
    for layer in layers:
        for name in layer.bottoms:
            if name not in written:
                fail(
                    layer.place,
                    f"input blob {quoted(name)} is not written by an earlier layer; "
                    "correct the name or the order of the layers",
                )
        for name in layer.tops:
            if name in written:
                fail(layer.place, f"blob {quoted(name)} is written a second time; give it a new name")
            written.add(name)
    if len(written) != blobs:
        fail(f"{source}:2", f"{blobs} blobs announced, {len(written)} found; correct the count")
