# SPDX-License-Identifier: Apache-2.0
"""A sweep's points are what single runs give, whatever its worker has done and remembered before."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

import chipcast
import pytest
from chipcast import _core, api
from chipcast.catalog import platform_file, search_dirs
from chipcast.model import load_model
from chipcast.sweep import evaluate, metrics
from chipcast.technology import parts

NETWORK = "mlperf_tiny_kws"
OPTIONS = {"dtype": "int8", "tile_budget": 200}
Overrides = dict[str, Any]


def design(draw: random.Random) -> Overrides:
    """A point of a sweep like examples/sweeps/npu_size.json."""
    rows, columns = draw.choice([8, 16, 32]), draw.choice([8, 16, 24])
    return {
        "npu.input_lanes": rows,
        "npu.output_lanes": columns,
        "npu.rates": [{"dtype": "int8", "macs": f"{rows * columns} op/cycle"}],
        "npu.buffer": f"{draw.choice([16, 24, 32, 64, 256])} KiB",
        "npu.clock": f"{draw.choice([300, 455, 600])} MHz",
        "ddr3l.mega_transfers": draw.choice([1333, 1866]),
    }


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Nothing is known before the test; workers' way of remembering after it."""
    evaluate._session.cache_clear()
    evaluate._remember_searches.cache_clear()
    evaluate._mapped.clear()
    _core.remember_searches(0)
    yield
    evaluate._mapped.clear()
    evaluate._session.cache_clear()
    evaluate._remember_searches.cache_clear()
    _core.remember_searches(0)


def job(overrides: Overrides, **others: Any) -> dict[str, Any]:
    plain = {"model": NETWORK, "model_options": {}, "platform": "rv1106", "tier": "systemc", "keep": {}}
    return {**plain, "options": OPTIONS, "overrides": overrides, "area": True, **others}


def row_of_a_run(overrides: Overrides, keep: Mapping[str, str]) -> dict[str, Any]:
    result = chipcast.run(NETWORK, "rv1106", overrides=overrides, **OPTIONS)
    row = metrics.of_report(result.report, keep)
    row["area_mm2"] = sum(part.area_mm2 for part in parts("rv1106", overrides=overrides))
    return row


def alone(overrides: list[str], options: Mapping[str, Any]) -> str:
    """The report of a run that nothing is remembered of."""
    _core.remember_searches(0)
    with platform_file("rv1106") as path:
        graph = load_model(NETWORK).graph_json
        text = json.dumps(dict(options))
        return _core.Simulation(str(path), search_dirs(path), overrides, graph, text).run()


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize(
    "keep", [{}, {"used": "devices[npu].utilisation", "words": "validation.latency.words"}]
)
def test_rows_are_those_of_single_runs_in_any_order(keep: dict[str, str]) -> None:
    draw = random.Random(5)
    designs = [design(draw) for _ in range(6)]
    expected = [row_of_a_run(each, keep) for each in designs]
    for _ in range(2):  # cold, then with all that the first round has left
        for index in draw.sample(range(len(designs)), len(designs)):
            assert evaluate.evaluate(job(designs[index], keep=keep)) == expected[index]
            analytic = evaluate.evaluate(job(designs[index], keep=keep, tier="analytic"))
            assert analytic["analytic_latency_s"] == expected[index]["analytic_latency_s"]
            assert analytic["area_mm2"] == expected[index]["area_mm2"]
    found, made = _core.remembered_searches()
    assert found > made


@pytest.mark.usefixtures("forgetful")
def test_reports_of_a_session_are_those_of_single_runs_byte_for_byte() -> None:
    draw = random.Random(7)
    designs = [api.override_list(design(draw)) for _ in range(5)]
    expected = [alone(each, OPTIONS) for each in designs]
    _core.remember_searches(1000)
    session = session_of()
    for index in [*range(5), *reversed(range(5))]:
        assert session.simulation(designs[index], json.dumps(OPTIONS)).run() == expected[index]


FIELDS = {
    "npu.clock": "501 MHz",
    "npu.depthwise_channels": 16,
    "npu.channel_packing": True,
    "npu.channel_alignment": 8,
    "npu.packing": "ideal",
    "npu.winograd": ["int8"],
    "npu.efficiency": 0.7,
    "npu.cores": [{"count": 1, "input_lanes": 16, "output_lanes": 8}],
    "npu.core_split": "rows",
    "npu.buffer": "40 KiB",
    "npu.buffer_banks": 8,
    "npu.sequencing": "buffer_split",
    "npu.resident": "64 KiB",
    "npu.depth_first": False,
    "npu.weights": {"compressed": True, "zero_share": 0.5},
    "npu.accumulator": "4 KiB",
    "npu.weight_reuse": 4,
    "npu.post_elements": 2,
    "npu.post_rates": [{"class": "conv", "elements": 1}],
    "npu.activation_rates": [{"functions": ["relu"], "elements": 0.5}],
    "npu.tile_overhead": "900 cycles",
    "npu.launch": "1 us",
    "npu.launch_cycles": "7000 cycles",
    "npu.volts": 0.8,
    "npu.leakage": "9 mW",
    "npu.clock_power": "99 mW",
    "npu.dma.outstanding": 2,
    "npu.dma.burst": "64 B",
    "npu.dma.chunk": "1 KiB",
    "npu.dma.port": "1 GB/s",
    "npu.dma.latency": "300 ns",
    "npu.dma.packed": False,
    "npu.dma.row_overhead": "100 ns",
    "ddr3l.mega_transfers": 1333,
    "interconnect.clock": "100 MHz",
    "interconnect.width": "4 B/cycle",
    "interconnect.latency": "90 cycles",
    "a7.clock": "600 MHz",
    "a7.cores": 2,
    "handoff": "7 us",
    "technology.nominal_volts": 1.1,
    "system_cache": {"capacity": "256 KiB"},
}
"""Every field of the NPU, and others that its tiles may feel."""


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize("field", FIELDS)
def test_nothing_is_remembered_across_a_field_that_it_depends_on(field: str) -> None:
    changed = api.override_list({field: FIELDS[field]})
    expected = [alone([], OPTIONS), alone(changed, OPTIONS)]
    _core.remember_searches(1000)
    session = session_of()
    for overrides, report in zip(([], changed, [], changed), expected * 2, strict=True):
        assert session.simulation(overrides, json.dumps(OPTIONS)).run() == report


def test_every_field_of_the_npu_is_among_them() -> None:
    resolved = api.describe("rv1106")["devices"]["npu"]
    tested = {field.split(".")[1] for field in FIELDS if field.startswith("npu.")}
    assert set(resolved) - {"type", "input_lanes", "output_lanes", "rates", "classes", "refused"} <= tested


@pytest.mark.usefixtures("forgetful")
def test_what_is_remembered_is_bounded() -> None:
    _core.remember_searches(4)
    session = session_of()
    draw = random.Random(1)
    for _ in range(4):
        overrides = api.override_list(design(draw))
        got = session.simulation(overrides, json.dumps(OPTIONS)).run()
        expected = alone(overrides, OPTIONS)
        assert got == expected
        _core.remember_searches(4)


@pytest.mark.usefixtures("forgetful")
def test_mistakes_are_told_as_in_single_runs() -> None:
    session = session_of()
    for wrong in (["npu.clok=1 GHz"], ["npu.input_lanes=7"], ["npu.buffer=many"]):
        texts = []
        for make in (
            lambda given=wrong: alone(given, {}),
            lambda given=wrong: session.simulation(given).run(),
        ):
            with pytest.raises(chipcast.InputError) as error:
                make()
            texts.append(str(error.value))
        assert texts[0] == texts[1]


def session_of() -> _core.Session:
    with platform_file("rv1106") as path:
        return _core.Session(str(path), search_dirs(path), load_model(NETWORK).graph_json)
