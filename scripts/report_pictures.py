#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the pictures of docs/html_report.md and docs/workbench.md: every view, light and dark, as WebP.

.venv/bin/python scripts/report_pictures.py [FOLDER]     (needs playwright and Debian's chromium)
"""

from __future__ import annotations

import base64
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import chipcast
from chipcast import web
from chipcast.sweep import Axis, Range, Sweep, run_sweep
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "python"))
from browser_pages import ARGUMENTS, CHROMIUM  # noqa: E402

TALLEST, MOST_BYTES = 560, 60_000
SHOWN = {
    "run": ["summary", "timeline", "layers", "energy", "power", "roofline", "memory", "platform", "mapping"],
    "compare": ["summary", "layers", "components"],
    "sweep": ["summary", "parallel"],
}
SWEEP = Sweep(
    ["mlperf_tiny_vww"],
    ["rv1106"],
    [
        Axis("npu.clock", Range("300 MHz", "900 MHz", steps=4)),
        Axis("npu.buffer", ["32 KiB", "64 KiB", "128 KiB", "256 KiB"]),
        Axis("npu.launch", ["2 us", "8 us"]),
    ],
    set={"dtype": "int8", "tile_budget": 500},
)
TO_WEBP = """async ([picture, quality]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + picture;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", quality).split(",")[1];
}"""


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        for kind, path in pages(Path(scratch)).items():
            for scheme in ("light", "dark"):
                take(browser, kind, path, scheme, folder)
        take_workbench(browser, folder)
        browser.close()


def pages(scratch: Path) -> dict[str, Path]:
    run = chipcast.run("mobilenet_v2", "rk3588", dtype="int8")
    saved = [scratch / f"{name}.json" for name in ("rk3588", "rk3568", "rv1106")]
    for path in saved:
        path.write_text(chipcast.run("mobilenet_v2", path.stem, dtype="int8").to_json(), encoding="utf-8")
    compare = scratch / "compare.html"
    compare.write_text(web.comparison_page(saved), encoding="utf-8")
    sweep = scratch / "sweep.html"
    sweep.write_text(
        web.sweep_page(run_sweep(SWEEP, jobs=1), sweep=SWEEP, title="npu of rv1106"), encoding="utf-8"
    )
    return {"run": run.to_html(scratch / "run.html"), "compare": compare, "sweep": sweep}


def take(browser: Any, kind: str, path: Path, scheme: str, folder: Path) -> None:
    context = browser.new_context(
        offline=True, viewport={"width": 1280, "height": 720}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready-ms]", state="attached")
    page.screenshot(path=folder / "first.png")
    save(page, (folder / "first.png").read_bytes(), folder / f"report-{kind}-{scheme}.webp")
    (folder / "first.png").unlink()
    page.evaluate("document.querySelector('.bar').style.position = 'static'")
    for name in SHOWN[kind]:
        if name == "summary":
            continue  # the first screen
        box = page.locator(f"#{name}").bounding_box()
        clip = {
            "x": box["x"] - 16,
            "y": box["y"] + page.evaluate("scrollY"),
            "width": box["width"] + 32,
            "height": min(box["height"], 460 if name == "layers" else TALLEST),
        }
        picture = page.screenshot(full_page=True, clip=clip)
        save(page, picture, folder / f"report-{kind}-{name}-{scheme}.webp")
    context.close()


def take_workbench(browser: Any, folder: Path) -> None:
    """A clock turned down, the platform's JSON open."""
    server = subprocess.Popen(
        [sys.executable, "-m", "chipcast", "serve", "--port", "0"], stderr=subprocess.PIPE, text=True
    )
    assert server.stderr is not None
    address = server.stderr.readline().split()[1]
    for scheme in ("light", "dark"):
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, color_scheme=scheme, bypass_csp=True
        )
        page = context.new_page()
        page.goto(address)
        page.get_by_label("Battery, mAh").fill("5000")
        page.locator('[data-knob="npu0.clock"]').wait_for()
        page.locator("#editing summary").click()
        settled = '#figures:not(.stale) [data-figure="power"] .value'
        page.locator(settled, has_text="W").wait_for()
        for _ in range(4):
            page.locator('[data-knob="npu0.clock"]').press("ArrowLeft")
        page.wait_for_timeout(300)
        page.locator(settled, has_text="W").wait_for()
        save(page, page.screenshot(), folder / f"workbench-{scheme}.webp")
        context.close()
    server.terminate()
    server.wait()


def save(page: Any, picture: bytes, path: Path) -> None:
    """With the best quality that keeps the file small."""
    for quality in (0.95, 0.9, 0.8, 0.7, 0.6):
        encoded = page.evaluate(TO_WEBP, [base64.b64encode(picture).decode(), quality])
        data = base64.b64decode(encoded)
        if len(data) <= MOST_BYTES:
            break
    path.write_bytes(data)
    print(f"{path.name}: {len(data)} bytes, quality {quality}")


if __name__ == "__main__":
    main()
