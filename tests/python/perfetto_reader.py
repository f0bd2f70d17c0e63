# SPDX-License-Identifier: Apache-2.0
"""Reads a Perfetto trace with the message definitions of PyPI's perfetto and checks what its trace processor needs.

The trace processor itself is a program that the perfetto package downloads when it is first used; where it is
not to be had, these checks stand in: the bytes parse, every event's track is described, begins and ends pair up
and nest, interned names resolve, time never runs backwards within a sequence.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb


@dataclass(frozen=True)
class Slice:
    name: str
    begin_ns: int
    end_ns: int


@dataclass
class Track:
    name: str
    parent: int | None
    is_counter: bool
    slices: list[Slice] = field(default_factory=list)
    samples: list[tuple[int, float]] = field(default_factory=list)
    open: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class Sequence:
    """What packets of one trusted_packet_sequence_id share."""

    names: dict[int, str] = field(default_factory=dict)
    cleared: bool = False
    last_ns: int = 0


def read_trace(data: bytes) -> dict[int, Track]:
    """Tracks by uuid; fails with an AssertionError where the trace is not in order."""
    trace = pb.Trace()
    assert trace.ParseFromString(data) == len(data)
    tracks: dict[int, Track] = {}
    sequences: dict[int, Sequence] = {}
    for packet in trace.packet:
        if packet.HasField("track_descriptor"):
            _describe(tracks, packet.track_descriptor)
        sequence = sequences.setdefault(packet.trusted_packet_sequence_id, Sequence())
        _intern(sequence, packet)
        if packet.HasField("track_event"):
            assert packet.trusted_packet_sequence_id != 0, "an event needs a packet sequence"
            _event(tracks, sequence, packet)
    for track in tracks.values():
        assert not track.open, f"{track.name}: {track.open} never ended"
        assert track.parent is None or track.parent in tracks, f"{track.name}: its parent is not described"
    return tracks


def _describe(tracks: dict[int, Track], descriptor: Any) -> None:
    assert descriptor.uuid not in tracks, f"track {descriptor.uuid} is described twice"
    name = (
        descriptor.name
        or descriptor.static_name
        or descriptor.process.process_name
        or descriptor.thread.thread_name
    )
    assert name, f"track {descriptor.uuid} has no name"
    parent = descriptor.parent_uuid if descriptor.HasField("parent_uuid") else None
    tracks[descriptor.uuid] = Track(name, parent, descriptor.HasField("counter"))


def _intern(sequence: Sequence, packet: Any) -> None:
    if packet.sequence_flags & pb.TracePacket.SEQ_INCREMENTAL_STATE_CLEARED:
        sequence.names.clear()
        sequence.cleared = True
    for entry in packet.interned_data.event_names:
        sequence.names[entry.iid] = entry.name


def _event(tracks: dict[int, Track], sequence: Sequence, packet: Any) -> None:
    event, now = packet.track_event, packet.timestamp
    assert event.track_uuid in tracks, f"track {event.track_uuid} is not described before its first event"
    assert now >= sequence.last_ns, "time runs backwards"
    sequence.last_ns = now
    track = tracks[event.track_uuid]
    if event.type == pb.TrackEvent.TYPE_SLICE_BEGIN:
        track.open.append((_name(sequence, packet), now))
    elif event.type == pb.TrackEvent.TYPE_SLICE_END:
        assert track.open, f"{track.name}: an end without a begin"
        name, begin = track.open.pop()
        track.slices.append(Slice(name, begin, now))
    elif event.type == pb.TrackEvent.TYPE_COUNTER:
        assert track.is_counter, f"{track.name}: a sample on a track that is no counter"
        value = event.double_counter_value if event.HasField("double_counter_value") else event.counter_value
        track.samples.append((now, value))


def _name(sequence: Sequence, packet: Any) -> str:
    event = packet.track_event
    if not event.HasField("name_iid"):
        return str(event.name)
    assert sequence.cleared, "interned names need SEQ_INCREMENTAL_STATE_CLEARED first"
    assert packet.sequence_flags & pb.TracePacket.SEQ_NEEDS_INCREMENTAL_STATE, (
        "a user of interned names must say so"
    )
    return sequence.names[event.name_iid]


def trace_processor() -> str | None:
    """Perfetto's own program, where this machine has it; nothing is downloaded."""
    named = os.environ.get("TRACE_PROCESSOR_SHELL") or shutil.which("trace_processor_shell")
    if named:
        return named
    cached = sorted((Path.home() / ".local/share/perfetto/prebuilts").glob("trace_processor_shell-*"))
    return str(cached[-1]) if cached else None
