# SPDX-License-Identifier: Apache-2.0
"""What must hold for every run of every network on every platform."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import Any

import chipcast
import jsonschema
import pytest
from chipcast import _core

EXACT = 1e-9


@cache
def report_schema() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads(_core.schemas())["report"])


def check_run(result: chipcast.Result, model: chipcast.Model) -> None:
    report_schema().validate(result.report)
    _check_totals(result)
    _check_conservation(result, model)
    _check_power(result)
    for op in result.ops:
        _check_op(op, result.latency_s)
    for share in [device["utilisation"] for device in result.devices] + [
        memory["bandwidth_utilisation"] for memory in result.memories
    ]:
        assert 0 <= share <= 1 + EXACT


def _check_totals(result: chipcast.Result) -> None:
    totals = result.report["totals"]
    for name in "latency_s", "energy_j", "average_power_w", "peak_power_w", "traffic_bytes":
        assert math.isfinite(totals[name]) and totals[name] > 0, name
    assert 0 < result.analytic_latency_s <= result.latency_s
    assert result.average_power_w == pytest.approx(result.energy_j / result.latency_s, rel=EXACT)
    assert result.peak_power_w >= result.average_power_w * (1 - EXACT)


def _check_conservation(result: chipcast.Result, model: chipcast.Model) -> None:
    """Nothing appears or is lost between graph, operators, devices, memories and the ledger."""
    energy = result.report["energy"]
    for split in energy["by_component"], energy["by_action"]:
        assert math.fsum(split.values()) == pytest.approx(result.energy_j, rel=EXACT)
    assert result.macs == model.totals["macs"]
    assert result.macs == sum(op["macs"] for op in result.ops)
    assert result.macs == sum(device["macs"] for device in result.devices)
    moved = sum(memory["read_bytes"] + memory["written_bytes"] for memory in result.memories)
    assert result.traffic_bytes == moved
    if not result.report["caches"]:  # a system cache keeps what is read again, and moves whole lines
        assert moved == sum(op["traffic_bytes"] for op in result.ops)


def _check_power(result: chipcast.Result) -> None:
    """Every joule is in one domain or lost in a rail, in one state, in one window."""
    power = result.report["power"]
    windows = len(power["samples_w"])
    lengths = [power["window_s"]] * (windows - 1) + [result.latency_s - power["window_s"] * (windows - 1)]
    for domain in power["domains"]:
        states, energy = domain["states"], domain["energy_j"]
        assert math.fsum(state["time_s"] for state in states) == pytest.approx(result.latency_s, rel=EXACT)
        assert math.fsum(state["energy_j"] for state in states) == pytest.approx(energy, rel=EXACT)
        under = math.fsum(w * s for w, s in zip(domain["samples_w"], lengths, strict=True))
        assert under == pytest.approx(energy, rel=1e-6), domain["name"]
    spent = math.fsum(domain["energy_j"] for domain in power["domains"])
    lost = math.fsum(rail["loss_j"] for rail in power["rails"])
    assert spent + lost == pytest.approx(result.energy_j, rel=EXACT)


def _check_op(op: dict[str, Any], latency_s: float) -> None:
    if op["device"]:
        assert 0 <= op["start_s"] < op["end_s"] <= latency_s * (1 + EXACT), op
        assert math.isfinite(op["energy_j"]) and op["energy_j"] > 0, op
    else:  # a view: nothing moves
        assert op["macs"] == op["traffic_bytes"] == op["compute_cycles"] == 0, op
        assert op["start_s"] == op["end_s"] and op["energy_j"] == 0, op
