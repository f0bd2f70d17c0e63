# SPDX-License-Identifier: Apache-2.0
"""Does each view show the numbers of the JSON? MobileNetV2 on rk3588, opened from disk with the network off."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import chipcast
import pytest
from browser_pages import Open, Opened
from chipcast.text import percent, quantity

Report = dict[str, Any]


@pytest.fixture(scope="module")
def report(result: chipcast.Result) -> Report:
    return result.report


def time_of(op: dict[str, Any]) -> float:
    return op["end_s"] - op["start_s"]


def by_owner(report: Report) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for name, joules in report["energy"]["by_component"].items():
        sums["regulators" if name.endswith(".regulator") else name.partition(".")[0]] += joules
    return dict(sums)


def test_nothing_is_complained_about(run_page: Opened) -> None:
    assert run_page.complaints == []


def test_first_screen_answers_the_five_questions_without_scrolling(run_page: Opened, report: Report) -> None:
    totals = report["totals"]
    cards = run_page.page.locator(".card")
    assert cards.count() == 5
    for i in range(5):
        box = cards.nth(i).bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 720
    fast, energy, watts, limit, sure = run_page.texts(".card")
    assert quantity(totals["latency_s"], "s") in fast
    assert f"{quantity(1 / totals['latency_s'], '')} runs a second" in fast
    assert quantity(report["analytic"]["latency_s"], "s") in fast
    assert quantity(totals["energy_j"], "J") in energy
    assert quantity(totals["energy_j"] / totals["macs"], "J") in energy
    assert quantity(totals["average_power_w"], "W") in watts
    assert f"peak {quantity(totals['peak_power_w'], 'W')}" in watts
    bounds: dict[str, float] = defaultdict(float)
    for op in report["ops"]:
        if op["device"]:
            bounds[op["bound"]] += time_of(op)
    order = sorted(bounds, key=lambda name: -bounds[name])
    assert run_page.text(".card:nth-child(4) .value") == order[0]
    for name in order[:4]:
        assert f"{name} {percent(bounds[name] / sum(bounds.values()))}" in limit
    error, _, why = report["validation"]["latency"]["words"].partition(" (")
    assert run_page.text(".card:nth-child(5) .value") == error
    assert why.removesuffix(")") in sure
    assert report["validation"]["energy"]["words"].partition(" (")[0] in sure


def test_panels_of_the_first_screen(run_page: Opened, report: Report) -> None:
    longest = sorted((op for op in report["ops"] if op["device"]), key=time_of, reverse=True)[:6]
    time, energy, busy = (f"#summary .panel:nth-child({i}) li" for i in (1, 2, 3))
    assert run_page.values(time) == {op["name"]: pytest.approx(time_of(op)) for op in longest}
    owners = by_owner(report)
    for name, joules in run_page.values(energy).items():
        assert joules == pytest.approx(owners[name])
    assert [quantity(time_of(op), "s") for op in longest] == run_page.texts(f"{time} .bars-value")
    shares = {device["name"]: device["utilisation"] for device in report["devices"]}
    shares |= {f"{m['name']} bandwidth": m["bandwidth_utilisation"] for m in report["memories"]}
    assert run_page.values(busy) == pytest.approx(shares)


def test_every_layer_stands_in_the_table(run_page: Opened, report: Report) -> None:
    rows = [row.split("\t") for row in run_page.page.locator("#layers tbody tr").all_inner_texts()]
    assert len(rows) == len(report["ops"])
    for i, (row, op) in enumerate(zip(rows, report["ops"], strict=True)):
        cells = [" ".join(cell.split()) for cell in row]
        assert cells == [
            op["name"],
            str(i + 1),
            op["kind"],
            op["device"] or "–",
            quantity(time_of(op), "s"),
            percent(time_of(op) / report["totals"]["latency_s"]),
            op["bound"] or "–",
            *(quantity(op[key], "s") for key in ("compute_s", "transfer_s", "launch_s", "waiting_s")),
            quantity(op["macs"], ""),
            quantity(op["traffic_bytes"], "B"),
            quantity(op["energy_j"], "J"),
        ]


def test_areas_of_energy_are_in_proportion(run_page: Opened, report: Report) -> None:
    components = {name: joules for name, joules in report["energy"]["by_component"].items() if joules > 0}
    assert run_page.values("#energy svg g[data-name]") == pytest.approx(components)
    areas = run_page.page.eval_on_selector_all(
        "#energy svg g[data-name]",
        "all => all.map(g => [g.dataset.name, g.firstChild.width.baseVal.value * g.firstChild.height.baseVal.value])",
    )
    total_area, total = sum(area for _, area in areas), sum(components.values())
    for name, area in areas:
        if components[name] > 0.02 * total:  # of small ones the gaps between areas take a share
            assert area / total_area == pytest.approx(components[name] / total, rel=0.1)


def test_flows_of_energy_sum_to_owners_and_to_the_total(run_page: Opened, report: Report) -> None:
    flows = run_page.page.eval_on_selector_all(
        "#energy path[data-from]", "all => all.map(p => [p.dataset.from, Number(p.dataset.value)])"
    )
    sums: dict[str, float] = defaultdict(float)
    for name, joules in flows:
        sums[name] += joules
    assert dict(sums) == pytest.approx({n: j for n, j in by_owner(report).items() if j > 0})
    rows = run_page.texts("#energy .bars:not(.wide) li")
    moving = ("byte", "burst", "word", "activate")
    spent = sum(j for a, j in report["energy"]["by_action"].items() if any(word in a for word in moving))
    assert any(row.startswith(f"moving data {quantity(spent, 'J')}") for row in rows)


def test_energy_by_layer(run_page: Opened, report: Report) -> None:
    largest = sorted(report["ops"], key=lambda op: -op["energy_j"])[:20]
    shown = run_page.values("#energy .bars.wide li")
    assert shown == pytest.approx({op["name"]: op["energy_j"] for op in largest})
    caused = sum(op["energy_j"] for op in report["ops"])
    assert f"Layers cause {quantity(caused, 'J')}" in run_page.text("#energy .panel:last-child .note")


def test_power_is_drawn_to_scale(run_page: Opened, report: Report) -> None:
    power = report["power"]
    assert f"windows of {quantity(power['window_s'], 's')}" in run_page.text("#power .note")
    assert f"highest is {quantity(max(power['samples_w']), 'W')}" in run_page.text("#power .note")
    assert f"average {quantity(report['totals']['average_power_w'], 'W')}" in run_page.text(
        "#power svg .halo"
    )
    # The upper edge of the topmost area is the total: its energy is the report's.
    box = run_page.page.evaluate(
        """() => {
          const top = [...document.querySelectorAll('#power path.area')].at(-1).getAttribute('d');
          const marks = [...document.querySelectorAll('#power text.mark.middle')];
          return [top, marks.map(m => [m.textContent, Number(m.getAttribute('y'))])];
        }"""
    )
    path, marks = box
    points = [
        tuple(map(float, part.split(","))) for part in path.replace("M", "").replace("Z", "").split(" L")
    ]
    upper = [y for _, y in points[1 : 1 + 2 * len(power["samples_w"])]][::2]
    levels = {text: y for text, y in marks}
    watt = levels["0"] - levels["1 W"]
    drawn = [(levels["0"] - y) / watt for y in upper]
    assert drawn == pytest.approx(power["samples_w"], abs=0.01)


def test_every_layer_that_computes_stands_in_the_roofline(run_page: Opened, report: Report) -> None:
    expected = {op["name"]: op for op in report["ops"] if op["macs"]}
    assert run_page.values("#roofline circle", "intensity") == {
        name: pytest.approx(op["macs"] / op["traffic_bytes"]) for name, op in expected.items()
    }
    assert run_page.values("#roofline circle", "rate") == {
        name: pytest.approx(op["macs"] / time_of(op)) for name, op in expected.items()
    }
    roofs = run_page.page.eval_on_selector_all(
        "#roofline [data-roof]", "all => all.map(t => [t.dataset.roof, Number(t.dataset.value)])"
    )
    memory = report["memories"][0]
    moved = (memory["read_bytes"] + memory["written_bytes"]) / report["totals"]["latency_s"]
    assert dict(roofs)["lpddr4x"] == pytest.approx(moved / memory["bandwidth_utilisation"])
    assert dict(roofs)["lpddr4x"] == pytest.approx(4224e6 * 4 * 2)  # 4 channels of 16 bits
    assert dict(roofs)["npu0 int8"] == pytest.approx(1024e9)
    assert max(op["macs"] / time_of(op) for op in expected.values()) < 1024e9


def test_layers_without_traffic_stand_at_the_edge(open_page: Open, tmp_path: Path) -> None:
    result = chipcast.run("mlperf_tiny_ic", "gc200")
    shown = open_page(result.to_html(tmp_path / "ipu.html"))
    computing = [op for op in result.ops if op["macs"]]
    still = [op["name"] for op in computing if op["traffic_bytes"] == 0]
    intensities = shown.values("#roofline circle", "intensity")
    assert len(still) > 1 and set(intensities) == {op["name"] for op in computing}
    assert {name for name, value in intensities.items() if value == float("inf")} == set(still)
    others = sum(1 for op in result.ops if op["device"] and not op["macs"])
    note = shown.text("#roofline .note")
    assert f"At the right edge: {len(still)} layers without memory traffic." in note
    assert f"Not drawn: {others} layers without multiply-accumulates." in note
    places = shown.page.eval_on_selector_all(
        "#roofline circle", "all => all.map(c => [Number(c.dataset.intensity), c.cx.baseVal.value])"
    )
    assert min(x for i, x in places if i is None or i == float("inf")) > max(
        x for i, x in places if i is not None and i != float("inf")
    )
    assert shown.complaints == []


def test_the_roof_is_that_of_the_format_computed_in(open_page: Open, tmp_path: Path) -> None:
    result = chipcast.run("resnet18", "snapdragon-865")
    assert {op["dtype"] for op in result.ops} == {"fp32"}
    shown = open_page(result.to_html(tmp_path / "fp16.html"))
    roofs = shown.page.eval_on_selector_all(
        "#roofline [data-roof]", "all => all.map(t => [t.dataset.roof, Number(t.dataset.value)])"
    )
    names = [name for name, _ in roofs if " fp" in name]
    assert names == ["a77_prime fp16", "a77 fp16"]
    rates = shown.values("#roofline circle", "rate")
    plain = [op["name"] for op in result.ops if op["macs"] and "Winograd" not in op["mapping"]]
    assert plain and all(rates[name] <= dict(roofs)["a77 fp16"] * 1.001 for name in plain)
    assert "fp32 · computed in fp16" in shown.text("header .remark")
    assert "what a cache holds" in shown.text("#roofline .note")
    assert "each byte its device moved" in " ".join(shown.texts("#roofline .axis-title"))


def test_memory_over_time(run_page: Opened, result: chipcast.Result, report: Report) -> None:
    memory, totals = report["memories"][0], report["totals"]
    row = run_page.texts("#memory tbody tr")[0]
    words = [
        quantity(memory["read_bytes"], "B"),
        quantity(memory["written_bytes"], "B"),
        quantity(memory["energy_j"], "J"),
    ]
    assert row == f"lpddr4x {' '.join(words)}"
    note = run_page.text("#memory .note")
    assert quantity(totals["memory_footprint_bytes"], "B") in note
    allocations = {each["tensor"]: each["bytes"] for each in result.program()["allocations"]}
    boxes = run_page.values("#memory rect[data-name]")
    assert boxes and all(allocations[name] == size for name, size in boxes.items())
    peak = run_page.page.locator("#memory text[data-value]").get_attribute("data-value")
    assert totals["memory_live_bytes"] * 0.99 <= float(peak) <= totals["memory_footprint_bytes"]


def test_platform_shows_utilisation(run_page: Opened, report: Report) -> None:
    shares = {device["name"]: device["utilisation"] for device in report["devices"]}
    shares |= {memory["name"]: memory["bandwidth_utilisation"] for memory in report["memories"]}
    assert run_page.values("#platform g[data-name]") == pytest.approx(shares)
    bars = run_page.page.eval_on_selector_all(
        "#platform g[data-name]",
        "all => all.map(g => [g.dataset.name, g.querySelector('.area').width.baseVal.value / "
        "g.querySelector('.track').width.baseVal.value])",
    )
    assert dict(bars) == pytest.approx(shares, abs=1e-4)
    npu = (
        sum(op["traffic_bytes"] for op in report["ops"] if op["device"] == "npu0")
        / report["totals"]["latency_s"]
    )
    diagram = " ".join(run_page.texts("#platform svg text"))
    assert f"{quantity(npu, 'B/s')}, {percent(npu / 11.7e9)} of port" in diagram  # the port of the preset
    rows = run_page.texts("#platform tbody tr")
    for row, device in zip(rows, report["devices"], strict=True):
        assert quantity(device["energy_j"], "J") in row and quantity(device["busy_s"], "s") in row


def test_mapping_shows_where_each_layer_ran(run_page: Opened, report: Report) -> None:
    counts = defaultdict(int)
    for op in report["ops"]:
        counts[op["device"]] += 1
    assert f"npu0 {counts['npu0']}, a76 {counts['a76']}" in run_page.text("#mapping .note")
    box = run_page.page.locator(".lanes-box")
    seen: dict[str, str | None] = {}
    for top in range(0, 26 * len(report["ops"]), 400):
        box.evaluate("(e, top) => { e.scrollTop = top; }", top)
        run_page.frame()
        pairs = box.locator("g.layer").evaluate_all(
            "all => all.map(g => [g.dataset.name, g.querySelector('rect')?.dataset.lane ?? ''])"
        )
        seen |= dict(pairs)
    assert seen == {op["name"]: op["device"] for op in report["ops"]}


def test_a_view_stands_with_its_producer(open_page: Open, tmp_path: Path) -> None:
    result = chipcast.run("mobilenet_v2", "rk3588", dtype="int8")
    shown = open_page(result.to_html(tmp_path / "views.html"))
    shown.page.evaluate("dispatchEvent(new Event('beforeprint'))")  # all rows, not those in the window alone
    drawn = shown.page.locator("#mapping .edge.crossing").count()
    assert drawn > 0 and f" {drawn} tensor" in shown.text("#mapping .note")
    ops = {op["name"]: op["device"] for op in result.ops}
    views = {name for name, device in ops.items() if not device}
    circles = shown.page.eval_on_selector_all(
        "#mapping g.layer",
        "all => all.map(g => [g.dataset.name, g.querySelector('circle')?.cx.baseVal.value])",
    )
    assert views and {name for name, x in circles if x is not None} == views


def test_provenance_stands_at_the_end(run_page: Opened, report: Report) -> None:
    text = run_page.text("#provenance")
    provenance = report["provenance"]
    for key in ("tool_version", "platform_sha256", "model_sha256", "trace_fingerprint", "mapper"):
        assert str(provenance[key]) in text
    assert report["validation"]["latency"]["words"].partition(" (")[0] in text


def test_timeline_spans_the_run(run_page: Opened, result: chipcast.Result, report: Report) -> None:
    spans = len(result._simulation.trace_columns()["span_track"]) // 4
    assert f"{spans} spans" in run_page.text("#timeline .note")
    assert "Nothing ran on npu1, npu2, a55" in run_page.text("#timeline .note")
    begin, end = run_page.window()
    assert begin == 0
    assert end == pytest.approx(report["totals"]["latency_s"], rel=1e-9)


def test_split_layers_stand_on_both_devices(open_page: Open, tmp_path: Path) -> None:
    split = chipcast.run("resnet18", "rk3588", mapper="heft", tile_budget=500)
    assert any("+" in op["device"] for op in split.ops)
    shown = open_page(split.to_html(tmp_path / "split.html"))
    lanes = shown.page.locator("g.layer").evaluate_all(
        "all => all.map(g => [g.dataset.name, [...g.querySelectorAll('rect')].map(r => r.dataset.lane).join('+')])"
    )
    devices = {op["name"]: op["device"] for op in split.ops}
    assert dict(lanes) and all(devices[name] == lane for name, lane in lanes)
    assert shown.complaints == []
