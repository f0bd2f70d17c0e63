# SPDX-License-Identifier: Apache-2.0
"""axe (Deque) finds nothing serious in any page, light or dark."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from browser_pages import Open, Opened
from chipcast import web
from chipcast.streams import run_streams

SERIOUS = {"serious", "critical"}
ALWAYS = {"landmark-unique"}
"""Readers of the screen jump from region to region by name."""


def violations(shown: Opened) -> list[str]:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    found = axe.Axe().run(shown.page).response["violations"]
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for each in found
        if each["impact"] in SERIOUS or each["id"] in ALWAYS
        for node in each["nodes"]
    ]


@pytest.fixture(scope="module")
def files(folder: Path, run_file: Path, saved: list[Path]) -> dict[str, Path]:
    compare = folder / "compare_axe.html"
    compare.write_text(web.comparison_page(saved), encoding="utf-8")
    sweep = folder / "sweep_axe.html"
    table = pd.DataFrame({"npu.clock": ["1 GHz", "2 GHz"], "latency_s": [2.0, 1.0], "energy_j": [1.0, 2.0]})
    sweep.write_text(web.sweep_page(table), encoding="utf-8")
    streams = run_streams(
        {
            "name": "one",
            "streams": {
                "voice": {
                    "network": "mlperf_tiny_kws",
                    "options": {"dtype": "int8"},
                    "rate": "200 Hz",
                    "count": 5,
                }
            },
        },
        "rk3588",
        keep_trace=True,
    ).to_html(folder / "streams_axe.html")
    return {"streams": streams, "run": run_file, "compare": compare, "sweep": sweep}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["run", "compare", "sweep", "streams"])
def test_axe_finds_nothing_serious(open_page: Open, files: dict[str, Path], kind: str, scheme: str) -> None:
    # axe brings a script of its own, which the page's policy refuses as it should.
    shown = open_page(files[kind], scheme=scheme, bypass_csp=True)
    # Rows are alike: a few of them say as much as all, much sooner.
    for search in shown.page.get_by_label("Search").all():
        search.fill("conv3_1" if search.locator("xpath=ancestor::section[@id='layers']").count() else "npu0")
    for summary in shown.page.locator("details > summary").all():
        summary.click()
    if kind == "run":
        shown.page.locator("#layers button.name").first.click()
    assert violations(shown) == []
