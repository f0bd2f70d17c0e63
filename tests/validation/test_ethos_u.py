# SPDX-License-Identifier: Apache-2.0
"""Ethos-U55: total cycles of Arm's use cases, simulated end to end."""

from __future__ import annotations

import pytest
from ethos_u import USE_CASES, UseCase, forecast_cycles


@pytest.mark.parametrize("use_case", USE_CASES, ids=lambda use_case: use_case.name)
def test_use_cases_are_within_15_percent(use_case: UseCase) -> None:
    assert forecast_cycles(use_case) == pytest.approx(use_case.cycles, rel=0.15)
