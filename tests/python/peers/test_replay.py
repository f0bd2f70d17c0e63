# SPDX-License-Identifier: Apache-2.0
"""Mappings made elsewhere cost here what they cost there."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from chipcast import InputError, peers
from chipcast.peers import timeloop, timeloop_mapping, zigzag
from chipcast.yaml_tree import Value

DATA = Path(__file__).parent / "data"
# One multiplier, a register of one element for each operand, and memory: every move can be counted on paper.
CHIP: dict[str, Any] = {
    "name": "paper",
    "array": [{"name": "D1", "size": 2}],
    "mac_energy": "1 pJ",
    "memories": [
        {
            "name": "register",
            "size": 8 * 3,
            "operands": ["W", "O"],
            "serves": [],
            "ports": [{"name": "rw", "kind": "read_write", "bandwidth": 16, "granule": 8}],
            "read_energy": "2 pJ",
            "write_energy": "4 pJ",
        },
        {
            "name": "dram",
            "size": 1 << 20,
            "operands": ["W", "I", "O"],
            "serves": ["D1"],
            "ports": [{"name": "rw", "kind": "read_write", "bandwidth": 16, "granule": 8}],
            "read_energy": "16 pJ",
            "write_energy": "32 pJ",
        },
    ],
}
LAYER = {"K": 2, "C": 3, "OX": 5, "in_width": 5}
MAPPING = {
    "spatial": [{"dimension": "D1", "loop": "K", "factor": 2}],
    "temporal": [{"loop": "OX", "factor": 5}, {"loop": "C", "factor": 3}],
    "weights": [0],
    "inputs": [],
    "outputs": [0],
}


def moves(cost: dict[str, Any], operand: str, memory: str) -> dict[str, float]:
    level = next(each for each in cost["levels"][operand] if each["memory"] == memory)
    return {direction: count for direction, count in level["elements"].items() if count}


def test_moves_counted_on_paper() -> None:
    """K 2 side by side, then 5 columns inside 3 channels. A weight stays for 5 turns: 6 weights come once. Outputs
    change every turn: each of the 10 sums is visited 3 times, and ZigZag has it read every time, the first too. One
    input serves both multipliers."""
    cost = peers.evaluate(CHIP, LAYER, MAPPING, rules="zigzag")
    assert cost["compute_cycles"] == 15
    assert moves(cost, "W", "dram") == {"tl": 6}
    assert moves(cost, "W", "register") == {"fh": 6, "tl": 6}  # held at the multiplier for 5 turns
    assert moves(cost, "I", "dram") == {"tl": 15}
    assert moves(cost, "O", "register") == {"fh": 30, "tl": 30, "fl": 30, "th": 30}
    assert moves(cost, "O", "dram") == {"tl": 30, "fl": 30}
    # Half of a 16-bit port per weight and input, all of it per open sum; halves that are left over are dropped.
    dram = 16 * (6 / 2 + 15 // 2 + 30) + 32 * 30
    register = 2 * (6 / 2 + 30 + 30) + 4 * (6 / 2 + 30 + 30)
    assert cost["energy_pj"] == pytest.approx(30 * 1 + dram + register, rel=1e-12)


def test_a_mapping_that_does_not_belong_is_refused() -> None:
    for wrong in (
        {"temporal": [{"loop": "OX", "factor": 5}]},
        {"spatial": [{"dimension": "D9", "loop": "K", "factor": 2}]},
        {"spatial": [{"dimension": "D1", "loop": "K", "factor": 4}]},
        {"weights": [7]},
        {"outputs": [2]},
        {"inputs": [1, 2]},
    ):
        with pytest.raises(InputError, match="mapping"):
            peers.evaluate(CHIP, LAYER, MAPPING | wrong, rules="zigzag")


def test_timeloops_rows_are_reproduced(shared: Path, script: ModuleType, tmp_path: Path) -> None:
    """Loop nests that give a published row: all components to the printed hundredth of a femtojoule."""
    folder = shared / "models/timeloop"
    chip = timeloop.read_architecture(folder / "eyeriss_like.arch.yaml", folder / "eyeriss_like.ERT.yaml")
    rows = list(script.commented_csv(shared / "reference/peers/timeloop_eyeriss_like.csv"))
    nests = json.loads((DATA / "timeloop_nests.json").read_text())
    assert len(nests) >= 6
    for nest in nests:
        row = next(
            row for row in rows if nest["layer"] in row["layer"] and row["mapper_config"] == nest["mapper"]
        )
        file = tmp_path / "nest.map.txt"
        file.write_text("\n".join(nest["nest"]))
        layer = script.timeloop_layer(nest["layer"])
        cost = peers.evaluate(chip, layer, timeloop_mapping.read_mapping(file, chip), rules="timeloop")
        by_memory = {memory["name"]: -drained(cost, memory) for memory in chip["memories"]}
        for levels in cost["levels"].values():
            for level in levels:
                by_memory[level["memory"]] += level["energy_pj"]
        for memory, energy in by_memory.items():
            per_mac, published = energy / int(row["macs"]) * 1e3, float(row[f"fJ_{memory}"])
            if nest.get("several_loops_slide") and memory in ("shared_glb", "DRAM"):
                # Overlap is counted along the innermost loop only; Timeloop counts it across loops of one axis.
                assert published <= per_mac < 1.1 * published, memory
            else:
                assert per_mac == pytest.approx(published, abs=0.006), (nest["layer"], memory)
        assert int(row["cycles"]) <= cost["cycles"] < 1.3 * int(row["cycles"])


def drained(cost: dict[str, Any], memory: dict[str, Any]) -> float:
    """Picojoules of reading what leaves for the memory above: charged here, but not by Timeloop."""
    levels = [level for level in cost["levels"]["O"] if level["memory"] == memory["name"]]
    return sum(level["accesses"]["th"] for level in levels) * float(memory["read_energy"].split()[0])


def test_zigzags_rows_are_reproduced(shared: Path, script: ModuleType) -> None:
    """Mappings that ZigZag 3.8.5 saved give the published cycles and energies of each layer."""
    products = script.Products(shared / script.NETWORKS["alexnet"])
    saved = json.loads((DATA / "zigzag_alexnet.json").read_text())
    assert saved
    for hardware, layers in saved.items():
        chip = script.zigzag_architecture(shared, hardware)
        rows = list(script.commented_csv(shared / "reference/peers/zigzag_layers.csv"))
        for name, document in layers.items():
            row = next(
                row
                for row in rows
                if (row["hardware"], row["workload"], row["layer"], row["opt"])
                == (hardware, "alexnet", name, "latency")
            )
            layer = products.find(row["loop_dims"])
            mapping = zigzag.saved_mapping(Value(document, name), chip, layer)
            cost = peers.evaluate(chip, layer, mapping, rules="zigzag")
            place = f"{hardware} {name}"
            assert cost["energy_pj"] == pytest.approx(float(row["energy_pJ"]), rel=1e-9), place
            assert cost["onload_cycles"] == pytest.approx(float(row["onload_cycles"])), place
            # Theirs may end before it began; here a transfer takes no less than no time.
            assert cost["offload_cycles"] == pytest.approx(max(0.0, float(row["offload_cycles"]))), place
            compute = cost["compute_cycles"] + cost["stall_cycles"]
            assert compute == pytest.approx(float(row["compute_cycles"])), place
