# SPDX-License-Identifier: Apache-2.0
"""Microcontrollers against MLPerf Tiny and the CMSIS-NN paper."""

from __future__ import annotations

import statistics

import chipcast
import pytest
from mcu_networks import cifar10
from mcu_tiny import CMSIS_NN_PAPER_MS, Row, cifar10_layers, forecast, rows, runtime_of
from rows import SHARED

ROWS = rows() if (SHARED / "reference" / "mcu_mlperf_tiny.csv").is_file() else []

measured = pytest.mark.skipif(not ROWS, reason="no measured tables: the folder ../shared/reference is absent")


def errors(some: list[Row]) -> list[float]:
    return [
        forecast(row.platform, row.device, row.profile, row.benchmark)[0] / row.measured_ms - 1
        for row in some
    ]


@measured
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.label)
def test_latency_is_within_15_percent(row: Row) -> None:
    milliseconds, _ = forecast(row.platform, row.device, row.profile, row.benchmark)
    assert milliseconds == pytest.approx(row.measured_ms, rel=0.15)


@measured
def test_latency_is_within_5_percent_in_the_median() -> None:
    assert len(ROWS) == 34
    assert statistics.median(abs(error) for error in errors(ROWS)) < 0.05


@measured
@pytest.mark.parametrize("platform", ["stm32l4r5", "stm32u575"])
def test_energy_is_within_20_percent_in_the_median(platform: str) -> None:
    """Boards were measured with supplies of their own: one microcontroller, one runtime, 33 to 78 mW."""
    off = [
        abs(forecast(row.platform, row.device, row.profile, row.benchmark)[1] / row.measured_uj - 1)
        for row in ROWS
        if row.platform == platform
    ]
    assert statistics.median(off) < 0.20


def test_runtimes_are_told_apart() -> None:
    def entry(submitter: str, round_: str = "", system: str = "") -> str | None:
        return runtime_of({"submitter": submitter, "round": round_, "system": system})

    assert entry("STMicroelectronics", "v1.1") == "st-x-cube-ai-8.1"
    assert entry("STMicroelectronics", "v1.3") == "st-x-cube-ai-10"
    assert entry("OctoML", system="microtvm_cmsis_nn/NUCLEO_L4R5ZI") == "microtvm-cmsis-nn"
    assert entry("OctoML", system="microtvm_native/NUCLEO_L4R5ZI") == "microtvm"
    assert entry("greenwaves-technologies") is None


def test_the_papers_network_is_the_papers() -> None:
    totals = chipcast.load_model(cifar10()).totals
    # 2.46 + 6.55 + 3.28 M of the convolutions, 1024 x 10 of the classifier; the paper counts two operations each.
    assert totals["macs"] == 32 * 32 * 75 * 32 + 16 * 16 * 800 * 32 + 8 * 8 * 800 * 64 + 1024 * 10


@pytest.mark.parametrize("layer", ["conv1", "conv2", "conv3", "pool1", "pool2"])
def test_layers_of_cmsis_nn_are_within_15_percent(layer: str) -> None:
    assert cifar10_layers()[layer] == pytest.approx(CMSIS_NN_PAPER_MS[layer], rel=0.15)


def test_the_rest_of_the_table_is_within_its_digit() -> None:
    layers = cifar10_layers()
    for layer in "pool3", "fc":
        assert layers[layer] == pytest.approx(CMSIS_NN_PAPER_MS[layer], abs=0.1)
    assert sum(layers[layer] for layer in CMSIS_NN_PAPER_MS) == pytest.approx(99.1, rel=0.05)
