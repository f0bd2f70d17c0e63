# SPDX-License-Identifier: Apache-2.0
"""Operating points as Linux has them: device-tree nodes `operating-points-v2`, and the energy model's table.

Bindings: Documentation/devicetree/bindings/opp/opp-v2.yaml (opp-hz, opp-microvolt, opp-microwatt) and
bindings/arm/cpus.yaml (dynamic-power-coefficient: P = C f V^2 with C in uW/MHz/V^2). The energy model
(Documentation/power/energy-model.rst) holds frequency in kHz, power in uW and cost = power x fmax / f.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chipcast._core import InputError
from chipcast.power.background import read_energy_pj
from chipcast.power.domains import Described, Domain, Point


@dataclass(frozen=True)
class Coefficient:
    """C of P = C f V^2."""

    uw_per_mhz_v2: float
    words: str

    def power_uw(self, point: Point) -> float:
        return self.uw_per_mhz_v2 * point.clock_hz * 1e-6 * point.volts_v**2


def opp_text(described: Described, run: Mapping[str, Any]) -> str:
    """Of every domain that has operating points. `run`: a report of streams, which coefficients of accelerators come
    from."""
    domains = [domain for domain in described.domains.values() if domain.points]
    if not domains:
        raise InputError(f'opp: "{described.name}" has no operating points to write')
    tables = [_table(domain, coefficient(domain, described, run)) for domain in domains]
    head = f"/* Operating points of {_comment(described.name)}, written by chipcast power. */"
    return "\n".join([head, "", "/ {", *"\n\n".join(tables).split("\n"), "};"]) + "\n"


def coefficient(domain: Domain, described: Described, run: Mapping[str, Any]) -> Coefficient | None:
    """Of a CPU: one core's, from the platform file. Of anything else: what its work in `run` came to."""
    cluster = next((name for name in domain.members if name in described.clusters), None)
    if cluster is not None:
        energy = described.devices[cluster]["core"]["energy"]
        return Coefficient(read_energy_pj(energy), "one core; platform file")
    return _measured(domain, run)


def _measured(domain: Domain, run: Mapping[str, Any]) -> Coefficient | None:
    """Switched energy over time at work, f and V^2; None where it did not work, or not at one point alone."""
    entry = next((each for each in run["power"]["domains"] if each["name"] == domain.name), None)
    if entry is None:
        return None
    points = [point for point in entry["operating_points"] if point["time_s"] > 0]
    busy = sum(state["time_s"] for state in entry["states"] if state["state"] == "working")
    if len(points) != 1 or busy <= 0:
        return None
    switched = sum(
        joules for name, joules in run["energy_by_component"].items() if _switches(name, domain.members)
    )
    clock, volts = points[0]["clock_hz"], points[0]["volts"]
    return Coefficient(
        switched / busy / (clock * volts**2) * 1e12, "switched by this network while it worked; simulated"
    )


def _switches(component: str, members: tuple[str, ...]) -> bool:
    owner, _, part = component.partition(".")
    return owner in members and part not in ("static", "power", "", "phy")


def _table(domain: Domain, known: Coefficient | None) -> str:
    label = re.sub(r"[^A-Za-z0-9_]", "_", domain.name)
    node = re.sub(r"[^A-Za-z0-9,._+-]", "-", domain.name)
    lines = []
    if known:
        rounded = round(known.uw_per_mhz_v2)
        lines += [f"\t/* dynamic-power-coefficient = <{rounded}>; ({known.words}) */"]
    lines += [
        f"\t{label}_opp_table: opp-table-{node} {{",
        '\t\tcompatible = "operating-points-v2";',
        "\t\topp-shared;",
    ]
    for point in domain.points:
        lines += ["", *(f"\t\t{line}" for line in _node(point, known))]
    lines.append("\t};")
    if known:
        lines += ["", *_energy_model(domain, known)]
    return "\n".join(lines)


def _node(point: Point, known: Coefficient | None) -> list[str]:
    hertz = round(point.clock_hz)
    lines = [
        f"opp-{hertz} {{",
        f"\topp-hz = /bits/ 64 <{hertz}>;",
        f"\topp-microvolt = <{round(point.volts_v * 1e6)}>;",
    ]
    if known:
        lines.append(f"\topp-microwatt = <{round(known.power_uw(point))}>;")
    return [*lines, "};"]


def _energy_model(domain: Domain, known: Coefficient) -> list[str]:
    fastest = domain.points[-1].clock_hz
    lines = [f"\t/* Energy model of {_comment(domain.name)}:", "\t *  frequency_kHz    power_uW        cost"]
    for point in domain.points:
        power = known.power_uw(point)
        cost = power * fastest / point.clock_hz
        lines.append(f"\t *  {round(point.clock_hz / 1e3):13d} {round(power):11d} {round(cost):11d}")
    return [*lines, "\t */"]


def _comment(text: str) -> str:
    return text.replace("*/", "* /")
