# SPDX-License-Identifier: Apache-2.0
"""A sweep's page: the front of two columns, parallel coordinates, the table, and the command of each point."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from browser_pages import Open, Opened
from chipcast.sweep import Axis, Range, Sweep, SweepResult, run_sweep
from chipcast.text import quantity
from chipcast.web import sweep_page
from chipcast.web.sweeps import command_of, of_sweep
from support import Command

SWEEP = Sweep(
    ["mlperf_tiny_kws"],
    ["rv1106"],
    [Axis("npu.clock", Range("300 MHz", "900 MHz", steps=4)), Axis("npu.buffer", ["32 KiB", "128 KiB"])],
    set={"dtype": "int8", "tile_budget": 200},
)


@pytest.fixture(scope="module")
def done() -> SweepResult:
    return run_sweep(SWEEP, jobs=1)


@pytest.fixture(scope="module")
def rows(done: SweepResult) -> list[dict[str, Any]]:
    return list(done.table.records())


@pytest.fixture(scope="module")
def shown(open_page: Open, folder: Path, done: SweepResult) -> Opened:
    path = folder / "sweep.html"
    objectives = ["latency_s", "energy_j", "area_mm2"]
    path.write_text(sweep_page(done, sweep=SWEEP, objectives=objectives, title="clocks"), encoding="utf-8")
    return open_page(path)


def front(rows: list[dict[str, Any]], x: str, y: str) -> set[int]:
    def beaten(row: dict[str, Any]) -> bool:
        return any(
            other[x] <= row[x] and other[y] <= row[y] and (other[x] < row[x] or other[y] < row[y])
            for other in rows
        )

    return {row["point"] for row in rows if not beaten(row)}


def marked(shown: Opened) -> set[int]:
    lines = shown.page.locator("#points tbody tr").all_inner_texts()
    cells = [[cell.strip() for cell in line.split("\t")] for line in lines]
    return {int(line[0]) for line in cells if line[1] == "yes"}


def test_the_table_is_the_sweeps(shown: Opened, rows: list[dict[str, Any]]) -> None:
    lines = shown.page.locator("#points tbody tr").all_inner_texts()
    assert len(lines) == len(rows) == 8
    for line, row in zip(lines, rows, strict=True):
        assert str(row["npu.clock"]) in line and str(row["npu.buffer"]) in line
        for key, unit in (("latency_s", "s"), ("energy_j", "J"), ("average_power_w", "W")):
            assert quantity(row[key], unit) in line
    assert shown.complaints == []


def test_cards_name_the_best(shown: Opened, rows: list[dict[str, Any]]) -> None:
    cards = shown.texts(".card")
    assert cards[0].startswith("How many? 8 8 done")
    for text, key, unit in ((cards[1], "latency_s", "s"), (cards[2], "energy_j", "J")):
        best = min(rows, key=lambda row: row[key])
        assert quantity(best[key], unit) in text and f"point {best['point']}" in text


def test_the_front_of_any_two_columns(shown: Opened, rows: list[dict[str, Any]]) -> None:
    assert marked(shown) == front(rows, "latency_s", "energy_j")
    shown.page.get_by_label("Up").select_option(label="area_mm2")
    assert marked(shown) == front(rows, "latency_s", "area_mm2")
    shown.page.get_by_label("the front alone").check()
    assert shown.page.locator("#points tbody tr").count() == len(front(rows, "latency_s", "area_mm2"))
    shown.page.get_by_label("the front alone").uncheck()
    shown.page.get_by_label("Up").select_option(label="energy_j")


def test_sliders_narrow_what_is_shown(shown: Opened, rows: list[dict[str, Any]]) -> None:
    slider = shown.page.get_by_label("latency_s: to")
    slider.fill("100")
    low, high = min(r["latency_s"] for r in rows), max(r["latency_s"] for r in rows)
    kept = [row for row in rows if row["latency_s"] <= (low + high) / 2]
    assert shown.page.locator("#points tbody tr").count() == len(kept)
    assert f"{len(kept)} of 8 points" in shown.text("#summary")
    slider.fill("200")
    assert shown.page.locator("#points tbody tr").count() == 8


def test_a_point_is_picked_and_can_be_run_again(
    shown: Opened, rows: list[dict[str, Any]], command: Command, tmp_path: Path
) -> None:
    shown.page.locator('#points tr[data-name="5"] button.name').click()
    details = shown.text("#summary .details")
    assert "Point 5" in details and quantity(rows[5]["latency_s"], "s") in details
    words = shlex.split(shown.text("#summary pre"))
    assert words[:2] == ["chipcast", "run"] and words[-2:] == ["--html", "point-5.html"]
    again = command(*words[1:], "--json", cwd=tmp_path)
    assert again.code == 0
    assert again.json["totals"]["latency_s"] == rows[5]["latency_s"]
    assert (tmp_path / "point-5.html").is_file()


def test_a_click_in_the_picture_picks(shown: Opened) -> None:
    shown.page.locator(".card button").first.click()
    assert shown.page.locator("#summary .details dl").count() == 1
    assert shown.complaints == []


def test_what_run_cannot_be_told_has_no_command() -> None:
    job = {
        "model": "m",
        "platform": "p",
        "tier": "systemc",
        "overrides": {},
        "model_options": {},
        "options": {},
    }
    assert command_of(job, "x.html") == "chipcast run m --on p --html x.html"
    assert command_of({**job, "tier": "analytic"}, "x") is None
    assert command_of({**job, "scenario": "s"}, "x") is None
    assert command_of({**job, "options": {"fold_batch_norm": False}}, "x") is None
    told = command_of(
        {**job, "options": {"fuse": True, "devices": ["a", "b"]}, "overrides": {"a.b": "4 us"}}, "x"
    )
    assert told == "chipcast run m --on p --set 'a.b=4 us' --fuse --devices a,b --html x"


def test_a_table_from_a_file(open_page: Open, done: SweepResult, tmp_path: Path) -> None:
    done.table.write(tmp_path / "sweep.csv")
    document = of_sweep(tmp_path / "sweep.csv")
    assert document["sweep"]["points"] == list(range(8))
    assert document["sweep"]["commands"] == [None] * 8
    path = tmp_path / "sweep.html"
    path.write_text(sweep_page(tmp_path / "sweep.csv", title="<b>"), encoding="utf-8")
    shown = open_page(path)
    assert shown.text("h1") == "<b>"
    assert shown.complaints == []
