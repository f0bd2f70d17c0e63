# SPDX-License-Identifier: Apache-2.0
"""Models that were uploaded and platforms that were edited: files of one server, gone when it ends."""

from __future__ import annotations

import hashlib
import re
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
    """The newest files up to `most_bytes` together. Each lies in a folder of its own, so none can name another."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most = most_bytes
        self._kept: OrderedDict[str, Upload] = OrderedDict()

    def keep(self, name: str, content: bytes) -> Upload:
        """The same content and name are kept once. `name` decides how it is read; nothing else of it is used."""
        ending = Path(name).suffix.lower()
        if ending not in ENDINGS:
            raise InputError(f'"{plain(name)}": models end in {", ".join(ENDINGS)}')
        stem = re.sub(r"[^A-Za-z0-9_-]+", "_", Path(name).stem)[:60] or "model"
        key = hashlib.sha256(stem.encode() + b"\0" + ending.encode() + b"\0" + content).hexdigest()[:24]
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
        try:
            return self._kept[key]
        except KeyError:
            raise InputError("model: this upload is no longer kept; upload it again") from None

    def _make_room(self, size: int) -> None:
        while self._kept and sum(each.size for each in self._kept.values()) + size > self._most:
            _, oldest = self._kept.popitem(last=False)
            oldest.path.unlink(missing_ok=True)
            oldest.path.parent.rmdir()
