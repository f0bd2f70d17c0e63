# SPDX-License-Identifier: Apache-2.0
"""The workbench in a browser: choices in, figures of `chipcast.run` out; what is wrong is said and nothing is lost."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chipcast
import pytest
from axe_playwright_python.sync_playwright import Axe

SETTLED_MS = 60_000
DRAG_MS = 3_000
"""Ten times and more of what it takes on a machine at rest: this is no timed test, the figure is printed."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    command = [sys.executable, "-m", "chipcast", "serve", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    found = re.search(r"http\S+", process.stderr.readline())
    assert found is not None
    yield found[0]
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture(scope="module")
def bench(browser: Any, server: str) -> Iterator[Any]:
    """Opened on MobileNetV2 and rv1106, its first figures there."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (page.complaints.append("dialog"), dialog.dismiss()))
    page.goto(server)
    page.wait_for_selector("#choosers select")
    page.get_by_label("Platform", exact=True).select_option("rv1106")
    page.get_by_label("Battery, mAh").fill("1000")
    page.get_by_label("Battery, mAh").press("Enter")
    page.wait_for_selector('[data-knob="npu.clock"]')  # another platform's knobs are gone
    wait_settled(page)
    yield page
    context.close()


def wait_settled(page: Any) -> None:
    """Until the simulation of what is chosen is shown."""
    page.locator('[data-figure="power"] .value', has_text="W").wait_for(timeout=SETTLED_MS)
    page.locator('[data-figure="latency"] .value:not(:has-text("≥")):not(:has-text("–"))').wait_for(
        timeout=SETTLED_MS
    )


def value(page: Any, figure: str) -> str:
    return str(page.locator(f'[data-figure="{figure}"] .value').inner_text())


def set_knob(page: Any, path: str, stop: int, *, let_go: bool) -> None:
    """As the keyboard and the mouse do it: `input` while it moves, `change` once it is let go."""
    page.locator(f'[data-knob="{path}"]').evaluate(
        """(slider, [stop, letGo]) => {
            slider.value = stop;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            if (letGo) slider.dispatchEvent(new Event("change", { bubbles: true }));
        }""",
        [stop, let_go],
    )


def as_shown(amount: float, unit: str) -> str:
    from chipcast.text import quantity

    return quantity(amount, unit)


def test_figures_are_those_of_a_run(bench: Any) -> None:
    result = chipcast.run("mobilenet_v2", "rv1106", dtype="int8")
    power = chipcast.power("mobilenet_v2", "rv1106", dtype="int8", rate=15, battery="1000")
    assert value(bench, "latency") == as_shown(result.latency_s, "s")
    assert value(bench, "analytic") == as_shown(result.analytic_latency_s, "s")
    assert value(bench, "energy") == as_shown(result.energy_j, "J")
    assert value(bench, "power") == as_shown(power.average_power_w, "W")
    life = power.battery_life_h
    assert life is not None
    assert float(value(bench, "battery").split()[0]) == pytest.approx(life, rel=0.005)


def test_a_drag_moves_the_closed_form_and_letting_go_simulates(bench: Any) -> None:
    answers = "document.documentElement.dataset.answerMs.split(' ').map(Number)"
    before = len(bench.evaluate(answers))
    for stop in (0, 1, 2, 4, 5, 6, 0, 1, 2):
        bench.locator("#figures").evaluate("all => all.setAttribute('data-seen', '1')")
        set_knob(bench, "npu.clock", stop, let_go=False)
        bench.wait_for_timeout(30)
    deadline = 200
    while deadline and len(bench.evaluate(answers)) == before:
        bench.wait_for_timeout(50)
        deadline -= 1
    taken = bench.evaluate(answers)[before:]
    print(f"a drag's answer: median {statistics.median(taken):.0f} ms of {len(taken)}")
    assert statistics.median(taken) < DRAG_MS
    set_knob(bench, "npu.clock", 0, let_go=True)
    result = chipcast.run("mobilenet_v2", "rv1106", dtype="int8", overrides={"npu.clock": "125 MHz"})
    expected = as_shown(result.latency_s, "s")
    bench.locator('[data-figure="latency"] .value', has_text=expected).wait_for(timeout=SETTLED_MS)
    assert value(bench, "analytic") == as_shown(result.analytic_latency_s, "s")
    assert "; was " in bench.locator('[data-figure="latency"]').inner_text()


def test_the_keyboard_turns_a_knob(bench: Any) -> None:
    slider = bench.locator('[data-knob="npu.buffer"]')
    at = slider.input_value()
    slider.focus()
    slider.press("ArrowRight")
    assert slider.input_value() != at
    assert slider.get_attribute("aria-valuetext").endswith("KiB")
    slider.press("ArrowLeft")
    wait_settled(bench)


def test_a_bad_edit_shows_its_path_and_keeps_the_last_good_result(bench: Any) -> None:
    wait_settled(bench)
    bench.locator("#editing summary").click()
    text = bench.locator("textarea")
    good, shown = text.input_value(), value(bench, "latency")
    text.fill(good.replace('"clock": "500 MHz"', '"clock": "500 parsec"', 1))
    error = bench.locator("#editor-error")
    error.get_by_text("devices.npu.clock").wait_for()
    assert 'unknown unit "parsec"' in error.inner_text()
    assert value(bench, "latency") == shown
    error.get_by_role("button").click()
    assert text.evaluate("t => t.value.slice(t.selectionStart, t.selectionEnd)") == '"clock": "500 parsec"'
    assert "Hz" in bench.locator("#editor-help").inner_text()
    text.fill("{")
    error.get_by_text("not valid JSON").wait_for()
    text.fill(good)
    bench.locator("#editor-error:empty").wait_for(state="attached")
    bench.locator("#editing summary").click()
    wait_settled(bench)


def test_files_that_cannot_be_are_refused_with_a_message(bench: Any, tmp_path: Path) -> None:
    chooser = bench.get_by_label("or a file of yours")
    large = tmp_path / "large.onnx"
    with large.open("wb") as file:
        file.truncate(200 << 20)
    hostile = tmp_path / "hostile.onnx"
    hostile.write_bytes(b"\x08\x07\x3a" + b"\xff" * 4096)
    wrong = tmp_path / "picture.png"
    wrong.write_bytes(b"\x89PNG")
    message = bench.locator("#message")
    for path, words in ((large, "200 MiB"), (hostile, "hostile.onnx"), (wrong, "models end in")):
        chooser.set_input_files(path)
        message.get_by_text(words).wait_for()
        assert value(bench, "latency") not in ("", "–")


def test_an_uploaded_network_is_forecast(bench: Any, tmp_path: Path) -> None:
    small = tmp_path / "<img src=x onerror=alert(1)>.json"
    model = chipcast.load_model("mobilenet_v2", model_options={"width": 0.35})
    small.write_text(model.graph_json, encoding="utf-8")
    bench.get_by_label("or a file of yours").set_input_files(small)
    expected = chipcast.run(model, "rv1106", dtype="int8", overrides={"npu.clock": "125 MHz"})
    bench.locator('[data-figure="latency"] .value', has_text=as_shown(expected.latency_s, "s")).wait_for(
        timeout=SETTLED_MS
    )
    bench.get_by_label("Network", exact=True).select_option("mobilenet_v2")
    wait_settled(bench)
    assert bench.complaints == []


def test_what_is_taken_home_works(bench: Any, tmp_path: Path) -> None:
    with bench.expect_download() as download:
        bench.get_by_role("button", name="download the platform file").click()
    path = tmp_path / "changed.json"
    download.value.save_as(path)
    assert chipcast.describe(path)["devices"]["npu"]["clock"] == "125 MHz"
    with bench.expect_download(timeout=SETTLED_MS) as download:
        bench.get_by_role("button", name="download the report").click()
    report = tmp_path / "report.html"
    download.value.save_as(report)
    document = json.loads(
        report.read_text(encoding="utf-8").split('type="application/json">')[1].split("</script>")[0]
    )
    result = chipcast.run("mobilenet_v2", "rv1106", dtype="int8", overrides={"npu.clock": "125 MHz"})
    assert document["runs"][0]["report"]["totals"] == json.loads(result.to_json())["totals"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_violation(bench: Any, scheme: str) -> None:
    bench.emulate_media(color_scheme=scheme)
    found = Axe().run(bench).response["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert serious == [], [
        (each["id"], [node["html"][:120] for node in each["nodes"][:3]]) for each in serious
    ]


def test_a_foreign_page_reaches_nothing(browser: Any, server: str) -> None:
    """A page of another origin asks, as an attacker's would."""
    context = browser.new_context()
    page = context.new_page()
    page.goto("data:text/html,<p>elsewhere")
    asked = page.evaluate(
        """async address => {
            const ask = (path, options) => fetch(address + path, options).then(r => r.status, () => "refused");
            return [await ask("api/catalog"), await ask("api/ask", { method: "POST", body: "{}" })];
        }""",
        server,
    )
    assert asked == ["refused", "refused"]
    context.close()
