# SPDX-License-Identifier: Apache-2.0
"""chipcast calibrate as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from calibration.bench import rows, write
from support import Command

Measure = Callable[..., list[dict[str, Any]]]


def test_it_prints_writes_and_is_run_on(
    command: Command, platform: Path, measure: Measure, tmp_path: Path
) -> None:
    some = measure(rows(threads=(1, 4)), 1)
    write(tmp_path / "data.csv", [{**some[0], "case": "odd", "workload": "nonsense"}, *some])
    outcome = command(
        "calibrate", "mine.json", "--data", "data.csv", "--cross-validate", "network", "-o", "fitted.json", "--json",
        "--jobs", "2", cwd=tmp_path,
    )  # fmt: skip
    assert outcome.code == 0, outcome.stderr
    report = json.loads(outcome.stdout)
    assert report["fits"] is True
    assert report["errors"]["cross_validated"]["rows"] == len(some)
    assert "left out: odd" in outcome.stderr
    assert "Overlay: fitted.json" in outcome.stderr
    run = command("run", "mlperf_tiny_kws", "--on", "fitted.json", "--devices", "a55", "--dtype", "int8", cwd=tmp_path)
    assert run.code == 0, run.stderr
    assert any(words in run.stdout for words in ("never validated", "against silicon", "fitted to"))


def test_rows_that_do_not_fit_end_with_1_and_no_overlay(
    command: Command, platform: Path, measure: Measure, tmp_path: Path
) -> None:
    some = measure(rows(threads=(1, 4)), 1)
    values = [row["measured"] for row in some]
    write(tmp_path / "data.csv", [{**row, "measured": v} for row, v in zip(some, values[3:] + values[:3], strict=True)])
    outcome = command("calibrate", "mine.json", "--data", "data.csv", "-o", "fitted.json", cwd=tmp_path)
    assert outcome.code == 1
    assert "the measurements do not fit: mine (latency, 8 rows)" in outcome.stderr
    assert "no overlay was written" in outcome.stderr
    assert "Does not fit" in outcome.stdout
    assert not (tmp_path / "fitted.json").exists()


def test_a_script_needs_no_guard_for_worker_processes(platform: Path, measure: Measure, tmp_path: Path) -> None:
    write(tmp_path / "data.csv", measure(rows(threads=(1,)), 1))
    script = tmp_path / "script.py"
    script.write_text(
        "from chipcast.calibration import Options, calibrate\n"
        "found = calibrate(['mine.json'], 'data.csv', Options(jobs=2, reduce=True))\n"
        "print(found.runs > 0)\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("mine.json",), 2, "--host"),
        (("mine.json", "--data", "data.csv", "--host"), 2, "--host"),
        (("--data", "data.csv"), 2, "--shared"),
        (("--host", "--shared"), 2, "--shared is not read with --host"),
        (("mine.json", "--data", "data.csv", "--quick"), 2, "--quick is read with --host only"),
        (("mine.json", "--data", "nowhere.csv"), 3, "nowhere.csv"),
        (("nowhere.json", "--data", "data.csv"), 3, "nowhere.json"),
    ],
)
def test_mistakes(
    command: Command, platform: Path, tmp_path: Path, args: tuple[str, ...], code: int, words: str
) -> None:
    write(tmp_path / "data.csv", rows(threads=(1,)))
    outcome = command("calibrate", *args, cwd=tmp_path)
    assert outcome.code == code
    assert words in outcome.stderr
