# SPDX-License-Identifier: Apache-2.0
"""The same sweep on a Dask cluster of this machine: the same table, the same blame."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from chipcast import InputError
from chipcast.sweep import Progress, WorkersDoNotStart, read_sweep, remote, run_sweep
from chipcast.sweep.spec import EVALUATOR, Limits
from sweep_bench import Bench

distributed = pytest.importorskip("distributed", reason="Dask is the optional extra chipcast[dask]")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
    ) as started:
        yield started


def test_the_table_is_that_of_this_machine(cluster: Any) -> None:
    clocks = {"from": "300 MHz", "to": "900 MHz", "steps": 9}
    sweep = read_sweep(
        {
            "model": "mlperf_tiny_kws",
            "platform": "rv1106",
            "options": {"dtype": "int8"},
            "axes": {"npu.clock": clocks},
        }
    )
    here = run_sweep(sweep, jobs=1)
    there = run_sweep(sweep, scheduler=cluster.scheduler_address)
    assert there.counts == {"done": 9}
    assert there.table.to_csv() == here.table.to_csv()


def test_a_crash_costs_its_point_alone(cluster: Any, bench: Bench) -> None:
    result = run_sweep(
        bench.sweep(12, at=[5], fault="segfault", retries=1), scheduler=cluster.scheduler_address
    )
    assert result.counts == {"done": 11, "quarantined": 1}
    assert "SIGSEGV (2 times)" in result.to_pandas()["reason"][5]
    assert sorted(bench.calls()) == [n for n in range(12) if n != 5]


def test_a_time_limit_holds_there_too(cluster: Any, bench: Bench) -> None:
    sweep = bench.sweep(4, at=[2], fault="hang", retries=0, limits={"time": "1.5 s"})
    result = run_sweep(sweep, scheduler=cluster.scheduler_address)
    assert result.counts == {"done": 3, "quarantined": 1}


def test_a_machine_that_goes_away_costs_nothing(cluster: Any, bench: Bench) -> None:
    gone: list[int] = []

    def kill_one(progress: Progress) -> None:
        if progress.finished >= 4 and not gone:
            with distributed.Client(cluster) as client:
                gone.append(next(iter(client.run(os.getpid).values())))
            os.kill(gone[0], signal.SIGKILL)

    sweep = bench.sweep(60, pause=0.02)
    result = run_sweep(sweep, store=bench.store, scheduler=cluster.scheduler_address, progress=kill_one)
    assert gone
    assert result.counts == {"done": 60}
    assert set(bench.calls()) == set(range(60))


def test_nobody_at_the_address() -> None:
    sweep = read_sweep({"model": "mlperf_tiny_kws", "platform": "rv1106"})
    with pytest.raises(InputError, match='scheduler: no answer from "nonsense://here"'):
        run_sweep(sweep, scheduler="nonsense://here")


def test_another_chipcast_is_refused() -> None:
    with pytest.raises(remote.OtherChipcast, match="another Chipcast"):
        remote.run_batch([], EVALUATOR, Limits(), "of yesterday")


def test_a_scheduler_that_ends_ends_the_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chipcast.sweep.cluster._CONNECT_S", 2.0)
    own = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
    )

    def close(progress: Progress) -> None:
        if progress.finished >= 2:
            own.close()

    sweep = bench.sweep(400, pause=0.02)
    with pytest.raises(WorkersDoNotStart, match="scheduler is gone"):
        run_sweep(sweep, store=bench.store, scheduler=own.scheduler_address, progress=close)
    own.close()
    assert run_sweep(sweep, store=bench.store, jobs=2, limit=6).summary.progress.reused >= 2
