# SPDX-License-Identifier: Apache-2.0
"""What a calibration refuses, leaves out, or holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from calibration.bench import FREE, PROFILE, platform_document, rows, write
from chipcast import InputError
from chipcast.calibration import Options, calibrate

Measure = Callable[..., list[dict[str, Any]]]


def test_more_parameters_than_rows_are_refused(platform: Path, measure: Measure, tmp_path: Path) -> None:
    data = write(tmp_path / "data.csv", measure(rows(threads=(1,))[:3], 1))
    with pytest.raises(InputError, match=r"more parameters than the data can carry: 3 free parameters and 3 rows"):
        calibrate([platform], data)
    found = calibrate([platform], data, Options(reduce=True))
    assert len(found.values()) <= 2
    assert all("cannot tell it" in why or "sensitive" in why for why in found.held.values())


def test_parameters_that_rows_cannot_tell_apart_are_refused(measure: Measure, tmp_path: Path) -> None:
    """On one thread, one network: a row for each repetition is not information."""
    (tmp_path / "mine.json").write_text(json.dumps(platform_document()), encoding="utf-8")
    same = [{**rows(threads=(1,))[1], "case": f"again-{i}"} for i in range(8)]
    data = write(tmp_path / "data.csv", measure(same, 1))
    with pytest.raises(InputError, match=r"\d free parameters and 1 independent of 8 rows.*; hold a55"):
        calibrate([tmp_path / "mine.json"], data)


def test_a_parameter_that_no_row_feels_is_held_and_named(measure: Measure, tmp_path: Path) -> None:
    free = {**FREE, "profiles[0].vectors.issue": {"high": 1.0, "meaning": "fp16 only"}}
    (tmp_path / "mine.json").write_text(json.dumps(platform_document(free=free)), encoding="utf-8")
    found = calibrate([tmp_path / "mine.json"], write(tmp_path / "data.csv", measure(rows(threads=(1, 4)), 1)))
    assert "no row is sensitive" in found.held["a55.profiles[0].vectors.issue"]
    assert "a55.profiles[0].vectors.issue" not in found.values()


def test_a_row_that_cannot_run_is_named_and_left_out(platform: Path, measure: Measure, tmp_path: Path) -> None:
    good = measure(rows(threads=(1, 4)), 1)
    wrong = [
        {**good[0], "case": "no such network", "workload": "nonsense"},
        {**good[0], "case": "no such device", "device": "ipu"},
        {**good[0], "case": "no number", "measured": "fast"},
        {**good[0], "case": "other chip", "platform": "rk3588"},
    ]
    found = calibrate([platform], write(tmp_path / "data.csv", [*wrong, *good]))
    assert set(found.left_out) == {"no such network", "no such device", "no number"}
    assert "nonsense" in found.left_out["no such network"]
    assert len(found.outcome.rows) == len(good)


def test_rows_to_score_are_never_fitted_to(platform: Path, measure: Measure, tmp_path: Path) -> None:
    good = measure(rows(threads=(1, 4)), 1)
    score = [{**row, "case": row["case"] + "s", "measured": row["measured"] * 9.0, "use": "score"} for row in good]
    alone = calibrate([platform], write(tmp_path / "a.csv", good))
    beside = calibrate([platform], write(tmp_path / "b.csv", [*good, *score]))
    assert beside.values() == alone.values()
    assert beside.errors()["scored"]["rows"] == len(score)
    assert beside.errors()["scored"]["median_ape"] > 0.8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options(parameters=["isue"]), r'"isue" is not marked as free \(did you mean'),
        (Options(noise=0.0), "noise: 0 is not between 0 and 1"),
        (Options(tolerance=-1.0), "tolerance"),
        (Options(cross_validate="row"), '"row" is none of network, chip'),
        (Options(cross_validate="chip", parameters=["issue"]), "all rows are of one chip, mine"),
        (Options(device="dsp"), "device"),
    ],
)
def test_mistakes_are_told(
    platform: Path, measure: Measure, tmp_path: Path, options: Options, message: str
) -> None:
    data = write(tmp_path / "data.csv", measure(rows(threads=(1,)), 1))
    with pytest.raises(InputError, match=message):
        calibrate([platform], data, options)


def test_several_platforms_need_shared(platform: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="several with --shared"):
        calibrate([platform, "rk3588"], write(tmp_path / "data.csv", rows()))


def test_a_platform_without_free_parameters_says_so(tmp_path: Path) -> None:
    bare = {"extends": "platforms/systolic.json", "name": "bare"}
    (tmp_path / "bare.json").write_text(json.dumps(bare), encoding="utf-8")
    some = [{**rows("bare.json", (1,))[0], "device": ""}]
    with pytest.raises(InputError, match="no parameter is marked as free"):
        calibrate([tmp_path / "bare.json"], write(tmp_path / "data.csv", some))


def test_a_value_outside_its_bounds_is_refused(tmp_path: Path) -> None:
    free = {"profiles[1].vectors.issue": {"low": 0.1, "high": 0.5}}
    (tmp_path / "mine.json").write_text(json.dumps(platform_document(free=free)), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(PROFILE) + r"vectors.issue: its value 0.8 is outside its bounds"):
        calibrate([tmp_path / "mine.json"], write(tmp_path / "data.csv", rows()))


def test_an_overlay_must_be_able_to_extend_the_platform(
    platform: Path, measure: Measure, tmp_path: Path
) -> None:
    found = calibrate([platform], write(tmp_path / "data.csv", measure(rows(threads=(1, 4)), 1)))
    elsewhere = tmp_path / "below" / "fitted.json"
    with pytest.raises(InputError, match="cannot extend"):
        found.write(elsewhere)
    with pytest.raises(InputError, match="would overwrite"):
        found.write(platform)
