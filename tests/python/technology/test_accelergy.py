# SPDX-License-Identifier: Apache-2.0
"""Accelergy's tables: both versions, other people's files, and there and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from chipcast import InputError, technology
from chipcast.technology.accelergy import art_text, ert_text, instances

SHARED = Path(__file__).resolve().parents[4] / "shared" / "models" / "timeloop"

OLD = """
ERT:
  version: 0.3
  tables:
  - name: chip.PE[0..11].buffer
    actions:
    - name: read
      arguments: {address_delta: 0, data_delta: 0}
      energy: 0.5
    - name: read
      arguments: {address_delta: 1, data_delta: 1}
      energy: 2.5
    - name: read
      arguments: {address_delta: 1, data_delta: 0}
      energy: 1.0
  - name: chip.mac
    actions: [{name: mac_random, energy: 3}]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "table.yaml"
    path.write_text(text)
    return path


def test_of_several_data_patterns_the_dearest_counts(tmp_path: Path) -> None:
    table = technology.read_ert(written(tmp_path, OLD))
    assert table == {"chip.PE.buffer": {"read": 2.5}, "chip.mac": {"mac_random": 3.0}}


@pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/models/timeloop beside this checkout")
def test_the_shipped_tables_of_version_0_4() -> None:
    energies = technology.read_ert(SHARED / "eyeriss_like.ERT.yaml")
    assert energies["system_top_level.weights_spad"] == {
        "write": 1.881657, "read": 1.976602, "leak": 0.001592, "update": 1.881657
    }  # fmt: skip
    areas = technology.read_art(SHARED / "eyeriss_like.ART.yaml")
    assert areas["system_top_level.mac"] == 191.82
    assert len(areas) == 8


def test_tables_come_back_as_they_were(tmp_path: Path) -> None:
    energies = {"chip.mac": {"compute": 0.1 + 0.2, "leak": 1e-7}, "chip.glb": {"read": 18.183829}}
    counts = {"chip.mac": 168}
    text = ert_text(energies, counts)
    assert "chip.mac[1..168]" in text and "chip.glb[1..1]" in text
    assert technology.read_ert(written(tmp_path, text)) == energies
    areas = {"chip.mac": 191.82, "chip.glb": 217363.36892}
    assert technology.read_art(written(tmp_path, art_text(areas, counts))) == areas


def test_ranges_say_how_many() -> None:
    assert instances("a.PE[1..12].mac[0..1]").count == 24
    assert instances("a.PE[1..12].mac[0..1]").name == "a.PE.mac"
    assert instances("a.mac").count == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ERT: {version: '0.2', tables: []}", r'ERT.version: version "0.2" is not read; 0.3 and 0.4 are'),
        ("ERT: {tables: {}}", r"ERT.tables: a list is needed here"),
        ("ART: {tables: []}", r'"ERT" is missing'),
        ("ERT: {tables: [{name: a, actions: [{name: b, energy: -1}]}]}", r"actions\[0\].energy: a number"),
        ("ERT: {tables: [{name: a}]}", r'tables\[0\]: "actions" is missing'),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        technology.read_ert(written(tmp_path, text))
