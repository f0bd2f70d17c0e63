# SPDX-License-Identifier: Apache-2.0
"""Zoom, pan, search, sort, choice of theme, keyboard, print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import chipcast
import pytest
from browser_pages import Open, Opened
from chipcast.web import report_page


@pytest.fixture(scope="module")
def shown(open_page: Open, run_file: Path) -> Opened:
    return open_page(run_file)


@pytest.fixture
def canvas(shown: Opened) -> Any:
    """The timeline, showing the whole run."""
    shown.page.get_by_role("button", name="Show the whole run").click()
    shown.frame()
    return shown.page.locator(".timeline canvas")


def length(shown: Opened) -> float:
    begin, end = shown.window()
    return end - begin


def test_buttons_zoom_and_pan(shown: Opened, canvas: Any, result: chipcast.Result) -> None:
    whole = result.latency_s
    shown.page.get_by_role("button", name="Zoom in").click()
    shown.frame()
    assert length(shown) == pytest.approx(whole / 2.25)
    before = shown.window()
    shown.page.get_by_role("button", name="Later").click()
    shown.frame()
    after = shown.window()
    assert after[0] > before[0] and after[1] - after[0] == pytest.approx(before[1] - before[0])
    for _ in range(3):
        shown.page.get_by_role("button", name="Zoom out").click()
    shown.frame()
    assert length(shown) == pytest.approx(whole)


def test_the_wheel_zooms_about_the_pointer(shown: Opened, canvas: Any) -> None:
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    begin, end = shown.window()
    x = box["x"] + box["width"] / 2
    under = begin + (box["width"] / 2 - 132) / (box["width"] - 142) * (end - begin)
    shown.page.mouse.move(x, box["y"] + 60)
    scrolled = shown.page.evaluate("scrollY")
    shown.page.keyboard.down("Control")
    shown.page.mouse.wheel(0, -480)
    shown.page.keyboard.up("Control")
    shown.frame()
    near = shown.window()
    assert near[1] - near[0] == pytest.approx((end - begin) / 4, rel=0.01)
    still = near[0] + (box["width"] / 2 - 132) / (box["width"] - 142) * (near[1] - near[0])
    assert still == pytest.approx(under, rel=1e-6)
    assert shown.page.evaluate("scrollY") == scrolled


def test_a_drag_pans(shown: Opened, canvas: Any) -> None:
    shown.page.get_by_role("button", name="Zoom in").click()
    shown.frame()
    canvas.scroll_into_view_if_needed()
    box, (begin, end) = canvas.bounding_box(), shown.window()
    shown.page.mouse.move(box["x"] + 700, box["y"] + 60)
    shown.page.mouse.down()
    shown.page.mouse.move(box["x"] + 500, box["y"] + 60, steps=4)
    shown.page.mouse.up()
    shown.frame()
    moved = shown.window()
    assert moved[0] - begin == pytest.approx(200 / (box["width"] - 142) * (end - begin), rel=0.02)


def test_hovering_names_the_span(shown: Opened, canvas: Any, result: chipcast.Result) -> None:
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    op = result.ops[0]
    middle = (op["start_s"] + op["launch_s"] + op["end_s"]) / 2
    x = box["x"] + 132 + middle / result.latency_s * (box["width"] - 142)
    shown.page.mouse.move(x, box["y"] + 26 + 20 + 10)  # the second row: compute of npu0
    assert shown.text(".tooltip strong") == op["name"]
    assert "npu0 compute" in shown.text(".tooltip")


def test_keys_move_through_the_timeline(shown: Opened, canvas: Any, result: chipcast.Result) -> None:
    canvas.focus()
    for key, factor in (("+", 1.5), ("-", 1.0), ("=", 1.5), ("0", 1.0)):
        shown.page.keyboard.press(key)
        shown.frame()
        assert length(shown) == pytest.approx(result.latency_s / factor)
    shown.page.keyboard.press("+")
    before = shown.window()[0]
    shown.page.keyboard.press("ArrowRight")
    shown.frame()
    assert shown.window()[0] > before
    shown.page.keyboard.press("Home")
    shown.frame()
    shown.page.keyboard.press("ArrowDown")
    shown.page.keyboard.press("ArrowDown")
    shown.frame()
    words = shown.text(".readout")
    assert "npu0 compute: conv1" in words
    shown.page.keyboard.press("Enter")
    shown.frame()
    row = shown.page.locator('#layers tr[data-name="conv1"]')
    assert row.get_attribute("aria-selected") == "true"
    assert "picked" in (
        shown.page.locator('#roofline circle[data-name="conv1"]').get_attribute("class") or ""
    )
    shown.page.keyboard.press("Enter")
    assert row.get_attribute("aria-selected") is None


def names(shown: Opened) -> list[str]:
    return shown.page.locator("#layers tbody tr[data-name]").evaluate_all(
        "all => all.map(r => r.dataset.name)"
    )


def test_search_and_sort(shown: Opened, result: chipcast.Result) -> None:
    search = shown.page.get_by_label("Search").first
    search.fill("depthwise")
    wanted = [op["name"] for op in result.ops if op["kind"] == "depthwise_conv"]
    assert names(shown) == wanted
    assert shown.text("#layers .controls .note") == f"{len(wanted)} of {len(result.ops)}"
    search.fill("no such layer")
    assert names(shown) == []
    search.fill("")
    heads = shown.page.locator("#layers thead th")
    columns = {
        "Time": lambda op: op["end_s"] - op["start_s"],
        "Energy": lambda op: op["energy_j"],
        "MACs": lambda op: op["macs"],
    }
    for title, key in columns.items():
        head = heads.filter(has_text=title)
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == "descending"
        assert names(shown) == [op["name"] for op in sorted(result.ops, key=key, reverse=True)]
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == "ascending"
        assert names(shown) == [op["name"] for op in sorted(result.ops, key=key)]
    heads.filter(has_text="Layer").get_by_role("button").click()
    assert sorted(names(shown)) == sorted(op["name"] for op in result.ops)
    assert names(shown)[0] == "conv1"


def test_a_layer_opens_and_says_how_it_runs(shown: Opened, result: chipcast.Result) -> None:
    op = result.ops[1]
    name = shown.page.locator(f'#layers tr[data-name="{op["name"]}"] button')
    name.click()
    details = shown.text("#layers td.details")
    for key in ("mapping", "reason", "runner_up", "arithmetic"):
        assert op[key] in details
    name.click()
    assert shown.page.locator("#layers td.details").count() == 0


def test_light_and_dark(open_page: Open, shown: Opened, run_file: Path) -> None:
    def page_colour(opened: Opened) -> str:
        return str(opened.page.evaluate("getComputedStyle(document.body).backgroundColor"))

    def painted(opened: Opened) -> str:
        return str(opened.page.evaluate("document.querySelector('.timeline canvas').toDataURL()"))

    dark = open_page(run_file, scheme="dark")
    assert page_colour(dark) == "rgb(20, 23, 27)"
    assert page_colour(shown) == "rgb(255, 255, 255)"
    before = painted(dark)
    dark.page.get_by_role("button", name="Switch between light and dark").click()
    assert page_colour(dark) == "rgb(255, 255, 255)"
    assert painted(dark) != before
    dark.page.emulate_media(color_scheme="light")
    dark.page.get_by_role("button", name="Switch between light and dark").click()
    assert page_colour(dark) == "rgb(20, 23, 27)"
    assert dark.complaints == []


def test_a_printed_page_is_light_and_whole(open_page: Open, run_file: Path, tmp_path: Path) -> None:
    dark = open_page(run_file, scheme="dark")
    dark.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    dark.page.emulate_media(media="print")
    assert dark.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not dark.page.locator("nav").is_visible()
    assert dark.page.locator("g.layer").count() == 66  # every row, not those in the window alone
    dark.page.set_viewport_size({"width": 718, "height": 1000})  # A4 less its margins
    dark.frame()
    assert dark.page.evaluate("document.documentElement.scrollWidth") <= 718
    assert dark.page.locator("details.warnings li").first.is_visible()
    paper = dark.page.pdf(format="A4")
    assert paper.startswith(b"%PDF") and paper.count(b"/Type /Page") > 3


def test_the_bar_leads_to_sections_by_keyboard(shown: Opened) -> None:
    shown.page.evaluate("scrollTo(0, 0); document.activeElement.blur()")
    link = shown.page.get_by_role("navigation").get_by_role("link", name="Energy")
    link.focus()
    shown.page.keyboard.press("Enter")
    shown.frame()
    box = shown.page.locator("#energy").bounding_box()
    assert 0 <= box["y"] <= 120


def test_nothing_was_complained_about(shown: Opened) -> None:
    assert shown.complaints == []


def test_every_row_of_a_long_table_is_printed(
    open_page: Open, tmp_path: Path, result: chipcast.Result
) -> None:
    report = {
        **result.report,
        "ops": [{**op, "name": f"{op['name']}.{i}"} for i in range(5) for op in result.ops],
    }
    path = tmp_path / "long.html"
    path.write_text(report_page(report), encoding="utf-8")
    shown = open_page(path)
    rows = shown.page.locator("#layers tbody tr")
    assert rows.count() == 200
    shown.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert rows.count() == 5 * len(result.ops)
    shown.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert rows.count() == 200
    assert shown.complaints == []
