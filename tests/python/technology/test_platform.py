# SPDX-License-Identifier: Apache-2.0
"""Energies and areas of platforms, and tables in place of theirs."""

from __future__ import annotations

from pathlib import Path

import chipcast
import pytest
from chipcast import InputError, technology
from chipcast.technology.blocks import Block, arithmetic, blocks_of
from chipcast.technology.platform import price

SHARED = Path(__file__).resolve().parents[4] / "shared" / "models" / "timeloop"


def test_energies_are_those_that_runs_are_charged() -> None:
    table = technology.energies("eyeriss")
    result = chipcast.run("mlperf_tiny_ic", "eyeriss", dtype="int16")
    assert {"npu.array", "npu.spads", "interconnect", "dram"} <= set(table)
    charged = result.report["energy"]["by_component"]["npu.array"]
    macs = table["npu.array"]["mac"] * 1e-12
    assert charged / macs == pytest.approx(round(charged / macs), abs=1e-3)


@pytest.mark.parametrize("name", chipcast.platforms())
def test_every_platform_has_parts_and_energies(name: str) -> None:
    parts = technology.parts(name)
    assert parts and all(part.area_mm2 > 0 and part.leakage_w > 0 for part in parts)
    assert any(part.kind == "mac" for part in parts)
    assert all(energy >= 0 for row in technology.energies(name).values() for energy in row.values())


def test_parts_of_a_row_stationary_array() -> None:
    found = {part.name: part for part in technology.parts("eyeriss") if part.name.startswith("npu.")}
    assert {name: part.count for name, part in found.items()} == {
        "npu.mac_int16": 168, "npu.filter_spad": 168, "npu.registers": 168, "npu.buffer": 25, "npu.filters": 1
    }  # fmt: skip
    # The core of the chip is 3.5 mm x 3.5 mm; control and wires are not in ours.
    assert 2.0 < sum(part.area_mm2 for part in found.values()) < 12.25


def test_leakage_goes_with_temperature_and_supply() -> None:
    def leaking(volts: float, celsius: float) -> float:
        return sum(part.leakage_w for part in technology.parts("tpu-v1", volts=volts, celsius=celsius))

    assert leaking(0.9, 50.0) == pytest.approx(4 * leaking(0.9, 25.0))
    assert leaking(1.1, 25.0) > leaking(0.9, 25.0)


def test_integers_share_an_array_and_floats_another() -> None:
    blocks = arithmetic([("int8", 1024), ("int4", 2048), ("int16", 512), ("fp16", 512), ("bf16", 512)], 3)
    assert blocks == [Block("mac_int16", "mac", 1536, "int16"), Block("mac_fp16", "mac", 1536, "fp16")]


def test_clusters_share_their_last_cache() -> None:
    names = [part.name for part in technology.parts("rk3588")]
    assert sum(name.endswith(".L3") for name in names) == 1
    assert sum(name.endswith(".L2") for name in names) == 2


def test_an_on_chip_memory_counts() -> None:
    names = [block.name for block in blocks_of(chipcast.describe("ethos-u55-128"))]
    assert "sram.array" in names


def test_nodes_shrink() -> None:
    assert technology.nodes()[0] == "4nm" and technology.nodes()[-1] == "65nm"
    block = [Block("x", "sram", bytes=1 << 20)]
    areas = [price(technology.load(name), block)[0].area_mm2 for name in technology.nodes()]
    assert areas == sorted(areas)


@pytest.mark.parametrize("platform", ["rk3588", "eyeriss", "tpu-v1", "ethos-u55-128"])
def test_our_own_tables_change_nothing(platform: str, tmp_path: Path) -> None:
    technology.write_ert(platform, tmp_path / "ert.yaml")
    fit = technology.fit_energies(platform, technology.read_ert(tmp_path / "ert.yaml"))
    assert fit.overrides == {} and fit.unused == [] and fit.worst < 1e-9
    technology.write_art(platform, tmp_path / "art.yaml")
    fit = technology.fit_areas(platform, technology.read_art(tmp_path / "art.yaml"))
    assert fit.overrides == {} and fit.unused == [] and fit.worst < 1e-6


def test_a_changed_platform_comes_back_from_its_table(tmp_path: Path) -> None:
    changes = {"technology.mac_int16": "2 pJ/op", "technology.sram_base": "0.5 pJ/B",
               "technology.sram_per_sqrt_kib": "0.03 pJ/B"}  # fmt: skip
    technology.write_ert("eyeriss", tmp_path / "ert.yaml", overrides=changes)
    fit = technology.fit_energies("eyeriss", technology.read_ert(tmp_path / "ert.yaml"))
    assert fit.worst < 1e-6
    assert fit.overrides["technology.mac_int16"].startswith(("2 ", "2.0", "1.99999"))
    again = technology.energies("eyeriss", overrides=fit.overrides)
    wanted = technology.energies("eyeriss", overrides=changes)
    for component, row in wanted.items():
        assert again[component] == pytest.approx(row, rel=1e-6)
    technology.write_art("eyeriss", tmp_path / "art.yaml", overrides={"technology.area.register_bit": "9.5"})
    areas = technology.fit_areas("eyeriss", technology.read_art(tmp_path / "art.yaml"))
    assert float(areas.overrides["technology.area.register_bit"]) == pytest.approx(9.5)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/models/timeloop beside this checkout")
def test_a_table_of_others_takes_the_place_of_ours() -> None:
    match = dict(
        map(
            technology.read_match,
            (
                "system_top_level.shared_glb.read=npu.buffer.word*4",
                "system_top_level.weights_spad.read=npu.spads.filter_word",
                "system_top_level.psum_spad.read=npu.spads.register_word",
            ),
        )
    )
    table = technology.read_ert(SHARED / "eyeriss_like.ERT.yaml")
    fit = technology.fit_energies("eyeriss", table, match=match)
    changed = technology.energies("eyeriss", overrides=fit.overrides)
    assert changed["npu.buffer"]["word"] == pytest.approx(18.183829 / 4, rel=1e-6)
    assert changed["npu.spads"] == pytest.approx({"filter_word": 1.976602, "register_word": 0.2513}, rel=1e-6)
    assert "system_top_level.mac.compute" in fit.unused


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="no line stands for anything that the platform charges"):
        technology.fit_energies("eyeriss", {"chip.glb": {"read": 1.0}})
    with pytest.raises(InputError, match=r'match: the table has no "chip.gbl.read" \(did you mean'):
        technology.fit_energies(
            "eyeriss",
            {"chip.glb": {"read": 1.0}},
            match=dict([technology.read_match("chip.gbl.read=npu.buffer.word")]),
        )
    with pytest.raises(InputError, match=r'match: the platform has no "npu.bufer.word"'):
        technology.fit_energies(
            "eyeriss",
            {"chip.glb": {"read": 1.0}},
            match=dict([technology.read_match("chip.glb.read=npu.bufer.word")]),
        )
    for text in ("x", "a.b=c", "=a.b", "a.b=c.d*0", "a.b=c.d*x"):
        with pytest.raises(InputError, match="is not THEIRS=OURS"):
            technology.read_match(text)
    with pytest.raises(InputError, match=r'technology: "7mn" is not known \(did you mean "7nm"'):
        technology.load("7mn")


def test_sizes_in_decimal_units_are_priced() -> None:
    def area(size: str) -> float:
        return sum(part.area_mm2 for part in technology.parts("rv1106", overrides={"npu.buffer": size}))

    assert area("64000 B") == area("64 kB") < area("64 KiB") < area("2 MB")
