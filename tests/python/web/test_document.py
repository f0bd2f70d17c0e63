# SPDX-License-Identifier: Apache-2.0
"""What goes into a page: packed spans, lives of tensors, roofs, energy by operator. (No browser.)"""

from __future__ import annotations

import base64
import itertools
import json
import zlib
from pathlib import Path
from typing import Any

import chipcast
import numpy as np
import pytest
from chipcast.web import document
from chipcast.web.columns import pack_trace, varints
from chipcast.web.peaks import hertz, peaks
from hypothesis import given
from hypothesis import strategies as st
from perfetto_reader import read_trace


def read_varints(data: bytes) -> list[int]:
    numbers, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value, shift = 0, 0
    return numbers


def unpack(packed: dict[str, Any]) -> list[list[tuple[str, int, int]]]:
    """(name, begin, end) of every span of every track, in ps."""
    numbers = iter(read_varints(zlib.decompress(base64.b64decode(packed["spans"]))))
    tracks = []
    for track in packed["tracks"]:
        now, spans = 0, []
        for _ in range(track["spans"]):
            name, gap, length = next(numbers), next(numbers), next(numbers)
            begin = now + (gap // 2 if gap % 2 == 0 else -(gap + 1) // 2)
            now = begin + length
            spans.append((packed["names"][name], begin, now))
        tracks.append(spans)
    assert next(numbers, None) is None
    return tracks


@given(st.lists(st.integers(min_value=0, max_value=2**62)))
def test_varints_are_read_back(numbers: list[int]) -> None:
    assert read_varints(varints(np.array(numbers, np.int64))) == numbers


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 10**15), st.integers(0, 10**12)), max_size=40))
def test_spans_are_read_back_even_where_they_overlap(spans: list[tuple[int, int, int]]) -> None:
    columns = {
        "tracks": [{"name": str(i)} for i in range(3)],
        "names": ["a", "b", "c"],
        "span_track": np.array([s[0] for s in spans], np.uint32).tobytes(),
        "span_name": np.array([s[0] for s in spans], np.uint32).tobytes(),
        "span_begin_ps": np.array([s[1] for s in spans], np.int64).tobytes(),
        "span_end_ps": np.array([s[1] + s[2] for s in spans], np.int64).tobytes(),
    }
    got = sorted((begin, end) for track in unpack(pack_trace(columns)) for _, begin, end in track)
    assert got == sorted((begin, begin + length) for _, begin, length in spans)


def test_spans_are_those_of_the_perfetto_trace(result: chipcast.Result) -> None:
    packed = pack_trace(result._simulation.trace_columns())
    mine = sorted(
        (name, begin // 1000, end // 1000) for track in unpack(packed) for name, begin, end in track
    )
    theirs = sorted(
        (piece.name, piece.begin_ns, piece.end_ns)
        for track in read_trace(result.trace_bytes()).values()
        for piece in track.slices
    )
    assert mine == theirs


def test_energy_flows_sum_to_the_report(result: chipcast.Result) -> None:
    flows = result._simulation.energy_flows()
    rows = flows["rows"]
    assert sum(row[3] for row in rows) == pytest.approx(result.energy_j, rel=1e-9)
    for key, names, column in (("by_component", "components", 1), ("by_action", "actions", 2)):
        for name, joules in result.report["energy"][key].items():
            mine = sum(row[3] for row in rows if flows[names][row[column]] == name)
            assert mine == pytest.approx(joules, rel=1e-9, abs=1e-18)
    for i, op in enumerate(result.ops):
        assert sum(row[3] for row in rows if row[0] == i) == pytest.approx(
            op["energy_j"], rel=1e-9, abs=1e-18
        )


def test_what_is_needed_at_once_is_what_the_report_says(result: chipcast.Result) -> None:
    tensors = document.of_run(result)["runs"][0]["tensors"]
    times = sorted({*tensors["begin_s"], *tensors["end_s"]})
    lives = list(zip(tensors["begin_s"], tensors["end_s"], tensors["bytes"], strict=True))
    most = max(sum(size for begin, end, size in lives if begin <= at < end) for at in times)
    # One layer after the other on one device: the order of issue is that of time.
    aligned = 64 * len(lives)
    totals = result.report["totals"]
    assert totals["memory_live_bytes"] - aligned <= most <= totals["memory_footprint_bytes"]
    parameters = sum(
        b for b, kind in zip(tensors["bytes"], tensors["kind"], strict=True) if kind == "parameter"
    )
    assert parameters >= result.report["network"]["parameters"]


def test_traffic_of_devices_is_that_of_layers(result: chipcast.Result) -> None:
    moved = document.of_run(result)["runs"][0]["moved"]
    total = sum(each["load_bytes"] + each["store_bytes"] for each in moved.values())
    assert total == sum(op["traffic_bytes"] for op in result.ops)


def test_roofs_are_those_of_the_descriptions() -> None:
    of = {(each["device"], each["dtype"]): each["macs_per_s"] for each in peaks(chipcast.describe("rk3588"))}
    assert of["npu0", "int8"] == 1024 * 1e9
    assert of["a76", "fp32"] == 8 * 4 * 2.4e9
    assert hertz("800 MHz") == 8e8
    for name in ("ethos-u55-128", "eyeriss", "systolic", "bow", "allwinner-r329"):
        assert all(each["macs_per_s"] > 0 for each in peaks(chipcast.describe(name)))
    (ethos,) = [
        e for e in peaks(chipcast.describe("ethos-u55-128")) if e["dtype"] == "int8" and e["device"] == "npu"
    ]
    assert ethos["macs_per_s"] == 128 * 500e6


@pytest.mark.parametrize(
    ("network", "platform", "dtype"),
    [("mobilenet_v2", "rk3588", "int8"), ("resnet18", "snapdragon-865", None)],
)
def test_no_layer_computes_above_its_roof(network: str, platform: str, dtype: str | None) -> None:
    """Winograd's layers do, since it computes less than the layer's multiply-accumulates."""
    roofs = {
        (each["device"], each["dtype"]): each["macs_per_s"] for each in peaks(chipcast.describe(platform))
    }
    seen = 0
    for op in chipcast.run(network, platform, dtype=dtype).ops:
        roof = roofs.get((op["device"], op["arithmetic"].partition(" ")[0]))
        if op["macs"] and "Winograd" not in op["mapping"]:
            assert roof is not None and op["macs"] / op["compute_s"] <= roof * 1.001
            seen += 1
    assert seen >= 5


def test_a_page_is_written_whole_or_not_at_all(result: chipcast.Result, tmp_path: Path) -> None:
    with pytest.raises(chipcast.InputError, match="is a folder"):
        result.to_html(tmp_path)
    with pytest.raises(chipcast.InputError, match="make it first"):
        result.to_html(tmp_path / "missing" / "run.html")
    path = result.to_html(tmp_path / "run.html")
    assert [each.name for each in tmp_path.iterdir()] == ["run.html"]
    again = result.to_html(tmp_path / "again.html")
    assert path.read_bytes() == again.read_bytes()
    json.dumps(document.of_run(result), allow_nan=False)


def test_too_many_spans_become_fewer_and_cover_the_same_time() -> None:
    generator = np.random.Generator(np.random.PCG64(7))
    count = 30_000
    edges = np.cumsum(generator.integers(1, 10_000, 2 * count), dtype=np.int64).reshape(-1, 2)
    columns = {
        "tracks": [{"name": "dram"}],
        "names": ["read", "write"],
        "span_track": np.zeros(count, np.uint32).tobytes(),
        "span_name": (np.arange(count) // 100 % 2).astype(np.uint32).tobytes(),
        "span_begin_ps": edges[:, 0].tobytes(),
        "span_end_ps": edges[:, 1].tobytes(),
    }
    whole = pack_trace(columns)
    assert whole["merged_s"] == 0 and whole["tracks"][0]["spans"] == count
    fewer = pack_trace(columns, most=5000)
    (spans,) = unpack(fewer)
    assert len(spans) <= 5000 and fewer["merged_s"] > 0
    assert spans[0][1] == edges[0, 0] and spans[-1][2] == edges[-1, 1]
    gaps = [after[1] - before[2] for before, after in itertools.pairwise(spans) if before[0] == after[0]]
    assert all(gap * 1e-12 > fewer["merged_s"] for gap in gaps)
    assert len(unpack(pack_trace(columns, most=1))[0]) == count // 100  # names alternate: no fewer can be
