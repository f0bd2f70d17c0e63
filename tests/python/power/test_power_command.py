# SPDX-License-Identifier: Apache-2.0
"""chipcast power, as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chipcast.power import nvpmodel
from power_platforms import with_idle_states
from support import Command


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("platforms") / "board.json"
    path.write_text(json.dumps(with_idle_states()))
    return path


def test_tables_and_files(command: Command, board: Path, tmp_path: Path) -> None:
    names = {option: tmp_path / name for option, name in (
        ("--nvpmodel", "nvpmodel.conf"), ("--opp", "opp.dtsi"), ("--csv", "power.csv"), ("--report", "power.json"),
        ("--trace", "power.pftrace"))}  # fmt: skip
    files = [part for option, path in names.items() for part in (option, path)]
    done = command(
        "power",
        "mlperf_tiny_kws",
        "--on",
        board,
        "--dtype",
        "int8",
        "--rate",
        20,
        "--clock",
        "npu=400MHz",
        *files,
    )
    assert done.code == 0, done.stderr
    assert "mlperf_tiny_kws on board, 20 a second, governor fixed" in done.stdout
    for word in (
        "Power",
        "Latency",
        "Temperature",
        "Battery",
        "Domains",
        "States",
        "Rails",
        "What buys most",
    ):
        assert word in done.stdout
    assert f"Power mode: {names['--nvpmodel']}" in done.stderr
    assert nvpmodel.parse(names["--nvpmodel"].read_text(), "conf").mode(0, "mode").name == "CHIPCAST"
    assert "operating-points-v2" in names["--opp"].read_text()
    assert names["--csv"].read_text().startswith("time_s,total_w,")
    assert json.loads(names["--report"].read_text())["format"] == "chipcast-power"
    assert names["--trace"].stat().st_size > 1000


def test_json_alone_on_stdout(command: Command, board: Path) -> None:
    done = command("power", "mlperf_tiny_kws", "--on", board, "--dtype", "int8", "--json", "--no-sensitivity")
    assert done.code == 0
    assert done.json["provenance"]["average_power_w"] == {
        "source": "simulated",
        "unit": "watts",
        "from": "at the battery or the wall: domains, losses of rails, board",
    }


def test_a_sweep_is_a_table_a_csv_and_a_picture(command: Command, board: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    table, picture = tmp_path / "sweep.csv", tmp_path / "curve.svg"
    done = command(
        "power", "mlperf_tiny_kws", "--on", board, "--dtype", "int8", "--rate", 20,
        "--sweep", "clock=npu:200MHz,800MHz", "--sweep", "cores=a55:1,4", "--sweep-csv", table, "--plot", picture,
    )  # fmt: skip
    assert done.code == 0, done.stderr
    lines = table.read_text().splitlines()
    assert lines[0].startswith("clock_npu_hz,cores_a55_count,latency_s,energy_per_inference_j")
    assert len(lines) == 5
    assert picture.read_text().startswith("<?xml")
    assert "Energy per inference" in done.stdout


def test_a_scenario_with_knobs(command: Command) -> None:
    done = command(
        "power", "--scenario", "wake-word", "--on", "allwinner-r329", "--devices", "dsp0", "--json"
    )
    assert done.code == 0, done.stderr
    assert done.json["streams"][0]["devices"] == ["dsp0"]
    assert done.json["settings"]["scenario"] == "wake-word"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "name a MODEL, or a file of streams"),
        (["mlperf_tiny_kws", "--scenario", "wake-word"], 2, "name a MODEL, or"),
        (["--scenario", "wake-word", "--rate", "3"], 2, "--rate does not go with --scenario"),
        (["mlperf_tiny_kws", "--plot", "x.svg"], 2, "--plot needs --sweep"),
        (["mlperf_tiny_kws", "--idle", "deep"], 2, "--idle"),
        (["mlperf_tiny_kws", "--clock", "npu"], 3, '--clock: "npu" is not NAME=VALUE'),
        (["mlperf_tiny_kws", "--clock", "npu=1MHz", "--clock", "npu=2MHz"], 3, "--clock: npu is given twice"),
        (["mlperf_tiny_kws", "--clock", "npu=500MHz"], 3, "(known: 200 MHz, 400 MHz, 800 MHz)"),
        (["mlperf_tiny_kws", "--sweep", "clock=npu", "--plot", "x.txt"], 3, "is no picture"),
        (["mlperf_tiny_kvs"], 3, "mlperf_tiny_kws"),
        (["--scenario", "wakeword"], 3, 'did you mean "wake-word"'),
    ],
)
def test_mistakes(command: Command, board: Path, arguments: list[str], code: int, words: str) -> None:
    done = command("power", *arguments, "--on", board)
    assert (done.code, done.stdout) == (code, "")
    assert words in done.stderr
    if code == 3:
        assert done.error_line.startswith("error: ")
