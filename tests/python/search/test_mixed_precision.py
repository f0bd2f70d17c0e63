# SPDX-License-Identifier: Apache-2.0
"""The example of mixed precision: its bound by hand, and with CHIPCAST_LONG=1 the whole of it."""

from __future__ import annotations

import importlib.util
import math
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest
from support import ROOT

LONG = bool(os.environ.get("CHIPCAST_LONG"))


@pytest.fixture(scope="module")
def example() -> ModuleType:
    path = ROOT / "examples" / "search" / "mixed_precision_resnet18.py"
    spec = importlib.util.spec_from_file_location("mixed_precision_resnet18", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look for it there
    spec.loader.exec_module(module)
    return module


def test_the_bound_is_a_knapsack_over_layers(example: ModuleType) -> None:
    def uniform(dtype: str, first: float, second: float, noise: float) -> object:
        durations = {"a": first, "b": second}
        return example.Uniform(dtype, first + second, 20.0, durations, {"a": noise, "b": 2.0 * noise})

    slow, fast, exact = (
        uniform("int8", 4.0, 6.0, 0.01),
        uniform("int4", 2.0, 3.0, 0.1),
        uniform("int16", 8, 12, 0.0),
    )
    bound = example.fastest_within
    assert bound(0.0, slow, fast, exact) == pytest.approx(10.0)
    assert bound(1.0, slow, fast, exact) == pytest.approx(5.0)
    assert bound(0.1, slow, fast, exact) == pytest.approx(8.0), "a saves 2 for 0.1, b saves 3 for 0.2"
    assert bound(0.2, slow, fast, exact) == pytest.approx(6.5), "and half of b"


@pytest.mark.skipif(not LONG, reason="minutes; CHIPCAST_LONG=1 runs it")
def test_no_mixture_of_resnet18_is_fast_and_as_accurate_as_int7(
    example: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{example.BEGIN}\nold\n{example.END}\nafter\n")
    arguments = ["--store", str(tmp_path / "s.db"), "--evaluations", "80", "--write", str(page)]
    monkeypatch.setattr(sys, "argv", ["mixed_precision_resnet18.py", *arguments])
    example.main()
    said = capsys.readouterr().out
    assert "| all int7 |" in said
    assert "there is none" in said or "the search found one" in said
    assert said.strip() in page.read_text()
    assert "old" not in page.read_text()
    assert math.isfinite(float(said.split("can be more than ")[1].split("×")[0]))
