# SPDX-License-Identifier: Apache-2.0
"""Saved runs side by side: text, JSON and page, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import chipcast
import pytest
from browser_pages import Open, Opened
from chipcast import web
from chipcast.cli.compare import signed_percent
from chipcast.text import quantity
from chipcast.web import read_report
from chipcast.web.comparison import change, comparison
from chipcast.web.page import OPENING
from support import Command


@pytest.fixture(scope="module")
def reports(saved: list[Path]) -> list[dict[str, Any]]:
    return [read_report(path) for path in saved]


def time_of(op: dict[str, Any]) -> float:
    return op["end_s"] - op["start_s"]


def test_a_page_holds_its_report(saved: list[Path]) -> None:
    again = chipcast.run("mobilenet_v2", "rv1106", dtype="int8")
    assert read_report(saved[2]) == again.report


def test_totals_of_the_page_are_those_of_the_reports(
    compare_page: Opened, reports: list[dict[str, Any]]
) -> None:
    for title, key, unit in (
        ("Latency", "latency_s", "s"),
        ("Energy", "energy_j", "J"),
        ("Peak power", "peak_power_w", "W"),
    ):
        panel = compare_page.page.locator("#summary .panel").filter(
            has=compare_page.page.get_by_role("heading", name=title, exact=True)
        )
        values = [report["totals"][key] for report in reports]
        assert panel.locator(".bars-value").all_inner_texts() == [quantity(value, unit) for value in values]
        if title == "Peak power":  # over windows of different lengths: nothing to hold against each other
            assert len({report["power"]["window_s"] for report in reports}) > 1
            assert panel.locator(".bars-change").all_inner_texts() == ["", "–", "–"]
            continue
        changes = [text.replace("−", "-") for text in panel.locator(".bars-change").all_inner_texts()]
        assert changes == ["", *(signed_percent(change(value, values[0])) for value in values[1:])]
    assert "windows of different lengths" in compare_page.text("#summary .note")
    assert compare_page.complaints == []


def test_peak_power_over_windows_of_one_length_is_compared(reports: list[dict[str, Any]]) -> None:
    for other, alike in ((reports[0], True), (reports[1], False)):
        compared = comparison(["a", "b"], [reports[0], other])
        assert {row["name"]: row["comparable"] for row in compared["totals"]}["peak_power_w"] == alike
        assert any("peak power" in note for note in compared["notes"]) != alike


def test_layers_of_the_page_are_those_of_the_reports(
    compare_page: Opened, reports: list[dict[str, Any]]
) -> None:
    table = compare_page.page.locator("#layers table").first
    rows = {
        row.split("\t")[0].strip(): row.split("\t")[1:] for row in table.locator("tbody tr").all_inner_texts()
    }
    tables = [{op["name"]: op for op in report["ops"]} for report in reports]
    assert list(rows) == list(tables[0])
    for name, cells in rows.items():
        base, *others = [time_of(each[name]) for each in tables]
        expected = [quantity(base, "s")]
        for other in others:
            expected += [quantity(other, "s"), signed_percent(change(other, base))]
        assert [cell.strip().replace("−", "-") for cell in cells[2:]] == expected


def test_components_and_differences(compare_page: Opened, reports: list[dict[str, Any]]) -> None:
    tables = [report["energy"]["by_component"] for report in reports]
    names = list(dict.fromkeys(name for table in tables for name in table))
    rows = compare_page.page.locator("#components tbody tr").evaluate_all(
        "all => all.map(r => r.dataset.name)"
    )
    assert rows == names
    bars = compare_page.page.locator("#components .diverging-track").evaluate_all(
        "all => all.map(t => [t.dataset.name, Number(t.dataset.value)])"
    )
    for i, (name, by) in enumerate(bars):
        other = tables[1 + i % 2].get(name, 0.0)
        assert by == pytest.approx(other - tables[0].get(name, 0.0))
    sizes = [max(abs(by) for _, by in bars[i : i + 2]) for i in range(0, len(bars), 2)]
    assert sizes == sorted(sizes, reverse=True)


def test_sorting_and_searching_what_is_compared(compare_page: Opened, reports: list[dict[str, Any]]) -> None:
    table = compare_page.page.locator("#layers .sorted").first
    table.get_by_role("button", name="± [2]").click()
    names = table.locator("tbody tr").evaluate_all("all => all.map(r => r.dataset.name)")
    tables = [{op["name"]: op for op in report["ops"]} for report in reports]
    most = max(tables[0], key=lambda name: time_of(tables[1][name]) - time_of(tables[0][name]))
    assert names[0] == most
    assert table.locator("tbody [aria-expanded]").count() == 0  # there is nothing to open
    table.get_by_label("Search").fill("conv9")
    assert table.locator("tbody tr").count() == 1
    table.get_by_label("Search").fill("")


def test_text_and_json_of_the_command(
    command: Command, saved: list[Path], reports: list[dict[str, Any]]
) -> None:
    done = command("compare", *saved)
    assert done.code == 0
    for report in reports:
        assert quantity(report["totals"]["latency_s"], "s") in done.stdout
    for title in ("Totals", "Devices, busy", "Components, energy", "Layers that differ most in time"):
        assert title in done.stdout
    compared = command("compare", *saved, "--json").json
    assert compared["labels"][0].startswith("npu")
    assert [row["values"] for row in compared["totals"] if row["name"] == "latency_s"] == [
        [report["totals"]["latency_s"] for report in reports]
    ]


@pytest.mark.parametrize("columns", [80, 100])
def test_names_of_five_runs_are_whole(
    command: Command, saved: list[Path], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    files = [saved[0], saved[1], saved[2], saved[0], saved[1]]
    done = command("compare", *files)
    compared = command("compare", *files, "--json").json
    assert max(map(len, done.stdout.splitlines())) <= columns
    first = {line.split("  ")[0].rstrip() for line in done.stdout.splitlines()}
    for row in [*compared["totals"], *compared["devices"], *compared["components"]]:
        assert row.get("title", row["name"]) in first
    assert sum(line.split("  ")[0] == "conv3_1/dwise" for line in done.stdout.splitlines()) >= 1
    for i, label in enumerate(compared["labels"]):
        assert f"[{i + 1}] {label}" in done.stdout
    times = next(row["values"] for row in compared["totals"] if row["name"] == "latency_s")
    assert all(quantity(time, "s") in done.stdout for time in times)


def test_a_heading_is_not_covered_after_a_click(open_page: Open, folder: Path, saved: list[Path]) -> None:
    files = [saved[0], saved[1], saved[2], saved[0], saved[1]]
    path = folder / "five.html"
    path.write_text(web.comparison_page(files), encoding="utf-8")
    shown = open_page(path)
    shown.page.locator("nav a", has_text="Components").click()
    shown.frame()
    bar = shown.page.locator("header.bar").bounding_box()
    heading = shown.page.locator("#components h2").bounding_box()
    assert heading["y"] >= bar["y"] + bar["height"]
    button = shown.page.get_by_role("button", name="Print").bounding_box()
    assert button["height"] < 40 < bar["height"]
    names = shown.texts("#summary .panel:first-child .bars-name")
    assert [name[:4] for name in names] == ["[1] ", "[2] ", "[3] ", "[4] ", "[5] "]
    assert shown.complaints == []


def test_five_runs_fit_on_paper(open_page: Open, folder: Path, saved: list[Path]) -> None:
    path = folder / "paper.html"
    path.write_text(web.comparison_page([saved[0], saved[1], saved[2], saved[0], saved[1]]), encoding="utf-8")
    shown = open_page(path, viewport={"width": 720, "height": 1000})
    shown.page.emulate_media(media="print")
    shown.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    right = shown.page.eval_on_selector_all(
        "table, svg", "all => Math.max(...all.map(e => e.getBoundingClientRect().right))"
    )
    assert right <= 720


def test_run_writes_a_page_and_compare_another(command: Command, saved: list[Path], tmp_path: Path) -> None:
    page = tmp_path / "new" / "run.html"
    done = command("run", "mlperf_tiny_kws", "--on", "rk3588", "--html", page, "--json")
    assert done.code == 0 and f"Page: {page}" in done.stderr
    assert read_report(page) == done.json
    both = tmp_path / "both.html"
    done = command("compare", saved[0], page, "--html", both)
    assert done.code == 0 and done.stdout == ""
    assert "different networks" in done.stderr
    assert both.read_text(encoding="utf-8").startswith("<!doctype html>")


_HEAD = '"format": "chipcast-report", "version": 1, "network": {}, "platform": {}, "totals": {}, "ops": []'
_EMPTY, _NAN = '"totals": {}', '"totals": {"latency_s": "nan"}'
_APART = '[{"name": "a", "start_s": -1.7e308, "end_s": 1.7e308}]'


def _page(kind: str, more: str = "", whole: str | None = None) -> str:
    data = whole or f'{{"format": "chipcast-page", {more} "runs": [], "kind": {kind}}}'
    return f"<!doctype html>{OPENING}{data}</script>"


REFUSED = {
    "one.json": ("{}", "is no report of a run (no format)"),
    "text.json": ("hello", "is not JSON"),
    "list.json": ("[1]", "its JSON is no object"),
    "page.html": ("<!doctype html><p>", "none of `chipcast run --html`"),
    "other.json": ('{"format": "chipcast-mapping"}', 'format "chipcast-mapping"'),
    "newer.json": ('{"format": "chipcast-report", "version": 9}', "version 9 of a report is not known"),
    "streams.json": ('{"streams": []}', "a report of streams"),
    "short.json": ('{"format": "chipcast-report", "version": 1}', "network is missing"),
    "nan.json": ('{"format": NaN}', "NaN is no number of JSON"),
    "energy.json": (f'{{{_HEAD}, "energy": 5}}', "energy is missing or of the wrong kind"),
    "device.json": (f'{{{_HEAD}, "devices": [{{}}]}}', "devices[0].name is missing"),
    "infinite.json": ('{"format": 1e999}', "1e999 is beyond what a number holds"),
    "long.json": (f'{{"format": {"9" * 400}}}', "a number of 400 digits"),
    "longest.html": (_page("9" * 5000), "its data is damaged (a number of 5000 digits"),
    "nan.html": (_page("NaN"), "its data is damaged (NaN is no number"),
    "text.total.json": (f"{{{_HEAD.replace(_EMPTY, _NAN)}}}", "is no whole report"),
    "apart.json": (f"{{{_HEAD.replace('[]', _APART)}}}", "a number is not finite"),
    "sweep.html": (_page('"sweep"', '"version": 1,'), "is a page of a sweep; runs alone are compared"),
    "newer.html": (_page('"run"', '"version": 7,'), 'a page of "chipcast-page 7" is not known'),
    "object.html": (_page("", whole="[]"), "its data is no object"),
    "text.energy.json": (f'{{{_HEAD}, "energy": {{"by_component": {{"a": "b"}}}}}}', "is no whole report"),
    "binary.json": ("\udcff\udcfe", "is not text"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_is_no_report_is_refused(command: Command, saved: list[Path], tmp_path: Path, name: str) -> None:
    content, words = REFUSED[name]
    (tmp_path / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    done = command("compare", saved[0], tmp_path / name)
    assert done.code == 3
    assert words in done.error_line and name in done.error_line


def test_operators_without_times_are_refused(saved: list[Path], tmp_path: Path) -> None:
    report = json.loads(saved[0].read_text(encoding="utf-8"))
    del report["ops"][3]["end_s"]
    (tmp_path / "cut.json").write_text(json.dumps(report), encoding="utf-8")
    with pytest.raises(chipcast.InputError, match=r"ops\[3\].end_s is missing"):
        read_report(tmp_path / "cut.json")


def test_numbers_of_files(command: Command, saved: list[Path], tmp_path: Path) -> None:
    assert "1 files; 2 to 5" in command("compare", saved[0]).error_line
    assert "6 files; 2 to 5" in command("compare", *[saved[0]] * 6).error_line
    assert 'no file "' in command("compare", saved[0], tmp_path / "none.json").error_line


def test_a_run_held_against_itself_differs_in_nothing(reports: list[dict[str, Any]]) -> None:
    compared = comparison(["a", "b"], [reports[0], reports[0]])
    assert compared["notes"] == []
    for row in compared["totals"]:
        assert row["values"][0] == row["values"][1]
    assert signed_percent(change(1.0, 1.0)) == "0 %"
    assert signed_percent(change(4041.2, 1.0)) == "×4040"
    assert signed_percent(change(1.0, 0.0)) == "–"
