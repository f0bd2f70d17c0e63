# SPDX-License-Identifier: Apache-2.0
"""The errors that docs/describe_your_chip.md states of chips described from their datasheets are today's."""

from __future__ import annotations

import os
import re
import statistics
from dataclasses import dataclass
from pathlib import Path

import pytest
from chipcast.fidelity.forecast import forecast
from chipcast.fidelity.read import read_cases
from rows import SHARED

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(__file__).resolve().parent / "cases"
PAGE = ROOT / "docs" / "describe_your_chip.md"

pytestmark = pytest.mark.skipif(
    not (SHARED / "models").is_dir(), reason="no public model files: ../shared is absent"
)


@dataclass(frozen=True)
class Described:
    title: str
    file: str
    cases: str
    platform: str
    device: str


CHIPS = [
    Described("Raspberry Pi 3B+", "pi_3b_plus.json", "ncnn.csv", "raspberry-pi-3b-plus", "a53"),
    Described("i.MX 93", "imx93.json", "nxp.csv", "imx93", "npu"),
    Described("RV1109", "rv1109.json", "rknn.csv", "rv1109", "npu"),
]


def errors_of(chip: Described) -> list[float]:
    platform = ROOT / "examples" / "describe_your_chip" / chip.file
    cases = [
        case
        for case in read_cases(CASES / chip.cases).cases
        if case.platform == chip.platform and case.device == chip.device
    ]
    return [abs(forecast(case, base=CASES, platform=platform).value / case.measured - 1.0) for case in cases]


minutes = pytest.mark.skipif(
    not os.environ.get("CHIPCAST_FULL_CASES"),
    reason="minutes: scripts/validate runs it (CHIPCAST_FULL_CASES=1)",
)


@pytest.mark.parametrize(
    "chip",
    [pytest.param(chip, marks=() if chip.cases == "ncnn.csv" else minutes, id=chip.file) for chip in CHIPS],
)
def test_the_page_states_the_errors_of_today(chip: Described) -> None:
    (line,) = (
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| {chip.title} |")
    )
    count, stated = re.match(r"\| .* \| (\d+),.*? \| (\d+) %", line).groups()  # type: ignore[union-attr]
    errors = errors_of(chip)
    median = statistics.median(errors)
    assert int(count) == len(errors)
    assert abs(100 * median - float(stated)) < 1.0, f"{median:.1%}: say so on the page"
