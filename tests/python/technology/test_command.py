# SPDX-License-Identifier: Apache-2.0
"""chipcast technology, as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Command


def test_without_a_name_it_lists_the_nodes(command: Command) -> None:
    assert command("technology").stdout.split()[:2] == ["4nm", "5nm"]
    assert "65nm" in command("technology", "--json").json


def test_a_node_shows_typical_parts(command: Command) -> None:
    parts = {part["name"]: part for part in command("technology", "7nm", "--json").json}
    assert parts["mac int8"]["energy_j"] == pytest.approx(0.1e-12)
    assert parts["SRAM 64 KiB, 64 bit"]["energy_j"] == pytest.approx(
        4 * parts["SRAM 64 KiB, 512 bit"]["energy_j"]
    )
    table = command("technology", "7nm").stdout
    assert "mac int8" in table and "um2" in table


def test_tables_are_written_and_read_back(command: Command, tmp_path: Path) -> None:
    ert, art = tmp_path / "x.ERT.yaml", tmp_path / "x.ART.yaml"
    assert command("technology", "eyeriss", "--write-ert", ert, "--write-art", art).code == 0
    assert "npu.array" in ert.read_text() and "npu.registers[1..168]" in art.read_text()
    done = command("technology", "eyeriss", "--set", "technology.mac_int16=3pJ/op", "--ert", ert)
    assert done.code == 0
    assert done.stdout.startswith('--set technology.mac_int16="1.11')
    assert "largest error: " in done.stderr


def test_mistakes_are_told_in_a_line(command: Command, tmp_path: Path) -> None:
    assert command("technology", "7nm", "--write-ert", tmp_path / "x").code == 2
    done = command("technology", "eyeriss", "--ert", tmp_path / "none.yaml")
    assert done.code == 3 and "cannot be read" in done.error_line
    assert command("technology", "7nm", "--celsius", 1000).code == 3
    assert 'technology: "9nm" is not known' in command("technology", "9nm").error_line
    assert command("technology", "eyeriss", "--match", "a.b=c.d").code == 2
