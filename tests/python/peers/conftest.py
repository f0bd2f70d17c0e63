# SPDX-License-Identifier: Apache-2.0
"""The peers' own files, where they lie beside the checkout."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = ROOT.parent / "shared"
    for part in ("models/zigzag", "models/timeloop", "reference/peers"):
        if not (folder / part).is_dir():
            pytest.skip(f"no files of the peers beside the checkout (../shared/{part})")
    return folder


@pytest.fixture(scope="session")
def script() -> ModuleType:
    """scripts/peers_table.py as a module."""
    name = "peers_table"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
