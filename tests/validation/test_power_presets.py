# SPDX-License-Identifier: Apache-2.0
"""Bundled operating points and idle states are those of the device trees."""

from __future__ import annotations

from typing import Any

import chipcast
import pytest
from rows import SHARED, table

POWER_TABLE = SHARED / "reference" / "cpu_power_dt.csv"
IDLE_TABLE = SHARED / "reference" / "cpu_idle_dt.csv"

measured = pytest.mark.skipif(
    not POWER_TABLE.is_file(), reason="no device trees: the folder ../shared/reference is absent"
)

# Platform, domain → table of the device trees, which has volts.
TABLES = {
    ("rk3399", "cpu_l"): ("rk3399", "cluster0_opp"),
    ("rk3399", "cpu_b"): ("rk3399", "cluster1_opp"),
    ("rk3588", "cpu_l"): ("rk3588", "cluster0_opp_table"),
    ("rk3588", "cpu_b"): ("rk3588", "cluster1_opp_table"),
    ("rk3566", "cpu"): ("rk3566", "cpu0_opp_table"),
    ("rk3568", "cpu"): ("rk3568", "cpu0_opp_table"),
    ("exynos5422", "cpu_l"): ("exynos5422", "cluster_a7_opp_table"),
    ("imx8mp", "cpu"): ("imx8mp", "a53_opp_table"),
}

# Platform, domain → device tree, nodes from the shallowest.
IDLE = {
    ("rk3399", "cpu_l"): ("rk3399", ["cpu-sleep", "cluster-sleep"]),
    ("rk3588", "cpu_b"): ("rk3588", ["cpu-sleep"]),
    ("imx8mp", "cpu"): ("imx8mp", ["cpu-pd-wait"]),
    ("snapdragon-855-plus", "cpu_silver"): ("sm8150", ["cpu-sleep-0-0", "cluster-sleep-0"]),
    ("snapdragon-865", "cpu_prime"): ("sm8250", ["cpu-sleep-1-0", "cluster-sleep-0"]),
    ("kirin-970", "cpu_b"): ("hi3660", ["cpu-sleep-1", "cluster-sleep-1"]),
    ("snapdragon-wear-4100", "cpu"): ("msm8917", ["cpu-sleep-0", "cluster-sleep-0"]),
}


def domain(platform: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = chipcast.describe(platform)["power"]["domains"][name]
    return found


def number(text: str, scales: dict[str, float]) -> float:
    value, unit = text.split()
    return float(value) * scales[unit]


def megahertz(text: str) -> float:
    return number(text, {"MHz": 1.0, "GHz": 1e3})


def microseconds(text: str) -> float:
    return number(text, {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6})


@measured
@pytest.mark.parametrize("place", TABLES, ids="-".join)
def test_operating_points_are_those_of_the_device_tree(place: tuple[str, str]) -> None:
    soc, opp_table = TABLES[place]
    volts = {megahertz(opp["clock"]): opp["volts"] for opp in domain(*place)["opps"]}
    rows = [row for row in table(POWER_TABLE) if (row["soc"], row["opp_table"]) == (soc, opp_table)]
    assert rows
    for row in rows:
        assert volts[float(row["freq_MHz"])] == pytest.approx(float(row["volt_uV"]) * 1e-6)


@measured
@pytest.mark.parametrize("place", IDLE, ids="-".join)
def test_idle_states_are_those_of_the_device_tree(place: tuple[str, str]) -> None:
    soc, nodes = IDLE[place]
    states = domain(*place)["idle"]
    assert len(states) == len(nodes)
    for state, node in zip(states, nodes, strict=True):
        row = next(row for row in table(IDLE_TABLE) if (row["soc"], row["node"]) == (soc, node))
        assert microseconds(state["entry"]) == float(row["entry_latency_us"])
        assert microseconds(state["exit"]) == float(row["exit_latency_us"])
        assert microseconds(state["min_residency"]) == float(row["min_residency_us"])


@pytest.mark.parametrize("platform", sorted({platform for platform, _ in TABLES}))
def test_governors_can_start_from_the_platforms_own_clock(platform: str) -> None:
    described = chipcast.describe(platform)
    for each in described["power"]["domains"].values():
        for member in each["members"]:
            device = described["devices"].get(member)
            if device is None or not each.get("opps"):
                continue
            own = megahertz(device["clock"]), device["volts"]
            assert own in [(megahertz(opp["clock"]), opp["volts"]) for opp in each["opps"]]


def test_a_sleeping_watch_draws_what_was_published() -> None:
    """1.2 mA at 3.85 V: cores and DSP off, DRAM in self-refresh, what is always on, and losses of the rails."""
    platform = chipcast.describe("snapdragon-wear-4100")
    power = platform["power"]
    milliwatts = number(platform["always_on"], {"mW": 1.0, "W": 1e3})
    for name, device in (("cpu", "a53"), ("dsp", "dsp")):
        each = power["domains"][name]
        leakage = number(platform["devices"][device]["leakage"], {"mW": 1.0, "W": 1e3})
        efficiency = power["rails"][each["rail"]]["efficiency"]
        milliwatts += leakage * each["idle"][-1]["power_share"] / efficiency
    idle = 69.0  # of LPDDR3-1500, from its standard's currents; models/dram
    dram = power["domains"]["dram"]
    milliwatts += idle * dram["idle"][-1]["power_share"] / power["rails"][dram["rail"]]["efficiency"]
    assert milliwatts == pytest.approx(1.2 * 3.85, rel=0.1)
