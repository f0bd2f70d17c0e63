# SPDX-License-Identifier: Apache-2.0
"""ncnn's benchmark, as far off as forecasts may be."""

from __future__ import annotations

import pytest
from cpu_ncnn import BOARDS, Row, median_abs_error, rows
from rows import SHARED

pytestmark = pytest.mark.skipif(
    not (SHARED / "reference/cpu_ncnn.csv").is_file() or not (SHARED / "models/ncnn").is_dir(),
    reason="no measured tables or no public model files: ../shared is absent",
)


def test_one_thread_is_within_15_percent_in_the_median() -> None:
    some = rows(1)
    assert len(some) == 122
    assert median_abs_error(some) < 0.15


def test_four_threads_are_within_27_percent_in_the_median() -> None:
    some = rows(4)
    assert len(some) == 155
    assert median_abs_error(some) < 0.27


@pytest.mark.parametrize("dtype", ["fp32", "fp16", "int8"])
def test_no_format_is_carried_by_the_others(dtype: str) -> None:
    assert median_abs_error(row for row in rows(1) if row.dtype == dtype) < 0.25


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.platform)
def test_no_board_is_off_by_half(board: object) -> None:
    mine: list[Row] = [row for threads in (1, 4) for row in rows(threads) if row.board == board]
    assert mine
    assert median_abs_error(mine) < 0.5
