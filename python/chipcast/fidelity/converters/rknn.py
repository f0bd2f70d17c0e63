# SPDX-License-Identifier: Apache-2.0
"""RKNN's model zoo (README.md, performance): soc, npu_cores_used, model, dtype, fps, source.

Inference alone, at the NPU's highest clock, as the vendor says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chipcast.fidelity.case import Case, read_format
from chipcast.fidelity.converters.table import LeftOut, Row, case, cell, number
from chipcast.fidelity.platforms import platform_name
from chipcast.fidelity.workloads import bundled_name


def convert(rows: Iterable[Row]) -> Iterator[Case | LeftOut]:
    for row in rows:
        soc, model = cell(row, "soc"), cell(row, "model")
        rate, cores = number(row, "fps"), cell(row, "npu_cores_used").split(" ")[0]
        network = bundled_name(model)
        if rate is None:
            yield LeftOut(f"{soc} {model}", "no rate")
        elif network is None:
            yield LeftOut(f"{soc} {model}", "the network is not bundled")
        else:
            yield case(
                platform=platform_name(soc),
                device="npu",
                runtime="rknn",
                workload=network,
                dtype=read_format(cell(row, "dtype")),
                threads=int(cores or 1),
                quantity="throughput",
                measured=rate,
                unit="fps",
                source=f"{cell(row, 'source')}: {model}",
            )
