# SPDX-License-Identifier: Apache-2.0
"""Lanes of work: whatever happens to a worker or a caller, the next question is answered."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from chipcast.serve import crew
from chipcast.serve.crew import Failed, Lane, Superseded

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: a browser that other tests keep open leaves a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def evaluate(job: Mapping[str, Any]) -> dict[str, Any]:
    """What the worker of these tests does."""
    if job.get("die"):
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(job.get("sleep", 0.0))
    if job.get("wrong"):
        raise ValueError("not like this")
    return {"pid": os.getpid(), "said": job.get("say")}


@pytest.fixture
def lane() -> Iterator[Lane]:
    made = Lane("test", 5.0, 0 or 4 << 30, evaluator=f"{__name__}:evaluate")
    yield made
    made.stop()


def test_a_worker_is_kept(lane: Lane) -> None:
    async def both() -> list[dict[str, Any]]:
        return [await lane.ask("a", {"say": each}) for each in (1, 2)]

    first, second = run(both())
    assert (first["said"], second["said"]) == (1, 2)
    assert first["pid"] == second["pid"]


def test_a_crash_costs_one_answer(lane: Lane) -> None:
    with pytest.raises(Failed, match="SIGKILL") as caught:
        run(lane.ask("a", {"die": True}))
    assert not caught.value.wrong
    assert run(lane.ask("a", {"say": 3}))["said"] == 3


def test_an_error_costs_one_answer(lane: Lane) -> None:
    with pytest.raises(Failed, match="ValueError: not like this"):
        run(lane.ask("a", {"wrong": True}))
    assert run(lane.ask("a", {"say": 3}))["said"] == 3


def test_no_process_to_be_had_costs_one_answer(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_more(*arguments: object) -> None:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(crew, "Supervisor", no_more)
        with pytest.raises(Failed, match="Too many open files"):
            run(lane.ask("a", {}))
    assert run(lane.ask("a", {"say": 3}))["said"] == 3


def test_of_one_caller_only_the_newest_counts(lane: Lane) -> None:
    async def three() -> list[Any]:
        asks = []
        for number in range(3):
            job = {"say": number, "sleep": 0.5 if number == 0 else 0.0}
            asks.append(asyncio.create_task(lane.ask("a", job)))
            await asyncio.sleep(0.1)
        asks.append(asyncio.create_task(lane.ask("b", {"say": "another caller"})))
        return await asyncio.gather(*asks, return_exceptions=True)

    first, second, third, other = run(three())
    assert first["said"] == 0
    assert isinstance(second, Superseded)
    assert third["said"] == 2
    assert other["said"] == "another caller"


def test_long_work_that_nobody_wants_is_stopped(lane: Lane) -> None:
    async def two() -> list[Any]:
        await lane.ask("a", {})  # the process is up
        slow = asyncio.create_task(lane.ask("a", {"sleep": 60}))
        await asyncio.sleep(0.3)
        return await asyncio.gather(slow, lane.ask("a", {"say": "now"}), return_exceptions=True)

    slow, now = run(two())
    assert isinstance(slow, Superseded)
    assert now["said"] == "now"


def test_stopping_answers_who_waits(lane: Lane) -> None:
    async def stopped() -> list[Any]:
        asks = [asyncio.create_task(lane.ask(name, {"sleep": 30})) for name in "ab"]
        await asyncio.sleep(0.5)
        await asyncio.to_thread(lane.stop)
        return await asyncio.gather(*asks, return_exceptions=True)

    for answer in run(stopped()):
        assert isinstance(answer, Failed)
        assert answer.reason == "the server is stopping"
