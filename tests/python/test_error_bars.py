# SPDX-License-Identifier: Apache-2.0
"""Every report says how far forecasts of its kind were from measurements."""

from __future__ import annotations

import json
from typing import Any

import chipcast
import pytest
from chipcast import error_bars
from chipcast.fidelity import errors
from chipcast.html import report_html
from chipcast.power import power
from chipcast.streams import run_scenario, run_streams
from chipcast.summary import headline

NETWORK = "mlperf_tiny_kws"


def group(
    platform: str | None, kind: str, dtype: str, error: float, count: int, quantity: str = "latency",
    scored: int = 0, chips: int = 3, **more: Any,
) -> Any:  # fmt: skip
    return {
        "platform": platform, "device_class": kind, "dtype": dtype, "quantity": quantity, "count": count,
        "scored": scored, "platforms": chips, "median_ape": error, "p10": -error, "p90": 2 * error, **more,
    }  # fmt: skip


GROUPS = [
    group(None, "cpu", "int8", 0.14, 64, scored=60),
    group("rk3588", "cpu", "int8", 0.10, 12),
    group(None, "mcu", "int8", 0.08, 20),
    group("nucleo-l4r5zi", "mcu", "int8", 0.08, 20),
    group(None, "mcu", "int8", 0.16, 9, "energy"),
]
A76 = "±14 % (cpu int8: half of 64 rows of 3 chips within ±14 %, eight of ten from -14 % to +28 %, " \
      "parameters set on 4 of them; rk3588 among them)"  # fmt: skip


@pytest.fixture(autouse=True)
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(error_bars, "groups", lambda: GROUPS)


def test_a_run_of_one_family() -> None:
    result = chipcast.run(NETWORK, "rk3588", devices=["a76"], dtype="int8")
    bar = result.report["validation"]["latency"]
    assert bar["words"] == A76
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
    assert words["latency"] == (
        "fitted to ±8 % (mcu int8: half of 20 rows of 3 chips within ±8 %, eight of ten from -8 % to +16 %, "
        "all of them rows that parameters were set on; stm32l4r5 among them)"
    )
    assert words["energy"].startswith("fitted to ±16 % (mcu int8: half of 9 rows")
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
    assert ("", "±14 %", "against silicon: " + A76[len("±14 % (") : -1]) in shown
    assert ("", "", "never validated (cpu int8)") in shown
    assert "±14 %" in report_html(report)
    without = {name: value for name, value in report.items() if name != "validation"}
    assert len(headline(without)) == len(shown) - 2


def test_the_real_file_is_read() -> None:
    """Whatever the package's own errors.json says, a report has a bar for times and one for energies."""
    assert {name for name, _ in error_bars.lines(chipcast.run(NETWORK, "rk3588").report)} == {"latency", "energy"}


def words_of(groups: list[Any], monkeypatch: pytest.MonkeyPatch, name: str = "other") -> str:
    monkeypatch.setattr(error_bars, "groups", lambda: groups)
    report = {
        "devices": [{"name": "a", "type": "npu"}],
        "ops": [{"device": "a", "dtype": "int8", "launch_s": 0.0, "compute_s": 1.0, "transfer_s": 0.0}],
    }
    bar = error_bars.validation(report, {}, [name])["latency"]
    assert bar["validated"] is not bar["words"].startswith("never")
    return str(bar["words"])


def test_one_other_chip_says_nothing_about_a_chip(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [group(None, "npu", "int8", 0.03, 2, chips=1), group("gap9", "npu", "int8", 0.03, 2, chips=1)]
    assert words_of(both, monkeypatch) == "never validated (npu int8)"
    assert words_of(both, monkeypatch, "gap9").startswith("fitted to ±3 % (npu int8: half of 2 rows of 1 chip")


def test_what_was_left_out_counts_where_all_rows_were_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    left_out = {
        "held_out_networks_median": 0.12, "held_out_chips_median": 0.18, "held_out_rows": 30, "held_out_chips": 4,
    }  # fmt: skip
    both = [group(None, "npu", "int8", 0.08, 20, **left_out), group("gap9", "npu", "int8", 0.08, 5)]
    assert words_of(both, monkeypatch) == (
        "±18 % (npu int8: half of 30 rows of 4 chips within ±18 %, each chip forecast from the others; "
        "other not among them)"
    )
    assert words_of(both, monkeypatch, "gap9") == (
        "±12 % (npu int8: half of 30 rows of 4 chips within ±12 %, each network forecast from the others; "
        "gap9 among them)"
    )
    both[0]["median_ape"] = 0.3  # the figures are of a better model than today's
    assert words_of(both, monkeypatch).startswith("fitted to ±30 %")


def test_figures_of_what_was_left_out_join_the_file_of_errors() -> None:
    cpu = [g for g in errors.groups() if g["platform"] is None and g["device_class"] == "cpu"]
    assert {g["dtype"] for g in cpu} >= {"fp32", "int8"}
    assert all(0.0 < g["held_out_networks_median"] < g["held_out_chips_median"] for g in cpu)
    assert not any("held_out_rows" in g for g in errors.groups() if g["platform"] or g["device_class"] != "cpu")


def test_a_family_is_the_format_that_is_computed_in() -> None:
    """ncnn's fp32 networks run in fp16 where the core can: errors of such rows are those that count."""
    bar = chipcast.run(NETWORK, "rk3588", devices=["a76"], dtype="fp32").report["validation"]["latency"]
    assert bar["families"][0]["family"] == "cpu fp16"
