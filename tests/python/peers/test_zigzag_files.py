# SPDX-License-Identifier: Apache-2.0
"""ZigZag's hardware and mapping files, saved mappings, and its allocator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from chipcast import InputError
from chipcast.peers import loma, zigzag

HARDWARE: dict[str, Any] = {
    "name": "small",
    "memories": {
        "rf": {
            "size": 8, "r_cost": 0.5, "w_cost": 1, "area": 0, "latency": 1, "operands": ["I2"],
            "ports": [{"name": "r", "type": "read", "bandwidth_min": 8, "bandwidth_max": 8, "allocation": ["I2, tl"]},
                      {"name": "w", "type": "write", "bandwidth_min": 8, "bandwidth_max": 8, "allocation": ["I2, fh"]}],
            "served_dimensions": [],
        },
        "dram": {
            "size": 10**10, "r_cost": 700, "w_cost": 750, "area": 0, "latency": 1, "operands": ["I1", "I2", "O"],
            "ports": [{"name": "rw", "type": "read_write", "bandwidth_min": 64, "bandwidth_max": 64,
                       "allocation": ["I1, tl", "I2, tl", "O, tl", "O, fl"]}],
            "served_dimensions": ["D1"],
        },
    },
    "operational_array": {"unit_energy": 0.04, "unit_area": 1, "dimensions": ["D1"], "sizes": [4]},
}  # fmt: skip
MAPPING: list[Any] = [
    {
        "name": "default",
        "spatial_mapping": {"D1": ["K, 4"]},
        "memory_operand_links": {"O": "O", "W": "I2", "I": "I1"},
    },
    {"name": "Add", "spatial_mapping": {"D1": ["G, 4"]}, "temporal_ordering": [["OX", 112], ["K", 2]]},
]


def write(folder: Path, hardware: Any, mapping: Any = None) -> tuple[Path, Path]:
    first, second = folder / "hardware.yaml", folder / "mapping.yaml"
    first.write_text(yaml.safe_dump(hardware, sort_keys=False))
    second.write_text(yaml.safe_dump(MAPPING if mapping is None else mapping))
    return first, second


def changed(path: str, value: Any) -> Any:
    """HARDWARE with one entry replaced; `None` removes it."""
    copy = json.loads(json.dumps(HARDWARE))
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    place = copy
    for part in parents:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return copy


def test_a_hardware_file_becomes_an_architecture(tmp_path: Path) -> None:
    chip = zigzag.read_architecture(*write(tmp_path, HARDWARE))
    assert chip["array"] == [{"name": "D1", "size": 4, "unroll": [{"loop": "K", "factor": 4}]}]
    assert chip["mac_energy"] == "0.04 pJ"
    rf, dram = chip["memories"]
    assert (rf["operands"], rf["serves"], rf["size"]) == (["W"], [], 8)
    assert (rf["read_energy"], rf["write_energy"]) == ("0.5 pJ", "1.0 pJ")
    assert rf["ports"][0]["uses"] == [{"operand": "W", "direction": "tl"}]
    assert dram["ports"][0]["uses"][0] == {"operand": "I", "direction": "tl"}
    assert dram["serves"] == ["D1"]


def test_entries_of_a_mapping_file(tmp_path: Path) -> None:
    hardware, mapping = write(tmp_path, HARDWARE)
    entries = zigzag.read_mapping(mapping)
    assert entries["Add"].order == [{"loop": "OX", "factor": 112}, {"loop": "K", "factor": 2}]
    add = zigzag.read_architecture(hardware, mapping, kind="Add")
    assert add["array"][0]["unroll"] == [{"loop": "G", "factor": 4}]
    unknown = zigzag.read_architecture(hardware, mapping, kind="Conv")
    assert unknown["array"][0]["unroll"] == [{"loop": "K", "factor": 4}]
    assert zigzag.read_architecture(hardware)["array"][0]["unroll"] == []


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("memories/rf/size", 0, "memories.rf.size"),
        ("memories/rf/size", "8", "memories.rf.size"),
        ("memories/rf/size", None, '"size" is missing'),
        ("memories/rf/r_cost", float("nan"), "memories.rf.r_cost"),
        ("memories/rf/r_cost", -1, "memories.rf.r_cost"),
        ("memories/rf/operands", ["I3"], "I3"),
        ("memories/rf/operands", "I2", "a list is needed"),
        ("memories/rf/served_dimensions", ["D7"], "D7"),
        ("memories/rf/sise", 3, 'did you mean "size"'),
        ("memories/rf/ports/0/type", "both", "both"),
        ("memories/rf/ports/0/bandwidth_max", 1.5, "bandwidth_max"),
        ("memories/rf/ports/0/allocation", ["I2 tl"], 'write "I1, fh"'),
        ("memories/rf/ports/0/allocation", ["I2, up"], 'write "I1, fh"'),
        ("operational_array/sizes", [4, 4], "2 sizes"),
        ("operational_array/dimensions", ["D2"], "D1"),
        ("operational_array/is_imc", True, "not supported"),
        ("memories", ["rf"], "a mapping is needed"),
        ("cores", 1, "cores"),
    ],
)
def test_mistakes_in_hardware_files_are_named(tmp_path: Path, path: str, value: Any, place: str) -> None:
    with pytest.raises(InputError) as caught:
        zigzag.read_architecture(*write(tmp_path, changed(path, value)))
    assert place in str(caught.value)
    assert "hardware.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("mapping", "place"),
    [
        ([], '"default" is missing'),
        ([{"name": "Add"}], '"default" is missing'),
        ([{"name": "default", "spatial_mapping": {"D1": ["K 4"]}}], 'write "K, 32"'),
        ([{"name": "default", "spatial_mapping": {"D1": ["Z, 4"]}}], "Z"),
        ([{"name": "default", "temporal_ordering": [["OX"]]}], "iterations"),
        ([{"name": "default", "temporal_ordering": [["OX", 0]]}], "whole number"),
        ({"name": "default"}, "a list is needed"),
    ],
)
def test_mistakes_in_mapping_files_are_named(tmp_path: Path, mapping: Any, place: str) -> None:
    with pytest.raises(InputError) as caught:
        zigzag.read_architecture(*write(tmp_path, HARDWARE, mapping))
    assert place in str(caught.value)


SAVED = {
    "temporal_mapping": {
        "O": [["(C, 3)", "(K, 2)"]],
        "W": [["(C, 3)"], ["(K, 2)"]],
        "I": [["(C, 3)", "(K, 2)"]],
    },
    "spatial_mapping": {"O": [["(K, 3.5)"], []], "W": [[], ["(K, 3.5)"], []], "I": [["(K, 3.5)"], []]},
}


def test_a_saved_mapping_is_joined(tmp_path: Path) -> None:
    """K of 7 runs in 2 turns of 4 and 3; ZigZag saves the average, or its floor."""
    chip = zigzag.read_architecture(*write(tmp_path, HARDWARE))
    saved = tmp_path / "layer.json"
    for average in ("(K, 3.5)", "(K, 3)"):
        saved.write_text(json.dumps({"inputs": SAVED}).replace("(K, 3.5)", average))
        mapping = zigzag.read_saved_mapping(saved, chip, {"K": 7, "C": 3})
        assert mapping["spatial"] == [{"dimension": "D1", "loop": "K", "factor": 4}]
        assert mapping["temporal"] == [{"loop": "C", "factor": 3}, {"loop": "K", "factor": 2}]
        assert (mapping["weights"], mapping["inputs"], mapping["outputs"]) == ([1], [], [])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"(C, 3)", "(K, 2)"]]', '"(K, 2)", "(C, 3)"]]', "different orders"),
        ("(K, 3.5)", "(K, 99)", "does not fit the array"),
        ("(C, 3)", "C=3", "not a loop"),
        ('"O":', '"P":', "unknown|not known|needs"),
        ("{", "[", "not JSON"),
    ],
)
def test_mistakes_in_saved_mappings_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    chip = zigzag.read_architecture(*write(tmp_path, HARDWARE))
    saved = tmp_path / "layer.json"
    saved.write_text(json.dumps(SAVED).replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        zigzag.read_saved_mapping(saved, chip, {"K": 8, "C": 3})


def test_all_shipped_files_are_read(shared: Path) -> None:
    folder = shared / "models/zigzag"
    chips = {
        path.name.split(".")[0]: zigzag.read_architecture(path) for path in folder.glob("*.hardware.yaml")
    }
    assert sorted(chips) == ["edge_tpu_like", "eyeriss_like", "meta_prototype", "tpu_like"]
    assert [len(chips[name]["memories"]) for name in sorted(chips)] == [5, 7, 7, 4]
    for path in folder.glob("*.mapping.yaml"):
        assert "default" in zigzag.read_mapping(path)
    # The file names its ports twice; the later list is the one with bandwidths.
    assert [port["bandwidth"] for port in chips["tpu_like"]["memories"][2]["ports"]] == [2048, 2048]


def test_loma_fills_memories_from_the_inside() -> None:
    """A register of one weight holds no loop but those that leave weights alone; the rest is off the chip."""
    chip = {
        "array": [{"name": "D1", "size": 4}],
        "memories": [
            {"name": "rf", "size": 8, "operands": ["W"], "serves": []},
            {"name": "sram", "size": 8 * 6, "operands": ["I"], "serves": ["D1"]},
            {"name": "dram", "size": 10**9, "operands": ["W", "I", "O"], "serves": ["D1"]},
        ],
    }
    layer = {"K": 8, "C": 3, "OX": 4}
    order = [{"loop": "OX", "factor": 4}, {"loop": "C", "factor": 3}, {"loop": "K", "factor": 2}]
    spatial = [{"dimension": "D1", "loop": "K", "factor": 4}]
    mapping = loma.allocate(chip, layer, order, spatial)
    # Inputs: 4 columns fit 6 bytes, 4 columns of 3 channels do not.
    assert (mapping["weights"], mapping["inputs"], mapping["outputs"]) == ([1], [1], [])
    with pytest.raises(InputError, match="too small"):
        loma.allocate(chip | {"memories": [chip["memories"][0] | {"size": 7}, *chip["memories"][1:]]},  # type: ignore[index,operator]
                      layer, order, spatial)  # fmt: skip


def test_unrollings_of_the_highest_rank() -> None:
    """14 x 12 elements: K and C fill either dimension, in both orders; 13 columns fill neither."""
    chip = {"array": [{"name": "D1", "size": 14}, {"name": "D2", "size": 12}]}
    found = zigzag.usual_unrollings(chip, {"K": 384, "C": 256, "OX": 13, "OY": 13, "FX": 3, "FY": 3})
    loops = sorted(tuple((each["loop"], each["factor"]) for each in one) for one in found)
    assert (("C", 14), ("K", 12)) in loops and (("K", 14), ("C", 12)) in loops
    assert all(factor in (12, 14) for one in loops for _, factor in one if one[0][0] != one[1][0])
    assert len(found) >= 3
    assert len(zigzag.usual_unrollings(chip, {})) == 1
