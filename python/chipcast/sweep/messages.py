# SPDX-License-Identifier: Apache-2.0
"""What engine and workers say to each other: JSON behind its length in four bytes."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

_LENGTH = struct.Struct(">I")
MOST_BYTES = 64 << 20

Message = dict[str, Any]


class BrokenMessage(ValueError):
    """What came is not what the other side sends."""


def packed(message: Message) -> bytes:
    body = json.dumps(message, default=str).encode()
    return _LENGTH.pack(len(body)) + body


def receive(stream: BinaryIO) -> Message | None:
    """The next message; None where the other side has closed."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length)
    return _unpacked(body) if len(body) == length else None


class Reader:
    """Messages of bytes that come in pieces."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, piece: bytes) -> Iterator[Message]:
        """Raises BrokenMessage for what is none."""
        self._bytes += piece
        while len(self._bytes) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._bytes)
            if length > MOST_BYTES:
                raise BrokenMessage(f"a message of {length} bytes")
            end = _LENGTH.size + length
            if len(self._bytes) < end:
                return
            body = bytes(self._bytes[_LENGTH.size : end])
            del self._bytes[:end]
            yield _unpacked(body)


def _unpacked(body: bytes) -> Message:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise BrokenMessage("not JSON") from None
    if not isinstance(message, dict):
        raise BrokenMessage("not an object")
    return message
