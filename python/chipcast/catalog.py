# SPDX-License-Identifier: Apache-2.0
"""What there is to choose from: platform presets and the networks of the zoo."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from chipcast import _core
from chipcast._core import InputError
from chipcast.scalesim import platform_of
from chipcast.text import did_you_mean, plain

SCALESIM = ".cfg"


@cache
def config_root() -> Path:
    """The folder of presets: inside the installed package, or configs/ of the source tree."""
    here = Path(__file__).resolve().parent
    installed = here / "configs"
    return installed if installed.is_dir() else here.parents[1] / "configs"


def is_file(path: Path) -> bool:
    """False also for names that no file can have (too long, a zero byte)."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def platforms() -> list[str]:
    """Names that `run(..., platform)` accepts beside a path."""
    return sorted(path.stem for path in (config_root() / "platforms").glob("*.json"))


def models() -> list[dict[str, Any]]:
    """The bundled networks: name, description, MACs, parameters."""
    entries: list[dict[str, Any]] = json.loads(_core.zoo_list())
    return entries


def model_names() -> list[str]:
    return [str(entry["name"]) for entry in models()]


def find_platform(platform: str | os.PathLike[str]) -> Path:
    """The platform file that a name or a path means."""
    text = os.fspath(platform)
    path = Path(text)
    if path.suffix in (".json", SCALESIM) or len(path.parts) > 1:
        if is_file(path):
            return path
        raise InputError(f'platform: no file "{plain(text)}"; `chipcast platforms` lists the bundled ones')
    if name := _bundled_name(text):
        return config_root() / "platforms" / f"{name}.json"
    raise InputError(f'platform: "{plain(text)}" is not known{did_you_mean(text, platforms())}')


@contextmanager
def platform_file(platform: str | os.PathLike[str]) -> Iterator[Path]:
    """The platform file that a name or a path means; that of a SCALE-Sim `.cfg` lasts as long as the context."""
    path = find_platform(platform)
    if path.suffix != SCALESIM:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="chipcast-") as folder:
        translated = Path(folder) / path.name
        translated.write_text(json.dumps(platform_of(path)), encoding="utf-8")
        yield translated


def _bundled_name(text: str) -> str | None:
    """The bundled platform called so, with or without its maker: "jetson-nano" is "nvidia-jetson-nano"."""
    known = platforms()
    if text in known:
        return text
    without_maker = [name for name in known if name.partition("-")[2] == text]
    return without_maker[0] if text and len(without_maker) == 1 else None


def search_dirs(platform: Path) -> list[str]:
    """Where "extends" looks: beside the platform file, then in the bundled presets."""
    return [str(platform.resolve().parent), str(config_root())]
