# SPDX-License-Identifier: Apache-2.0
"""The example of mixed precision: its bound by hand, and with CHIPCAST_LONG=1 the whole of it."""

from __future__ import annotations

import importlib.util
import math
import os
import sys
from pathlib import Path
from types import ModuleType

import chipcast
import pytest
from chipcast.search import read_search
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
    saved = {"a": example.Saving(2.0, 0.0, ()), "b": example.Saving(3.0, 0.0, ())}
    fast, exact = {"a": 0.1, "b": 0.2}, {"a": 0.0, "b": 0.0}

    def bound(noise: float) -> float:
        return float(example.fastest_within(noise, 10.0, saved, fast, exact))

    assert bound(0.0) == pytest.approx(10.0)
    assert bound(1.0) == pytest.approx(5.0)
    assert bound(0.1) == pytest.approx(8.0), "a saves 2 for 0.1, b saves 3 for 0.2"
    assert bound(0.2) == pytest.approx(6.5), "and half of b"
    assert math.isinf(example.fastest_within(0.1, 10.0, saved, {"a": 0.3, "b": 0.2}, {"a": 0.2, "b": 0.0}))


def test_a_layer_in_int8_gains_by_readers_in_int4(example: ModuleType) -> None:
    saved = {"a": example.Saving(0.0, 4.0, ("b", "c")), "b": example.Saving(1.0, 0.0, ()),
             "c": example.Saving(1.0, 0.0, ())}  # fmt: skip
    least = example.least_latency
    assert least({"a": "int8", "b": "int4", "c": "int4"}, 10.0, saved) == pytest.approx(4.0)
    assert least({"a": "int8", "b": "int4", "c": "int8"}, 10.0, saved) == pytest.approx(9.0)
    noise = {"a": 1.0, "b": 1.0, "c": 1.0}
    bound = example.fastest_within(2.0, 10.0, saved, noise, dict.fromkeys(noise, 0.0))
    assert bound == pytest.approx(4.0), "b and c, and what a stores"
    assert example.fastest_within(1.0, 10.0, saved, noise, dict.fromkeys(noise, 0.0)) == pytest.approx(7.0)


def test_no_mixture_is_faster_than_its_bound(example: ModuleType) -> None:
    search = read_search(example.SPEC)
    layers = [axis.name.removeprefix("precision.") for axis in search.space.all_axes]
    graph = example.RoundedNetwork(example.load_model(example.MODEL), search.accuracy).graph
    saved = example.savings(layers, example.readers_of(graph))
    slow_s = chipcast.run(example.MODEL, example.PLATFORM, dtype="int8").latency_s
    assert example.check_bound(layers, slow_s, saved, 15) >= -1e-9


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
