# SPDX-License-Identifier: Apache-2.0
"""Energy counters as Linux' powercap shows them, in a tree of our own."""

from __future__ import annotations

from pathlib import Path

import pytest
from chipcast.crosscheck.energy import EnergyMeter, elapsed_uj, find_counters, measure_energy


def package(root: Path, name: str, energy: int, largest: int = 262_143_328_850) -> Path:
    zone = root / name
    zone.mkdir(parents=True)
    (zone / "name").write_text(f"package-{name[-1]}\n")
    (zone / "energy_uj").write_text(f"{energy}\n")
    (zone / "max_energy_range_uj").write_text(f"{largest}\n")
    return zone


def test_a_counter_that_wraps_around_goes_on() -> None:
    assert elapsed_uj(100, 350, 1000) == 250
    assert elapsed_uj(900, 50, 1000) == 150


def test_packages_add_up_and_their_parts_do_not_count_twice(tmp_path: Path) -> None:
    first = package(tmp_path, "intel-rapl:0", 10_000_000)
    second = package(tmp_path, "intel-rapl:1", 990_000, 1_000_000)
    package(tmp_path, "intel-rapl:0:0", 5)
    package(tmp_path, "intel-rapl-mmio:0", 7)
    counters, reason = find_counters(tmp_path)
    assert reason == "" and [counter.path for counter in counters] == [first, second]
    meter = EnergyMeter(counters)
    (first / "energy_uj").write_text("12500000\n")
    (second / "energy_uj").write_text("20000\n")  # past 1 J: 10 mJ to the end and 20 mJ from the start
    assert meter.joules() == pytest.approx(2.5 + 0.03)
    assert meter.joules() == pytest.approx(2.53)


def test_a_measurement_shares_the_energy_among_the_runs(tmp_path: Path) -> None:
    zone = package(tmp_path, "intel-rapl:0", 0)
    calls = 0

    def run() -> None:
        nonlocal calls
        calls += 1
        (zone / "energy_uj").write_text(f"{calls * 1000}\n")

    measured = measure_energy(run, seconds=0.01, root=tmp_path)
    assert measured.measurable and measured.reason == ""
    assert measured.runs == calls - 1  # one to warm up
    assert measured.joules == pytest.approx(1e-3)
    assert "mJ per inference" in str(measured)


def test_without_powercap_the_reason_is_said(tmp_path: Path) -> None:
    measured = measure_energy(lambda: None, root=tmp_path / "none", perf=tmp_path / "perf")
    assert not measured.measurable and measured.joules is None
    assert measured.reason.startswith("not measurable: no ")
    assert str(measured) == measured.reason


def test_perf_alone_is_named(tmp_path: Path) -> None:
    (tmp_path / "perf" / "events").mkdir(parents=True)
    (tmp_path / "perf" / "events" / "energy-pkg").write_text("event=0x02")
    assert "perf has power/energy-pkg/" in find_counters(tmp_path / "none", tmp_path / "perf")[1]


def test_an_empty_tree_and_a_counter_without_a_number_are_named(tmp_path: Path) -> None:
    assert find_counters(tmp_path)[1] == f"not measurable: {tmp_path} has no intel-rapl package"
    zone = package(tmp_path, "intel-rapl:0", 0)
    (zone / "energy_uj").write_text("nothing\n")
    assert find_counters(tmp_path)[1] == f"not measurable: {zone / 'energy_uj'} gives no number"
