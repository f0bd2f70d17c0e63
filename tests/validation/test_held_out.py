# SPDX-License-Identifier: Apache-2.0
"""What cross-validation of ncnn's rows fits: priors of its own, each parameter moved by quantity, release and chip."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest
from chipcast.calibration.rows import Row, collect
from chipcast.fidelity.read import read_cases
from held_out.__main__ import CASES, MARKS, PAGE
from held_out.hierarchy import PRIORS, Hierarchy, hierarchy
from held_out.tables import by, errors_of


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(collect(read_cases(CASES), CASES.parent, []).fitted)


@pytest.fixture(scope="module")
def some(rows: list[Row]) -> Hierarchy:
    return hierarchy(rows)


def moved_by(some: Hierarchy, parameter: str) -> dict[str, float]:
    index = [each.name for each in some.parameters].index(parameter)
    return {some.frees[j].name: float(x) for j, x in enumerate(some.matrix()[index]) if x}


def test_every_prior_has_a_source() -> None:
    priors = tomllib.loads(PRIORS.read_text(encoding="utf-8"))
    for each in (*priors["quantity"], *priors["factor"], *priors["cluster"].values()):
        assert each["source"].startswith(("[S]", "[D]", "[E]")), each


def test_a_parameter_is_moved_by_its_kernel_release_and_chip(some: Hierarchy) -> None:
    assert moved_by(some, "rk3568:a55.profiles[0].vectors.winograd_issue") == {
        "winograd_issue fp16": 1.0,
        "2022 Winograd": 1.0,
        "rk3568 Winograd": 1.0,
    }
    assert moved_by(some, "rk3568:a55.profiles[1].vectors.transform") == {
        "transform": 1.0,
        "2022 integers": -1.0,
        "rk3568 integers": -1.0,
    }
    recent = moved_by(some, "raspberry-pi-4:a72.profile.operator_overhead")
    assert recent == {"operator_overhead fp32/int8": 1.0, "raspberry-pi-4 overhead": 1.0}


def test_values_of_platforms_that_were_fitted_are_not_used(some: Hierarchy) -> None:
    issue = {each.members[0].prior for each in some.parameters if each.name.endswith("vectors.issue")}
    stall = {each.members[0].prior for each in some.parameters if each.name.endswith("memory_stall")}
    assert issue == {0.85}
    assert stall == {0.1}


def test_profiles_that_do_not_compute_are_left_alone(some: Hierarchy) -> None:
    names = [each.name for each in some.parameters]
    assert not [name for name in names if name.startswith("rk3588:a76.profile.")], "floats run as fp16"
    assert [name for name in names if name.startswith("kirin-970:a73.profile.")]


def test_every_chip_has_a_factor_that_a_held_out_chip_does_not_know(rows: list[Row], some: Hierarchy) -> None:
    for chip in {row.chip for row in rows}:
        assert f"{chip} products" in [each.name for each in some.frees]


def test_errors_by_group() -> None:
    measured = np.log(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 10.0]))
    logs = measured + np.log(np.array([1.05, 1.0, 1.2, 1.3, 1.0, 0.5]))
    found = errors_of(logs, measured)
    assert found.rows == 6
    assert found.median == pytest.approx(0.125)
    assert (found.in_10, found.in_25) == pytest.approx((0.5, 4 / 6))
    assert list(by(["b", "b", "a", "a", "a", "a"], logs, measured)) == ["b", "a"]
    assert np.isnan(by(["b", "b", "a", "a", "a", "a"], logs, measured)["b"].spearman), "too few for an order"


def test_the_page_has_room_for_the_tables() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert all(page.count(mark) == 1 for mark in MARKS)
