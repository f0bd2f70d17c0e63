# SPDX-License-Identifier: Apache-2.0
"""CPU clusters against boards, as far off as they may be."""

from __future__ import annotations

import pytest
from cpu_memory import (
    BOARDS,
    COPIES,
    THREADS,
    Board,
    Copy,
    Threads,
    closed_form_copy,
    curve,
    simulated_copy,
    simulated_threads,
)
from rows import SHARED

pytestmark = pytest.mark.skipif(
    not (SHARED / "reference").is_dir(), reason="no measured tables: the folder ../shared/reference is absent"
)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: f"{board.platform}-{board.device}")
def test_latency_curves_are_within_15_percent(board: Board) -> None:
    assert curve(board).median_abs_error < 0.15


def test_blocks_in_the_first_cache_wait_for_it_alone() -> None:
    for board in BOARDS:
        got = curve(board)
        assert got.sizes[0] == 4096
        assert abs(got.errors[0]) < 0.06, board.name


@pytest.mark.parametrize("row", COPIES, ids=lambda row: row.platform)
def test_copies_of_one_core_are_within_20_percent(row: Copy) -> None:
    assert simulated_copy(row) == pytest.approx(row.measured, rel=0.2)
    assert closed_form_copy(row)["copy_bytes_per_s"] * 1e-9 == pytest.approx(row.measured, rel=0.2)


@pytest.mark.skipif(
    not (SHARED / "models/ncnn/mobilenet.param").is_file(),
    reason="no public model files: ../shared/models is absent",
)
@pytest.mark.parametrize("row", THREADS, ids=lambda row: row.clock)
def test_gain_from_four_threads_is_within_15_percent(row: Threads) -> None:
    one, four = simulated_threads(row)
    assert one / four == pytest.approx(row.measured_ms[0] / row.measured_ms[1], rel=0.15)
    assert one == pytest.approx(row.measured_ms[0], rel=0.15)
