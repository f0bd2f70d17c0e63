# SPDX-License-Identifier: Apache-2.0
"""The example notebooks, headless: no cell fails, and what they draw shows something."""

from __future__ import annotations

import base64
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from pictures import check_picture
from support import ROOT
from traitlets.config import Config

FOLDER = ROOT / "examples" / "notebooks"
NAMES = ("board_choice", "npu_sizing", "power_budget", "precision_search")
CELL_S = 240
"""Of one cell, on a machine that is busy with other tests."""
DRAWING = re.compile(r"views\.(pareto|parallel|curve|hypervolume)\(|\.plot\(")
LOOK = """
from chipcast.views import View
from pictures import check_view
_shown = [value for value in Out.values() if isinstance(value, View)]
for _view in _shown:
    check_view(_view)
print(len(_shown))
"""


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def nobodys_jupyter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings of whoever runs the tests do not count."""
    with tempfile.TemporaryDirectory(prefix="nb-") as folder:
        for variable in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
            monkeypatch.setenv(variable, folder)
        yield


def test_every_notebook_is_tested() -> None:
    assert sorted(NAMES) == sorted(path.stem for path in FOLDER.glob("*.ipynb"))


def test_it_is_committed_without_outputs(name: str) -> None:
    book = read(name)
    nbformat.validate(book)
    for cell in book.cells:
        assert cell.metadata == {}
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)
            assert len(cell.source.splitlines()) <= 30
    assert book.cells[0].source.startswith("# ")
    assert set(book.metadata) == {"kernelspec", "language_info"}


def test_it_runs_and_its_pictures_show_something(
    name: str, nobodys_jupyter: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = [str(ROOT / "tests" / "python"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, path)))
    book = read(name)
    book.cells.append(nbformat.v4.new_code_cell(LOOK))
    NotebookClient(
        book,
        timeout=CELL_S,
        startup_timeout=CELL_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
        config=Config({"KernelManager": {"ip": "127.0.0.1"}}),
    ).execute()
    *cells, look = (cell for cell in book.cells if cell.cell_type == "code")
    drawing = [cell for cell in cells if DRAWING.search(cell.source)]
    assert len(drawing) >= 3
    for cell in drawing:
        check_picture(picture_of(cell))
    assert int(look.outputs[0].text) == len(drawing)
    assert not [output for cell in cells for output in cell.outputs if output.get("name") == "stderr"]
    assert not list(tmp_path.iterdir())  # it leaves nothing behind


def read(name: str) -> Any:
    return nbformat.reads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"), as_version=4)


def picture_of(cell: Any) -> bytes:
    found = [output.data["image/png"] for output in cell.outputs if "image/png" in output.get("data", {})]
    assert len(found) == 1, cell.source
    return base64.b64decode(found[0])
