# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests of sweeps."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # workers import sweep_evaluators.py from here

from sweep_bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
