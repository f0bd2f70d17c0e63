# SPDX-License-Identifier: Apache-2.0
"""MLPerf Tiny's submissions: round, submitter, system, board, accelerator, benchmark, latency_ms, energy_uJ_per_inf,
source. A row is a case of latency and, where energy was measured, one of energy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chipcast.fidelity.case import Case
from chipcast.fidelity.converters.table import LeftOut, Row, case, cell, number
from chipcast.fidelity.platforms import platform_name
from chipcast.fidelity.workloads import bundled_name

_ST_BEFORE_V1_1 = {"v0.7": "x-cube-ai-7.1", "v1.0": "x-cube-ai-7.3"}
"""STMicroelectronics states no version before round v1.1. Krai's 7.3 of v1.1 repeats ST's times of v1.0 to 0.4 %."""

_UNITS = (("latency", "latency_ms", "ms"), ("energy", "energy_uJ_per_inf", "uJ"))


def convert(rows: Iterable[Row]) -> Iterator[Case | LeftOut]:
    for row in rows:
        what = f"{cell(row, 'round')} {cell(row, 'submitter')} {cell(row, 'system')} {cell(row, 'benchmark')}"
        runtime, network = _runtime(row), bundled_name(cell(row, "benchmark"))
        if runtime is None:
            yield LeftOut(what, "nobody knows its runtime")
            continue
        if network is None:
            yield LeftOut(what, "the network is not bundled")
            continue
        for quantity, column, unit in _UNITS:
            if (measured := number(row, column)) is not None:
                yield case(
                    platform=platform_name(cell(row, "board")),
                    device=_device(row),
                    runtime=runtime,
                    workload=network,
                    dtype="int8",
                    quantity=quantity,
                    measured=measured,
                    unit=unit,
                    source=_source(row, quantity),
                    label="-".join((cell(row, "round"), cell(row, "submitter").lower(), _short(row))),
                )


def _runtime(row: Row) -> str | None:
    submitter, system = cell(row, "submitter"), cell(row, "system")
    if submitter == "STMicroelectronics":
        framework = cell(row, "framework").lower().replace(" v", "-").replace(" ", "-")
        return _ST_BEFORE_V1_1.get(cell(row, "round"), framework or None)
    if submitter == "OctoML":
        return "microtvm-cmsis-nn" if "cmsis_nn" in system else "microtvm"
    if submitter == "Krai":
        return system.lower().rsplit("_", 1)[-1]
    return {"reference": "tflm-2.3", "Skymizer": "cmsis-nn-s8", "greenwaves-technologies": "gapflow"}.get(
        submitter
    )


def _device(row: Row) -> str:
    """ "NE16" is "ne16"; "32-bit Arm® Cortex®-M4 (DSP + FPU)" is "m4"."""
    if (accelerator := cell(row, "accelerator")) not in ("", "N/A"):
        return accelerator.lower()
    core = re.search(r"Cortex\W*-\W*([AMR]\d+)", cell(row, "processor"))
    return core[1].lower() if core else "cpu"


def _short(row: Row) -> str:
    """What tells two systems of a submitter on one board apart."""
    return re.sub(r"[^a-z0-9.]+", "-", cell(row, "system").lower())


def _source(row: Row, quantity: str) -> str:
    """ "<repository> <file of the times> ; <file of the energies> @<commit>", reduced to the one that says it."""
    files, at, commit = cell(row, "source").partition(" @")
    repository, _, rest = files.partition(" ")
    names = rest.split(" ; ")
    return f"{repository} {names[-1] if quantity == 'energy' else names[0]}{at}{commit}"
