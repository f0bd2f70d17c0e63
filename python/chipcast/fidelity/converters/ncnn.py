# SPDX-License-Identifier: Apache-2.0
"""ncnn's benchmark (benchmark/README.md): soc, cpu_core, threads, network, dtype, min_ms, source.

The fastest loop counts: the others hold scheduler noise. Networks are ncnn's own files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chipcast.fidelity.case import Case, read_format
from chipcast.fidelity.converters.table import LeftOut, Row, case, cell, number
from chipcast.fidelity.devices import key
from chipcast.fidelity.platforms import platform_name


def convert(rows: Iterable[Row]) -> Iterator[Case | LeftOut]:
    for row in rows:
        soc, network, dtype = cell(row, "soc"), cell(row, "network"), read_format(cell(row, "dtype"))
        measured = number(row, "min_ms")
        if measured is None:
            yield LeftOut(f"{soc} {network} {dtype}", "no time")
            continue
        yield case(
            platform=platform_name(soc),
            device=_core(cell(row, "cpu_core")),
            runtime="ncnn",
            workload=f"{network}_int8.param" if dtype == "int8" else f"{network}.param",
            dtype=dtype,
            threads=int(cell(row, "threads")),
            measured=measured,
            unit="ms",
            source=cell(row, "source"),
        )


def _core(text: str) -> str:
    """ "Cortex-A76" is "a76"; "Kryo485-Prime(A76-based)" too."""
    based = re.search(r"\(([A-Za-z]\w+)-based\)", text)
    return key(based[1] if based else text)
