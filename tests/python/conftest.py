# SPDX-License-Identifier: Apache-2.0
"""Shared by the Python tests: the command as a user runs it, and one report to look at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import chipcast
import pytest
from support import Command, Outcome


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
