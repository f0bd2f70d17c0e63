# SPDX-License-Identifier: Apache-2.0
"""GAP9, NUCLEO-L4R5ZI and NUCLEO-U575: energy of IC and KWS with one set of constants per chip."""

from __future__ import annotations

import pytest
from mcu_energy import GAP9_AT_370_MHZ, TABLE, Row, forecast, gap9_at, rows

ROWS = rows() if TABLE.is_file() else []
VENDORS = [row for row in ROWS if row.by_the_vendor and not row.odd]

measured = pytest.mark.skipif(not ROWS, reason="no measured tables: the folder ../shared/reference is absent")


@measured
@pytest.mark.parametrize("row", VENDORS, ids=lambda row: row.label)
def test_energy_of_the_vendors_own_rows_is_within_20_percent(row: Row) -> None:
    """Each with the runtime of its round. Third parties' rows are on supplies of their own: 41 to 78 mW."""
    _, microjoules = forecast(row)
    assert microjoules == pytest.approx(row.measured_uj, rel=0.20)


@measured
@pytest.mark.parametrize("benchmark", ["IC", "KWS"])
def test_latency_of_gap9_is_within_12_percent(benchmark: str) -> None:
    row = next(row for row in ROWS if row.platform == "gap9" and row.benchmark == benchmark)
    milliseconds, _ = forecast(row)
    assert milliseconds == pytest.approx(row.measured_ms, rel=0.12)


@pytest.mark.parametrize("benchmark", ["IC", "KWS"])
def test_gap9_at_its_faster_point_meets_what_was_measured(benchmark: str) -> None:
    milliseconds, microjoules = gap9_at("370 MHz")[benchmark]
    measured_ms, measured_uj = GAP9_AT_370_MHZ[benchmark]
    assert milliseconds == pytest.approx(measured_ms, rel=0.12)
    assert microjoules == pytest.approx(measured_uj, rel=0.20)


def test_gap9_at_its_faster_point_is_faster_and_costs_more() -> None:
    slow, fast = gap9_at("240 MHz"), gap9_at("370 MHz")
    for benchmark, (milliseconds, microjoules) in slow.items():
        assert 1.2 < milliseconds / fast[benchmark][0] < 370 / 240
        assert 1.1 < fast[benchmark][1] / microjoules < (0.8 / 0.65) ** 2


@measured
def test_the_table_is_complete() -> None:
    assert len(ROWS) == 36
    assert {row.platform for row in ROWS} == {"gap9", "nucleo-l4r5zi", "nucleo-l4r5zi-p", "nucleo-u575"}
