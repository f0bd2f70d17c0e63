# SPDX-License-Identifier: Apache-2.0
"""Timeloop's architectures, energy tables, problems and loop nests."""

from __future__ import annotations

from pathlib import Path

import pytest
from chipcast import InputError
from chipcast.peers import timeloop, timeloop_mapping

ARCHITECTURE = """
architecture:
  version: 0.4
  nodes:
  - !Container {name: system}
  - !Component
    name: DRAM
    class: DRAM
    attributes: {width: 64, datawidth: 8}
  - !Container
    name: column
    spatial: {meshX: 4}
    constraints: {spatial: {factors: [N=1, C=1], split: 999}}
  - !Parallel
    nodes:
    - !Component
      name: spad
      class: smartbuffer_RF
      attributes: {depth: 12, width: 16, datawidth: 8, read_bandwidth: 2, write_bandwidth: 2}
      constraints: {dataspace: {keep: [Inputs]}, temporal: {factors: [N=1, M=1], permutation: [N, M]}}
    - !Component
      name: wspad
      class: smartbuffer_RF
      attributes: {depth: 4, width: 8, datawidth: 8}
      constraints: {dataspace: {bypass: [Inputs, Outputs]}}
  - !Component {name: mac, class: intmac, attributes: {multiplier_width: 8}}
"""
TABLE = """
ERT:
  version: '0.4'
  tables:
  - name: top.DRAM[1..1]
    actions: [{name: read, energy: 512.0}, {name: write, energy: 500.0}, {name: update, energy: 490.0}]
  - name: top.x.spad[1..4]
    actions: [{name: read, energy: 0.2}, {name: write, energy: 0.1}, {name: leak, energy: 1}]
  - name: top.wspad[1..4]
    actions: [{name: read, energy: 0.4}, {name: write, energy: 0.3}]
  - name: top.mac[1..4]
    actions: [{name: compute, energy: 0.25}]
"""


def files(folder: Path, architecture: str = ARCHITECTURE, table: str = TABLE) -> tuple[Path, Path]:
    first, second = folder / "chip.arch.yaml", folder / "chip.ERT.yaml"
    first.write_text(architecture)
    second.write_text(table)
    return first, second


def test_an_architecture_with_its_energy_table(tmp_path: Path) -> None:
    chip = timeloop.read_architecture(*files(tmp_path))
    assert (chip["name"], chip["even"], chip["mac_energy"]) == ("chip", True, "0.25 pJ")
    (column,) = chip["array"]
    assert (column["name"], column["size"]) == ("column", 4)
    assert "C" not in column["loops"] and "K" in column["loops"]
    weights, spad, dram = chip["memories"]  # innermost first
    assert [each["name"] for each in (weights, spad, dram)] == ["wspad", "spad", "DRAM"]
    assert (weights["operands"], spad["operands"], dram["operands"]) == (["W"], ["I"], ["W", "I", "O"])
    assert (spad["serves"], dram["serves"]) == ([], ["column"])
    assert (spad["size"], spad["access_bits"]) == (12 * 16, 16)
    assert (spad["read_energy"], spad["write_energy"], spad["update_energy"]) == (
        "0.2 pJ",
        "0.1 pJ",
        "0.1 pJ",
    )
    assert dram["update_energy"] == "490.0 pJ"
    assert "K" not in spad["loops"] and "loops" not in weights
    assert [port["bandwidth"] for port in spad["ports"]] == [16, 16]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("!Container {name: system}", "!Box {name: system}", "!Container"),
        ("class: DRAM", "class: teapot", "neither storage"),
        ("width: 64", "width: 60", "whole number of words"),
        ("width: 64", "width: none", "whole number from"),
        ("name: wspad", "name: unknown", "energy table"),
        ("factors: [N=1, C=1]", "factors: [N=2]", "only factors of 1"),
        ("keep: [Inputs]", "keep: [Images]", "Images"),
        ("meshX: 4", "meshZ: 4", "meshZ"),
        ("depth: 12", "depth: 9999999999999", "depth"),
        (
            "  - !Component {name: mac, class: intmac, attributes: {multiplier_width: 8}}\n",
            "",
            "compute component",
        ),
        ("name: column", "nam: column", "nam"),
    ],
)
def test_mistakes_in_architectures_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in ARCHITECTURE
    with pytest.raises(InputError, match=message) as caught:
        timeloop.read_architecture(*files(tmp_path, ARCHITECTURE.replace(old, new)))
    assert "\n" not in str(caught.value)


def test_missing_actions_are_named(tmp_path: Path) -> None:
    for name in ("compute", "read", "write"):
        with pytest.raises(InputError, match="no action"):
            timeloop.read_architecture(*files(tmp_path, table=TABLE.replace(f"name: {name},", "name: idle,")))


def test_problems(tmp_path: Path) -> None:
    file = tmp_path / "conv1.yaml"
    file.write_text(
        "problem: {shape: cnn, instance: {C: 3, M: 96, P: 55, Q: 54, R: 11, S: 9, Wstride: 4, Hstride: 2}}"
    )
    problem = timeloop.read_problem(file)
    layer = problem.layer
    assert problem.name == "conv1"
    assert [layer[loop] for loop in ("B", "G", "K", "C", "OX", "OY", "FX", "FY")] == [
        1,
        1,
        96,
        3,
        55,
        54,
        11,
        9,
    ]
    assert (layer["in_width"], layer["in_height"]) == (54 * 4 + 11, 53 * 2 + 9)
    file.write_text("problem: {instance: {C: 3}}")
    with pytest.raises(InputError, match='"M" is missing'):
        timeloop.read_problem(file)


NEST = """DRAM [ Weights:144 (144) Inputs:64 (64) Outputs:32 (32) ]
---------------------------------------------------------
| for C in [0:2)
|   for Q in [0:3)
|     for M in [0:4) (Spatial-X)

spad [ Inputs:4 (4) ]
---------------------
|       for P in [0:5)

wspad [ Weights:9 (9) ]
-----------------------
|         for R in [0:1)
|         for S in [0:3)
|           for C in [0:7)
"""
JOINED = {
    "spatial": [{"dimension": "column", "loop": "K", "factor": 4}],
    "temporal": [
        {"loop": "C", "factor": 7},
        {"loop": "FY", "factor": 3},
        {"loop": "OX", "factor": 5},
        {"loop": "OY", "factor": 3},
        {"loop": "C", "factor": 2},
    ],
    "weights": [2],
    "inputs": [3],
    "outputs": [],
}


def test_a_printed_loop_nest(tmp_path: Path) -> None:
    chip = timeloop.read_architecture(*files(tmp_path))
    nest = tmp_path / "timeloop-mapper.map.txt"
    nest.write_text(NEST)
    assert timeloop_mapping.read_mapping(nest, chip) == JOINED


def test_our_mappings_are_printed_alike(tmp_path: Path) -> None:
    chip = timeloop.read_architecture(*files(tmp_path))
    nest = tmp_path / "ours.map.txt"
    nest.write_text(timeloop_mapping.nest_text(JOINED, chip))
    assert timeloop_mapping.read_mapping(nest, chip) == JOINED
    with pytest.raises(InputError, match="Timeloop cannot"):
        timeloop_mapping.nest_text(JOINED | {"weights": [4]}, chip)


def test_a_mapping_file_of_version_3(tmp_path: Path) -> None:
    chip = timeloop.read_architecture(*files(tmp_path))
    file = tmp_path / "mapping.yaml"
    file.write_text(
        "mapping:\n"
        "- {target: DRAM, type: temporal, factors: C2 Q3 M1, permutation: QCM}\n"
        "- {target: DRAM, type: spatial, factors: M=4 C=1, permutation: [M, C], split: 1}\n"
        "- {target: spad, type: temporal, factors: [P=5]}\n"
        "- {target: spad, type: bypass, keep: [Inputs], bypass: [Weights, Outputs]}\n"
        "- {target: wspad, type: temporal, factors: S3 C7 R1, permutation: CSR}\n"
    )
    assert timeloop_mapping.read_mapping(file, chip) == JOINED


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("for C in [0:2)", "for Z in [0:2)", "Z"),
        ("for C in [0:2)", "for C in [1:2)", "not a line"),
        ("spad [", "pad [", "no memory of"),
        ("(Spatial-X)", "(Spatial-Y)", "has 1 dimensions"),
        ("(Spatial-X)", "(Spatial-Q)", "not a line"),
        ("DRAM [ Weights:144 (144) Inputs:64 (64) Outputs:32 (32) ]\n", "", "not a line"),
    ],
)
def test_mistakes_in_loop_nests_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    chip = timeloop.read_architecture(*files(tmp_path))
    nest = tmp_path / "timeloop-mapper.map.txt"
    nest.write_text(NEST.replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        timeloop_mapping.read_mapping(nest, chip)


def test_the_shipped_design(shared: Path) -> None:
    folder = shared / "models/timeloop"
    chip = timeloop.read_architecture(folder / "eyeriss_like.arch.yaml", folder / "eyeriss_like.ERT.yaml")
    assert [(each["name"], each["size"]) for each in chip["array"]] == [("PE_column", 14), ("PE", 12)]
    assert [each["name"] for each in chip["memories"]] == [
        "psum_spad", "weights_spad", "ifmap_spad", "shared_glb", "DRAM"
    ]  # fmt: skip
    assert [each["size"] for each in chip["memories"][:4]] == [16 * 16, 192 * 16, 12 * 16, 16384 * 64]
    tables = timeloop.read_tables(folder / "eyeriss_like.ERT.yaml", folder / "eyeriss_like.ART.yaml")
    assert tables.area["mac"] == 191.82
    assert tables.energy["shared_glb"]["read"] == 18.183829


def test_a_mesh_without_a_name_is_refused_with_its_place(tmp_path: Path) -> None:
    nameless = ARCHITECTURE.replace("- !Container {name: system}", "- !Container {spatial: {meshX: 4}}")
    with pytest.raises(InputError, match=r'architecture\.nodes\[0\]: "name" is missing'):
        timeloop.read_architecture(*files(tmp_path, nameless))
