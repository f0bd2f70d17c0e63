# SPDX-License-Identifier: Apache-2.0
"""On the peers' descriptions, by the peers' rules: no network is worse here, and every difference has a reason."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def comparisons(shared: Path, script: ModuleType) -> list[object]:
    """Without Eyeriss, whose unrollings take a minute to try; scripts/peers_table.py has it."""
    return list(script.compare_all(shared, [name for name, mapping in script.HARDWARE.items() if mapping]))


def test_no_network_is_worse_and_all_differences_are_explained(
    script: ModuleType, comparisons: list[object]
) -> None:
    assert len(comparisons) == 9
    assert script.problems(comparisons) == []


def test_the_page_holds_every_difference(script: ModuleType, comparisons: list[object]) -> None:
    text = script.page(comparisons)
    assert "NOT EXPLAINED" not in text
    assert text.count("\n") > 20
