# SPDX-License-Identifier: Apache-2.0
"""Streams from files and dicts, scenarios, and the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import chipcast
import jsonschema
import pytest
from chipcast import _core, streams
from chipcast.streams import run_scenario, run_streams
from support import ROOT, Command

SCHEMAS: dict[str, Any] = json.loads(_core.schemas())
SPECS = sorted((ROOT / "configs" / "scenarios").glob("*.json"))


def two_streams(**fields: Any) -> dict[str, Any]:
    options = {"dtype": "int8"}
    return {
        "policy": "edf",
        "preemption": "tile",
        "streams": {
            "camera": {
                "network": "mlperf_tiny_vww",
                "options": options,
                "period": "2 ms",
                "deadline": "2 ms",
                "count": 5,
            },
            "voice": {"network": "mlperf_tiny_kws", "options": options, "rate": "500 Hz", "count": 4},
        },
        **fields,
    }


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_bundled_files_follow_the_schema_and_run(path: Path) -> None:
    document = json.loads(path.read_text())
    jsonschema.Draft7Validator(SCHEMAS["streams"]).validate(document)
    result = run_streams(path.stem, "rk3588")
    assert [entry["name"] for entry in result.streams] == list(document["streams"])
    assert all(entry["completed"] == entry["released"] > 0 for entry in result.streams)


def test_a_report_follows_its_schema_and_adds_up() -> None:
    result = run_streams(two_streams(), "rk3588")
    jsonschema.Draft7Validator(SCHEMAS["streams-report"]).validate(result.report)
    assert result.report["policy"] == "edf"
    assert len(result.jobs) == 9
    assert sum(result.report["energy_by_component"].values()) == pytest.approx(result.energy_j)
    frame = result.to_pandas()
    slowest = frame[frame["stream"] == "camera"]["response_s"].max()
    assert slowest == pytest.approx(result.stream("camera")["latency"]["max_s"])


def test_choices_replace_those_of_the_file() -> None:
    result = run_streams(two_streams(), "rk3588", policy="fifo", preemption="none", seed=9)
    assert (result.report["policy"], result.report["preemption"], result.report["seed"]) == (
        "fifo",
        "none",
        9,
    )


def test_equal_seeds_give_equal_bytes() -> None:
    first, second = (run_streams(two_streams(), "rk3588", seed=4) for _ in range(2))
    assert first.to_json() == second.to_json()
    assert first.to_json() != run_streams(two_streams(), "rk3588", seed=5).to_json()


def test_one_job_takes_as_long_as_a_plain_run() -> None:
    spec = {"streams": {"one": {"network": "mlperf_tiny_vww", "options": {"dtype": "int8"}}}}
    plain = chipcast.run("mlperf_tiny_vww", "rk3588", dtype="int8")
    assert run_streams(spec, "rk3588").stream("one")["latency"]["max_s"] == plain.latency_s


def test_model_files_are_found_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "net.json").write_text(chipcast.load_model("mlperf_tiny_kws").graph_json)
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps({"streams": {"one": {"network": "net.json", "count": 2}}}))
    assert run_streams(spec, "rk3588").stream("one")["completed"] == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"streams": {"s": {"network": "mobilenet_v9"}}}, "streams.s.network: .*mobilenet_v9"),
        (
            {"streams": {"s": {"network": "mlperf_tiny_kws", "period": 5}}},
            "streams.s.period: expected a number",
        ),
        ({"streams": {"s": {"network": "mlperf_tiny_kws", "cuont": 5}}}, 'unknown field "cuont" .*count'),
        ({"streams": {"s": {}}}, "streams.s.network: missing"),
        ({"streams": {}}, "streams is empty"),
        ({"policy": "rms"}, 'policy: "rms" is not known'),
        ({"streams": 3}, "streams: expected an object"),
    ],
)
def test_mistakes_name_their_place(change: dict[str, Any], message: str) -> None:
    with pytest.raises(chipcast.InputError, match=message):
        run_streams(two_streams(**change), "rk3588")


def test_unknown_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(chipcast.InputError, match='"camera-and-vioce" is not known'):
        run_streams("camera-and-vioce", "rk3588")
    with pytest.raises(chipcast.InputError, match="no file"):
        run_streams(tmp_path / "none.json", "rk3588")
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    with pytest.raises(chipcast.InputError, match="is not JSON"):
        run_streams(broken, "rk3588")


def test_progress_can_stop_the_run() -> None:
    with pytest.raises(chipcast.LimitError, match="cancelled"):
        run_streams(two_streams(), "rk3588", progress=lambda share: False)


@pytest.mark.parametrize("scenario", streams.SCENARIOS)
def test_scenarios_report_their_metric(scenario: str) -> None:
    bound = "20 ms" if scenario == "Server" else None
    result = run_scenario("mlperf_tiny_vww", "rk3588", scenario, queries=12, bound=bound, dtype="int8")
    jsonschema.Draft7Validator(SCHEMAS["scenario-report"]).validate(result.report)
    metric = {
        "SingleStream": "p90_s",
        "MultiStream": "p99_s",
        "Server": "rate_per_s",
        "Offline": "samples_per_s",
    }
    assert result.report["metric"] == metric[scenario]
    assert result.report["value"] > 0
    assert any("MLPerf-style" in remark for remark in result.report["remarks"])


def test_frames_are_pipelined_over_devices() -> None:
    def rate(**options: Any) -> float:
        result = run_scenario("mobilenet_v2", "rk3588", "Offline", queries=12, dtype="int8", **options)
        return float(result.report["value"])

    variants = [[f"npu{i}", "a76"] for i in range(3)]
    assert rate(variants=variants, in_flight=6) > 1.8 * rate(in_flight=1)


def test_the_command_prints_tables_and_json(command: Command, tmp_path: Path) -> None:
    spec, trace, report = tmp_path / "spec.json", tmp_path / "t.pftrace", tmp_path / "r.json"
    spec.write_text(json.dumps(two_streams()))
    shown = command("streams", str(spec), "--on", "rk3588", "--trace", str(trace), "--report", str(report))
    assert shown.code == 0, shown.stderr
    assert "camera" in shown.stdout
    assert trace.stat().st_size > 1000
    printed = command("streams", str(spec), "--on", "rk3588", "--json")
    assert printed.json == json.loads(report.read_text())


def test_the_command_asks_scenarios(command: Command) -> None:
    asked = ("--scenario", "Server", "--bound", "5 ms", "--queries", "20")
    shown = command("streams", "mlperf_tiny_kws", "--on", "rk3588", *asked)
    assert shown.code == 0, shown.stderr
    assert "Server (MLPerf-style)" in shown.stdout
    assert "queries a second; p99 within 5.00 ms kept" in shown.stdout
    assert "no minimum duration" in shown.stderr


def test_options_of_scenarios_need_one(command: Command) -> None:
    refused = command("streams", "camera-and-voice", "--on", "rk3588", "--queries", "3")
    assert refused.code == 2
    assert "--queries needs --scenario" in refused.stderr
    for flag, value in {"--shape": "x=1,2", "--variant": "npu0", "--model-option": "batch=4"}.items():
        refused = command("streams", "camera-and-voice", "--on", "rk3588", flag, value)
        assert refused.code == 2
        assert f"{flag} needs --scenario" in refused.stderr


def test_too_many_streams_are_refused_before_they_are_loaded() -> None:
    spec = {"streams": {f"s{i}": {"network": "absent"} for i in range(257)}}
    with pytest.raises(chipcast.InputError, match="257 are more than 256"):
        run_streams(spec, "rk3588")


def test_the_bundled_files_are_listed(command: Command) -> None:
    listed = command("streams", "--list")
    assert listed.code == 0
    assert "camera-and-voice" in listed.stdout.split()
