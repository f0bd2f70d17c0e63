# SPDX-License-Identifier: Apache-2.0
"""The small laws of the package: amounts, steady temperatures, ranges, tables of Linux, rates."""

from __future__ import annotations

import pytest
from chipcast import InputError
from chipcast.power import calibration
from chipcast.power.domains import Described, Domain, Point
from chipcast.power.knobs import Knobs
from chipcast.power.opp import Coefficient, coefficient, opp_text
from chipcast.power.report import rate
from chipcast.power.simulate import jobs
from chipcast.power.sweep import read_axis
from chipcast.power.thermal import steady_celsius
from chipcast.power.units import amount, clock_text, seconds_text
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [("600MHz", "Hz", 600e6), ("1.0944 GHz", "Hz", 1094.4e6), ("1e3 kHz", "Hz", 1e6), ("0.5 s", "s", 0.5),
     ("2.5W", "W", 2.5), ("80 mW", "W", 0.08), ("250us", "s", 250e-6)],
)  # fmt: skip
def test_amounts(text: str, unit: str, value: float) -> None:
    assert amount(text, unit, "x") == value


@pytest.mark.parametrize(
    "text", ["", "600", "MHz", "600 MB", "-1 MHz", "0 MHz", "1e999 Hz", "nan Hz", "6 0 MHz"]
)
def test_no_amounts(text: str) -> None:
    with pytest.raises(InputError, match=r"^--clock: "):
        amount(text, "Hz", "--clock")


@given(st.integers(1_000, 5_000_000_000))
def test_clocks_are_written_without_loss(hertz: int) -> None:
    assert amount(clock_text(float(hertz)), "Hz", "x") == hertz


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1e-9, "1000 ps"), (12.5e-6, "12500000 ps"), (1 / 15, "0.0666666666667 s"), (2.0, "2 s")],
)
def test_times_as_files_take_them(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_steady_temperatures_solve_the_network() -> None:
    thermal = {
        "ambient_c": 30.0,
        "nodes": {"a": {"to_ambient_k_per_w": 0.0}, "b": {"to_ambient_k_per_w": 10.0}},
        "links": [{"from": "a", "to": "b", "resistance_k_per_w": 5.0}],
    }
    # All 3 W leave by b's 10 K/W; a's 2 W cross 5 K/W.
    assert steady_celsius(thermal, {"a": 2.0, "b": 1.0}) == pytest.approx({"b": 60.0, "a": 70.0})
    assert steady_celsius({"nodes": {"a": {"to_ambient_k_per_w": 0.0}}}, {"a": 1.0}) == {}


def report(platform: str, *, switched: bool = True) -> dict[str, object]:
    return {
        "platform": platform,
        "average_power_w": 2.0,
        "duration_s": 1.0,
        "streams": [{"dynamic_energy_per_inference_j": 0.5, "jobs_count": 4 if switched else 0}],
        "energy_per_inference_j": 0.5,
        "battery": {"life_h": 10.0},
    }


def test_a_range_comes_from_measured_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"chip": {"family": "npu int8", "errors_share": [0.25, -0.2]}}
    monkeypatch.setattr(calibration, "table", lambda: known)
    spread = calibration.with_range(report("chip"), "rk3588")["range"]
    # 25 % too high: the chip takes 1 / 1.25 of the forecast; 20 % too low: 1 / 0.8.
    assert (spread["low_average_power_w"], spread["high_average_power_w"]) == pytest.approx((1.6, 2.5))
    assert (spread["low_battery_life_h"], spread["high_battery_life_h"]) == pytest.approx((8.0, 12.5))
    assert "sleep power was never measured" in spread["words"]
    asleep = calibration.with_range(report("chip", switched=False), "rk3588")["range"]
    assert asleep["low_average_power_w"] == asleep["high_average_power_w"] == 2.0
    none = calibration.with_range(report("other"), "rk3588")["range"]
    assert none == {
        "validated": False,
        "words": "energy of other was never validated against a measurement: no range",
    }


def test_rows_of_a_board_serve_its_chip() -> None:
    for board, chip in (("nucleo-l4r5zi", "stm32l4r5"), ("nucleo-u575", "stm32u575")):
        assert calibration.validated_as(board, board) == board
        assert calibration.validated_as(chip, chip) == chip
        assert set(calibration.table()[board]["errors_share"]) <= set(calibration.table()[chip]["errors_share"])
    assert calibration.validated_as("rk3588", "rk3588") is None
    spread = calibration.with_range(report("nucleo-l4r5zi"), "nucleo-l4r5zi")["range"]
    assert spread["validated"] and "(mcu int8, docs/fidelity.md)" in spread["words"]


def test_rows_of_a_chip_serve_what_extends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"stm32l4r5": {"family": "mcu int8", "errors_share": [0.1]}}
    monkeypatch.setattr(calibration, "table", lambda: known)
    assert calibration.validated_as("nucleo-l4r5zi", "nucleo-l4r5zi") == "stm32l4r5"
    spread = calibration.with_range(report("nucleo-l4r5zi"), "nucleo-l4r5zi")["range"]
    assert spread["validated"] and " of stm32l4r5 " in spread["words"]


def test_errors_are_those_of_the_validation() -> None:
    """Renewed by `scripts/validate --write`."""
    assert {"eyeriss", "gap9", "nucleo-l4r5zi", "nucleo-u575"} <= set(calibration.table())


def test_tables_of_linux() -> None:
    points = (Point(408e6, 0.825), Point(1.8e9, 1.2))
    document = {
        "devices": {"a72": {"type": "cpu", "cores": 2, "core": {"energy": "436 pJ/cycle"}}},
        "memories": {},
    }
    described = Described("rk3399", document, {"cpu": Domain("cpu", ("a72",), points, 1.8e9)})
    run = {"power": {"domains": []}, "energy_by_component": {}}
    known = coefficient(described.domains["cpu"], described, run)
    assert known == Coefficient(436.0, "one core; platform file")
    text = opp_text(described, run)
    assert "opp-microwatt = <121075>;" in text  # 436 uW/MHz/V^2 x 408 MHz x 0.825^2 V^2
    assert "opp-microwatt = <1130112>;" in text
    # cost = power x fmax / f
    assert f"408000      121075 {round(436 * 408 * 0.825**2 * 1800 / 408):11d}" in text
    with pytest.raises(InputError, match="no operating points to write"):
        opp_text(Described("bare", document, {"cpu": Domain("cpu", ("a72",))}), run)


def test_rates_are_judged_by_the_second_half() -> None:
    def jobs_of(ends: list[float]) -> list[dict[str, float]]:
        return [{"released_s": float(i), "ended_s": end} for i, end in enumerate(ends)]

    assert rate(jobs_of([i + 0.5 for i in range(10)])) == {"asked_hz": 1.0, "achieved_hz": 1.0, "met": True}
    assert rate(jobs_of([5.0, 5.5, *(i + 0.5 for i in range(2, 10))]))["met"]  # slow to begin with
    late = rate(jobs_of([1.5 * i + 1.5 for i in range(10)]))
    assert not late["met"] and late["achieved_hz"] == pytest.approx(1 / 1.5)
    assert rate(jobs_of([1.0])) == {"met": True}
    free = rate(jobs_of([1.5 * i + 1.5 for i in range(10)]), asked=False)
    assert free == {"achieved_hz": pytest.approx(1 / 1.5), "met": True}


def test_a_cap_has_time_to_settle() -> None:
    """One operating point a governor period, and ten more."""
    capped = Knobs(cap_w=1.0)
    assert jobs(capped, 0.001, points=35) == 450
    assert jobs(capped, 1.0, points=35) == 10
    assert jobs(Knobs(governor="ondemand"), 0.001, points=35) == 100
    assert jobs(Knobs(), 0.001, points=35) == 10
    assert jobs(Knobs(cap_w=1.0, duration_s=0.1), 0.001, points=35) == 100


def test_bare_rates_and_rates_with_units() -> None:
    described = Described("bare", {"devices": {}, "memories": {}}, {})
    assert read_axis("rate=5,0.5 kHz", described).values == (5.0, 500.0)
    with pytest.raises(InputError, match=r"sweep rate: 0\.0 is not above zero"):
        read_axis("rate=0", described)
