# SPDX-License-Identifier: Apache-2.0
"""Scenarios as points of a sweep."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chipcast import InputError
from chipcast.power import power_of_scenario
from chipcast.search import run_search
from chipcast.sweep import read_sweep, run_sweep

SPEC = {"scenario": "heart-rate", "platform": "snapdragon-wear-4100-plus", "area": False}


def test_a_scenario_is_a_point() -> None:
    lines = list(run_sweep({**SPEC, "axes": {"dtype": ["int8", "fp32"]}}, jobs=2).table.records())
    assert [line["state"] for line in lines] == ["done", "done"]
    report = power_of_scenario(SPEC["scenario"], SPEC["platform"]).report
    assert lines[0]["average_power_w"] == report["average_power_w"]
    assert lines[0]["battery_h"] == report["battery"]["life_h"]
    assert lines[0]["p99_s"] == max(each["latency"]["p99_s"] for each in report["streams"])
    assert (lines[0]["jobs"], lines[0]["missed"]) == (510, 0)
    assert lines[1]["latency_s"] > lines[0]["latency_s"]


def test_deadlines_that_are_missed_are_counted(tmp_path: Path) -> None:
    stream = {"network": "mlperf_tiny_kws", "period": "50 ms", "count": 3, "deadline": "1 us"}
    (tmp_path / "late.json").write_text(json.dumps({"name": "late", "streams": {"a": stream}}))
    spec = {
        "scenarios": [str(tmp_path / "late.json"), "nowhere"],
        "platform": "rv1106",
        "options": {"dtype": "int8"},
        "axes": {},
        "area": False,
    }
    lines = list(run_sweep(spec, jobs=1).table.records())
    assert lines[0]["missed"] == lines[0]["jobs"] == 3
    assert lines[1]["state"] == "invalid"
    assert '"nowhere" is not known' in lines[1]["reason"]


def test_a_file_beside_the_sweep_and_its_network_decide_the_key(tmp_path: Path) -> None:
    scenario = {"name": "s", "streams": {"a": {"network": "mlperf_tiny_kws", "period": "50 ms", "count": 3}}}
    (tmp_path / "s.json").write_text(json.dumps(scenario))
    (tmp_path / "sweep.json").write_text(
        json.dumps({"scenario": "s.json", "platform": "rv1106", "area": False, "axes": {"dtype": ["int8"]}})
    )
    first = run_sweep(tmp_path / "sweep.json", store=tmp_path / "s.db", jobs=1)
    assert first.counts == {"done": 1}
    again = run_sweep(tmp_path / "sweep.json", store=tmp_path / "s.db", jobs=1)
    assert again.summary.progress.reused == 1
    scenario["streams"]["a"]["period"] = "60 ms"  # type: ignore[index]
    (tmp_path / "s.json").write_text(json.dumps(scenario))
    changed = run_sweep(tmp_path / "sweep.json", store=tmp_path / "s.db", jobs=1)
    assert changed.summary.progress.reused == 0


def test_one_network_in_the_ways_of_mlperf() -> None:
    spec = {
        "model": "mlperf_tiny_kws",
        "scenario": "SingleStream",
        "platform": "rv1106",
        "options": {"dtype": "int8"},
        "axes": {"npu.clock": ["300 MHz", "600 MHz"], "split": [True, False]},
        "area": False,
    }
    lines = list(run_sweep(spec, jobs=1).table.records())
    assert all("split" in line["reason"] for line in lines), "no option of such a run"
    del spec["axes"]["split"]  # type: ignore[attr-defined]
    lines = list(run_sweep(spec, jobs=1).table.records())
    assert lines[0]["p99_s"] > lines[1]["p99_s"] > 0.0


def test_a_search_looks_for_battery_life() -> None:
    spec = {
        "space": {**SPEC, "axes": {"a53.clock": ["600 MHz", "1.2 GHz"], "dtype": ["int8", "fp32"]}},
        "objectives": {"battery_h": "max", "p99_s": "min"},
        "constraints": {"missed": {"max": 0}},
        "algorithm": "grid",
    }
    result = run_search(spec, jobs=2)
    assert result.evaluations == 4
    assert result.front
    assert {"battery_h", "p99_s", "missed"} <= set(result.table.columns)
    with pytest.raises(InputError, match="scenarios run in the event simulation alone"):
        run_search({**spec, "fidelity": {}})


def test_tiers_and_networks_that_do_not_go_with_it() -> None:
    analytic = list(run_sweep({**SPEC, "tier": "analytic", "axes": {}}, jobs=1).table.records())
    assert "a scenario runs in the event simulation alone" in analytic[0]["reason"]
    with pytest.raises(InputError, match='needs either "model" or "models"'):
        read_sweep({"platform": "rv1106", "axes": {}})
    with pytest.raises(InputError, match='either "scenario" or "scenarios"'):
        read_sweep({**SPEC, "scenarios": ["burst"]})
