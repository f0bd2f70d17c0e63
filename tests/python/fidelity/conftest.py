# SPDX-License-Identifier: Apache-2.0
"""Small files of cases, and outcomes without a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from chipcast.fidelity.case import Case
from chipcast.fidelity.outcome import Found, Outcome
from chipcast.fidelity.read import COLUMNS

MakeOutcome = Callable[..., Outcome]


@pytest.fixture
def cases_file(tmp_path: Path) -> Callable[..., Path]:
    """cases_file("one,rk3588,...", "two,...") -> a file with these rows."""

    def write(*rows: str, name: str = "cases.csv") -> Path:
        file = tmp_path / name
        file.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
        return file

    return write


@pytest.fixture
def outcome() -> MakeOutcome:
    def make(measured: float, predicted: float, **changes: str) -> Outcome:
        cells = {
            "platform": "chip",
            "quantity": "latency",
            "unit": "ms",
            "dtype": "int8",
            "use": "score",
        } | changes
        kind = cells.pop("device_class", "npu")
        case = Case("c", cells["platform"], "npu", "", "net", cells["dtype"], 1, 1, cells["quantity"], measured,
                    cells["unit"], "", cells["use"])  # fmt: skip
        return Outcome(
            case, Found(predicted, "compute", kind, cells["platform"], {"conv": 0.75, "pool": 0.25})
        )

    return make
