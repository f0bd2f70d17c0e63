# SPDX-License-Identifier: Apache-2.0
"""Prediction beside measurement: the tables. No figure of a time is asserted here."""

from __future__ import annotations

import json
from pathlib import Path

import chipcast
import pytest
from chipcast.crosscheck.host import calibrate
from chipcast.crosscheck.time import TimeRow, TimeTable, crosscheck_host


def row(name: str, measured: float, predicted: float) -> TimeRow:
    return TimeRow(name, "kernel", measured, predicted, 0.01, 15)


def test_a_table_passes_on_its_median_error() -> None:
    table = TimeTable(
        "Some", (row("a", 1e-3, 1.1e-3), row("b", 1e-6, 0.95e-6), row("c", 1.0, 3.0)), ("d: none",), 0.12
    )
    assert table.rows[0].error == pytest.approx(0.1)
    assert table.rows[1].error == pytest.approx(-0.05)
    assert table.median_error == pytest.approx(0.1)
    assert table.passed
    assert not TimeTable("Some", table.rows, (), 0.09).passed
    assert not TimeTable("None", (), (), 0.5).passed
    rough = TimeTable("Some", table.rows, (), 0.01, judged=False)
    assert rough.passed and "not judged" in rough.summary()


def test_a_table_prints_every_row_and_what_did_not_run() -> None:
    table = TimeTable("Some", (row("a", 1e-3, 1.1e-3), row("b", 2e-6, 1e-6)), ("d: none",), 0.12)
    text = table.to_text()
    assert "+10.0%" in text and "-50.0%" in text and "not run: d: none" in text
    assert "1.000 ms" in text and "2.00 us" in text
    assert table.to_markdown().count("\n| ") == 2
    assert json.loads(json.dumps(table.to_dict()))["rows"][0]["error"] == pytest.approx(0.1)


def test_a_preset_is_not_this_machine() -> None:
    path = chipcast.catalog.find_platform("rk3588")
    with pytest.raises(chipcast.InputError, match='has no calibrated device "cpu"'):
        crosscheck_host(path, fast=True)


def test_a_misspelt_network_is_told_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = {"core": {"name": "some"}, "profile": {"kernels": [{}]}}
    monkeypatch.setattr("chipcast.crosscheck.time._calibrated", lambda path: platform)
    monkeypatch.setattr("chipcast.crosscheck.time.compare_shapes", lambda *_, **__: pytest.fail("measured"))
    with pytest.raises(chipcast.InputError, match="mobilenet_v9"):
        crosscheck_host(tmp_path / "host.json", networks=["mobilenet_v9"])


def test_the_whole_comparison_runs_and_says_why_energy_is_missing(tmp_path: Path) -> None:
    calibration = calibrate(tmp_path / "host.json", fast=True)
    report = crosscheck_host(calibration.path, fast=True)
    assert report.shapes.rows and report.networks.rows
    for table in (report.shapes, report.networks):
        assert all(entry.measured_s > 0.0 and entry.predicted_s > 0.0 for entry in table.rows)
    assert report.energy.measurable or report.energy.reason.startswith("not measurable: ")
    assert json.dumps(report.to_dict()) and "Networks, one thread" in report.to_text()
