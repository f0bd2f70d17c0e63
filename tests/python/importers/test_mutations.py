# SPDX-License-Identifier: Apache-2.0
"""Damaged copies of real files: every one imports or is refused with one line. Seeded, so that a failure comes
again; the importers run here without their process, so that an exception of any other kind is seen."""

from __future__ import annotations

import importlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from chipcast import InputError
from chipcast.importers import ImportLimits, import_model

LIMITS = ImportLimits(folded_elements=1 << 12)
FILES = ["ncnn/blazeface.param", "ncnn/mobilenet_ssd_int8.param", "ncnn/nanodet_m.param", "onnx/light_squeezenet.onnx",
         "onnx/light_bvlc_alexnet.onnx", "tflite/ad01_int8.tflite", "tflite/kws_ref_model.tflite",
         "tflite/pretrainedResnet_quant.tflite"]  # fmt: skip
FORMATS = {".param": "ncnn", ".onnx": "onnx", ".tflite": "tflite"}
COPIES = 150


def damaged(data: bytes, seed: int, copies: int) -> Iterator[bytes]:
    """Flipped bits, overwritten stretches, pieces cut out or repeated, files cut off."""
    chance = random.Random(seed)
    for _ in range(copies):
        copy = bytearray(data)
        # Structure lies near the ends of flatbuffers and all over the others.
        at = chance.randrange(len(copy)) if chance.random() < 0.5 else chance.randrange(min(4096, len(copy)))
        kind = chance.randrange(5)
        if kind == 0:
            for _ in range(chance.randrange(1, 9)):
                copy[chance.randrange(len(copy))] ^= 1 << chance.randrange(8)
        elif kind == 1:
            copy[at] = chance.choice((0, 1, 127, 128, 255, ord("-"), ord("9"), ord(" ")))
        elif kind == 2:
            copy[at : at + 4] = chance.choice((b"\xff" * 4, b"\0" * 4, b"\xff\xff\xff\x7f", b"\0\0\0\x80"))
        elif kind == 3:
            end = at + chance.randrange(1, 64)
            copy[at:end] = b"" if chance.random() < 0.5 else bytes(copy[at:end]) * 2
        else:
            del copy[at:]
        yield bytes(copy)


@pytest.mark.parametrize("file", FILES)
def test_damaged_copies(samples: Path, file: str) -> None:
    path = samples / file
    convert = importlib.import_module(f"chipcast.importers.{FORMATS[path.suffix]}").convert
    refused = 0
    for data in damaged(path.read_bytes(), seed=FILES.index(file), copies=COPIES):
        try:
            convert(data, path.name, LIMITS, {})
        except InputError as error:
            refused += 1
            text = str(error)
            assert text.startswith(path.name), text
            assert "\n" not in text, text
            assert len(text) < 1000, text
    assert refused > COPIES // 8


@pytest.mark.parametrize("file", FILES)
def test_damaged_copies_in_the_sandbox(samples: Path, tmp_path: Path, file: str) -> None:
    path = tmp_path / Path(file).name
    for data in damaged((samples / file).read_bytes(), seed=1000 + FILES.index(file), copies=4):
        path.write_bytes(data)
        try:
            import_model(path)
        except InputError as error:
            assert str(error).startswith(path.name)
