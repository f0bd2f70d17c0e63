# SPDX-License-Identifier: Apache-2.0
"""Synthetic measurements from known parameters: what a calibration recovers, and what it refuses to believe."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import chipcast
import numpy as np
import pytest
from calibration.bench import FREE, NETWORKS, PROFILE, TRUTH, platform_document, rows, write
from chipcast import InputError
from chipcast.calibration import Calibration, Options, calibrate
from chipcast.calibration.amounts import read

Measure = Callable[..., list[dict[str, Any]]]


def inside(found: Calibration, name: str, truth: Any) -> bool:
    entry = found.values()[name]
    if "low" not in entry:
        return False  # at a bound
    low, value, high = (read(each, name)[0] for each in (entry["low"], truth, entry["high"]))
    return low <= value <= high


def test_known_parameters_are_recovered_within_their_intervals(
    platform: Path, measure: Measure, tmp_path: Path
) -> None:
    """Three per cent of noise, two experiments of three parameters: 95 % intervals may miss one of six."""
    held = []
    for seed in range(2):
        found = calibrate([platform], write(tmp_path / "data.csv", measure(rows(threads=(1, 4)), seed)))
        assert found.fits, found.disagreements
        assert found.errors()["fit"]["median_ape"] < 0.05
        held += [inside(found, name, value) for name, value in TRUTH.items()]
    assert sum(held) >= len(held) - 1


def test_the_overlay_stands_for_the_platform(platform: Path, measure: Measure, tmp_path: Path) -> None:
    data = write(tmp_path / "data.csv", measure(rows(threads=(1, 4)), 7))
    found = calibrate([platform], data)
    (overlay,) = found.write(tmp_path / "fitted.json")
    document = json.loads(overlay.read_text())
    assert document["extends"] == "mine.json"
    assert len(overlay.read_text()) < 2500
    fitted = chipcast.describe(overlay)
    issue = found.values()[PROFILE + "vectors.issue"]["value"]
    assert fitted["devices"]["a55"]["profiles"][1]["vectors"]["issue"] == issue
    assert fitted["calibration"]["evidence"]["rows"] == 8
    before = chipcast.run(NETWORKS[0], platform, devices=["a55"], dtype="int8").latency_s
    after = chipcast.run(NETWORKS[0], overlay, devices=["a55"], dtype="int8").latency_s
    assert after != before
    again = calibrate([overlay], data)  # rows name mine.json; the overlay serves them
    assert again.errors()["prior"]["median_ape"] == pytest.approx(found.errors()["fit"]["median_ape"], abs=2e-3)


def test_networks_left_out_are_never_in_the_fit(platform: Path, measure: Measure, tmp_path: Path) -> None:
    """A network measured three times too slow is predicted by the others as if it had never been measured."""
    some = measure(rows(threads=(1, 2)), 11, noise=0.01)
    wrong = [{**r, "measured": r["measured"] * (3.0 if NETWORKS[3] in r["workload"] else 1.0)} for r in some]
    options = Options(cross_validate="network", reduce=True)
    good = calibrate([platform], write(tmp_path / "good.csv", some), options)
    bad = calibrate([platform], write(tmp_path / "bad.csv", wrong), options)
    held = [i for i, row in enumerate(good.outcome.rows) if row.network == NETWORKS[3]]
    assert good.cross_validated is not None and bad.cross_validated is not None
    assert good.cross_validated[held] == pytest.approx(bad.cross_validated[held], abs=0.06)
    assert good.errors()["cross_validated"]["median_ape"] < 0.1


def test_shuffled_rows_of_one_chip_do_not_fit(measure: Measure, tmp_path: Path) -> None:
    """Two chips share a profile; the rows of one are shuffled."""
    for name in ("one", "two"):
        document = platform_document(name)
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    one = measure(rows("one.json", (1, 4)), 1)
    two = measure(rows("two.json", (1, 4)), 2)
    paths = [tmp_path / "one.json", tmp_path / "two.json"]
    both = calibrate(paths, write(tmp_path / "both.csv", [*one, *two]), Options(shared=True))
    assert both.fits, both.disagreements
    assert sum(inside(both, f"kernels:{name}", TRUTH["a55." + name]) for name in FREE) >= 2
    order = np.random.default_rng(3).permutation(len(two))
    mixed = [{**row, "measured": two[int(k)]["measured"]} for row, k in zip(two, order, strict=True)]
    found = calibrate(paths, write(tmp_path / "mixed.csv", [*one, *mixed]), Options(shared=True))
    assert not found.fits
    named = [line.partition(" (")[0] for line in found.disagreements]
    assert "two" in named and "one" not in named, found.disagreements
    with pytest.raises(InputError, match="do not fit"):
        found.write(tmp_path)
    assert not (tmp_path / "two-fitted.json").exists()
    assert len(found.write(tmp_path, force=True)) == 2
    forced = json.loads((tmp_path / "two-fitted.json").read_text())
    assert forced["calibration"]["evidence"]["fits"] is False


def test_a_chip_left_out_is_predicted_by_the_others_profile(measure: Measure, tmp_path: Path) -> None:
    for name, clock in (("one", "1.8 GHz"), ("two", "1.2 GHz")):
        document = platform_document(name)
        document["devices"]["a55"]["clock"] = clock
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    some = [*measure(rows("one.json", (1, 2)), 1), *measure(rows("two.json", (1, 2)), 2)]
    found = calibrate((), write(tmp_path / "data.csv", some), Options(shared=True, cross_validate="chip"))
    errors = found.chips()
    assert set(errors) == {"one", "two"}
    for chip in errors.values():
        assert chip["cross_validated"]["median_ape"] < 0.06 < chip["prior"]["median_ape"]


def test_energy_scales_are_fitted_to_energies(measure: Measure, tmp_path: Path) -> None:
    document = platform_document(free={"core.energy": {"spread": 1.5, "meaning": "energy scale"}})
    (tmp_path / "mine.json").write_text(json.dumps(document), encoding="utf-8")
    energies = [{**row, "quantity": "energy", "unit": "mJ"} for row in rows(threads=(1,))]
    declared = read(chipcast.describe(tmp_path / "mine.json")["devices"]["a55"]["core"]["energy"], "")[0]
    truth = f"{declared * 1.4 * 1e12:.6g} pJ/cycle"
    some = measure(energies, 5, truth={"a55.core.energy": truth})
    found = calibrate([tmp_path / "mine.json"], write(tmp_path / "data.csv", some))
    assert inside(found, "a55.core.energy", truth)
