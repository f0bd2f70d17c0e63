# SPDX-License-Identifier: Apache-2.0
"""The bundled scenarios answer what docs/power.md asks them: which processor, and why."""

from __future__ import annotations

import pytest
from chipcast.power import PowerResult, power_of_scenario
from chipcast.power.knobs import read_knobs
from chipcast.power.scenario import _merge

WATCH = "snapdragon-wear-4100-plus"


def share(result: PowerResult, domain: str, *states: str) -> float:
    """Of the time, in any of these states."""
    return sum(s["time_share"] for s in result.domain(domain)["states"] if s["state"] in states)


@pytest.fixture(scope="module")
def watch() -> dict[str, PowerResult]:
    knobs = read_knobs(loads={"heart_rate_sensor": 1})
    return {d: power_of_scenario("heart-rate", WATCH, knobs, devices=[d]) for d in ("a53", "qcc1110")}


def test_a_wearable_lasts_longer_on_its_coprocessor(watch: dict[str, PowerResult]) -> None:
    main, little = watch["a53"], watch["qcc1110"]
    assert main.average_power_w == pytest.approx(29.6e-3, rel=0.1)
    assert little.average_power_w == pytest.approx(28.5e-3, rel=0.1)
    assert little.average_power_w < main.average_power_w
    assert main.battery_life_h is not None and little.battery_life_h is not None
    assert little.battery_life_h > main.battery_life_h > 48
    for result in watch.values():
        assert all(stream["rate"]["met"] for stream in result.report["streams"])


def test_states_say_why(watch: dict[str, PowerResult]) -> None:
    """Each sample wakes the cluster, and waking costs more than the work; the coprocessor pays with the memory."""
    main, little = watch["a53"], watch["qcc1110"]
    states = {s["state"]: s for s in main.domain("cpu")["states"]}
    assert states["cluster_off"]["entries_count"] >= 500  # 25 samples a second for 20 s
    assert states["leaving cluster_off"]["energy_j"] > 10 * states["working"]["energy_j"]
    assert share(little, "cpu", "cluster_off") > 0.99 > share(main, "cpu", "cluster_off")
    assert little.domain("cpu")["average_w"] < 0.1 * main.domain("cpu")["average_w"]
    assert share(little, "dram", "working") > 100 * share(main, "dram", "working")
    assert little.domain("dram")["average_w"] > main.domain("dram")["average_w"]
    saved = main.domain("cpu")["average_w"] - little.domain("cpu")["average_w"]
    assert saved > little.domain("dram")["average_w"] - main.domain("dram")["average_w"]


def test_an_asked_start_stands_before_the_files() -> None:
    def start(asked: str | None) -> str:
        document = {"power": {"start": "ambient"}}
        _merge(document, {"start": asked or "steady"}, start_asked=asked is not None)
        return document["power"]["start"]

    assert (start(None), start("steady"), start("ambient")) == ("ambient", "steady", "ambient")
    knobs = read_knobs(start="ambient")
    asked = power_of_scenario(
        "wake-word", "allwinner-r329", knobs, devices=["dsp0"]
    )  # whose file says steady
    assert asked.report["settings"]["start"] == "ambient"
    assert asked.report["temperature"]["start_c"] == pytest.approx(25.0)


def test_a_wake_word_on_the_npu_the_dsp_or_the_cpu() -> None:
    asked = {"npu": ["npu", "a53"], "dsp": ["dsp0"], "cpu": ["a53"]}
    results = {
        name: power_of_scenario("wake-word", "allwinner-r329", devices=devices)
        for name, devices in asked.items()
    }
    for name, result in results.items():
        stream = result.report["streams"][0]
        assert stream["devices"] == sorted(asked[name])
        assert stream["rate"]["met"] and stream["late_jobs_count"] == 0
    watts = {name: result.average_power_w for name, result in results.items()}
    switched = {
        name: result.report["streams"][0]["dynamic_energy_per_inference_j"]
        for name, result in results.items()
    }
    assert sorted(watts, key=lambda name: watts[name]) == ["dsp", "npu", "cpu"]
    assert sorted(switched, key=lambda name: switched[name]) == ["dsp", "npu", "cpu"]
    assert results["cpu"].latency_s < results["dsp"].latency_s < results["npu"].latency_s
