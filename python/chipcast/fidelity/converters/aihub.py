# SPDX-License-Identifier: Apache-2.0
"""Qualcomm AI Hub (perf.yaml of each model): model_id, precision, chipset, runtime, primary_compute_unit, layers_total,
layers_npu, inference_ms, source. Rows whose layers all ran on the NPU, which is the Hexagon."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chipcast.fidelity.case import Case, read_format
from chipcast.fidelity.converters.table import LeftOut, Row, case, cell, number
from chipcast.fidelity.platforms import platform_name
from chipcast.fidelity.workloads import TORCHVISION, bundled_name


def convert(rows: Iterable[Row]) -> Iterator[Case | LeftOut]:
    for row in rows:
        model, chipset, runtime = cell(row, "model_id"), cell(row, "chipset"), cell(row, "runtime")
        what = f"{chipset} {runtime} {model}"
        measured = number(row, "inference_ms")
        network = bundled_name(TORCHVISION.get(model, model))
        if measured is None:
            yield LeftOut(what, "no time")
        elif cell(row, "primary_compute_unit") != "NPU" or cell(row, "layers_npu") != cell(
            row, "layers_total"
        ):
            yield LeftOut(what, "not all of it ran on the NPU")
        elif network is None:
            yield LeftOut(what, "the network is not bundled")
        else:
            yield case(
                platform=platform_name(chipset),
                device="dsp",
                runtime=runtime,
                workload=network,
                dtype=read_format(cell(row, "precision")),
                measured=measured,
                unit="ms",
                source=cell(row, "source"),
            )
