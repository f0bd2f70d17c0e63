# SPDX-License-Identifier: Apache-2.0
"""Whether rows fit: in base units, whatever they are written in, and with what is known of where values come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import chipcast
import numpy as np
import pytest
from calibration.bench import FREE, platform_document, rows, write
from chipcast.calibration.fit import Fit, Intervals
from chipcast.calibration.judgement import disagreements, errors_of
from chipcast.calibration.parameters import free_parameters, variables
from chipcast.calibration.report import Outcome
from chipcast.calibration.rows import collect
from chipcast.calibration.sensitivity import independent_rows
from chipcast.calibration.warnings import warnings_of
from chipcast.fidelity.case import Case
from chipcast.fidelity.read import read_cases


def case(measured: float, unit: str, quantity: str = "latency") -> Case:
    return Case("", "chip", "npu", "", "net", "int8", 1, 1, quantity, measured, unit, "", "calibrate")


def logs_of(cases: list[Case], factor: float = 1.02) -> np.ndarray:
    return np.log([each.measured * factor for each in cases])


def test_units_do_not_reorder_rows() -> None:
    """900 us is less than 2 ms, and 500 fps too: as bare numbers they would rank the other way."""
    mixed = [case(900.0, "us"), case(1.2, "ms"), case(3.0, "ms"), case(5000.0, "us"), case(0.02, "s"), case(40.0, "ms")]
    found = errors_of(mixed, logs_of(mixed))
    assert found is not None and found.spearman == pytest.approx(1.0)
    assert disagreements(mixed, ["chip"] * 6, logs_of(mixed), 0.25) == []
    rates = [case(500.0, "fps", "throughput"), case(3.0, "ms"), case(9.0, "ms"), case(20.0, "fps", "throughput")]
    both = errors_of(rates, logs_of(rates, 1.0))
    assert both is not None and both.spearman == pytest.approx(1.0)


def test_an_order_that_chance_gives_is_told() -> None:
    some = [case(value, "ms") for value in (1.0, 1.5, 1.1, 1.6, 1.2, 1.4)]
    assert disagreements(some, ["chip"] * 6, logs_of(some), 0.25) == []
    (line,) = disagreements(some, ["chip"] * 6, np.full(6, np.log(1.26)), 0.25)
    assert line.startswith("chip (latency, 6 rows): the order of the measurements (rank correlation none")


def test_threads_of_a_network_are_one_row(platform: Path, tmp_path: Path) -> None:
    cases = read_cases(write(tmp_path / "data.csv", rows(threads=(1, 2, 4))))
    assert independent_rows(collect(cases, tmp_path, [platform]).fitted) == 4


def outcome(platform: Path, offset: float, at_bound: tuple[int, ...]) -> Outcome:
    some = variables(free_parameters(platform, chipcast.describe(platform))[0], False)
    k = next(i for i, each in enumerate(some) if each.name.endswith("profiles[1].vectors.issue"))
    around = Intervals(np.array([0.5]), 2.0, np.array([0.4]), 1.0)
    found = Fit(np.array([offset]), 0.03, True, at_bound)
    none = np.zeros(0)
    return Outcome([], none, none, none, none, some, (k,), found, around, np.zeros(len(some)))


def test_intervals_end_at_the_bounds(platform: Path) -> None:
    inside = outcome(platform, 0.0, ())
    assert inside.ends(0) == pytest.approx((-1.0, np.log(1.0 / 0.8)))
    assert not inside.is_at_bound(0)
    assert outcome(platform, float(np.log(1.0 / 0.8)), (0,)).is_at_bound(0)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, ""),
        ({"sources": ["Kernels: calibrated on it"]}, 'its sources say "Kernels: calibrated on it"'),
        ({"evidence": {"rows": 8, "data_sha256": "ab"}}, "fitted to 8 rows before"),
        ({"evidence": {"rows": 8, "data_sha256": "cd"}}, "fitted to this very file"),
    ],
)
def test_priors_that_are_fits_are_told(tmp_path: Path, more: dict[str, Any], words: str) -> None:
    document = {**platform_document(free=FREE), "sources": more.get("sources", [])}
    if "evidence" in more:
        document["calibration"] = {"evidence": more["evidence"]}
    (tmp_path / "mine.json").write_text(json.dumps(document), encoding="utf-8")
    fitted = collect(read_cases(write(tmp_path / "data.csv", rows())), tmp_path, [tmp_path / "mine.json"]).fitted
    found = warnings_of(fitted, "cd")
    assert len(found) == bool(words)
    assert all(line.startswith("mine: ") and words in line for line in found)


def test_bundled_chips_with_fitted_rows_are_told(tmp_path: Path) -> None:
    some = [{**rows()[0], "platform": "gap9", "device": "ne16"}]
    fitted = collect(read_cases(write(tmp_path / "data.csv", some)), tmp_path, [chipcast.catalog.find_platform("gap9")])
    if fitted.fitted:
        assert len(warnings_of(fitted.fitted, "")) == 1
