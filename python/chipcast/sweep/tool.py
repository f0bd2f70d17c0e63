# SPDX-License-Identifier: Apache-2.0
"""Which Chipcast this is: results of another one are not mixed with its own."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import chipcast
from chipcast import _core
from chipcast.catalog import config_root

UNUSED = ("cli", "calibration", "crosscheck", "onnx_export", "peers", "search", "serve", "views", "web")
"""Parts of the package that no forecast of a point goes through."""
USED = ("search/accuracy",)
"""Folders of those that results in stores come from all the same."""


def is_used(file: Path) -> bool:
    """`file`: relative to the package."""
    return file.parts[0] not in UNUSED or file.parent.as_posix() in USED


@cache
def tool_digest() -> str:
    """Of the version, the compiled core, the presets, and the package's code that is used."""
    package = Path(chipcast.__file__).parent
    code = [path for path in package.rglob("*.py") if is_used(path.relative_to(package))]
    whole = hashlib.sha256(chipcast.__version__.encode())
    for path in (*sorted(code), Path(str(_core.__file__)), *sorted(config_root().rglob("*.json"))):
        with path.open("rb") as file:
            whole.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\0".encode())
    return whole.hexdigest()
