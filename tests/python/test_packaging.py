# SPDX-License-Identifier: Apache-2.0
"""The package as it is installed: versions agree, presets are inside, stubs match, generated files are fresh."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from importlib import metadata, resources

import chipcast
import pytest
from chipcast import _core, catalog
from support import ROOT


def test_one_version_everywhere() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert chipcast.__version__ == declared == metadata.version("chipcast")
    assert f"project(chipcast VERSION {declared} " in (ROOT / "CMakeLists.txt").read_text()
    assert (
        f"## {declared}" in (ROOT / "CHANGELOG.md").read_text()
        or "## Unreleased" in (ROOT / "CHANGELOG.md").read_text()
    )


def test_presets_are_those_of_the_source() -> None:
    theirs = {
        p.relative_to(catalog.config_root()).as_posix(): p.read_bytes()
        for p in _presets(catalog.config_root())
    }
    ours = {p.relative_to(ROOT / "configs").as_posix(): p.read_bytes() for p in _presets(ROOT / "configs")}
    assert theirs == ours != {}


def _presets(folder):  # type: ignore[no-untyped-def]
    return sorted(path for path in folder.rglob("*.json") if path.parent.name != "schema")


def test_it_is_typed() -> None:
    assert resources.files("chipcast").joinpath("py.typed").is_file()
    assert resources.files("chipcast").joinpath("_core.pyi").is_file()


def test_the_stub_names_what_the_core_has() -> None:
    tree = ast.parse(resources.files("chipcast").joinpath("_core.pyi").read_text())
    stub = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    constants = (node.target for node in tree.body if isinstance(node, ast.AnnAssign))
    stub |= {target.id for target in constants if isinstance(target, ast.Name)}
    core = {name for name in vars(_core) if not name.startswith("_")}
    assert stub == core


def test_importing_is_light() -> None:
    heavy = "onnx", "pandas", "tflite", "rich", "click"
    code = f"import sys, chipcast; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_exist() -> None:
    assert all(hasattr(chipcast, name) for name in chipcast.__all__)
    with pytest.raises(AttributeError):
        _ = chipcast.nonsense


def test_generated_files_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"run scripts/generate:\n{done.stdout}{done.stderr}"
