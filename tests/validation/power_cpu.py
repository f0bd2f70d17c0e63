# SPDX-License-Identifier: Apache-2.0
"""Power of CPU cores: device trees' C f V^2 at each operating point, and what busy cores add at the wall."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import chipcast
from rows import SHARED, table

POWER_TABLE = SHARED / "reference" / "cpu_power_dt.csv"

# Device tree's table → platform, device, domain.
CLUSTERS = {
    ("rk3399", "cluster0_opp"): ("rk3399", "a53", "cpu_l"),
    ("rk3399", "cluster1_opp"): ("rk3399", "a72", "cpu_b"),
    ("rk3588", "cluster0_opp_table"): ("rk3588", "a55", "cpu_l"),
    ("rk3588", "cluster1_opp_table"): ("rk3588", "a76", "cpu_b"),
}

WALL_EFFICIENCY = 0.714
"""84 % of a buck regulator, 85 % of the mains adapter: a busy core costs 1.4 times its C f V^2 at the wall, which
the reference's page on CPUs derives from a board with an RK3399."""


@dataclass(frozen=True)
class OperatingPoint:
    """A row of the device trees."""

    platform: str
    device: str
    domain: str
    mhz: float
    volts: float
    watts: float

    @property
    def label(self) -> str:
        return f"{self.platform}-{self.device}-{self.mhz:g}"


@dataclass(frozen=True)
class Increment:
    """What cores 2 to 4 of a board added to its power at the wall, each; ThomasKaiser/sbc-bench,
    Efficiency_Graphing.md: all cores busy less one core busy, by three."""

    board: str
    mhz: float
    volts: float
    coefficient: float
    """uW/MHz/V^2."""
    one_core_mw: float
    four_cores_mw: float
    platform: str = "nanopi-neo4"
    device: str = "a53"
    holds: bool = True
    note: str = ""

    @property
    def label(self) -> str:
        return f"{self.board}-{self.mhz:g}"

    @property
    def watts(self) -> float:
        return (self.four_cores_mw - self.one_core_mw) / 3 * 1e-3


FIXED = "below what one core costs at the voltage of its device tree: this image did not scale voltages"
INCREMENTS = (
    Increment("NanoPi-NEO4-RK3399", 408, 0.825, 100, 176, 276),
    Increment("NanoPi-NEO4-RK3399", 1416, 1.125, 100, 580, 1346),
    Increment("RockPro64-RK3399", 408, 0.825, 100, 126, 243, "rockpro64"),
    Increment("RockPro64-RK3399", 1416, 1.125, 100, 640, 1430, "rockpro64"),
    Increment(
        "ODROID-HC2-Exynos5422",
        500,
        1.0,
        90,
        260,
        515,
        "exynos5422",
        "a7",
        False,
        "A7; a third less than measured, reason not known",
    ),
    Increment("ODROID-HC2-Exynos5422", 1300, 1.25, 90, 505, 1305, "exynos5422", "a7", note="A7"),
    Increment("Rock64-RK3328", 1392, 1.35, 120, 1060, 2446, note="1.3 V at 1.296 GHz, extrapolated"),
    Increment("Rock64-RK3328", 408, 0.95, 120, 396, 763, holds=False, note=FIXED),
    Increment(
        "PineH64-H6", 1400, 1.06, 100, 620, 1453, note="C of RK3399's A53; volts of 1.488 GHz, the next point"
    ),
    Increment("PineH64-H6", 408, 0.88, 100, 183, 450, holds=False, note=FIXED),
    Increment("OrangePi-PC-H3", 1296, 1.34, 90, 716, 1673, note="A7; C of Exynos 5422's; volts recalled"),
    Increment("OrangePi-PC-H3", 480, 1.04, 90, 153, 476, holds=False, note=FIXED),
    Increment("NanoPi-Fire3-S5P6818", 1400, 1.3, 100, 743, 2006, note="C of RK3399's A53; volts assumed"),
    Increment("NanoPi-Fire3-S5P6818", 408, 1.0, 100, 196, 363, note="C of RK3399's A53; volts assumed"),
    Increment("NanoPi-K1-Plus-H5", 1400, 1.3, 100, 1520, 4113, holds=False, note="40 nm: C is not known"),
    Increment("NanoPi-K1-Plus-H5", 408, 1.1, 100, 336, 993, holds=False, note="40 nm: C is not known"),
)


def operating_points() -> list[OperatingPoint]:
    points = []
    for entry in table(POWER_TABLE):
        cluster = CLUSTERS.get((entry["soc"], entry["opp_table"]))
        if cluster is None:
            continue
        points.append(
            OperatingPoint(
                *cluster,
                mhz=float(entry["freq_MHz"]),
                volts=float(entry["volt_uV"]) * 1e-6,
                watts=float(entry["P_dyn_mW"]) * 1e-3,
            )
        )
    return points


def product(size: int = 1024) -> dict[str, Any]:
    """One matrix product that computes for long and moves little."""
    tensors: dict[str, Any] = {
        "a": {"shape": [size, size], "dtype": "fp32"},
        "c": {"shape": [size, size], "dtype": "fp32"},
    }
    tensors["b"] = {"shape": [size, size], "dtype": "fp32", "parameter": True}
    attributes = {"transpose_a": False, "transpose_b": True}
    op = {"name": "product", "kind": "gemm", "inputs": ["a", "b"], "outputs": ["c"], "attributes": attributes}
    return {
        "format": "chipcast-graph",
        "version": 1,
        "name": "product",
        "tensors": tensors,
        "inputs": ["a"],
        "outputs": ["c"],
        "ops": [op],
    }


@cache
def _model() -> chipcast.Model:
    return chipcast.load_model(product())


def core_watts(point: OperatingPoint) -> float:
    """Energy of the cores over the time in which they work, of one core."""
    overrides: dict[str, Any] = {
        f"power.domains.{point.domain}.clock": f"{point.mhz:g} MHz",
        f"{point.device}.cores": 1,
    }
    report = chipcast.run(_model(), point.platform, devices=[point.device], overrides=overrides).report
    busy = sum(op["compute_s"] + op["launch_s"] for op in report["ops"])
    watts: float = report["energy"]["by_component"][f"{point.device}.cores"] / busy
    return watts


def wall_watts(row: Increment) -> float:
    """Average power of the platform, at the wall, with four cores busy less that with one, by three."""
    added: float = _average_watts(row, 4) - _average_watts(row, 1)
    return added / 3


def _average_watts(row: Increment, cores: int) -> float:
    domains = chipcast.describe(row.platform)["power"]["domains"]
    mine = next(name for name, domain in domains.items() if row.device in domain["members"])
    overrides: dict[str, Any] = {
        f"power.domains.{mine}.opps": [],
        f"power.rails.{domains[mine]['rail']}.efficiency": WALL_EFFICIENCY,
        f"{row.device}.clock": f"{row.mhz:g} MHz",
        f"{row.device}.volts": row.volts,
        f"{row.device}.core.energy": f"{row.coefficient:g} pJ/cycle",
        f"{row.device}.cores": cores,
    }
    result = chipcast.run(_model(), row.platform, devices=[row.device], overrides=overrides)
    return float(result.report["totals"]["average_power_w"])


def tables() -> str:
    """Every measured increment, as Markdown."""
    lines = [
        "| board | MHz | V | measured mW per core | forecast | error | note |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for row in INCREMENTS:
        watts = wall_watts(row)
        lines.append(
            f"| {row.board} | {row.mhz:g} | {row.volts:g} | {row.watts * 1e3:.0f} | {watts * 1e3:.0f} "
            f"| {watts / row.watts - 1:+.0%} | {row.note} |"
        )
    return "\n".join(lines)
