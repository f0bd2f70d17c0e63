# SPDX-License-Identifier: Apache-2.0
"""DSPs against published figures."""

from __future__ import annotations

import json
import statistics

import pytest
from chipcast import catalog
from dsp_hexagon import NETWORKS, forecast_ms, rows
from rows import SHARED

REFERENCE = (SHARED / "reference" / "hexagon_aihub.csv").is_file() and (SHARED / "models" / "ncnn").is_dir()

measured = pytest.mark.skipif(
    not REFERENCE, reason="no measured tables or public model files: ../shared is absent"
)


@measured
def test_latency_lies_about_both_runtimes() -> None:
    """The same networks take the two runtimes 8 to 109 % apart; a forecast is to be within 30 % of the nearer one."""
    table = rows()
    assert {row.network for row in table} == set(NETWORKS)
    for network in NETWORKS:
        off = [forecast_ms(network) / row.measured_ms - 1 for row in table if row.network == network]
        assert min(abs(error) for error in off) < 0.30, network


@measured
def test_tflite_rows_are_within_30_percent() -> None:
    off = [abs(forecast_ms(row.network) / row.measured_ms - 1) for row in rows() if row.runtime == "tflite"]
    assert max(off) < 0.30
    assert statistics.median(off) < 0.20


def test_hifi4_is_25_times_slower_than_the_r329s_npu() -> None:
    """Allwinner: 0.256 TOPS are 25 HiFi4 at 600 MHz. Peak: two multiply slots of four products each."""
    config = json.loads((catalog.config_root() / "devices" / "hifi4.json").read_text(encoding="utf-8"))
    multiplies = sum("multiply" in slot["issues"] for slot in config["slots"])
    rate = next(rate for rate in config["rates"] if rate["dtype"] == "int8")
    macs_per_cycle = multiplies * rate["lanes"] * rate["depth"] * config["contexts"]
    assert macs_per_cycle == 8
    assert config["clock"] == "600 MHz"
    assert 0.256e12 / 2 / (macs_per_cycle * 600e6) == pytest.approx(25, rel=0.10)
