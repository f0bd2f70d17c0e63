# SPDX-License-Identifier: Apache-2.0
"""What happens to workers and to the engine costs a point at most, and never one that was done."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chipcast.sweep import WorkersDoNotStart, run_sweep
from sweep_bench import Bench

SLOW = 0.04


@pytest.mark.parametrize(
    ("fault", "says"),
    [("kill", "SIGKILL"), ("segfault", "SIGSEGV"), ("abort", "SIGABRT"), ("exit", "exit code 7")],
)
def test_a_dying_worker_costs_its_point_alone(bench: Bench, fault: str, says: str) -> None:
    result = run_sweep(bench.sweep(12, at=[5], fault=fault, retries=1), jobs=2)
    assert result.counts == {"done": 11, "quarantined": 1}
    poison = result.to_pandas().iloc[5]
    assert poison["state"] == "quarantined"
    assert says in poison["reason"]
    assert "2 times" in poison["reason"]
    assert sorted(bench.calls()) == [n for n in range(12) if n != 5]


def test_a_point_that_fails_once_is_tried_again(bench: Bench) -> None:
    result = run_sweep(bench.sweep(8, at=[3, 4], fault="kill", once=True), jobs=2)
    assert result.counts == {"done": 8}
    assert result.summary.progress.retries == 2
    assert bench.calls("begun").count(3) == 2


@pytest.mark.parametrize("fault", ["hang", "stop"])
def test_a_point_that_does_not_end_is_ended(bench: Bench, fault: str) -> None:
    limits = {"time": "1.5 s"}
    result = run_sweep(bench.sweep(6, at=[2], fault=fault, retries=0, limits=limits), jobs=1)
    assert result.counts == {"done": 5, "quarantined": 1}
    assert "time: longer than 1.5 s" in result.to_pandas()["reason"][2]


def test_memory_has_a_limit_and_is_not_tried_again(bench: Bench) -> None:
    limits = {"memory": "3 GiB"}
    result = run_sweep(bench.sweep(6, at=[2], fault="memory", limits=limits), jobs=1)
    assert result.counts == {"done": 5, "failed": 1}
    assert result.to_pandas()["reason"][2].startswith("oom: ")
    assert bench.calls("begun").count(2) == 1


@pytest.mark.parametrize(
    ("fault", "state", "says"),
    [
        ("invalid", "invalid", "x.n: this one is not allowed"),
        ("limit", "failed", "limit: too many events"),
        ("bug", "failed", "RuntimeError: something else"),
    ],
)
def test_errors_are_rows(bench: Bench, fault: str, state: str, says: str) -> None:
    result = run_sweep(bench.sweep(6, at=[0, 5], fault=fault), jobs=2)
    assert result.counts == {"done": 4, state: 2}
    assert list(result.to_pandas()["reason"].dropna()) == [says, says]


def test_nonsense_from_a_worker_is_its_end(bench: Bench) -> None:
    result = run_sweep(bench.sweep(40, at=[1, 30], fault="nonsense", retries=0), jobs=1)
    assert result.counts == {"done": 38, "quarantined": 2}
    assert list(result.to_pandas().query("state == 'quarantined'")["point"]) == [1, 30]


def test_workers_that_cannot_start_say_why(bench: Bench) -> None:
    import dataclasses

    broken = dataclasses.replace(bench.sweep(3), evaluator="no_such_module:nothing")
    with pytest.raises(WorkersDoNotStart, match="no_such_module"):
        run_sweep(broken, jobs=2)


def test_ctrl_c_once_lets_points_end(bench: Bench) -> None:
    with running(bench, 200, pause=SLOW) as process:
        wait_for(bench, 6)
        process.send_signal(signal.SIGINT)
        assert ending(process)["interrupted"]
    done = bench.calls()
    assert sorted(done) == sorted(bench.calls("begun")), "a point was cut off"
    assert 6 <= len(done) < 200
    resumed(bench, 200, pause=SLOW, but_not=done)


def test_ctrl_c_twice_stops_at_once(bench: Bench) -> None:
    with running(bench, 40, pause=30.0) as process:
        wait_for(bench, 2, "begun")
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        started = time.monotonic()
        assert ending(process)["interrupted"]
        assert time.monotonic() - started < 10
    assert_gone(bench)
    assert bench.calls() == []


def test_a_killed_engine_takes_its_workers_along_and_nothing_that_was_done(bench: Bench) -> None:
    with running(bench, 60, pause=SLOW) as process:
        wait_for(bench, 25)
        process.kill()
        process.wait(10)
    assert_gone(bench)
    before = bench.calls()
    result = run_sweep(bench.sweep(60, pause=SLOW), store=bench.store, jobs=2)
    assert result.counts == {"done": 60}
    assert result.summary.progress.reused > 0
    again = [n for n in set(before) if bench.calls().count(n) > 1]
    assert len(again) <= len(before) - result.summary.progress.reused, "a point of the store was run again"


def test_workers_in_a_long_point_end_with_the_engine(bench: Bench) -> None:
    with running(bench, 4, at=[0, 1], fault="hang") as process:
        wait_for(bench, 2, "begun")
        process.kill()
        process.wait(10)
        assert_gone(bench)


def test_a_full_disk_ends_the_run_and_keeps_what_was_done(bench: Bench) -> None:
    with running(bench, 400, most_bytes=300_000) as process:
        process.wait(60)
        assert process.stderr is not None
        said = process.stderr.read()
    assert process.returncode == 1
    assert "cannot write" in said
    assert "MiB" in said
    assert_gone(bench)
    result = run_sweep(bench.sweep(400), store=bench.store, jobs=2)
    assert result.counts == {"done": 400}
    assert result.summary.progress.reused > 0


def test_two_engines_share_a_store(bench: Bench) -> None:
    with running(bench, 80, pause=SLOW / 4) as one, running(bench, 80, pause=SLOW / 4) as other:
        assert ending(one)["counts"] == {"done": 80}
        assert ending(other)["counts"] == {"done": 80}
    assert sorted(bench.calls()) == list(range(80)), "lost or repeated"


def test_one_engine_goes_on_where_another_dies(bench: Bench) -> None:
    with running(bench, 60, pause=SLOW) as process:
        wait_for(bench, 4)
        with running(bench, 60, pause=SLOW) as other:
            wait_for(bench, 12)
            process.kill()
            process.wait(10)
            assert ending(other)["counts"] == {"done": 60}
    assert set(bench.calls()) == set(range(60))


@contextlib.contextmanager
def running(bench: Bench, points: int, most_bytes: int = 0, **fields: Any) -> Iterator[subprocess.Popen[str]]:
    """sweep_drive.py at work."""
    given = {"sweep": bench.document(points, **fields), "store": str(bench.store), "most_bytes": most_bytes}
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("sweep_drive.py")), json.dumps(given)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stderr.close()


def ending(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    said: dict[str, Any] = json.loads(out)
    return said


def wait_for(bench: Bench, points: int, name: str = "ended") -> None:
    for _ in range(1200):
        if len(bench.calls(name)) >= points:
            return
        time.sleep(0.05)
    raise AssertionError(f"{bench.calls(name)} after a minute")


def resumed(bench: Bench, points: int, *, but_not: list[int], **fields: Any) -> None:
    result = run_sweep(bench.sweep(points, **fields | {"pause": 0.0} | fields), store=bench.store, jobs=2)
    assert result.counts == {"done": points}
    assert result.summary.progress.reused == len(but_not)
    assert sorted(bench.calls()) == list(range(points)), "lost or repeated"


def assert_gone(bench: Bench) -> None:
    """No worker is left, a moment later."""
    for _ in range(100):
        left = [pid for pid in set(bench.calls("workers")) if _alive(pid)]
        if not left:
            return
        time.sleep(0.05)
    raise AssertionError(f"workers {left} are still there")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False
