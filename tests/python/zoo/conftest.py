# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chipcast import _core

Document = dict[str, Any]


@pytest.fixture(scope="session")
def zoo_graph() -> Callable[..., Document]:
    """zoo_graph(name, **options) gives the graph document."""

    def build(name: str, **options: Any) -> Document:
        document: Document = json.loads(_core.zoo_graph(name, json.dumps(options)))
        return document

    return build


@pytest.fixture(scope="session")
def shared_models() -> Path:
    """The public model files; they are not part of the repository."""
    folder = Path(__file__).resolve().parents[4] / "shared" / "models"
    if not folder.is_dir():
        pytest.skip("no ../shared/models beside this checkout")
    return folder


@pytest.fixture(scope="session")
def one_op() -> Callable[..., Document]:
    """one_op(kind, inputs, output, **attributes): a network of one operator `op` with outputs `y`, `y1`, ..."""

    def build(
        kind: str,
        inputs: dict[str, tuple[list[int], str, bool]],
        outputs: list[tuple[list[int], str]],
        fused: list[Document] | None = None,
        **attributes: Any,
    ) -> Document:
        names = ["y", *(f"y{i}" for i in range(1, len(outputs)))]
        tensors: Document = {
            name: {"shape": shape, "dtype": dtype, "parameter": parameter}
            for name, (shape, dtype, parameter) in inputs.items()
        }
        tensors |= {
            name: {"shape": shape, "dtype": dtype}
            for name, (shape, dtype) in zip(names, outputs, strict=True)
        }
        op = {
            "name": "op",
            "kind": kind,
            "inputs": list(inputs),
            "outputs": names,
            "attributes": attributes,
            "fused": fused or [],
        }
        return {
            "format": "chipcast-graph",
            "version": 1,
            "name": "one_op",
            "tensors": tensors,
            "inputs": [name for name, (_, _, parameter) in inputs.items() if not parameter],
            "outputs": names,
            "ops": [op],
        }

    return build
