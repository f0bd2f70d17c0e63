# SPDX-License-Identifier: Apache-2.0
"""The command: what it prints where, and what it leaves behind."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import chipcast
import pytest
from chipcast import Result
from support import Command

ESCAPE = re.compile(r"\x1b\[")
RUN = ("run", "mobilenet_v2", "--on", "rk3588", "--dtype", "int8")


def test_version(command: Command) -> None:
    outcome = command("--version")
    assert (outcome.code, outcome.stdout) == (0, f"chipcast {chipcast.__version__}\n")


@pytest.mark.parametrize("name", ["", "run", "describe", "platforms", "models", "import", "schema"])
def test_help(command: Command, name: str) -> None:
    outcome = command(*name.split(), "--help")
    assert outcome.code == 0
    assert outcome.stdout.startswith("Usage: chipcast")


def warned(result: Result) -> str:
    return "".join(f"warning: {text}\n" for text in result.report["warnings"])


def test_run_prints_a_table(command: Command, result: Result) -> None:
    outcome = command(*RUN)
    assert outcome.code == 0, outcome.stderr
    assert outcome.stderr == warned(result)
    for word in (
        "mobilenet_v2",
        "rk3588",
        "systemc",
        "analytic",
        "fps",
        "Energy",
        "peak",
        "Utilisation",
        "Busiest",
    ):
        assert word in outcome.stdout
    assert not ESCAPE.search(outcome.stdout)


def test_run_json_is_the_report_and_nothing_else(command: Command, result: Result) -> None:
    outcome = command(*RUN, "--json")
    assert outcome.code == 0, outcome.stderr
    assert outcome.json == result.report
    assert outcome.stderr == warned(result)


def test_run_writes_files_and_says_where(command: Command, result: Result, tmp_path: Path) -> None:
    files = [tmp_path / "new" / name for name in ("r.json", "t.pftrace", "p.json")]
    outcome = command(*RUN, "--report", files[0], "--trace", files[1], "--program", files[2])
    assert outcome.code == 0, outcome.stderr
    assert json.loads(files[0].read_text()) == result.report
    assert files[1].read_bytes() == result.trace_bytes()
    assert json.loads(files[2].read_text()) == result.program()
    assert all(str(file) in outcome.stderr for file in files)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["p.json", "r.json", "t.pftrace"]


def test_json_with_a_file_writes_it(command: Command, result: Result, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    outcome = command(*RUN, f"--json={file}", "--quiet")
    assert outcome.code == 0
    assert outcome.stderr == ""
    assert json.loads(file.read_text()) == result.report


def test_set_changes_the_platform(command: Command) -> None:
    before = command("describe", "rk3588", "--json").json
    device = (
        next(iter(before["devices"])) if isinstance(before["devices"], dict) else before["devices"][0]["name"]
    )
    outcome = command("describe", "rk3588", "--set", f"{device}.clock=123 MHz", "--json")
    assert outcome.code == 0, outcome.stderr
    assert "123 MHz" in outcome.stdout


def test_the_described_platform_is_a_platform(command: Command, tmp_path: Path) -> None:
    described = command("describe", "rk3588", "--json")
    file = tmp_path / "same.json"
    file.write_text(described.stdout)
    again = command("describe", file, "--json")
    assert again.code == 0, again.stderr
    assert again.json == described.json


def test_describe_for_people(command: Command) -> None:
    outcome = command("describe", "rk3588")
    assert outcome.code == 0
    assert outcome.stdout.startswith("rk3588") or "RK3588" in outcome.stdout.splitlines()[0]


@pytest.mark.parametrize("name", ["platforms", "models"])
def test_lists(command: Command, name: str) -> None:
    table, data = command(name), command(name, "--json")
    assert table.code == data.code == 0
    assert len(data.json) > 1
    for entry in data.json:
        assert entry["name"] in table.stdout


def test_import_prints_a_graph_that_runs(command: Command, tmp_path: Path) -> None:
    outcome = command("import", "mobilenet_v2")
    assert outcome.code == 0
    assert "macs" in outcome.stderr
    file = tmp_path / "graph.json"
    assert command("import", "mobilenet_v2", "-o", file).stdout == ""
    assert json.loads(file.read_text()) == outcome.json
    assert command("run", file, "--on", "rv1106", "--json").code == 0


def test_schema(command: Command) -> None:
    names = command("schema").stdout.split()
    assert {"platform", "options", "report"} <= set(names)
    assert command("schema", "report").json["type"] == "object"
    assert sorted(command("schema", "--json").json) == sorted(names)
    assert command("schema", "--docs").stdout.startswith("#")


def on_terminal(*args: str, env: dict[str, str] | None = None) -> str:
    """What the command writes to a terminal 100 columns wide."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "chipcast", *args],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **(env or {})},
    )
    os.close(slave)
    output = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # the terminal has closed
            break
        if not chunk:
            break
        output += chunk
    os.close(master)
    assert process.wait(timeout=60) == 0, output
    return output.decode()


def test_colour_on_a_terminal_only_where_wanted() -> None:
    environment = {"NO_COLOR": ""}
    assert ESCAPE.search(on_terminal("models", env=environment))
    plain = on_terminal("models", env={"NO_COLOR": "1"})
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", plain)


@pytest.mark.parametrize("suffix", [".onnx", ".json"])
def test_an_exported_network_is_the_same_network(command: Command, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"net{suffix}"
    outcome = command("models", "--export", "mlperf_tiny_kws", file)
    assert outcome.code == 0, outcome.stderr
    assert str(file) in outcome.stderr
    again, original = chipcast.load_model(file).totals, chipcast.load_model("mlperf_tiny_kws").totals
    assert {k: again[k] for k in ("macs", "parameters")} == {k: original[k] for k in ("macs", "parameters")}
