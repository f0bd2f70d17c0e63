# SPDX-License-Identifier: Apache-2.0
"""Models that were uploaded and platforms that were edited: files of one server, gone when it ends."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from chipcast._core import InputError
from chipcast.text import plain

ENDINGS = (".onnx", ".tflite", ".param", ".csv", ".json")
MOST_PLATFORM_BYTES = 4 << 20


@dataclass(frozen=True)
class Upload:
    id: str
    name: str
    path: Path
    size: int


class Shelf:
    """The files that were used last, up to `most_bytes` and `most_files`. Each lies in a folder of its own, so that
    none can name another."""

    def __init__(self, folder: Path, most_bytes: int, most_files: int = 64) -> None:
        self._folder = folder
        self._most = most_bytes
        self._most_files = most_files
        self._kept: OrderedDict[str, Upload] = OrderedDict()
        self._lock = threading.Lock()
        self._places = re.compile(re.escape(str(folder)) + r"/[0-9a-f]{24}/")

    def keep(self, name: str, content: bytes) -> Upload:
        """The same content and name are kept once. `name` decides how it is read; nothing else of it is used."""
        ending = Path(name).suffix.lower()
        if ending not in ENDINGS:
            raise InputError(f'"{plain(name)}": models end in {", ".join(ENDINGS)}')
        if len(content) > self._most:
            raise InputError(f'"{plain(name)}": more than the {self._most >> 20} MiB that are kept')
        stem = re.sub(r"[^A-Za-z0-9_-]+", "_", Path(name).stem)[:60] or "model"
        key = hashlib.sha256(stem.encode() + b"\0" + ending.encode() + b"\0" + content).hexdigest()[:24]
        with self._lock:
            if key not in self._kept:
                self._make_room(len(content))
                path = self._folder / key / f"{stem}{ending}"
                path.parent.mkdir(mode=0o700, exist_ok=True)
                path.write_bytes(content)
                self._kept[key] = Upload(key, f"{stem}{ending}", path, len(content))
            self._kept.move_to_end(key)
            return self._kept[key]

    def find(self, key: str) -> Upload:
        """Throws InputError where it is no more."""
        with self._lock:
            if key not in self._kept:
                raise InputError("model: this upload is no longer kept; upload it again")
            self._kept.move_to_end(key)
            return self._kept[key]

    def drop(self, key: str) -> None:
        """What could not be read is not kept."""
        with self._lock:
            if upload := self._kept.pop(key, None):
                _remove(upload)

    def without_places(self, message: str) -> str:
        """Words without where the files lie."""
        return self._places.sub("", message)

    def _make_room(self, size: int) -> None:
        while self._kept and (
            len(self._kept) >= self._most_files
            or sum(each.size for each in self._kept.values()) + size > self._most
        ):
            _, oldest = self._kept.popitem(last=False)
            _remove(oldest)


def _remove(upload: Upload) -> None:
    upload.path.unlink(missing_ok=True)
    upload.path.parent.rmdir()
