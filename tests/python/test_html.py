# SPDX-License-Identifier: Apache-2.0
"""A report in a notebook: complete, well-formed, and deaf to what names contain."""

from __future__ import annotations

import copy
from html.parser import HTMLParser
from typing import Any

from chipcast import Result
from chipcast.html import report_html
from hypothesis import given
from hypothesis import strategies as st

REPORT: dict[str, Any] = {
    "network": {"name": "net", "macs": 10, "parameters": 5},
    "platform": {"name": "chip"},
    "totals": {
        "latency_s": 1e-3,
        "energy_j": 2e-3,
        "average_power_w": 2.0,
        "peak_power_w": 3.0,
        "macs": 10,
        "traffic_bytes": 100,
    },
    "analytic": {"latency_s": 9e-4},
    "devices": [{"name": "npu0", "busy_s": 5e-4, "utilisation": 0.5, "energy_j": 1e-3}],
    "memories": [{"name": "dram", "read_bytes": 60, "written_bytes": 40, "bandwidth_utilisation": 0.1}],
    "ops": [
        {
            "name": "conv1",
            "kind": "conv",
            "device": "npu0",
            "dtype": "int8",
            "macs": 10,
            "compute_cycles": 5,
            "start_s": 0.0,
            "end_s": 1e-3,
            "energy_j": 1e-3,
            "traffic_bytes": 100,
        }
    ],
}


class Collector(HTMLParser):
    """Tags that open and close, and the text between them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> Collector:
    collector = Collector()
    collector.feed(html)
    collector.close()
    assert not collector.open
    return collector


KNOWN_TAGS = {"div", "h4", "h5", "table", "thead", "tbody", "tr", "th", "td"}


def test_what_is_in_it() -> None:
    page = parsed(report_html(REPORT))
    assert page.tags == KNOWN_TAGS
    for text in ("net on chip", "1.00 ms", "900 µs", "2.00 mJ", "npu0", "dram", "conv1"):
        assert text in page.text


@given(
    name=st.text(),
    other=st.sampled_from(["<script>alert(1)</script>", "</td></table><img src=x>", "&lt;", "'\""]),
)
def test_names_stay_text(name: str, other: str) -> None:
    report = copy.deepcopy(REPORT)
    report["network"]["name"] = other + name
    report["platform"]["name"] = name + other
    for entry in (report["ops"][0], report["devices"][0], report["memories"][0]):
        entry["name"] = other + name
    report["ops"][0]["kind"] = report["ops"][0]["device"] = other + name
    assert parsed(report_html(report)).tags == KNOWN_TAGS


def test_a_result_shows_itself(result: Result) -> None:
    page = parsed(result._repr_html_())
    assert "rk3588" in page.text
    assert page.tags == KNOWN_TAGS
