# SPDX-License-Identifier: Apache-2.0
"""Reports that lack something, and streams: every view says what is missing instead of failing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chipcast
import pytest
from browser_pages import Open, Opened
from chipcast.streams import StreamsResult, run_streams
from chipcast.text import percent, quantity
from chipcast.web import report_page
from support import Command

SPEC = {
    "name": "two",
    "streams": {
        "camera": {
            "network": "mlperf_tiny_vww",
            "options": {"dtype": "int8"},
            "period": "5 ms",
            "deadline": "5 ms",
            "count": 6,
        },
        "voice": {
            "network": "mlperf_tiny_kws",
            "options": {"dtype": "int8"},
            "rate": "200 Hz",
            "deadline": "0.1 ms",
            "count": 5,
        },
    },
}


def opened(open_page: Open, path: Path, report: dict[str, Any]) -> Opened:
    path.write_text(report_page(report), encoding="utf-8")
    shown = open_page(path)
    assert shown.complaints == []
    assert shown.page.locator("[role=alert]").count() == 0
    assert "could not be drawn" not in shown.text("main")
    return shown


def test_a_report_alone(open_page: Open, tmp_path: Path, result: chipcast.Result) -> None:
    shown = opened(open_page, tmp_path / "alone.html", result.report)
    assert "without a trace" in shown.text("#timeline")
    assert "A report alone does not hold the platform's peaks" in shown.text("#roofline .note")
    assert "does not say what lies in memory" in shown.text("#memory")
    assert quantity(result.latency_s, "s") in shown.text(".card")
    assert shown.page.locator("#layers tbody tr").count() == len(result.ops)
    assert shown.page.locator("#energy svg g[data-name]").count() > 3
    assert shown.page.locator("g.layer").count() > 10


def test_without_energy_power_or_error_bar(open_page: Open, tmp_path: Path, result: chipcast.Result) -> None:
    report = json.loads(result.to_json())
    for key in ("energy", "power", "validation", "search", "provenance", "memories", "warnings", "analytic"):
        del report[key]
    for key in ("energy_j", "average_power_w", "peak_power_w"):
        del report["totals"][key]
    for op in report["ops"]:
        for key in ("energy_j", "bound", "compute_s", "mapping", "tile_search"):
            op.pop(key, None)
    shown = opened(open_page, tmp_path / "partial.html", report)
    cards = shown.texts(".card .value")
    assert cards == [quantity(result.latency_s, "s"), "unknown", "unknown", "unknown", "unknown"]
    assert "holds no energy" in shown.text("#energy")
    assert "no power over time" in shown.text("#power")
    assert "no error bar" in shown.text("#provenance")


def test_an_empty_report(open_page: Open, tmp_path: Path) -> None:
    totals = {
        "latency_s": 0.0,
        "energy_j": 0.0,
        "average_power_w": 0.0,
        "peak_power_w": 0.0,
        "macs": 0,
        "traffic_bytes": 0,
    }
    report = {
        "network": {"name": "n"},
        "platform": {"name": "p"},
        "totals": totals,
        "ops": [],
        "devices": [],
        "memories": [],
    }
    shown = opened(open_page, tmp_path / "empty.html", report)
    assert shown.page.locator(".missing").count() >= 6
    assert shown.texts(".card .value")[0] == "0 s"


def test_never_validated(open_page: Open, tmp_path: Path, result: chipcast.Result) -> None:
    report = json.loads(result.to_json())
    report["validation"]["latency"] = {
        "words": "never validated (npu int4)",
        "validated": False,
        "families": [],
    }
    shown = opened(open_page, tmp_path / "never.html", report)
    assert shown.texts(".card .value")[4] == "never validated"
    assert "npu int4" in shown.texts(".card")[4]


def paths_of(value: Any, most: int) -> Iterator[list[str | int]]:
    """Of members of objects, and of those of the first entry of a list."""
    if isinstance(value, dict) and most:
        for key, inner in value.items():
            yield [key]
            yield from ([key, *rest] for rest in paths_of(inner, most - 1))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from ([0, *rest] for rest in paths_of(value[0], most))


def without(report: dict[str, Any], path: list[str | int]) -> dict[str, Any]:
    copy = json.loads(json.dumps(report))
    owner: Any = copy
    for step in path[:-1]:
        owner = owner[step]
    del owner[path[-1]]
    return dict(copy)


def check_every_member(open_page: Open, folder: Path, report: dict[str, Any], left_out: set[str]) -> None:
    """Without any one of its members, a report is refused in one line or every view stands without it. One member in
    four is tried; CHIPCAST_FULL_CASES=1 tries all."""
    path = folder / "member.html"
    shown = opened(open_page, path, report)
    members = [each for each in paths_of(report, 3) if each[0] not in left_out or len(each) == 1]
    for member in members if os.environ.get("CHIPCAST_FULL_CASES") else members[::4]:
        try:
            path.write_text(report_page(without(report, member)), encoding="utf-8")
        except chipcast.InputError as error:
            assert "is missing" in str(error) and "\n" not in str(error)
            continue
        shown.page.goto(path.as_uri())
        shown.page.wait_for_selector("html[data-ready-ms]", state="attached")
        text = shown.page.locator("body").inner_text()
        assert shown.complaints == [], member
        assert shown.page.locator("[role=alert]").count() == 0, member
        for word in ("could not be drawn", "undefined", "NaN"):
            assert word not in text, member
        assert shown.page.locator(".card").count() == 5, member


def test_a_report_without_any_one_member(open_page: Open, tmp_path: Path) -> None:
    report = json.loads(chipcast.run("mlperf_tiny_kws", "rk3588", dtype="int8").to_json())
    check_every_member(open_page, tmp_path, report, {"provenance", "search"})


def test_streams_without_any_one_member(open_page: Open, tmp_path: Path, streams: StreamsResult) -> None:
    left_out = {"energy_by_component", "energy_by_action", "options"}
    check_every_member(open_page, tmp_path, json.loads(json.dumps(streams.run)), left_out)


@pytest.mark.parametrize(
    ("member", "value", "words"),
    [
        ("network", None, "network is missing or of the wrong kind"),
        ("devices", [{}], r"devices\[0\].name is missing"),
        ("power", [], "power is missing or of the wrong kind"),
        ("totals", {"latency_s": float("inf")}, "a number is not finite"),
        ("power", {"window_s": 1.0, "samples_w": [float("nan")]}, "this cannot stand in a page"),
    ],
)
def test_a_report_that_cannot_be_shown(result: chipcast.Result, member: str, value: Any, words: str) -> None:
    with pytest.raises(chipcast.InputError, match=words):
        report_page({**result.report, member: value})


def test_a_job_that_has_not_ended(streams: StreamsResult) -> None:
    report = json.loads(json.dumps(streams.run))
    report["jobs"][1]["ended_s"] = None
    with pytest.raises(chipcast.InputError, match=r"jobs\[1\].ended_s is missing"):
        report_page(report)


@pytest.fixture(scope="module")
def streams() -> StreamsResult:
    return run_streams(SPEC, "rk3588", keep_trace=True)


def test_streams(open_page: Open, folder: Path, streams: StreamsResult) -> None:
    shown = open_page(streams.to_html(folder / "streams.html"))
    assert shown.complaints == []
    rows = [row.split("\t") for row in shown.page.locator("#summary tbody tr").all_inner_texts()]
    for row, stream in zip(rows, streams.streams, strict=True):
        cells = [cell.strip() for cell in row]
        latency = stream["latency"]
        assert cells[:5] == [
            stream["name"],
            stream["network"],
            *(str(stream[k]) for k in ("released", "completed", "missed")),
        ]
        assert cells[5:9] == [quantity(latency[key], "s") for key in ("p50_s", "p90_s", "p99_s", "max_s")]
    late = sum(stream["missed"] for stream in streams.streams)
    assert shown.texts(".card .value")[3] == (f"{late} late" if late else "nothing late")
    assert quantity(streams.energy_j, "J") in shown.texts(".card")[1]
    assert f"{len(streams.jobs)} spans" in shown.text("#timeline .note")
    assert shown.window(1)[1] > 0  # engines, from the trace
    assert percent(streams.devices[0]["utilisation"]) in shown.text("#platform")
    assert f"peak {quantity(max(streams.run['power']['samples_w']), 'W')}" in shown.texts(".card")[2]
    spans = len(streams._streams.trace_columns()["span_track"]) // 4
    assert f"{spans - len(streams.jobs)} spans" in shown.text(
        "#engines .note"
    )  # jobs stand in their own view
    swatches = dict(
        shown.page.locator("#energy .legend li").evaluate_all(
            "all => all.map(li => [li.textContent, li.firstChild.className])"
        )
    )
    assert swatches["interconnect"] == "swatch hue-6"
    assert next(hue for name, hue in swatches.items() if "lpddr4x" in name) == "swatch hue-1"


def test_streams_without_a_trace(open_page: Open, tmp_path: Path, streams: StreamsResult) -> None:
    shown = opened(open_page, tmp_path / "streams.html", streams.run)
    assert "made without a trace" in shown.text("#engines")
    assert f"{len(streams.jobs)} spans" in shown.text("#timeline .note")


def test_streams_from_the_command(command: Command, open_page: Open, tmp_path: Path) -> None:
    spec, path = tmp_path / "two.json", tmp_path / "two.html"
    spec.write_text(json.dumps(SPEC), encoding="utf-8")
    done = command("streams", spec, "--on", "rk3588", "--html", path)
    assert done.code == 0 and f"Page: {path}" in done.stderr
    shown = open_page(path)
    assert shown.complaints == []
    assert "made without a trace" in shown.text("#engines")
