# SPDX-License-Identifier: Apache-2.0
"""NXP's eIQ model zoo (README.md of each model): device, engine, model, dtype, input_size, latency_ms, source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chipcast.fidelity.case import Case, read_format
from chipcast.fidelity.converters.table import LeftOut, Row, case, cell, number
from chipcast.fidelity.devices import key
from chipcast.fidelity.platforms import platform_name
from chipcast.fidelity.workloads import bundled_name

# Models whose name says too little -> network, by the size of their input (parameters and operations agree).
_NAMED: dict[tuple[str, tuple[int, ...]], str] = {
    ("mobilenetv1", (128, 128, 3)): "mobilenet_v1_0.25_128",
    ("resnet", (224, 224, 3)): "resnet50",
    ("nanodet-m", (320, 320, 3)): "nanodet_m.param",
}
_FILES_INPUTS: dict[str, tuple[int, ...]] = {
    "mobilenetv2": (224, 224, 3),
    "efficientnet-lite": (224, 224, 3),
    "tiny-resnet": (32, 32, 3),
    "visual-wake-word": (96, 96, 3),
    "facenet512": (160, 160, 3),
    "ssdlite-mobilenetv2": (300, 300, 3),
    "yolov4tiny": (416, 416, 3),
    "yolov8": (640, 640, 3),
    "deep-autoencoder": (1, 640),
    "keyword-spotting_DSCNN": (1, 49, 10, 1),
}
"""Inputs that the bundled networks have; a row with another one is left out."""


def convert(rows: Iterable[Row]) -> Iterator[Case | LeftOut]:
    for row in rows:
        model, engine = cell(row, "model"), cell(row, "engine")
        what = f"{cell(row, 'device')} {engine} {model}"
        size = tuple(int(found) for found in re.findall(r"\d+", cell(row, "input_size").split("|")[0]))
        network = _NAMED.get((model, size)) or (
            bundled_name(model) if _FILES_INPUTS.get(model) == size else None
        )
        measured = number(row, "latency_ms")
        if measured is None:
            yield LeftOut(what, "no time")
        elif network is None:
            yield LeftOut(what, "the network is not bundled")
        else:
            threads = re.search(r"CPU \((\d+) thread", engine)
            yield case(
                platform=platform_name(cell(row, "device")),
                device=key(engine.partition("[")[2]) if threads else "npu",
                runtime="tflite" if threads else "vela",
                workload=network,
                dtype=read_format(cell(row, "dtype")),
                threads=int(threads[1]) if threads else 1,
                measured=measured,
                unit="ms",
                source=cell(row, "source"),
            )
