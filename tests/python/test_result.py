# SPDX-License-Identifier: Apache-2.0
"""The Result: what a script reads from a run."""

from __future__ import annotations

import json
import math
from pathlib import Path

import chipcast
import jsonschema
import pytest
from chipcast import Result, _core


def test_the_report_follows_its_schema(result: Result) -> None:
    schema = json.loads(_core.schemas())["report"]
    jsonschema.Draft7Validator(schema).validate(result.report)


def test_numbers_are_finite_and_positive(result: Result) -> None:
    numbers = [result.latency_s, result.energy_j, result.average_power_w, result.peak_power_w, result.macs]
    assert all(math.isfinite(n) and n > 0 for n in numbers)
    assert result.traffic_bytes > 0


def test_analytic_is_a_lower_bound(result: Result) -> None:
    assert 0 < result.analytic_latency_s <= result.latency_s


def test_power_is_energy_over_time(result: Result) -> None:
    assert result.average_power_w == pytest.approx(result.energy_j / result.latency_s, rel=1e-9)
    assert result.peak_power_w >= result.average_power_w * (1 - 1e-9)


def test_energy_entries_sum_to_the_total(result: Result) -> None:
    components = result.report["energy"]["by_component"]
    entries = components.values() if isinstance(components, dict) else (c["energy_j"] for c in components)
    assert math.fsum(entries) == pytest.approx(result.energy_j, rel=1e-9)


def test_operators_add_up(result: Result) -> None:
    assert sum(op["macs"] for op in result.ops) == result.macs == result.report["network"]["macs"]
    assert all(0 <= op["start_s"] <= op["end_s"] <= result.latency_s * (1 + 1e-12) for op in result.ops)


def test_every_operator_that_moves_data_costs_time_and_energy(result: Result) -> None:
    movers = [op for op in result.ops if op["traffic_bytes"] > 0 or op["macs"] > 0]
    assert movers
    assert all(op["end_s"] > op["start_s"] and op["energy_j"] > 0 for op in movers)


def test_devices_and_memories(result: Result) -> None:
    assert all(0 <= device["utilisation"] <= 1 for device in result.devices)
    assert all(0 <= memory["bandwidth_utilisation"] <= 1 for memory in result.memories)
    assert {op["device"] for op in result.ops if op["device"]} <= {
        device["name"] for device in result.devices
    }


def test_to_pandas_has_a_row_per_operator(result: Result) -> None:
    frame = result.to_pandas()
    assert len(frame) == len(result.ops)
    assert list(frame["name"]) == [op["name"] for op in result.ops]
    assert frame["macs"].sum() == result.macs
    assert (frame["time_s"] == frame["end_s"] - frame["start_s"]).all()


def test_to_json_is_the_report(result: Result) -> None:
    assert json.loads(result.to_json()) == result.report


def test_a_result_is_read_only(result: Result) -> None:
    with pytest.raises(AttributeError):
        result.report = {}  # type: ignore[misc]


def test_repr_is_short(result: Result) -> None:
    assert repr(result).startswith("Result(latency_s=")
    assert len(repr(result)) < 200


def test_program_has_the_decisions(result: Result) -> None:
    program = result.program()
    assert program
    jsonschema.Draft7Validator(json.loads(_core.schemas()).get("program", {})).validate(program)


def test_write_trace(result: Result, tmp_path: Path) -> None:
    path = result.write_trace(tmp_path / "run.pftrace")
    assert path.read_bytes() == result.trace_bytes() != b""


def test_provenance(result: Result) -> None:
    provenance = result.report["provenance"]
    assert provenance["tool_version"] == chipcast.__version__
    assert provenance["seed"] == 0
    assert len(provenance["platform_sha256"]) == len(provenance["model_sha256"]) == 64
