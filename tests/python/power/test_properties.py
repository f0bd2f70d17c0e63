# SPDX-License-Identifier: Apache-2.0
"""Raising load, clock or core count never lowers power at a fixed rate of work.

The exact rule: one network on one device at a rate that is kept, governor fixed, no idle states. Then switched energy
per inference goes with V^2 (volts do not fall with the clock), cores add joins and never save work, static power flows
all the time and grows with V, and loads add theirs. Where idle states save static power, a higher clock may win by
going to sleep sooner ("race to idle"); that is not a fault, and the last test shows it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import chipcast
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from power_platforms import platform, with_idle_states
from support import ROOT

NETWORK = ROOT / "configs" / "scenarios" / "networks" / "heart_rate_cnn.json"
"""One that each device runs by itself: with two devices a clock may move operators from one to the other."""

RATE = 10
CPU = (600e6, 1.2e9, 1.8e9)
NPU = (200e6, 400e6, 800e6)
LEVELS = (0.0, 0.2, 0.7, 1.0)
Point = tuple[str, float, float, int, float, float]


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("property") / "board.json"
    path.write_text(json.dumps(platform()))
    return path


@cache
def watts(path: Path, device: str, cpu: float, npu: float, cores: int, gpu: float, others: float) -> float:
    result = chipcast.power(
        NETWORK,
        path,
        rate=RATE,
        dtype="int8",
        devices=[device],
        clocks={"cpu": cpu, "npu": npu},
        cores={"a55": cores},
        loads={"gpu": gpu, "a55": others},
        duration="0.3 s",
    )
    assert result.report["streams"][0]["rate"]["met"]
    return result.average_power_w


points = st.tuples(
    st.sampled_from(["a55", "npu0"]),
    st.sampled_from(CPU),
    st.sampled_from(NPU),
    st.integers(1, 4),
    st.sampled_from(LEVELS),
    st.sampled_from(LEVELS),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(point=points, knob=st.integers(1, 5), data=st.data())
def test_turning_a_knob_up_never_saves_power(
    board: Path, point: Point, knob: int, data: st.DataObject
) -> None:
    steps = ((), CPU, NPU, (1, 2, 3, 4), LEVELS, LEVELS)[knob]
    higher = data.draw(st.sampled_from([value for value in steps if value >= point[knob]]))
    raised = (*point[:knob], higher, *point[knob + 1 :])
    assert watts(board, *raised) >= watts(board, *point) * (1 - 1e-9)


def test_where_sleep_saves_leakage_racing_may_win(tmp_path: Path) -> None:
    document = with_idle_states()
    document["devices"]["a55"]["leakage"] = "2 W"
    document["power"]["domains"]["cpu"]["opps"] = [
        {"clock": "600 MHz", "volts": 1.0},
        {"clock": "1.8 GHz", "volts": 1.0},
    ]
    path = tmp_path / "leaky.json"
    path.write_text(json.dumps(document))
    slow, fast = (
        chipcast.power(
            "mlperf_tiny_kws", path, rate=RATE, dtype="int8", devices=["a55"], clocks={"cpu": clock}
        )
        for clock in (600e6, 1.8e9)
    )
    assert fast.average_power_w < slow.average_power_w
