# SPDX-License-Identifier: Apache-2.0
"""crosscheck and calibrate as a user runs them: what they print, refuse, and end with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chipcast.cli import app
from chipcast.cli import crosscheck as commands
from chipcast.quantization import METHODS
from click.testing import CliRunner
from support import Command

ON = ("crosscheck", "tiny.json", "--on", "rk3588", "--dtype", "int8")
TINY = {
    "format": "chipcast-graph", "version": 1, "name": "tiny", "inputs": ["x"], "outputs": ["y"],
    "tensors": {"x": {"shape": [1, 4, 6, 6]}, "w": {"shape": [8, 4, 3, 3], "parameter": True}},
    "ops": [
        {"name": "conv", "kind": "conv", "inputs": ["x", "w"], "attributes": {"pads": [1, 1, 1, 1]}},
        {"name": "y", "kind": "unary", "inputs": ["conv"], "attributes": {"function": "relu"}},
    ],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tiny.json").write_text(json.dumps(TINY))
    return tmp_path


def test_a_network_that_agrees(command: Command, folder: Path) -> None:
    outcome = command(*ON, "--method", "min_max", cwd=folder)
    assert outcome.code == 0, outcome
    assert "tiny on rk3588, min_max" in outcome.stdout
    assert "work: all equal (" in outcome.stdout
    assert "counted" not in outcome.stdout  # no head without rows


def test_everything_as_json(command: Command, folder: Path) -> None:
    report = command(*ON, "--method", "min_max", "--json", cwd=folder).json
    assert set(report) == {"numbers", "work"}
    assert report["numbers"]["equal"] is True and report["numbers"]["inputs"] == 4
    assert report["work"]["equal"] is True and report["work"]["compared"] > 0
    assert set(command(*ON, "--check", "work", "--json", cwd=folder).json) == {"work"}


def test_every_count_on_request(command: Command, folder: Path) -> None:
    text = command(*ON, "--check", "work", "--all", cwd=folder).stdout
    assert "counted" in text and "memory input_bytes" in text and text.count(" yes\n") > 3


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("crosscheck",), "give MODEL and --on PLATFORM, or --host"),
        (("crosscheck", "tiny.json"), "give MODEL and --on PLATFORM, or --host"),
        ((*ON, "--check", "foo"), '"foo" is none of numbers, work'),
        ((*ON, "--check", ","), "expected names separated by commas"),
        ((*ON, "--method", "best"), "'best' is not one of"),
        ((*ON, "--quick"), "--quick is read with --host only"),
        ((*ON, "--check", "work", "--inputs", "x.npy"), "--inputs is read by --check numbers only"),
        ((*ON, "--check", "work", "--method", "kl"), "--method is read by --check numbers only"),
        ((*ON, "--check", "numbers", "--all"), "--all is read by --check work only"),
        (("crosscheck", "--host", "--check", "work"), "--check is not read with --host"),
        (("crosscheck", "--host", "--dtype", "int8"), "--dtype is not read with --host"),
        (("crosscheck", "--host", "--method", "kl"), "--method is not read with --host"),
        (("crosscheck", "--host", "--inputs", "x.npy"), "--inputs is not read with --host"),
        (("crosscheck", "--host", "--set", "cpu.cores=99"), "--set is not read with --host"),
        (("crosscheck", "--host", "--shape", "x=1,2"), "--shape is not read with --host"),
        (("crosscheck", "--host", "--model-option", "a=1"), "--model-option is not read with --host"),
        (("crosscheck", "--host", "--seed", "0"), "--seed is not read with --host"),
        (("crosscheck", "--host", "--all"), "--all is not read with --host"),
        (("calibrate",), "--host"),
        (("calibrate", "--host", "--threads", "0"), "--threads"),
    ],
)
def test_usage_that_makes_no_sense(folder: Path, args: tuple[str, ...], words: str) -> None:
    outcome = CliRunner().invoke(app.app, args)
    assert outcome.exit_code == 2, outcome.output
    assert words in outcome.output


def test_misspelt_names_are_told_before_anything_is_measured(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = command("crosscheck", "mobilnet_v2", "--host", "--quiet")
    assert outcome.code == 3
    assert 'did you mean "mobilenet_v2"' in outcome.error_line
    outcome = command("crosscheck", "mlperf_tiny_kws", "--host", "--on", "rk3588")
    assert outcome.code == 3
    assert "has no calibrated device" in outcome.error_line


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("absent.npy", None, "absent.npy"),
        ("text.npy", b"no array", "text.npy"),
    ],
)
def test_inputs_that_cannot_be_read(
    command: Command, folder: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (folder / name).write_bytes(content)
    outcome = command(*ON, "--check", "numbers", "--inputs", name, cwd=folder)
    assert outcome.code == 3, outcome
    assert words in outcome.error_line


def test_numbers_on_given_inputs(command: Command, folder: Path) -> None:
    images = np.random.default_rng(0).standard_normal((3, 1, 4, 6, 6)).astype(np.float32)
    np.save(folder / "x.npy", images)
    args = (*ON, "--check", "numbers", "--method", "min_max", "--inputs", "x.npy", "--json")
    assert command(*args, cwd=folder).json["numbers"]["inputs"] == 3
    np.save(folder / "x.npy", images[..., :5])
    outcome = command(*args, cwd=folder)
    assert outcome.code == 3
    assert "has shape" in outcome.error_line


def test_a_check_that_fails_ends_with_1(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Disagrees:
        equal = False

        def to_text(self, **_: Any) -> str:
            return "a table"

    monkeypatch.setattr(commands, "_numbers", lambda *_: Disagrees())
    monkeypatch.chdir(folder)
    outcome = CliRunner().invoke(app.app, [*ON, "--check", "numbers"], standalone_mode=False)
    assert "a table" in outcome.output
    assert outcome.exit_code == 1
    assert "numbers: the kernels and the model disagree" in str(outcome.exception)


def test_this_machine_is_measured_and_compared_in_a_hurry(command: Command, tmp_path: Path) -> None:
    outcome = command("calibrate", "--host", "--quick", "-o", "host.json", cwd=tmp_path)
    assert outcome.code == 0, outcome
    assert "instruction set" in outcome.stdout and (tmp_path / "host.json").is_file()
    args = ("crosscheck", "mlperf_tiny_kws", "--host", "--quick", "--on", "host.json")
    outcome = command(*args, cwd=tmp_path)
    assert outcome.code == 0, outcome  # a few shapes judge nothing
    assert "mlperf_tiny_kws" in outcome.stdout and "Not judged" in outcome.stderr
    report = command(*args, "--json", "--quiet", cwd=tmp_path)
    assert report.code == 0 and report.stderr == ""
    assert [row["name"] for row in report.json["networks"]["rows"]] == ["mlperf_tiny_kws"]


def test_a_calibration_needs_a_place(command: Command) -> None:
    outcome = command("calibrate", "--host", "-o", "/proc/nowhere/host.json")
    assert outcome.code == 3
    assert "--output" in outcome.error_line


def test_the_help_of_commands_does_not_wait_for_numpy() -> None:
    import subprocess
    import sys

    code = "import sys, chipcast.cli.app; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_methods_are_the_quantisers() -> None:
    assert commands.METHODS == METHODS
