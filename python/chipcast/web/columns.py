# SPDX-License-Identifier: Apache-2.0
"""Spans of a trace, packed for a page: 100,000 of them in about a megabyte."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np

MOST_SPANS = 1_000_000
"""More than any screen tells apart, and as much as a browser draws without a pause."""
_LONGEST = 9
"""Groups of seven bits in 63 bits."""


def pack_trace(columns: dict[str, Any], most: int = MOST_SPANS) -> dict[str, Any]:
    """The trace as `_core` gives it (bytes of columns) as plain JSON: tracks, names, and the spans as base64 of
    deflated variable-length integers, of each track in order of time: name, gap since the end before (zigzag), length,
    in ps. Beyond `most` spans those of one name that follow each other closely become one; "merged_s" says how closely,
    and is 0 where none did."""
    track = np.frombuffer(columns["span_track"], np.uint32)
    begin = np.frombuffer(columns["span_begin_ps"], np.int64)
    end = np.frombuffer(columns["span_end_ps"], np.int64)
    order = np.lexsort((begin, track))
    track, begin, end = track[order], begin[order], end[order]
    name = np.frombuffer(columns["span_name"], np.uint32)[order].astype(np.int64)
    track, name, begin, end, gap_ps = merged(track, name, begin, end, most)
    before = np.concatenate(([0], end[:-1])) if len(end) else end
    first = np.concatenate(([True], track[1:] != track[:-1])) if len(end) else np.zeros(0, bool)
    gap = begin - np.where(first, 0, before)
    zigzag = (gap << 1) ^ (gap >> 63)
    numbers = np.stack((name, zigzag, end - begin), axis=1).ravel()
    counts = np.bincount(track, minlength=len(columns["tracks"]))
    tracks = [{**entry, "spans": int(count)} for entry, count in zip(columns["tracks"], counts, strict=True)]
    packed = base64.b64encode(zlib.compress(varints(numbers), 6)).decode("ascii")
    return {"tracks": tracks, "names": columns["names"], "spans": packed, "merged_s": gap_ps * 1e-12}


def merged(
    track: np.ndarray, name: np.ndarray, begin: np.ndarray, end: np.ndarray, most: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
    """At most `most` spans where neighbours of one name allow it, and the gap in ps that was closed for it. Spans come
    sorted by track and begin."""
    gap = 0
    if len(begin) <= most:
        return track, name, begin, end, gap
    same = (track[1:] == track[:-1]) & (name[1:] == name[:-1])
    between = begin[1:] - end[:-1]
    whole = int(end.max() - begin.min())
    while True:
        starts = np.concatenate(([True], ~(same & (between <= gap))))
        if np.count_nonzero(starts) <= most or gap >= whole:
            break
        gap = max(1000, 2 * gap)
    first = np.flatnonzero(starts)
    return track[first], name[first], begin[first], np.maximum.reduceat(end, first), gap


def varints(numbers: np.ndarray) -> bytes:
    """LEB128 of numbers that are not negative: seven bits a byte, low ones first, the eighth says that more follow."""
    groups = numbers.astype(np.uint64)[:, None] >> (7 * np.arange(_LONGEST, dtype=np.uint64))[None, :]
    more = np.zeros(groups.shape, bool)
    more[:, :-1] = groups[:, 1:] != 0
    present = np.ones(groups.shape, bool)
    present[:, 1:] = more[:, :-1]
    octets = (groups & np.uint64(0x7F)).astype(np.uint8) | (more.astype(np.uint8) << 7)
    return octets[present].tobytes()
