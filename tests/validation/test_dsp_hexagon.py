# SPDX-License-Identifier: Apache-2.0
"""DSPs against published figures."""

from __future__ import annotations

import statistics

import chipcast
import pytest
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


def convolution_s(device: str) -> float:
    """256 channels of 28 x 28, 3 x 3 kernels, on one device of the R329; its DSPs at the 600 MHz of the claim."""
    graph = {
        "format": "chipcast-graph",
        "version": 1,
        "name": "convolution",
        "tensors": {
            "x": {"shape": [1, 256, 28, 28], "dtype": "int8"},
            "w": {"shape": [256, 256, 3, 3], "dtype": "int8", "parameter": True},
        },
        "inputs": ["x"],
        "outputs": ["y"],
        "ops": [{"name": "y", "kind": "conv", "inputs": ["x", "w"], "attributes": {"pads": [1, 1, 1, 1]}}],
    }
    overrides = {"dsp0.clock": "600 MHz"}
    return chipcast.run(graph, "allwinner-r329", devices=[device], overrides=overrides).latency_s


def test_hifi4_is_25_times_slower_than_the_r329s_npu() -> None:
    """Allwinner: 0.256 TOPS are 25 HiFi4 at 600 MHz."""
    assert convolution_s("dsp0") / convolution_s("npu") == pytest.approx(25, rel=0.10)
