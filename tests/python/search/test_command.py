# SPDX-License-Identifier: Apache-2.0
"""chipcast search as people run it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support import Command


def write(folder: Path, **members: Any) -> Path:
    file = folder / "clocks.json"
    whole = {
        "space": {
            "model": "mlperf_tiny_kws",
            "platform": "rv1106",
            "options": {"dtype": "int8"},
            "axes": {
                "npu.clock": {"from": "300 MHz", "to": "900 MHz", "steps": 7},
                "npu.buffer": ["32 KiB", "64 KiB", "128 KiB"],
            },
        },
        "objectives": {"latency_s": "min", "area_mm2": "min"},
        "algorithm": {"name": "nsga2", "population": 6},
        "evaluations": 12,
        **members,
    }
    file.write_text(json.dumps(whole))
    return file


def test_it_prints_the_front_and_goes_on(command: Command, tmp_path: Path) -> None:
    spec = write(tmp_path)
    first = command("search", spec, "--jobs", 1, "--export", "all.csv", cwd=tmp_path)
    assert first.code == 0, first.stderr
    assert "Hypervolume" in first.stdout
    assert "Front" in first.stdout
    assert "search: 12 of 12" in first.stderr
    assert (tmp_path / "clocks.search.db").is_file()
    assert (tmp_path / "all.csv").read_text().count("\n") == 13
    again = command("search", spec, "--jobs", 2, "--json", cwd=tmp_path)
    assert again.code == 0, again.stderr
    assert again.json["evaluations"] == 12
    assert again.json["history"][-1]["front"] == len(again.json["front"])
    assert "12 forecasts were in the store" in again.stderr


def test_seeds_and_budgets_are_options(command: Command, tmp_path: Path) -> None:
    spec = write(tmp_path)
    found = command("search", spec, "--seed", 5, "--evaluations", 6, "--json", "-q", cwd=tmp_path)
    assert found.code == 0, found.stderr
    assert found.json["evaluations"] == 6
    assert found.stderr == ""


def test_two_tiers_say_what_they_saved(command: Command, tmp_path: Path) -> None:
    spec = write(tmp_path, algorithm="grid", evaluations=21, fidelity={"batch": 2, "audit": 2})
    found = command("search", spec, cwd=tmp_path)
    assert found.code == 0, found.stderr
    assert "SystemC runs saved" in found.stdout
    assert "regret" in found.stdout


def test_a_dry_run_runs_nothing(command: Command, tmp_path: Path) -> None:
    plan = command("search", write(tmp_path), "--dry-run", cwd=tmp_path)
    assert plan.code == 0, plan.stderr
    assert "21 designs, 12 evaluations by nsga2" in plan.stdout
    assert not list(tmp_path.glob("*.db"))
    plan = command("search", write(tmp_path), "--dry-run", "--evaluations", 9, cwd=tmp_path)
    assert "21 designs, 9 evaluations by nsga2" in plan.stdout


def test_what_was_not_confirmed_may_be_feasible(command: Command, tmp_path: Path) -> None:
    fidelity = {"promote": "halving", "keep": 0.2, "audit": 2}
    cap = {"average_power_w": {"max": "1 uW"}}
    spec = write(tmp_path, algorithm="grid", evaluations=21, fidelity=fidelity, constraints=cap)
    found = command("search", spec, cwd=tmp_path)
    assert found.code == 3
    assert "none of the 6 confirmed of 21 designs keeps the constraints" in found.stderr
    assert "not known: none of those audited" in " ".join(found.stdout.split())


@pytest.mark.parametrize(
    ("members", "code", "told"),
    [
        ({"objectives": {"latenci_s": "min"}}, 3, 'no column "latenci_s"'),
        ({"constraints": {"area_mm2": {"max": 0.001}}}, 3, "no design is feasible: all break a constraint"),
        ({"space": {"model": "none", "platform": "rv1106", "axes": {"seed": [1]}}}, 3, "models[0]"),
    ],
)
def test_what_is_wrong_is_one_line(
    command: Command, tmp_path: Path, members: dict[str, Any], code: int, told: str
) -> None:
    found = command("search", write(tmp_path, **members), "-q", cwd=tmp_path)
    assert found.code == code
    assert told in found.stderr
    assert found.stderr.count("\n") == 1


def test_ctrl_c_keeps_what_was_done(tmp_path: Path) -> None:
    space = {"model": "mobilenet_v2", "platform": "rv1106", "options": {"dtype": "int8"}}
    axes = {"npu.clock": {"from": "300 MHz", "to": "900 MHz", "steps": 200}}
    spec = write(tmp_path, space={**space, "axes": axes}, evaluations=200, algorithm={"population": 8})
    arguments = [sys.executable, "-m", "chipcast", "search", str(spec), "--jobs", "1"]
    with subprocess.Popen(arguments, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("search:"):
                break
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        assert process.wait(60) == 130
    assert "interrupted; run it again and it goes on" in said
