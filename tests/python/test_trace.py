# SPDX-License-Identifier: Apache-2.0
"""Does the trace open in Perfetto and tell the same story as the report?"""

from __future__ import annotations

import itertools
from pathlib import Path

import chipcast
import pytest
from chipcast import Result
from perfetto_reader import Slice, Track, read_trace, trace_processor

ENGINES = ["load", "compute", "store"]
RUNS = [
    ("mobilenet_v2", "rk3588", "int8"),
    ("resnet18", "rk3588", "fp16"),  # several NPU cores and the CPU
    ("mobilenet_v3_small", "rv1106", "int8"),
]


@pytest.fixture(scope="module", params=RUNS, ids="-".join)
def result(request: pytest.FixtureRequest) -> Result:
    model, platform, dtype = request.param
    return chipcast.run(model, platform, dtype=dtype)


@pytest.fixture(scope="module")
def tracks(result: Result) -> dict[int, Track]:
    return read_trace(result.trace_bytes())


def engines_of(tracks: dict[int, Track], device: str) -> dict[str, Track]:
    """Tracks below the device's own, in the file's order."""
    (uuid,) = (uuid for uuid, track in tracks.items() if track.name == device)
    return {track.name: track for track in tracks.values() if track.parent == uuid}


def union_ns(slices: list[Slice]) -> int:
    """Nanoseconds that at least one of them covers."""
    total = covered = 0
    for piece in sorted(slices, key=lambda s: s.begin_ns):
        total += max(0, piece.end_ns - max(piece.begin_ns, covered))
        covered = max(covered, piece.end_ns)
    return total


def test_the_run_holds_devices_and_memories_and_devices_hold_one_track_per_engine(
    result: Result, tracks: dict[int, Track]
) -> None:
    (run,) = (uuid for uuid, track in tracks.items() if track.parent is None)
    devices = [device["name"] for device in result.devices]
    memories = [memory["name"] for memory in result.memories]
    below = [track.name for track in tracks.values() if track.parent == run and not track.is_counter]
    assert sorted(below) == sorted(devices + memories)
    for device in devices:
        assert list(engines_of(tracks, device)) == ENGINES
    slices = [track for track in tracks.values() if not track.is_counter]
    assert len(slices) == 1 + len(below) + len(ENGINES) * len(devices)


def test_slices_of_an_engine_are_the_commands_of_its_queue(result: Result, tracks: dict[int, Track]) -> None:
    for device in result.program()["devices"]:
        for name, engine in engines_of(tracks, device["device"]).items():
            commands = [command["op"] for command in device["queues"][name] if command["do"] == name]
            assert [piece.name for piece in engine.slices] == commands


def test_compute_slices_last_as_long_as_their_cycles(result: Result, tracks: dict[int, Track]) -> None:
    platform = chipcast.describe(result.report["platform"]["name"])
    for device in result.program()["devices"]:
        number, unit = platform["devices"][device["device"]]["clock"].split()
        period_ns = {"MHz": 1e3, "GHz": 1}[unit] / float(number)
        slices = engines_of(tracks, device["device"])["compute"].slices
        works = [device["works"][c["work"]] for c in device["queues"]["compute"] if c["do"] == "compute"]
        for piece, work in zip(slices, works, strict=True):
            # From the clock's next edge on; both ends are rounded down to nanoseconds.
            extra_ns = piece.end_ns - piece.begin_ns - work["cycles"] * period_ns
            assert -1.001 < extra_ns < period_ns + 1.001


def test_slices_of_a_device_cover_its_busy_time(result: Result, tracks: dict[int, Track]) -> None:
    programs = {program["device"]: program for program in result.program()["devices"]}
    for device in result.devices:
        program, engines = programs[device["name"]], engines_of(tracks, device["name"])
        computes = [c for c in program["queues"]["compute"] if c["do"] == "compute"]
        slices = [piece for name in ("load", "store") for piece in engines[name].slices]
        # Launches and hand-offs are waiting, not work.
        slices += [
            piece
            for piece, command in zip(engines["compute"].slices, computes, strict=True)
            if not program["works"][command["work"]]["overhead"]
        ]
        # Nanoseconds are rounded down, so each slice may be off by less than one.
        assert abs(union_ns(slices) - device["busy_s"] * 1e9) <= len(slices)
        if not slices:
            assert device["busy_s"] == 0


def test_operators_begin_and_end_where_the_report_says(result: Result, tracks: dict[int, Track]) -> None:
    for op in (op for op in result.ops if op["device"]):
        engines = engines_of(tracks, op["device"])
        begin = min(piece.begin_ns for piece in engines["compute"].slices if piece.name == op["name"])
        end = max(
            piece.end_ns for engine in engines.values() for piece in engine.slices if piece.name == op["name"]
        )
        assert 0 <= op["start_s"] * 1e9 - begin + 1e-3 < 1.002
        assert 0 <= op["end_s"] * 1e9 - end + 1e-3 < 1.002


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


def test_power_over_time_is_a_counter_with_one_for_each_domain(
    result: Result, tracks: dict[int, Track]
) -> None:
    reported = result.report["power"]
    (power,) = [uuid for uuid, track in tracks.items() if track.is_counter and track.name == "power"]
    assert [value for _, value in tracks[power].samples] == pytest.approx(reported["samples_w"])
    below = {track.name: track for track in tracks.values() if track.parent == power}
    assert all(track.is_counter for track in below.values())
    drawing = {domain["name"]: domain["samples_w"] for domain in reported["domains"] if domain["energy_j"]}
    watts = {name for name in below if name.endswith(" power")}
    assert watts == {f"{name} power" for name in drawing}
    for name, samples in drawing.items():
        assert [value for _, value in below[f"{name} power"].samples] == pytest.approx(samples)


def test_temperatures_are_counters(tmp_path: Path) -> None:
    node = '{"die": {"capacity_j_per_k": 0.00001, "to_ambient_k_per_w": 20}}'
    result = chipcast.run(
        "mlperf_tiny_kws",
        "rv1106",
        dtype="int8",
        overrides=["thermal.ambient_c=30", f"thermal.nodes={node}", "thermal.links=[]"],
    )
    tracks = read_trace(result.trace_bytes())
    (warm,) = [track for track in tracks.values() if track.name == "die temperature"]
    values = [value for _, value in warm.samples]
    (celsius,) = {tuple(domain["celsius"].values()) for domain in result.report["power"]["domains"]}
    assert celsius[0] == 30
    assert 30 <= min(values) < max(values) <= celsius[2]


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
