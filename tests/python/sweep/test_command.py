# SPDX-License-Identifier: Apache-2.0
"""chipcast sweep as people run it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from chipcast.cli.sweep_progress import duration, progress_line
from chipcast.sweep import Progress, Store
from support import Command


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    return write(tmp_path, axes={"npu.clock": ["300 MHz", "600 MHz", "6 mhz"]})


def write(folder: Path, **members: Any) -> Path:
    file = folder / "clocks.json"
    whole = {
        "model": "mlperf_tiny_kws",
        "platform": "rv1106",
        "options": {"dtype": "int8"},
        "area": False,
        **members,
    }
    file.write_text(json.dumps(whole))
    return file


def test_it_runs_and_goes_on(command: Command, spec: Path, tmp_path: Path) -> None:
    first = command("sweep", spec, "--jobs", 1, "--limit", 1, cwd=tmp_path)
    assert first.code == 0, first.stderr
    assert "Fastest points" in first.stdout
    assert (tmp_path / "clocks.sweep.db").is_file()
    second = command("sweep", spec, "--jobs", 1, "--export", "out/table.csv", "--json", cwd=tmp_path)
    assert second.code == 0, second.stderr
    assert second.json["counts"] == {"done": 2, "invalid": 1}
    assert [point["point"] for point in second.json["points"]] == [0, 1, 2]
    assert "1 points were in the store" in second.stderr
    assert 'unknown unit "mhz"' in second.stderr
    assert (tmp_path / "out" / "table.csv").read_text().count("\n") == 4


def test_a_dry_run_runs_nothing(command: Command, spec: Path, tmp_path: Path) -> None:
    plan = command("sweep", spec, "--dry-run", "--json", cwd=tmp_path)
    assert plan.json["points"] == 3
    assert plan.json["first"][1] == {"point": 1, "npu.clock": "600 MHz"}
    assert "3 points" in command("sweep", spec, "--dry-run", cwd=tmp_path).stdout
    assert not list(tmp_path.glob("*.db"))


def test_failed_points_are_exit_code_4(command: Command, tmp_path: Path) -> None:
    done = command("sweep", write(tmp_path, limits={"events": 5}), "--jobs", 1, cwd=tmp_path)
    assert done.code == 4
    assert "error: point 0 failed: limit: " in done.stderr


def test_no_possible_point_is_exit_code_3(command: Command, tmp_path: Path) -> None:
    done = command("sweep", write(tmp_path, axes={"npu.clock": ["6 mhz"]}), "--jobs", 1, cwd=tmp_path)
    assert done.code == 3
    assert "error: sweep: no point can be" in done.stderr


def test_huge_sweeps_are_confirmed(command: Command, tmp_path: Path) -> None:
    axes = {f"npu.a{number}": {"from": 1, "to": 99, "steps": 99} for number in range(4)}
    refused = command("sweep", write(tmp_path, axes=axes), cwd=tmp_path)
    assert refused.code == 3
    assert "96,059,601 points; --yes runs them, --limit N the first N of them" in refused.error_line


def test_mistakes_are_one_line(command: Command, tmp_path: Path) -> None:
    wrong = command("sweep", write(tmp_path, axes={"npu.clok": ["1 GHz"]}), cwd=tmp_path)
    assert wrong.code == 3
    assert 'axes.npu.clok: rv1106.json: devices.npu: unknown field "clok"' in wrong.error_line
    assert command("sweep", tmp_path / "absent.json").code == 3
    assert (
        "neither .parquet nor .csv"
        in command("sweep", tmp_path / "clocks.json", "--export", "t.xls").error_line
    )


def test_the_line_beside_the_bar() -> None:
    done = Progress(total=1000, states={"done": 500, "failed": 2}, reused=102, retries=1)
    assert progress_line(done, 10.0) == "502/1,000, 40/s, 12 s left, 2 failed, 1 tried again"
    assert progress_line(Progress(total=5000, bound=True), 0.0) == "0/≤ 5,000"
    assert [duration(each) for each in (59, 61, 7322)] == ["59 s", "1 min 1 s", "2 h 2 min"]


def test_ctrl_c_is_exit_code_130_and_keeps_what_was_done(tmp_path: Path) -> None:
    clocks = {"from": "200 MHz", "to": "900 MHz", "steps": 1000}
    file = write(tmp_path, axes={"npu.clock": clocks}, model="mobilenet_v2", tier="analytic")
    process = subprocess.Popen(
        [sys.executable, "-m", "chipcast", "sweep", str(file), "--jobs", "1"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    store = tmp_path / "clocks.sweep.db"
    wait_for_points(store, 2)
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "interrupted; run it again and it goes on" in said
    assert "done" in out
    with Store(store) as journal:
        assert not journal.keys("running")
        assert len(journal.keys("done")) >= 2


def wait_for_points(store: Path, points: int) -> None:
    for _ in range(600):
        if store.exists():
            with Store(store) as journal:
                if len(journal.keys("done")) >= points:
                    return
        time.sleep(0.1)
    raise AssertionError("nothing done after a minute")
