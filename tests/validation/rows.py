# SPDX-License-Identifier: Apache-2.0
"""Measured rows that this version can predict: which network on which devices, and what the silicon did."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared"

ON_NPU = "RK3588, one NPU core, RKNN int8"
# Chips of the vendor's table: its name → group, platform, device.
RKNN_CHIPS = {
    "RK3588": (ON_NPU, "rk3588", "npu0"),
    "RK3566/RK3568": ("RK3566, RKNN int8", "rk3566", "npu"),
    "RV1126": ("RV1126, RKNN int8", "rv1126", "npu"),
}
ON_CPU = "RK3588, 4x Cortex-A76, ncnn, 4 threads"


@dataclass(frozen=True)
class Row:
    """One measurement, and the run that answers the same question."""

    group: str
    network: str
    measured_ms: float
    model: str
    platform: str
    devices: tuple[str, ...]
    dtype: str | None
    """None keeps the file's own formats: an int8 file of ncnn quantises some layers and not others."""
    label: str = ""
    """The row's number format, as it stands in the table."""
    input_size: tuple[int, ...] = ()
    """Rows, columns, channels where the source prints them."""
    headless: bool = False
    """The measured file ends in scores, without the softmax of ours."""
    note: str = ""


@dataclass(frozen=True)
class Reference:
    rows: list[Row]
    left_out: dict[str, list[str]]
    """Networks of the same chip, by group, that are not at hand."""


# File of the vendor's model zoo → (network of ours, in what it differs).
RKNN_NETWORKS = {
    "mobilenetv2-12": ("mobilenet_v2", ""),
    "resnet50-v2-7": ("resnet50_v1_5", "v1.5 for v2: same convolutions, normalisation after them"),
}


def read_rows(shared: Path = SHARED) -> Reference:
    reference = Reference([], {group: [] for group, _, _ in RKNN_CHIPS.values()} | {ON_CPU: []})
    _read_rknn(shared, reference)
    _read_ncnn(shared, reference)
    return reference


def _read_rknn(shared: Path, reference: Reference) -> None:
    """Vendor's frame rates; `latency_ms` is 1000 / fps."""
    for entry in table(shared / "reference" / "npu_rknn.csv"):
        if entry["soc"] not in RKNN_CHIPS or not entry["latency_ms"]:
            continue
        group, platform, device = RKNN_CHIPS[entry["soc"]]
        if entry["model"] not in RKNN_NETWORKS:
            reference.left_out[group].append(entry["model"])
            continue
        model, note = RKNN_NETWORKS[entry["model"]]
        reference.rows.append(
            Row(
                group=group,
                network=entry["model"],
                measured_ms=float(entry["latency_ms"]),
                model=model,
                platform=platform,
                devices=(device,),
                dtype=entry["dtype"].lower(),
                label=entry["dtype"].lower(),
                headless=True,
                note=note,
            )
        )


def _read_ncnn(shared: Path, reference: Reference) -> None:
    """Tencent's benchmark, the fastest of its loops: the others hold scheduler noise."""
    for entry in table(shared / "reference" / "cpu_ncnn.csv"):
        if (
            not entry["soc"].startswith("RK3588")
            or entry["cpu_core"] != "Cortex-A76"
            or entry["threads"] != "4"
        ):
            continue
        quantised = entry["dtype"] == "int8"
        file = shared / "models" / "ncnn" / f"{entry['network']}{'_int8' if quantised else ''}.param"
        if not file.is_file():
            reference.left_out[ON_CPU].append(f"{entry['network']} {entry['dtype']}")
            continue
        reference.rows.append(
            Row(
                group=ON_CPU,
                network=entry["network"],
                measured_ms=float(entry["min_ms"]),
                model=str(file),
                platform="rk3588",
                devices=("a76",),
                dtype=None if quantised else entry["dtype"],
                label=entry["dtype"],
                input_size=tuple(int(extent) for extent in entry["input_size"].split("x")),
            )
        )


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
