# SPDX-License-Identifier: Apache-2.0
"""Sweeps over the product itself: tables, keys, resuming."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import chipcast
import pandas as pd
import pytest
from chipcast import InputError, technology
from chipcast.sweep import Store, StoreError, Sweep, read_sweep, run_sweep
from support import ROOT
from sweep_bench import Bench


def kws(**members: Any) -> Sweep:
    return read_sweep(
        {
            "model": "mlperf_tiny_kws",
            "platform": "rv1106",
            "options": {"dtype": "int8"},
            "axes": {
                "npu.clock": {"from": "300 MHz", "to": "900 MHz", "steps": 3},
                "npu.output_lanes": [8, 16],
                "objective": ["latency", "energy"],
            },
            "set": {"npu.rates": [{"dtype": "int8", "macs": "{32 * npu.output_lanes} op/cycle"}]},
            "keep": {
                "busy_s": "devices[npu].busy_s",
                "array_j": "energy.by_component[npu.array]",
                "none": "a.b",
            },
            **members,
        }
    )


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return run_sweep(kws(), jobs=1).to_pandas()


def test_a_row_is_what_run_says(table: pd.DataFrame) -> None:
    row = table.iloc[7]
    overrides = {
        "npu.clock": "600 MHz",
        "npu.output_lanes": 16,
        "npu.rates": [{"dtype": "int8", "macs": "512 op/cycle"}],
    }
    assert (row["npu.clock"], row["npu.output_lanes"]) == ("600 MHz", 16)
    result = chipcast.run(
        "mlperf_tiny_kws", "rv1106", dtype="int8", objective=row["objective"], overrides=overrides
    )
    assert row["latency_s"] == result.latency_s
    assert row["analytic_latency_s"] == result.analytic_latency_s
    assert row["energy_j"] == result.energy_j
    assert row["peak_power_w"] == result.peak_power_w
    assert row["traffic_bytes"] == result.traffic_bytes
    assert row["busy_s"] == next(each["busy_s"] for each in result.devices if each["name"] == "npu")
    assert row["array_j"] == result.report["energy"]["by_component"]["npu.array"]
    areas = [part.area_mm2 for part in technology.parts("rv1106", overrides=overrides)]
    assert row["area_mm2"] == sum(areas)
    assert pd.isna(row["none"])


def test_one_worker_and_two_give_the_same_table(table: pd.DataFrame) -> None:
    result = run_sweep(kws(), jobs=2)
    pd.testing.assert_frame_equal(result.to_pandas(), table)
    assert result.table.to_csv() == run_sweep(kws(), jobs=1).table.to_csv()


def test_points_of_the_store_are_not_run_again(tmp_path: Path) -> None:
    store = tmp_path / "sweep.db"
    first = run_sweep(kws(), store=store, jobs=2, limit=5)
    assert first.counts == {"done": 5}
    assert len(first.table) == 5
    second = run_sweep(kws(), store=store, jobs=2)
    assert second.counts == {"done": 12}
    assert second.summary.progress.reused == 5
    fresh = run_sweep(kws(), store=store, jobs=2, fresh=True)
    assert fresh.summary.progress.reused == 0
    assert fresh.table.to_csv() == second.table.to_csv()


def test_another_sweep_uses_what_it_shares(tmp_path: Path) -> None:
    store = tmp_path / "sweep.db"
    run_sweep(kws(), store=store, jobs=1)
    fewer = kws(axes={"npu.output_lanes": [16], "npu.clock": ["600 MHz", "601 MHz"]})
    result = run_sweep(fewer, store=store, jobs=1)
    assert result.counts == {"done": 2}
    assert list(result.to_pandas()["npu.clock"]) == ["600 MHz", "601 MHz"]


def test_invalid_points_are_rows_with_a_reason() -> None:
    points = [
        {"npu.clock": "300 MHz"},
        {"npu.clock": "300 mhz"},
        {"npu.clock": "400 MHz", "dtype": "int3"},
        {"npu.clock": "500 MHz", "model": "no_such_network"},
        {"npu.clock": "500 MHz", "model_options.batch": 2},
        {"npu.clock": "500 MHz", "platform": "rk3588x"},
    ]
    sweep = Sweep(["mlperf_tiny_kws"], ["rv1106"], points=points, set={"dtype": "int8"})
    table = run_sweep(sweep, jobs=1).to_pandas()
    assert list(table["state"]) == ["done", "invalid", "invalid", "invalid", "done", "invalid"]
    assert 'unknown unit "mhz" (did you mean "MHz"?)' in table["reason"][1]
    assert "int3" in table["reason"][2]
    assert "no_such_network" in table["reason"][3]
    assert 'did you mean "rk3588"?' in table["reason"][5]


def test_an_event_limit_fails_its_points() -> None:
    axes = {"model": ["mlperf_tiny_kws", "mlperf_tiny_vww"]}
    whole = {"platform": "rv1106", "models": axes["model"], "options": {"dtype": "int8"}}
    table = run_sweep(read_sweep({**whole, "limits": {"events": 10}}), jobs=1).to_pandas()
    assert list(table["state"]) == ["failed", "failed"]
    assert table["reason"].str.startswith("limit: ").all()


def test_the_analytic_tier_has_the_bound_and_no_more(table: pd.DataFrame) -> None:
    result = run_sweep(kws(tier="analytic", keep={}), jobs=1).to_pandas()
    assert list(result["analytic_latency_s"]) == list(table["analytic_latency_s"])
    assert list(result["area_mm2"]) == list(table["area_mm2"])
    assert result["latency_s"].isna().all()
    assert result["energy_j"].isna().all()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"axes": {"npu.clok": ["1 GHz"]}, "set": {}}, 'axes.npu.clok: rv1106.json: devices.npu: unknown field'),
        ({"axes": {}, "set": {"npuu.clock": "1 GHz"}}, 'the platform has no "npuu" (did you mean "npu"?)'),
        ({"model": "resnet19"}, 'models[0]: model: "resnet19" is neither a file nor'),
        ({"platform": "rv1107"}, 'platforms[0]: platform: "rv1107" is not known (did you mean'),
    ],
)  # fmt: skip
def test_slips_that_would_spoil_every_point_end_the_sweep(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as error:
        run_sweep(kws(**changes), jobs=1)
    assert says in str(error.value)


def test_points_that_stand_twice_run_once(bench: Bench) -> None:
    sweep = bench.sweep(1)
    points = [{"x.n": n, "x.folder": str(bench.folder)} for n in (1, 2, 1, 1)]
    twice = Sweep(sweep.models, sweep.platforms, points=points, evaluator=sweep.evaluator)
    result = run_sweep(twice, jobs=2)
    assert result.counts == {"done": 4}
    assert sorted(bench.calls()) == [1, 2]


def test_failed_points_are_run_again_where_asked_for(bench: Bench) -> None:
    broken = bench.sweep(4, at=[1], fault="bug")
    assert run_sweep(broken, store=bench.store, jobs=1).counts == {"done": 3, "failed": 1}
    assert run_sweep(broken, store=bench.store, jobs=1).summary.progress.reused == 4
    again = run_sweep(broken, store=bench.store, jobs=1, retry_failed=True)
    assert again.summary.progress.reused == 3
    assert bench.calls("begun").count(1) == 2


def test_export(tmp_path: Path) -> None:
    result = run_sweep(kws(), jobs=1, limit=3)
    result.table.write(tmp_path / "t.csv")
    frame = pd.read_csv(tmp_path / "t.csv")
    assert list(frame["latency_s"]) == list(result.to_pandas()["latency_s"])
    with pytest.raises(InputError, match=r"neither .parquet nor .csv"):
        result.table.write(tmp_path / "t.xlsx")


def test_parquet(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="Parquet is the optional extra chipcast[parquet]")
    mixed = kws(axes={"npu.volts": [0.9, "0.9"], "npu.clock": ["400 MHz"]}, set={})
    result = run_sweep(mixed, jobs=1)
    result.table.write(tmp_path / "t.parquet")
    frame = pd.read_parquet(tmp_path / "t.parquet")
    assert list(frame["npu.volts"]) == ["0.9", "0.9"]
    pd.testing.assert_series_equal(frame["latency_s"], result.to_pandas()["latency_s"])


def test_a_store_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("this is no database at all, but a text of some length\n" * 20)
    with pytest.raises(InputError, match="is no store of a sweep"):
        Store(file)
    assert file.read_text().startswith("this is no database"), "it was written to"
    with pytest.raises(StoreError, match="cannot"):
        Store(tmp_path / "absent" / "sweep.db")


MANY_OPEN = """
import os, sys, time
from pathlib import Path
from chipcast.sweep import Store

for number in range(40):
    begin = time.time() + 0.02
    for _ in range(3):
        if os.fork() == 0:
            while time.time() < begin:
                pass
            Store(Path(sys.argv[1]) / f"{number}.db").close()
            os._exit(0)
    for _ in range(3):
        assert os.wait()[1] == 0, number
"""


def test_engines_make_the_same_store_at_once(tmp_path: Path) -> None:
    """SQLite does not wait where two turn the same new file to write-ahead logging."""
    subprocess.run([sys.executable, "-c", MANY_OPEN, str(tmp_path)], check=True, timeout=60)


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    import sqlite3

    file = tmp_path / "sweep.db"
    Store(file).close()
    with sqlite3.connect(file) as database:
        database.execute("UPDATE meta SET value = '99'")
    database.close()
    with pytest.raises(InputError, match="has version 99, this Chipcast reads 1"):
        Store(file)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "examples" / "sweeps").glob("*.json")), ids=lambda path: path.stem
)
def test_examples_run(path: Path) -> None:
    result = run_sweep(dataclasses.replace(read_sweep(path), area=False), jobs=1, limit=3)
    assert result.counts == {"done": 3}


def test_a_point_goes_through_nothing_that_the_digest_leaves_out() -> None:
    code = """
import sys
from chipcast.sweep.evaluate import evaluate
from chipcast.sweep.tool import UNUSED

job = {"model": "mlperf_tiny_kws", "platform": "rv1106", "options": {"dtype": "int8"}, "model_options": {},
       "overrides": {}, "keep": {}, "area": True}
evaluate({**job, "tier": "systemc"}), evaluate({**job, "tier": "analytic"})
print([name for name in sys.modules if name.startswith(tuple(f"chipcast.{part}" for part in UNUSED))])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
