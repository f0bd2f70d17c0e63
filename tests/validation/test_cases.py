# SPDX-License-Identifier: Apache-2.0
"""Measured cases: none is absurd, and no family is farther off than tests/validation/limits.toml allows."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

import make_cases
import pytest
from chipcast.fidelity.read import read_cases
from chipcast.fidelity.statistics import Statistics
from chipcast.fidelity.validation import Validation, validate
from rows import SHARED

HERE = Path(__file__).resolve().parent
FILES = sorted((HERE / "cases").glob("*.csv"))
LIMITS = tomllib.loads((HERE / "limits.toml").read_text(encoding="utf-8"))

FEWEST_RANKED = 5
ABSURD = 4.0
"""A factor that catches lost units and lost layers."""

NEEDS_FILES = {"ncnn", "nxp"}
SLOW = "yolov5s", "yolov5m", "yolov7", "retinaface"

needs_shared = pytest.mark.skipif(
    not (SHARED / "models/ncnn").is_dir(), reason="no public model files: ../shared is absent"
)


@pytest.mark.parametrize(
    "file",
    [pytest.param(f, marks=needs_shared if f.stem in NEEDS_FILES else ()) for f in FILES],
    ids=lambda f: f.stem,
)
def test_cases_are_as_close_as_they_were(file: Path, tmp_path: Path) -> None:
    """One test per file, so that its networks are read once."""
    if not os.environ.get("CHIPCAST_FULL_CASES"):
        file = without_slow_ones(file, tmp_path)
    found = validate([file], jobs=1)
    assert not found.errors
    assert len(found.outcomes) == len(read_cases(file).cases)
    assert not [*_absurd(found), *_beyond_limits(file.stem, found)]


def without_slow_ones(file: Path, folder: Path) -> Path:
    """The same cases but those of detectors, whose tiles take minutes to search; `scripts/validate` has them all."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not any(f",{name}" in line for name in SLOW)]
    if len(kept) == len(lines):
        return file
    shorter = folder / file.name
    shorter.write_text("".join(kept), encoding="utf-8")
    return shorter


def test_limits_are_of_files_that_there_are() -> None:
    assert set(LIMITS) == {file.stem for file in FILES}


@pytest.mark.skipif(not (SHARED / "reference").is_dir(), reason="no published tables: ../shared is absent")
def test_files_are_those_that_their_tables_make() -> None:
    """Renew them with `python tests/validation/make_cases.py`."""
    for path, text in make_cases.made().items():
        assert path.read_text(encoding="utf-8") == text, path.name


def _absurd(found: Validation) -> Iterator[str]:
    for each in found.outcomes:
        if abs(math.log(each.ratio)) > math.log(ABSURD):
            case = each.case
            yield f"{case.case}: forecast {each.found.predicted:.4g}, measured {case.measured:.4g} {case.unit}"


def _beyond_limits(name: str, found: Validation) -> Iterator[str]:
    groups = {**found.families, "all": found.summary}
    for family, limits in LIMITS[name].items():
        if family not in groups:
            yield f"{name}: no case of family {family}"
            continue
        for what, limit in limits.items():
            yield from _beyond(f"{name}, {family}", what, limit, groups[family], found)


def _beyond(where: str, what: str, limit: float, some: Statistics, found: Validation) -> Iterator[str]:
    if what == "spearman":
        for platform, each in found.by(lambda outcome: outcome.case.platform).items():
            if each.count >= FEWEST_RANKED and (each.spearman is None or each.spearman < limit):
                yield f"{where}: Spearman of {platform} is {each.spearman}, allowed {limit}"
    elif what == "worst":
        family = where.rpartition(", ")[2]
        for outcome in found.outcomes:
            if outcome.family == family and outcome.ape > limit:
                yield f"{where}: {outcome.case.case} is off by {outcome.error:+.1%}, allowed {limit:.0%}"
    else:
        value = getattr(some, what)
        if (value < limit) if what.startswith("within") else (value > limit):
            yield f"{where}: {what} is {value:.3f}, allowed {limit}"
