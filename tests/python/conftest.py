# SPDX-License-Identifier: Apache-2.0
"""Shared by the Python tests: the command as a user runs it, and one report to look at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import chipcast

ROOT = Path(__file__).resolve().parents[2]


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


@pytest.fixture(scope="session")
def command() -> Command:
    """Runs the chipcast command in a process of its own: command("run", "mobilenet_v2", "--on", "rk3588")."""

    def run(*args: object, cwd: Path | None = None, env: dict[str, str] | None = None) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "chipcast", *map(str, args)],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def result() -> chipcast.Result:
    return chipcast.run("mobilenet_v2", "rk3588", dtype="int8")
