# SPDX-License-Identifier: Apache-2.0
"""Shared by the importer tests: the sample files, and importing a model that a test has built."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chipcast import _core
from chipcast.importers import import_model
from onnx import ModelProto

Document = dict[str, Any]
SHARED = Path(__file__).resolve().parents[4] / "shared"


@pytest.fixture(scope="session")
def samples() -> Path:
    if not (SHARED / "models").is_dir():
        pytest.skip("no sample models beside the checkout (../shared/models)")
    return SHARED / "models"


@pytest.fixture(scope="session")
def reference() -> Path:
    if not (SHARED / "reference").is_dir():
        pytest.skip("no reference data beside the checkout (../shared/reference)")
    return SHARED / "reference"


@pytest.fixture
def import_bytes(tmp_path: Path) -> Callable[..., Document]:
    """Imports bytes as a file with the given name, through the sandbox."""

    def run(data: bytes, name: str, **options: Any) -> Document:
        path = tmp_path / name
        path.write_bytes(data)
        return import_model(path, **options)

    return run


@pytest.fixture
def import_onnx(import_bytes: Callable[..., Document]) -> Callable[..., Document]:
    def run(model: ModelProto, **options: Any) -> Document:
        return import_bytes(model.SerializeToString(), "model.onnx", **options)

    return run


@pytest.fixture(scope="session")
def totals() -> Callable[[Document], Document]:
    def run(document: Document) -> Document:
        return json.loads(_core.graph_totals(json.dumps(document), document["name"]))

    return run
