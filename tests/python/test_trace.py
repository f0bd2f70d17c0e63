# SPDX-License-Identifier: Apache-2.0
"""Does the trace open in Perfetto and tell the same story as the report?"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from chipcast import Result
from perfetto_reader import Track, read_trace, trace_processor


@pytest.fixture(scope="module")
def tracks(result: Result) -> dict[int, Track]:
    return read_trace(result.trace_bytes())


def test_every_device_has_tracks_of_its_own(result: Result, tracks: dict[int, Track]) -> None:
    names = {track.name for track in tracks.values()}
    used = {op["device"] for op in result.ops if op["macs"]}
    assert used <= names
    for device in used:
        uuid = next(uuid for uuid, track in tracks.items() if track.name == device)
        engines = [track for track in tracks.values() if track.parent == uuid and not track.is_counter]
        assert engines, f"{device} has no engine tracks"
        assert any(engine.slices for engine in engines)


def test_slices_of_an_engine_do_not_overlap(tracks: dict[int, Track]) -> None:
    for track in tracks.values():
        ordered = sorted(track.slices, key=lambda s: (s.begin_ns, s.end_ns))
        assert all(a.end_ns <= b.begin_ns for a, b in itertools.pairwise(ordered)), track.name


def test_the_last_slice_ends_with_the_run(result: Result, tracks: dict[int, Track]) -> None:
    last = max(s.end_ns for track in tracks.values() for s in track.slices)
    assert last <= result.latency_s * 1e9 + 1
    assert last >= result.latency_s * 1e9 * 0.9


def test_operators_of_the_report_are_in_the_trace(result: Result, tracks: dict[int, Track]) -> None:
    seen = {s.name for track in tracks.values() for s in track.slices}
    worked = {op["name"] for op in result.ops if op["macs"]}
    assert worked <= seen


def test_counters_have_samples(tracks: dict[int, Track]) -> None:
    assert all(track.samples for track in tracks.values() if track.is_counter)


@pytest.mark.skipif(
    trace_processor() is None, reason="Perfetto's trace_processor_shell is not on this machine"
)
def test_perfetto_opens_it(result: Result, tracks: dict[int, Track], tmp_path: Path) -> None:
    from perfetto.trace_processor import TraceProcessor, TraceProcessorConfig

    path = result.write_trace(tmp_path / "run.pftrace")
    with TraceProcessor(
        trace=str(path), config=TraceProcessorConfig(bin_path=trace_processor())
    ) as processor:
        rows = list(processor.query("select count(*) as n from slice"))
        errors = list(processor.query("select name, value from stats where severity = 'error' and value > 0"))
    assert rows[0].n == sum(len(track.slices) for track in tracks.values())
    assert errors == []
