# SPDX-License-Identifier: Apache-2.0
"""The examples of the pages run, and their platforms load."""

from __future__ import annotations

import json
import re
from pathlib import Path

import chipcast
import pytest
from support import ROOT

EXAMPLES = ROOT / "examples" / "describe_your_chip"


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_the_example_of_calibration_recovers_what_it_measured(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("calibration.md", "python")
    names: dict[str, object] = {}
    exec(code, names)
    found = names["found"]
    assert found.fits  # type: ignore[attr-defined]
    values = found.values()  # type: ignore[attr-defined]
    assert values["a55.profiles[1].vectors.issue"]["value"] == pytest.approx(0.6, rel=0.02)
    assert "->" in capsys.readouterr().out


def test_the_example_of_marks_loads(tmp_path: Path) -> None:
    (text,) = blocks("calibration.md", "json")
    path = tmp_path / "my_board.json"
    path.write_text(text, encoding="utf-8")
    assert "a55.profiles[1].vectors.issue" in chipcast.describe(path)["calibration"]["free"]


@pytest.mark.parametrize("name", ["pi_3b_plus", "rv1109", "imx93"])
def test_described_chips_are_the_files_and_run(name: str) -> None:
    file = EXAMPLES / f"{name}.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document in [json.loads(block) for block in blocks("describe_your_chip.md", "json")]
    assert chipcast.run("mlperf_tiny_kws", file, dtype="int8").latency_s > 0.0


@pytest.mark.parametrize("file", sorted((ROOT / "configs" / "clusters").glob("*.json")), ids=lambda file: file.stem)
def test_every_cluster_is_a_device(file: Path, tmp_path: Path) -> None:
    platform = {
        "name": "one",
        "memories": {"ram": {"extends": "memories/lpddr4-3200-2x16bit.json"}},
        "devices": {"cpu": {"extends": [f"clusters/{file.name}", "profiles/ncnn-armv8.json"], "cores": 2}},
    }
    path = tmp_path / "one.json"
    path.write_text(json.dumps(platform), encoding="utf-8")
    assert chipcast.describe(path)["devices"]["cpu"]["caches"]
