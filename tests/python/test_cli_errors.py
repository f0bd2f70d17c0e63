# SPDX-License-Identifier: Apache-2.0
"""Every failure has its exit code and says one line that helps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import Command

RUN = ("run", "mobilenet_v2", "--on", "rk3588", "--dtype", "int8")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("run", "mobilnet_v2", "--on", "rk3588"), ["mobilnet_v2", 'did you mean "mobilenet_v2"']),
        (("run", "mobilenet_v2", "--on", "rk358"), ["rk358", 'did you mean "rk3588"']),
        (("run", "nothing.onnx", "--on", "rk3588"), ["nothing.onnx", "no file"]),
        (("describe", "nothing.json"), ["nothing.json", "no file"]),
        ((*RUN, "--dtype", "int9"), ["dtype", "int9", "int8"]),
        ((*RUN, "--mapper", "gredy"), ["mapper", "gredy", "greedy"]),
        ((*RUN, "--devices", "npu9"), ["devices", "npu9"]),
        ((*RUN, "--set", "npu0.rws=3"), ["npu0", "rws"]),
        ((*RUN, "--set", "nonsense"), ["nonsense"]),
        ((*RUN, "--set", "npu0.clock=800"), ["npu0.clock", "800", "MHz"]),
        ((*RUN, "--set", "npu0.clock=800 MHz extra"), ["npu0.clock", "800 MHz extra"]),
        ((*RUN, "--set", "npu0.clock=-1 MHz"), ["npu0.clock", "-1 MHz"]),
        ((*RUN, "--max-time", "10"), ["max_simulated_time", "10"]),
        ((*RUN, "--shape", "input=1,3,224,224"), ["shape", "mobilenet_v2"]),
        ((*RUN, "--report", "/proc/nowhere/r.json"), ["--report", "/proc/nowhere/r.json"]),
        ((*RUN, "--trace", "."), ["--trace", "folder"]),
        ((*RUN, "--model-option", "width=wide"), ["width", "wide"]),
        ((*RUN, "--model-option", "depth=2"), ["depth", "width"]),
        (("schema", "repotr"), ["repotr", 'did you mean "report"']),
        (("models", "--export", "mobilenet_v2", "net.txt"), ["--export", "net.txt", ".onnx"]),
    ],
)
def test_invalid_input_is_exit_code_3_and_one_line(
    command: Command, args: tuple[str, ...], words: list[str]
) -> None:
    outcome = command(*args)
    assert outcome.code == 3, outcome
    line = outcome.error_line
    assert line.startswith("error: ")
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("rnu",),
        ("run",),
        ("run", "mobilenet_v2"),
        ("run", "mobilenet_v2", "--on", "rk3588", "--seed", "-1"),
        ("run", "mobilenet_v2", "--on", "rk3588", "--shape", "input"),
        ("run", "mobilenet_v2", "--on", "rk3588", "--shape", "input=1,-3"),
        ("run", "mobilenet_v2", "--on", "rk3588", "--devices", ","),
        ("run", "mobilenet_v2", "--on", "rk3588", "--nonsense"),
    ],
)
def test_usage_is_exit_code_2(command: Command, args: tuple[str, ...]) -> None:
    outcome = command(*args)
    assert outcome.code == 2
    assert outcome.stdout == ""
    assert "Usage: chipcast" in outcome.stderr


def test_a_misspelt_command_is_recognised(command: Command) -> None:
    assert 'did you mean "run"' in command("rnu").stderr


def test_a_limit_is_exit_code_5(command: Command) -> None:
    outcome = command(*RUN, "--max-time", "10 us")
    assert outcome.code == 5
    assert "10 us" in outcome.error_line or "max_simulated_time" in outcome.error_line


@pytest.mark.parametrize("name", ["\x1b[31mred", "new\nline", "x" * 5000])
def test_hostile_names_stay_on_one_line(command: Command, name: str) -> None:
    outcome = command("run", name, "--on", "rk3588")
    assert outcome.code == 3
    line = outcome.error_line
    assert line.isprintable()
    assert len(line) < 1100


def test_an_unwritable_file_is_told_before_the_run(command: Command, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    outcome = command(*RUN, "--report", tmp_path / "r.json")
    assert outcome.code == 3
    assert "not writable" in outcome.error_line


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "chipcast", "schema", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait(timeout=60)


LOOP = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs inherit that it is ignored
import chipcast
from chipcast import cli
import chipcast.api as api
one = api.run
def forever(*args, **kwargs):
    print("started", flush=True)
    while True:
        one(*args, **kwargs)
api.run = forever
sys.exit(cli.invoke(["run", "resnet50", "--on", "rk3588"]))
"""


def test_ctrl_c_is_exit_code_130() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", LOOP], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    time.sleep(0.3)
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=30)
    assert process.returncode == 130
    assert words == "error: interrupted\n"
    assert time.monotonic() - sent < 3
