# SPDX-License-Identifier: Apache-2.0
"""Reports say how tiles were searched for, and how much memory tensors take."""

from __future__ import annotations

import chipcast
import pytest
from chipcast.summary import explanation, search_lines

NETWORK, PLATFORM = "mlperf_tiny_ic", "rk3588"


def test_a_budget_that_ended_is_one_warning() -> None:
    result = chipcast.run(NETWORK, PLATFORM, dtype="int8", tile_budget=1)
    tiles = result.report["search"]["tiles"]
    assert tiles["exact"] < tiles["operators"]
    assert tiles["worst_distance"] > 0
    about = [warning for warning in result.warnings if "tile_budget" in warning]
    assert about == [tiles["warning"]]
    assert tiles["worst_operator"] in about[0]
    assert f"warning: {tiles['warning']}" in search_lines(result.report)


def test_searches_that_went_to_their_end_warn_of_nothing() -> None:
    result = chipcast.run(NETWORK, PLATFORM, dtype="int8", tile_budget=1_000_000)
    tiles = result.report["search"]["tiles"]
    assert tiles["exact"] == tiles["operators"] > 0
    assert tiles["warning"] == ""
    assert not [warning for warning in result.warnings if "tile_budget" in warning]
    searched = [op["tile_search"] for op in result.ops if op.get("tile_search")]
    assert all(each["exact"] and each["value"] >= each["lower_bound"] * (1 - 1e-9) for each in searched)
    assert "limited by" in str(explanation(result.report).rows)


def test_the_reported_memory_is_what_the_cap_is_held_against() -> None:
    free = chipcast.run(NETWORK, PLATFORM, dtype="int8", mapper="heft")
    footprint = free.report["totals"]["memory_footprint_bytes"]
    assert 0 < free.report["totals"]["memory_live_bytes"] <= footprint
    kept = chipcast.run(NETWORK, PLATFORM, dtype="int8", mapper="heft", memory_cap=f"{footprint} B")
    assert kept.report["totals"]["memory_footprint_bytes"] <= footprint
    with pytest.raises(chipcast.InputError, match="memory_cap"):
        chipcast.run(NETWORK, PLATFORM, dtype="int8", mapper="heft", memory_cap="10 kB")


def test_exact_keeps_caps() -> None:
    pytest.importorskip("ortools")
    free = chipcast.run(NETWORK, PLATFORM, dtype="int8", mapper="exact", budget=500)
    cap = free.report["totals"]["memory_footprint_bytes"]
    kept = chipcast.run(
        NETWORK, PLATFORM, dtype="int8", mapper="exact", budget=500, memory_cap=f"{cap} B", power_cap="1 kW"
    )
    assert kept.report["totals"]["memory_footprint_bytes"] <= cap
    assert kept.report["search"]["method"] == "exact"
