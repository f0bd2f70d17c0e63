# SPDX-License-Identifier: Apache-2.0
"""Every report says how far forecasts of its kind were from measurements."""

from __future__ import annotations

import json
from typing import Any

import chipcast
import pytest
from chipcast import error_bars
from chipcast.html import report_html
from chipcast.power import power
from chipcast.streams import run_scenario, run_streams
from chipcast.summary import headline

NETWORK = "mlperf_tiny_kws"


def group(platform: str | None, kind: str, dtype: str, error: float, count: int, quantity: str = "latency") -> Any:
    return {
        "platform": platform, "device_class": kind, "dtype": dtype, "quantity": quantity, "count": count,
        "platforms": 3, "median_ape": error, "p10": -error, "p90": 2 * error,
    }  # fmt: skip


GROUPS = [
    group(None, "cpu", "int8", 0.14, 64),
    group("rk3588", "cpu", "int8", 0.10, 12),
    group(None, "mcu", "int8", 0.08, 20),
    group("nucleo-l4r5zi", "mcu", "int8", 0.08, 20),
    group(None, "mcu", "int8", 0.16, 9, "energy"),
]


@pytest.fixture(autouse=True)
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(error_bars, "groups", lambda: GROUPS)


def test_a_run_of_one_family() -> None:
    result = chipcast.run(NETWORK, "rk3588", devices=["a76"], dtype="int8")
    bar = result.report["validation"]["latency"]
    assert bar["words"] == "±14 % (cpu int8: 64 rows of 3 chips, rk3588 among them)"
    assert (bar["validated"], bar["median_error_share"]) == (True, 0.14)
    (family,) = bar["families"]
    assert (family["lowest_error_share"], family["highest_error_share"]) == (-0.14, 0.28)
    assert family["platform_rows_count"] == 12
    assert result.error_bars["energy"] == "never validated (cpu int8)"


def test_json_text_and_report_agree() -> None:
    result = chipcast.run(NETWORK, "rk3588", devices=["a76"], dtype="int8")
    assert json.loads(result.to_json()) == result.report
    again = chipcast.run(NETWORK, "rk3588", devices=["a76"], dtype="int8")
    assert again.to_json() == result.to_json()


def test_microcontrollers_are_a_family_of_their_own_and_boards_are_their_chips() -> None:
    words = chipcast.run(NETWORK, "stm32l4r5", dtype="int8").error_bars
    assert words["latency"] == "±8 % (mcu int8: 20 rows of 3 chips, stm32l4r5 among them)"
    assert words["energy"].startswith("±16 % (mcu int8: 9 rows")
    assert words["energy"].endswith("stm32l4r5 not among them)")


def test_several_families_are_weighed_by_time_and_the_least_validated_is_named() -> None:
    result = chipcast.run(NETWORK, "rk3588", dtype="int8")
    bar = result.report["validation"]["latency"]
    shares = {each["family"]: each["time_share"] for each in bar["families"]}
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-5)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    if shares.get("npu int8", 0.0) >= 0.05:
        assert bar["validated"] is False
        assert "npu int8" in bar["words"] and "never validated" in bar["words"]


def test_streams_scenarios_and_power_have_it_too() -> None:
    spec = {"streams": {"a": {"network": NETWORK, "period": "10 ms", "count": 2,
                              "options": {"dtype": "int8", "devices": ["a76"]}}}}  # fmt: skip
    streams = run_streams(spec, "rk3588")
    assert streams.report["validation"]["latency"]["words"].startswith("±14 % (cpu int8")
    assert json.loads(streams.to_json()) == streams.report
    scenario = run_scenario(NETWORK, "rk3588", "SingleStream", queries=2, dtype="int8", devices=["a76"])
    assert scenario.run["validation"]["latency"]["validated"] is True
    assert json.loads(scenario.to_json()) == scenario.report
    watts = power(NETWORK, "rk3588", dtype="int8", devices=["a76"], rate=20)
    assert watts.report["validation"]["energy"]["validated"] is False
    source = watts.report["provenance"]["validation.latency.families[].median_error_share"]
    assert source["source"] == "measured"


def test_people_see_it() -> None:
    report = chipcast.run(NETWORK, "rk3588", devices=["a76"], dtype="int8").report
    shown = headline(report)
    assert ("", "±14 %", "against silicon: cpu int8: 64 rows of 3 chips, rk3588 among them") in shown
    assert ("", "", "never validated (cpu int8)") in shown
    assert "±14 %" in report_html(report)
    without = {name: value for name, value in report.items() if name != "validation"}
    assert len(headline(without)) == len(shown) - 2


def test_the_real_file_is_read() -> None:
    """Whatever the package's own errors.json says, a report has a bar for times and one for energies."""
    assert {name for name, _ in error_bars.lines(chipcast.run(NETWORK, "rk3588").report)} == {"latency", "energy"}
