# SPDX-License-Identifier: Apache-2.0
"""What the workbench answers: forecasts as `chipcast.run` gives them, and one line where there is none."""

from __future__ import annotations

import json
from typing import Any

import chipcast
import pytest
from starlette.testclient import TestClient

QUESTION = {"model": "mobilenet_v2", "platform": "rv1106", "options": {"dtype": "int8"}, "overrides": {}}


def ask(bench: TestClient, **members: Any) -> Any:
    answer = bench.post("/api/ask", json={**QUESTION, **members})
    assert answer.status_code == 200, answer.text
    return answer.json()


def refusal(bench: TestClient, status: int = 422, **members: Any) -> dict[str, str]:
    answer = bench.post("/api/ask", json={**QUESTION, **members})
    assert answer.status_code == status, answer.text
    found: dict[str, str] = answer.json()["error"]
    return found


def test_a_knob_gives_what_a_run_gives(bench: TestClient) -> None:
    overrides = {"npu.clock": "300 MHz"}
    result = chipcast.run("mobilenet_v2", "rv1106", dtype="int8", overrides=overrides)
    quick = ask(bench, kind="analytic", overrides=overrides)
    full = ask(bench, kind="run", overrides=overrides)
    assert quick["analytic_latency_s"] == result.analytic_latency_s
    assert full["report"]["totals"] == result.report["totals"]


def test_power_has_a_battery(bench: TestClient) -> None:
    knobs = {"rate": 5, "battery": "1000:3.7", "cap": None}
    report = ask(bench, kind="power", knobs=knobs)["report"]
    expected = chipcast.power("mobilenet_v2", "rv1106", dtype="int8", rate=5, battery="1000:3.7").report
    assert report["battery"] == expected["battery"]
    assert report["average_power_w"] == expected["average_power_w"]


def test_a_description_has_knobs(bench: TestClient) -> None:
    found = ask(bench, kind="describe")
    assert found["platform"] == json.loads(json.dumps(chipcast.describe("rv1106")))
    assert {"npu.clock", "npu.buffer", "a7.cores", "ddr3l.channels"} <= {
        knob["id"] for knob in found["knobs"]
    }


@pytest.mark.parametrize(
    "headers", [{"host": "evil.example"}, {"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}]
)
def test_a_foreign_page_is_not_answered(bench: TestClient, headers: dict[str, str]) -> None:
    answer = bench.post("/api/ask", json={**QUESTION, "kind": "analytic"}, headers=headers)
    assert answer.status_code == 403
    assert "analytic_latency_s" not in answer.text
    assert bench.get("/api/catalog", headers=headers).status_code == 403


def test_an_edited_platform_is_not_the_chip_that_was_measured(bench: TestClient) -> None:
    platform = chipcast.describe("rk3588")
    platform["devices"]["npu0"]["clock"] = "900 MHz"
    members = {"kind": "run", "platform": {"text": json.dumps(platform)}}
    report = ask(bench, **members)["report"]
    assert report["platform"]["name"] == "rk3588-edited"
    assert "rk3588 among them" not in report["validation"]["latency"]["words"]


def test_words_do_not_say_where_files_lie(bench: TestClient) -> None:
    for text in ('{"name": ', '{"name": "x", "devices": {}}'):
        assert "/tmp" not in refusal(bench, kind="run", platform={"text": text})["message"]


def test_a_power_mode_has_the_clocks_and_cores_that_are_turned(bench: TestClient) -> None:
    knobs = {"clocks": {"cpu_b": "1.2 GHz"}, "cores": {"a76": 2}, "rate": 5}
    found = ask(bench, kind="power", platform="rk3588", knobs=knobs, nvpmodel=True)
    result = chipcast.power(
        "mobilenet_v2", "rk3588", dtype="int8", rate=5, clocks=knobs["clocks"], cores=knobs["cores"]
    )
    assert found["text"] == result.nvpmodel_conf()
    assert found["report"]["average_power_w"] == result.average_power_w


def test_a_bad_edit_says_where(bench: TestClient) -> None:
    platform = chipcast.describe("rv1106")
    platform["devices"]["npu"]["clock"] = "7 zz"
    error = refusal(bench, kind="analytic", platform={"text": json.dumps(platform)})
    assert error["path"] == "devices.npu.clock"
    assert 'unknown unit "zz"' in error["message"]
    error = refusal(bench, kind="describe", platform={"text": '{"name": '})
    assert "not valid JSON" in error["message"]


def test_an_edited_platform_is_forecast(bench: TestClient) -> None:
    text = json.dumps(chipcast.describe("rv1106"))
    assert ask(bench, kind="analytic", platform={"text": text}) == ask(bench, kind="analytic")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"kind": "rum"}, 'kind: "rum" is not known'),
        ({"kind": "run", "model": "mobilnet_v2"}, 'did you mean "mobilenet_v2"'),
        ({"kind": "run", "model": "/etc/passwd"}, "is not bundled"),
        ({"kind": "run", "model": {"upload": "../../etc/passwd"}}, "no longer kept"),
        ({"kind": "run", "platform": "/etc/passwd.json"}, "is not bundled"),
        ({"kind": "run", "platform": {"text": 7}}, "platform.text"),
        ({"kind": "run", "options": {"max_events": 1}}, 'unknown member "max_events"'),
        ({"kind": "run", "options": {"mapper": "gready"}}, 'did you mean "greedy"'),
        ({"kind": "run", "overrides": {"npu.clok": "1 GHz"}}, "clok"),
        ({"kind": "run", "overrides": []}, "overrides: not a JSON object"),
        ({"kind": "power", "knobs": {"rate": -1}}, "rate"),
        ({"kind": "power", "knobs": {"cores": 5}}, "knobs.cores: 5 is not a JSON object"),
        ({"kind": "power", "knobs": {"period": 5}}, 'unknown member "period"'),
        ({"kind": "run", "options": {"devices": 5}}, "options.devices: 5 is not a list of names"),
        ({"kind": "analytic", "options": {"mapper": "exact"}}, 'mapper: "exact" is not known'),
        ({"kind": "run", "platfrom": "x"}, 'did you mean "platform"'),
    ],
)
def test_what_is_wrong_is_said_in_one_line(bench: TestClient, members: dict[str, Any], message: str) -> None:
    error = refusal(bench, **members)["message"]
    assert message in error
    assert "\n" not in error


def test_extends_stays_inside_the_presets(bench: TestClient) -> None:
    text = json.dumps({"name": "x", "extends": "../../../../../../etc/hosts"})
    assert "no preset" in refusal(bench, kind="describe", platform={"text": text})["message"]


def upload(bench: TestClient, name: str, body: Any) -> Any:
    return bench.post(
        "/api/models",
        params={"name": name},
        content=body,
        headers={"content-type": "application/octet-stream"},
    )


def test_an_uploaded_model_is_forecast(bench: TestClient) -> None:
    graph = chipcast.load_model("mobilenet_v2", model_options={"width": 0.35}).graph_json
    found = upload(bench, "small.json", graph.encode())
    assert found.status_code == 200, found.text
    answer = ask(bench, kind="analytic", model={"upload": found.json()["upload"]})
    assert answer["analytic_latency_s"] > 0


def test_too_large_a_model_is_refused(bench: TestClient) -> None:
    answer = upload(bench, "big.onnx", b"\0" * ((1 << 20) + 1))
    assert answer.status_code == 413
    assert "at most 1 MiB" in answer.json()["error"]["message"]


def test_a_length_that_was_not_announced_is_counted(bench: TestClient) -> None:
    answer = upload(bench, "big.onnx", (b"\0" * 65536 for _ in range(17)))
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("picture.png", b"x", "models end in"),
        ("", b"x", "models end in"),
        ("model.onnx", b"\x08\x07" + b"\xff" * 400, "model"),
        ("model.tflite", b"not a flatbuffer at all", "model"),
        ("../../../etc/cron.d/x.json", b"{", "x.json"),
        ("model.json", b"[" * 100_000, "model"),
    ],
)
def test_a_wrong_or_hostile_file_is_refused(bench: TestClient, name: str, body: bytes, message: str) -> None:
    answer = upload(bench, name, body)
    assert answer.status_code == 422, answer.text
    assert message in answer.json()["error"]["message"]


def test_only_json_asks(bench: TestClient) -> None:
    assert bench.post("/api/ask", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    answer = bench.post("/api/ask", content=b"{", headers={"content-type": "application/json"})
    assert answer.json()["error"]["message"] == "question: not JSON"


def test_the_catalog(bench: TestClient) -> None:
    found = bench.get("/api/catalog").json()
    assert "rk3588" in found["platforms"]
    assert any(model["name"] == "mobilenet_v2" for model in found["models"])
    assert bench.get("/api/schema").json()["type"] == "object"
