# SPDX-License-Identifier: Apache-2.0
"""Files beside a model: opened only below its folder, and never through a symbolic link."""

from __future__ import annotations

import os
import stat

import numpy as np

from chipcast.importers.errors import fail, quoted

FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_DIRECTORY


class Folder:
    """A directory that is already open. Paths are relative to it, part by part, so that nothing leads out."""

    def __init__(self, descriptor: int, limit: int) -> None:
        self.descriptor = descriptor
        self.left = limit
        """Bytes that may still be read in all."""

    def read(self, path: str, offset: int, length: int, place: str) -> np.ndarray:
        """`length` bytes from `offset` of a regular file."""
        self.left -= length
        if self.left < 0:
            fail(place, "external data are larger than all that may be read; raise ImportLimits.values_bytes")
        descriptor = self._open(path, place)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                fail(place, f"external data {quoted(path)} is not a regular file; put the file there")
            if offset + length > status.st_size:
                fail(place, f"external data {quoted(path)} has {status.st_size} bytes, {length} from {offset} are "
                            "wanted; the file is cut off, export the model again")  # fmt: skip
            return read_exactly(descriptor, offset, length, path, place)
        finally:
            os.close(descriptor)

    def _open(self, path: str, place: str) -> int:
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if path.startswith("/") or ".." in parts:
            fail(place, f"external data {quoted(path)} leads out of the model's folder; use a relative path "
                        "without ..")  # fmt: skip
        at = os.dup(self.descriptor)
        try:
            for part in parts[:-1]:
                at, above = os.open(part, FOLDER, dir_fd=at), at
                os.close(above)
            return os.open(parts[-1], FILE, dir_fd=at)
        except (OSError, IndexError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            fail(place, f"external data {quoted(path)} cannot be read ({reason}); it must lie in the model's folder "
                        "and be no symbolic link")  # fmt: skip
        finally:
            os.close(at)


def read_exactly(descriptor: int, offset: int, length: int, path: str, place: str) -> np.ndarray:
    out = np.empty(length, np.uint8)
    done = 0
    while done < length:
        count = os.preadv(descriptor, [memoryview(out)[done:]], offset + done)
        if count == 0:
            fail(place, f"external data {quoted(path)} ended while it was read; try again")
        done += count
    return out
