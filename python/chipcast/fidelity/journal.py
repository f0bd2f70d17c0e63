# SPDX-License-Identifier: Apache-2.0
"""What has been forecast already: a file with a line per case, so that a run that was cut off goes on where it was.

A line counts only for the same case, model and platform files, and the same Chipcast: its code, compiled core, presets.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import chipcast
from chipcast import _core
from chipcast.catalog import config_root, is_file
from chipcast.fidelity.case import COLUMNS, Case
from chipcast.fidelity.outcome import Found
from chipcast.fidelity.workloads import model_file

_NOT_RUN = ("case", "measured", "source", "use")
"""Columns that no forecast depends on."""
_MOST_BYTES = 64 << 20
"""A longer journal is begun anew."""


def default_path() -> Path:
    """In the user's cache folder (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "chipcast" / "validate.jsonl"


def key_of(case: Case, base: Path, overrides: Mapping[str, Any], platform: Path | None = None) -> str:
    """Digest of all that the forecast of a case depends on. `platform`: a file that is used instead of the case's."""
    cells = {column: getattr(case, column) for column in COLUMNS if column not in _NOT_RUN}
    files = [_file_digest(path) for path in (*_files(case, base), *([platform] if platform else []))]
    model = str(model_file(case, base) or "")
    text = json.dumps([tool_digest(), cells, model, files, dict(overrides)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _files(case: Case, base: Path) -> Iterable[Path]:
    if found := model_file(case, base):
        yield found
    platform = base / case.platform
    if case.platform.endswith((".json", ".cfg")):
        file = platform if is_file(platform) else Path(case.platform)
        yield file
        yield from sorted(file.parent.glob("*.json"))  # what it may extend


@cache
def tool_digest() -> str:
    """Of the package's code, the compiled core and the presets."""
    package = Path(chipcast.__file__).parent
    files = [*package.rglob("*.py"), Path(str(_core.__file__)), *config_root().rglob("*.json")]
    whole = hashlib.sha256()
    for path in sorted(files):
        whole.update(f"{path.name}\0{_file_digest(path)}\0".encode())
    return whole.hexdigest()


def _file_digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "absent"


class Journal:
    """Results by key. Wrong lines (a run that was killed while it wrote) are passed over."""

    def __init__(self, path: Path | None, fresh: bool = False) -> None:
        """`path`: None keeps nothing. `fresh`: what stands there is not read, and thrown away."""
        self._path = path
        self._known = {} if fresh or path is None else _read(path)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            too_long = is_file(path) and path.stat().st_size > _MOST_BYTES
            with path.open("w" if fresh or too_long else "a", encoding="utf-8") as file:
                if file.tell() and not _ends_a_line(path):
                    file.write("\n")  # or the next line would be lost with the torn one

    def get(self, key: str) -> Found | None:
        return self._known.get(key)

    def put(self, key: str, found: Mapping[str, Any]) -> None:
        """One write per line: runs that go on at the same time do not mix theirs."""
        if self._path is None:
            return
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, "found": found}) + "\n")


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _read(path: Path) -> dict[str, Found]:
    known = {}
    if is_file(path):
        for line in path.read_bytes().splitlines():
            try:
                entry = json.loads(line)
                known[str(entry["key"])] = Found.read(entry["found"])
            except (ValueError, KeyError, TypeError, RecursionError):
                continue
    return known
