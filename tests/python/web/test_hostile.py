# SPDX-License-Identifier: Apache-2.0
"""Names from model and platform files are text, whatever they hold."""

from __future__ import annotations

import json
from pathlib import Path

import chipcast
import pytest
from browser_pages import Open, Opened

NAMES = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "<!--<script>",
    "line\u2028separator\u2029",
    "\" onmouseover=alert(3) '",
    "&lt;b&gt; &amp;",
    "javascript:alert(4)",
    "\u202eright to left\u0000\u0007",
    "x" * 5000,
    "__proto__",
    "constructor",
]


@pytest.fixture(scope="module")
def shown(open_page: Open, folder: Path, result: chipcast.Result) -> Opened:
    """MobileNetV2 with names of operators, tensors and the network that try to get out."""
    graph = json.loads(result._simulation.graph())
    renamed = dict(zip((op["name"] for op in graph["ops"]), NAMES, strict=False))
    for op in graph["ops"]:
        op["name"] = renamed.get(op["name"], op["name"])
    graph["name"] = NAMES[1]
    model = folder / "hostile.json"
    model.write_text(json.dumps(graph), encoding="utf-8")
    return open_page(chipcast.run(model, "rk3588").to_html(folder / "hostile.html"))


def test_nothing_runs(shown: Opened) -> None:
    assert shown.complaints == []
    assert shown.page.locator("img").count() == 0
    assert shown.page.locator("script").count() == 2  # the data and the page's own
    assert (
        shown.page.evaluate(
            "[...document.querySelectorAll('*')].filter(e => e.onerror || e.onmouseover).length"
        )
        == 0
    )


def test_names_stand_as_text(shown: Opened) -> None:
    cells = shown.page.locator("#layers tbody tr[data-name] th").evaluate_all(
        "all => all.map(c => c.textContent)"
    )
    assert cells[: len(NAMES)] == NAMES
    assert NAMES[1] in shown.page.title()
    assert NAMES[1] in shown.page.locator("h1").evaluate("e => e.textContent")


def test_they_can_be_searched_sorted_and_picked(shown: Opened) -> None:
    search = shown.page.get_by_label("Search").first
    search.fill("<img")
    assert shown.page.locator("#layers tbody tr[data-name]").count() == 1
    shown.page.locator("#layers tbody button.name").click()
    shown.frame()
    search.fill("")
    shown.page.locator("#layers thead button").first.click()
    shown.page.locator("#roofline circle").first.hover(force=True)
    assert shown.complaints == []


def test_a_long_name_does_not_widen_the_page(shown: Opened) -> None:
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 1280
