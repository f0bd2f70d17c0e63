# SPDX-License-Identifier: Apache-2.0
"""What the Python tests share beside fixtures."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import chipcast
import pytest
from chipcast import catalog

ROOT = Path(__file__).resolve().parents[2]

TILE_BUDGET = None if os.environ.get("CHIPCAST_FULL_TILES") else 500
"""Of networks whose tiles need not be the best; CHIPCAST_FULL_TILES=1 searches as runs do by default."""


@dataclass(frozen=True)
class Outcome:
    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def error_line(self) -> str:
        """The one line that a failure leaves; fails where there is more or less."""
        assert self.stderr.count("\n") == 1, self.stderr
        assert self.stdout == ""
        return self.stderr.strip()


Command = Callable[..., Outcome]


@cache
def platforms_of_each_kind() -> list[str]:
    """One platform for each combination of device types, and those that tests name everywhere."""
    pinned = ["rk3588", "rv1106"]
    names, kinds = list(pinned), set()
    for name in catalog.platforms():
        kind = frozenset(device["type"] for device in chipcast.describe(name)["devices"].values())
        if kind not in kinds and name not in pinned:
            names.append(name)
        kinds.add(kind)
    return names


@contextlib.contextmanager
def refusals_skipped() -> Iterator[None]:
    """A platform of special devices alone does not run everything; it says so in these words."""
    try:
        yield
    except chipcast.InputError as error:
        if "no device runs it" in str(error) or " bytes of " in str(error):
            pytest.skip(str(error))
        raise
