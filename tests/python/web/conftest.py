# SPDX-License-Identifier: Apache-2.0
"""A browser without network, and pages to open in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chipcast
import pytest
from browser_pages import ARGUMENTS, CHROMIUM, Open, Opened, local_only
from chipcast import web


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).is_file():
        pytest.skip("no chromium here; scripts/setup --tests installs it")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def open_page(browser: Any) -> Iterator[Open]:
    """open_page(path, scheme="dark"): from disk, with the network off, at 1280x720, when every view stands."""
    contexts = []

    def opened(path: Path, scheme: str = "light", **options: Any) -> Opened:
        context = browser.new_context(
            **{"offline": True, "viewport": {"width": 1280, "height": 720}, "color_scheme": scheme} | options
        )
        contexts.append(context)
        shown = Opened(context.new_page())
        shown.page.on("console", lambda message: shown.complaints.append(f"{message.type}: {message.text}"))
        shown.page.on("pageerror", lambda error: shown.complaints.append(f"error: {error}"))
        shown.page.on("dialog", lambda dialog: (shown.complaints.append("dialog"), dialog.dismiss()))
        shown.page.on("request", lambda request: local_only(request.url, shown.complaints))
        shown.page.goto(path.as_uri())
        shown.page.wait_for_selector("html[data-ready-ms]", state="attached")
        return shown

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="session")
def run_file(folder: Path, result: chipcast.Result) -> Path:
    return result.to_html(folder / "run.html")


@pytest.fixture(scope="session")
def run_page(open_page: Open, run_file: Path) -> Opened:
    """For tests that leave the page as it was."""
    return open_page(run_file)


@pytest.fixture(scope="session")
def saved(folder: Path, result: chipcast.Result) -> list[Path]:
    """Three runs of one network: two reports, and a page."""
    first, second = folder / "npu.json", folder / "cpu.json"
    first.write_text(result.to_json(), encoding="utf-8")
    other = chipcast.run("mobilenet_v2", "rk3588", dtype="int8", devices=["a76"])
    second.write_text(other.to_json(), encoding="utf-8")
    third = chipcast.run("mobilenet_v2", "rv1106", dtype="int8").to_html(folder / "rv1106.html")
    return [first, second, third]


@pytest.fixture(scope="session")
def compare_page(open_page: Open, folder: Path, saved: list[Path]) -> Opened:
    path = folder / "compare.html"
    path.write_text(web.comparison_page(saved), encoding="utf-8")
    return open_page(path)
