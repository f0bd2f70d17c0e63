# SPDX-License-Identifier: Apache-2.0
"""chipcast.power on small platforms: what it answers, and that every number says what it is."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import chipcast
import pytest
from chipcast.power import PowerResult
from chipcast.power.knobs import read_knobs
from chipcast.power.provenance import TAGS, UNITS, numbers
from chipcast.power.setup import make_setup
from power_platforms import with_idle_states

NETWORK = "mlperf_tiny_kws"


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("platforms") / "board.json"
    path.write_text(json.dumps(with_idle_states()))
    return str(path)


@pytest.fixture(scope="module")
def result(board: str) -> PowerResult:
    return chipcast.power(NETWORK, board, rate=20, dtype="int8", sensitivity=True, sweep=["clock=npu"])


def test_the_run_is_whole_periods(result: PowerResult) -> None:
    report = result.report
    assert report["jobs_count"] == 10
    assert report["duration_s"] == pytest.approx(10 * 0.05, rel=1e-6)
    assert report["energy_per_inference_j"] == pytest.approx(report["average_power_w"] * 0.05, rel=1e-6)
    rate = report["streams"][0]["rate"]
    assert rate["met"] and rate["asked_hz"] == pytest.approx(20) and rate["achieved_hz"] == pytest.approx(20)
    assert report["streams"][0]["late_jobs_count"] == 0


def test_domains_and_losses_add_up(result: PowerResult) -> None:
    report = result.report
    losses = sum(rail["loss_j"] for rail in report["rails"])
    domains = sum(domain["energy_j"] for domain in report["domains"])
    assert domains + losses == pytest.approx(report["average_power_w"] * report["duration_s"], rel=1e-6)
    assert sum(c["average_w"] for c in report["components"]) == pytest.approx(
        report["average_power_w"], rel=1e-6
    )
    for domain in report["domains"]:
        assert sum(s["time_s"] for s in domain["states"]) == pytest.approx(report["duration_s"], rel=1e-6)
        assert sum(s["energy_j"] for s in domain["states"]) == pytest.approx(domain["energy_j"], rel=1e-6)


def test_every_number_has_a_unit_and_a_source(result: PowerResult) -> None:
    report = json.loads(result.to_json())
    sources = report["provenance"]
    paths = {path for path, _ in numbers(report)}
    assert len(paths) > 40
    assert paths == set(sources)
    for path in paths:
        assert any(path.endswith(unit) for unit in UNITS), path
        assert sources[path]["source"] in TAGS
        assert sources[path]["unit"] and sources[path]["from"]


def test_temperature_and_battery(result: PowerResult) -> None:
    report = result.report
    nodes = {node["name"]: node["steady_c"] for node in report["temperature"]["nodes"]}
    # All heat leaves through the board; what the soc gives off crosses 4 K/W on the way.
    # The power of the board around the chip (0.2 W) warms neither.
    watts = sum(domain["average_w"] for domain in report["domains"]) - 0.2
    assert nodes["board"] == pytest.approx(25 + 10 * watts, rel=1e-6)
    assert nodes["soc"] == pytest.approx(nodes["board"] + 4 * watts, rel=1e-6)
    assert report["temperature"]["start_c"] == pytest.approx(nodes["soc"], abs=0.1)  # start: steady
    current = report["average_power_w"] / 3.7
    assert report["battery"]["current_a"] == pytest.approx(current, rel=1e-6)
    assert report["battery"]["life_h"] == pytest.approx(1.0 / current, rel=1e-6)


def test_a_platform_that_was_never_measured_has_no_range(result: PowerResult) -> None:
    assert result.report["range"]["validated"] is False
    assert "never validated" in result.report["range"]["words"]


def test_sensitivity_names_each_knob_and_sorts_by_what_it_saves(result: PowerResult) -> None:
    rows = result.report["sensitivity"]
    assert (
        {"clock", "idle", "governor", "devices", "cores"}
        >= {row["knob"] for row in rows}
        >= {"clock", "devices"}
    )
    assert [row["saved_w"] for row in rows] == sorted((row["saved_w"] for row in rows), reverse=True)
    for row in rows:
        saved = result.average_power_w - row["average_power_w"]
        assert row["saved_w"] == pytest.approx(saved)
        assert row["latency_cost_s"] == pytest.approx(row["latency_s"] - result.latency_s)


def test_a_sweep_has_a_row_per_operating_point(result: PowerResult) -> None:
    rows = result.report["sweep"]
    assert [row["knobs"][0]["value_hz"] for row in rows] == [200e6, 400e6, 800e6]
    assert len({row["latency_s"] for row in rows}) > 1  # equal where the mapper leaves a slow NPU out
    assert rows[-1]["average_power_w"] == pytest.approx(result.average_power_w)


def test_power_over_time_is_the_energy(result: PowerResult) -> None:
    rows = list(csv.DictReader(io.StringIO(result.to_csv())))
    window, end = result.report["window_s"], result.report["duration_s"]
    assert list(rows[0])[:2] == ["time_s", "total_w"]
    joules = sum(float(row["total_w"]) * min(window, end - i * window) for i, row in enumerate(rows))
    assert joules == pytest.approx(result.average_power_w * end, rel=1e-6)


def test_settings_come_back(board: str) -> None:
    settings = chipcast.power(
        NETWORK, board, rate="20 Hz", clocks={"npu": "400 MHz"}, cores={"a55": 2}, loads={"gpu": 0.5}, dtype="int8",
        ambient=40, battery="300:3.6", governor="npu=fixed", idle="ladder", cap="5 W", duration="0.2 s",
    ).report["settings"]  # fmt: skip
    assert settings["clocks"] == [{"domain": "npu", "clock_hz": 400e6, "volts_v": 0.75}]
    assert settings["cores"] == [{"cluster": "a55", "cores_count": 2}]
    assert settings["loads"] == [{"load": "gpu", "level_share": 0.5, "full_w": 1.5}]
    assert settings["battery"] == {"capacity_mah": 300, "volts_v": 3.6}
    assert (settings["ambient_c"], settings["cap_w"], settings["idle"]) == (40, 5, "ladder")


def test_a_star_stands_for_several_domains(board: str) -> None:
    result = chipcast.power(
        NETWORK, board, rate=20, clocks={"n*": "200 MHz"}, governor="*pu=fixed", dtype="int8"
    )
    assert [clock["domain"] for clock in result.report["settings"]["clocks"]] == ["npu"]
    with pytest.raises(chipcast.InputError, match=r"200 MHz is no operating point of .cpu."):
        chipcast.power(NETWORK, board, rate=20, clocks={"*pu": "200 MHz"}, dtype="int8")
    with pytest.raises(chipcast.InputError, match=r"no power domain .gq"):
        chipcast.power(NETWORK, board, rate=20, clocks={"gq*": "200 MHz"}, dtype="int8")


def test_a_load_adds_its_power_through_the_board(board: str) -> None:
    def watts(**knobs: Any) -> float:
        return chipcast.power(NETWORK, board, rate=20, dtype="int8", start="ambient", **knobs).average_power_w

    base = watts()
    assert watts(loads={"gpu": 1.0}) - base == pytest.approx(1.49, rel=1e-3)
    assert watts(loads={"gpu": 0.5}) - base == pytest.approx(0.745, rel=1e-3)


def test_work_of_others_on_a_cluster_or_a_memory_is_power_alone(board: str) -> None:
    base = chipcast.power(NETWORK, board, rate=20, dtype="int8", start="ambient")
    busy = chipcast.power(
        NETWORK, board, rate=20, dtype="int8", start="ambient", loads={"a55": 0.5, "ram": 0.25}
    )
    assert busy.latency_s == base.latency_s
    names = {load["load"]: load for load in busy.report["settings"]["loads"]}
    device = chipcast.describe(board)["devices"]["a55"]
    coefficient = float(device["core"]["energy"].split()[0]) * 1e-12
    assert names["background_a55"]["full_w"] == pytest.approx(4 * coefficient * 1.8e9 * 1.0**2)
    cluster = 0.5 * names["background_a55"]["full_w"] / 0.9  # through its rail
    memory = 0.25 * names["background_ram"]["full_w"]
    assert busy.average_power_w - base.average_power_w == pytest.approx(cluster + memory, rel=1e-2)


def test_back_to_back_is_one_after_the_other(board: str) -> None:
    result = chipcast.power(NETWORK, board, dtype="int8")
    assert "rate_hz" not in result.report["settings"]
    assert result.report["duration_s"] == pytest.approx(10 * result.latency_s, rel=0.05)


def test_a_rate_that_is_too_high_is_said(board: str) -> None:
    report = chipcast.power("mobilenet_v2", board, rate=10_000, dtype="int8", devices=["npu0", "a55"]).report
    assert report["streams"][0]["rate"]["met"] is False
    assert report["streams"][0]["rate"]["achieved_hz"] < 9900


def test_a_domain_that_is_off_does_not_work(board: str) -> None:
    result = chipcast.power(NETWORK, board, rate=20, dtype="int8", states={"npu": "off"})
    assert result.report["streams"][0]["devices"] == ["a55"]
    states = {s["state"]: s["time_share"] for s in result.domain("npu")["states"]}
    assert states["off"] > 0.999


def test_a_mode_turns_clocks_and_cores(board: str, tmp_path: Path) -> None:
    slow = chipcast.power(
        NETWORK, board, rate=20, dtype="int8", clocks={"npu": 200e6, "cpu": 600e6}, cores={"a55": 2}
    )
    path = tmp_path / "nvpmodel.conf"
    path.write_text(slow.nvpmodel_conf(number=5, name="SLOW"))
    again = chipcast.power(NETWORK, board, rate=20, dtype="int8", mode=f"{path}:5")
    assert again.average_power_w == pytest.approx(slow.average_power_w)
    assert again.latency_s == slow.latency_s


def test_a_clock_beside_a_mode_is_taken(board: str, tmp_path: Path) -> None:
    path = tmp_path / "nvpmodel.conf"
    path.write_text(
        chipcast.power(
            NETWORK, board, rate=20, dtype="int8", clocks={"npu": 200e6, "cpu": 600e6}
        ).nvpmodel_conf()
    )
    mixed = chipcast.power(NETWORK, board, rate=20, dtype="int8", mode=str(path), clocks={"npu": 800e6})
    points = {
        name: [p["clock_hz"] for p in mixed.domain(name)["operating_points"] if p["time_s"] > 0]
        for name in ("npu", "cpu")
    }
    assert points == {"npu": [800e6], "cpu": [600e6]}


def test_others_are_priced_at_the_point_that_a_governor_holds(board: str) -> None:
    coefficient = float(chipcast.describe(board)["devices"]["a55"]["core"]["energy"].split()[0]) * 1e-12

    def full_w(governor: str) -> float:
        setup = make_setup(
            board, read_knobs(governor=governor, loads={"a55": 0.5}, clocks={"cpu": "1.2 GHz"})
        )
        return setup.described.loads["background_a55"].full_w

    for governor, clock, volts in (
        ("fixed", 1.2e9, 0.8), ("performance", 1.8e9, 1.0), ("cpu=powersave", 600e6, 0.7), ("ondemand", 1.2e9, 0.8),
    ):  # fmt: skip
        assert full_w(governor) == pytest.approx(4 * coefficient * clock * volts**2), governor
    stated = {"governor": {"kind": "ondemand"}, "domains": {"cpu": {"kind": "powersave"}}}
    setup = make_setup(board, read_knobs(loads={"a55": 0.5}), stated=stated)
    assert setup.described.loads["background_a55"].full_w == pytest.approx(4 * coefficient * 600e6 * 0.7**2)


def test_a_cap_is_kept_back_to_back_and_no_rate_was_asked(board: str) -> None:
    free = chipcast.power(NETWORK, board, dtype="int8", devices=["a55"])
    cap = 0.85 * free.average_power_w
    capped = chipcast.power(NETWORK, board, dtype="int8", devices=["a55"], cap=cap)
    assert capped.average_power_w <= cap
    assert capped.latency_s > free.latency_s
    rate = capped.report["streams"][0]["rate"]
    assert rate["met"] and "asked_hz" not in rate


def test_periods_of_minutes(board: str) -> None:
    report = chipcast.power(NETWORK, board, dtype="int8", period="10min").report
    assert report["duration_s"] == pytest.approx(6000)


def test_governors_and_caps_are_kept(board: str) -> None:
    fixed = chipcast.power(NETWORK, board, rate=20, dtype="int8")
    slow = chipcast.power(NETWORK, board, rate=20, dtype="int8", governor="powersave")
    assert slow.latency_s > fixed.latency_s
    points = {p["clock_hz"] for p in slow.domain("npu")["operating_points"] if p["time_s"] > 0.01}
    assert points == {200e6}


def test_operating_points_as_linux_has_them(result: PowerResult) -> None:
    text = result.opp_text()
    assert 'compatible = "operating-points-v2";' in text
    assert "opp-hz = /bits/ 64 <1800000000>;" in text
    assert "opp-microvolt = <700000>;" in text
    assert text.count("{") == text.count("};")
    assert "dynamic-power-coefficient = <" in text


def test_equal_inputs_give_equal_bytes(board: str) -> None:
    first, second = (chipcast.power(NETWORK, board, rate=20, dtype="int8").to_json() for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        (
            {"clocks": {"npu": "500 MHz"}},
            r'500 MHz is no operating point of "npu" \(known: 200 MHz, 400 MHz, 800 MHz\)',
        ),
        ({"clocks": {"nup": "400 MHz"}}, r'clock: no power domain "nup" \(did you mean "npu"'),
        ({"clocks": {"ram": "400 MHz"}}, '"ram" has no operating points'),
        ({"clocks": {"npu": "400"}}, 'clock npu: "400" is no number with a unit'),
        ({"cores": {"a55": 5}}, "cores a55: 5 are more than its 4"),
        ({"cores": {"npu0": 1}}, 'no CPU cluster "npu0"'),
        ({"cores": {"a55": 0}}, "not a whole number from 1 on"),
        ({"loads": {"gpu": 1.5}}, "is not a level between 0 and 1"),
        ({"loads": {"gup": 0.5}}, r'load: "gup" is not known \(did you mean "gpu"'),
        ({"loads": {"npu0": 0.5}}, "its load is the network"),
        ({"states": {"npu": "on"}}, r'"on" is not known \(known: off\)'),
        ({"states": {"gpu": "off"}}, "has no device"),
        ({"states": {"npu": "off", "cpu": "off"}}, "every device that may be used is off"),
        ({"governor": "ondemnd"}, r'governor: "ondemnd" is not known \(did you mean "ondemand"'),
        ({"governor": "cup=ondemand"}, 'no power domain "cup"'),
        ({"idle": "deep"}, 'idle: "deep" is not known'),
        ({"rate": 0}, "rate: 0 is not above zero"),
        ({"rate": 5, "period": "1 s"}, "say the same"),
        ({"rate": "5 W"}, "is no number with a unit"),
        ({"battery": "big"}, "is not MAH or MAH:VOLTS"),
        ({"ambient": 1000}, "outside"),
        ({"cap": "-1 W"}, "is not above zero"),
        ({"devices": ["npu"]}, r'devices: "npu" is not known \(did you mean "npu0"'),
        ({"sweep": ["clock=npu:1GHz"]}, "sweep npu: 1 GHz is no operating point"),
        ({"sweep": ["volts=npu"]}, "clock=DOMAIN, cores=CLUSTER or rate"),
        ({"clocks": {"npu": "400 MHz", "n*": "200 MHz"}}, 'both set "npu"'),
        ({"sweep": ["rate=0"]}, "sweep rate: 0.0 is not above zero"),
        ({"mode": "no.conf"}, "mode: cannot read"),
    ],
)
def test_mistakes_name_their_place(board: str, knobs: dict[str, Any], words: str) -> None:
    with pytest.raises(chipcast.InputError, match=words):
        chipcast.power(
            NETWORK, board, dtype="int8", **{"rate": 20, **knobs} if "period" not in knobs else knobs
        )
