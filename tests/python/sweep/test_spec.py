# SPDX-License-Identifier: Apache-2.0
"""What a sweep says, and which points that gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from chipcast import InputError
from chipcast.sweep import Axis, Range, Sample, Space, Sweep, read_sweep
from chipcast.sweep.axes import Number

KWS = {"model": "mlperf_tiny_kws", "platform": "rv1106"}


def space(**members: Any) -> Space:
    return Space(read_sweep({**KWS, **members}))


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (Range(1, 10, steps=4), (1, 4, 7, 10)),
        (Range(1, 8, steps=4, scale="log"), (1, 2, 4, 8)),
        (Range(1, 3, steps=9), (1, 2, 3)),
        (Range(0.5, 1.0, steps=3), (0.5, 0.75, 1)),
        (Range("64 KiB", "1 MiB", steps=5, scale="log"), ("64 KiB", "128 KiB", "256 KiB", "512 KiB", "1024 KiB")),
        (Range("1 GHz", "1500 MHz", steps=2), ("1 GHz", "1.5 GHz")),
        (Range("1 KiB", "2 KiB", steps=4), ("1 KiB", "1365 B", "1707 B", "2 KiB")),
        (Range(10, 40, steps=4, multiple_of=16), (16, 32)),
        (Range("100 MHz", "200 MHz", steps=3, multiple_of="40 MHz"), ("120 MHz", "160 MHz", "200 MHz")),
        (Range("2 op/cycle", "5 op/cycle", steps=3), ("2 op/cycle", "4 op/cycle", "5 op/cycle")),
        (Range(3, 9, steps=1), (3,)),
    ],
)  # fmt: skip
def test_ranges(given: Range, values: tuple[object, ...]) -> None:
    assert given.values == values


@pytest.mark.parametrize(
    ("start", "stop", "says"),
    [
        (5, 5, "to: 5 is not above from: 5"),
        (5, "9 MHz", "to: 9 MHz is not a number"),
        ("5 MHz", 9, "to: 9 is not a number with a unit (of Hz, kHz, MHz, GHz)"),
        ("5 MHz", "9 KiB", "to: 9 KiB is not a number with a unit"),
        ("5 mhz", "9 mhz", "from: 5 mhz is not a number"),
        (True, 9, "from: True is not a number"),
        (float("nan"), 9, "from: nan is not a number"),
    ],
)
def test_ranges_that_are_none(start: Number, stop: Number, says: str) -> None:
    with pytest.raises(InputError) as error:
        Range(start, stop, steps=3)
    assert says in str(error.value)


def test_a_grid_has_every_combination_in_order() -> None:
    found = space(axes={"npu.a": [1, 2, 3], "npu.b": ["x", "y"]})
    assert found.size == 6
    pairs = [tuple(point.values.values()) for point in found.points()]
    assert pairs == [(1, "x"), (1, "y"), (2, "x"), (2, "y"), (3, "x"), (3, "y")]
    assert [found.point(index) for index in range(6)] == list(found.points())


def test_networks_and_platforms_are_axes() -> None:
    sweep = read_sweep({"models": ["resnet18", "mlperf_tiny_kws"], "platform": "rv1106"})
    assert sweep.columns == ("model",)
    assert [point.values for point in Space(sweep).points()] == [
        {"model": "resnet18"},
        {"model": "mlperf_tiny_kws"},
    ]


def test_a_sweep_without_axes_is_one_point() -> None:
    assert [point.values for point in space().points()] == [{}]


def test_conditions_leave_points_out_and_keep_their_numbers() -> None:
    found = space(
        axes={"npu.a": [1, 2, 3], "npu.b": [1, 2, 3]}, where=["npu.a * npu.b <= 4", "npu.a != npu.b"]
    )
    assert [point.index for point in found.points()] == [1, 2, 3, 6]
    assert found.count() == 4
    assert found.count(most=5) is None


def test_conditions_compare_quantities_across_prefixes() -> None:
    axes = {"npu.clock": ["0.3 GHz", "500 MHz"], "npu.buffer": ["1 MiB", "64 KiB"]}
    found = space(axes=axes, where=["npu.clock < '400 MHz' and npu.buffer >= '100 kB'"])
    assert [point.index for point in found.points()] == [0]


def test_a_condition_that_fails_to_compute_makes_an_invalid_point() -> None:
    found = space(axes={"npu.a": [0, 1]}, where=["8 / npu.a > 4"])
    assert [point.problem for point in found.points()] == ['where[0]: "8 / npu.a > 4": division by zero', ""]


@pytest.mark.parametrize("method", ["random", "latin_hypercube"])
def test_samples_are_seeded_and_any_point_can_be_asked_for(method: str) -> None:
    axes = {"npu.clock": {"from": "100 MHz", "to": "1 GHz"}, "npu.a": [1, 2, 3]}
    one = space(axes=axes, sample={"method": method, "points": 30, "seed": 4})
    other = space(axes=axes, sample={"method": method, "points": 30, "seed": 4})
    third = space(axes=axes, sample={"method": method, "points": 30, "seed": 5})
    assert list(one.points()) == list(other.points())
    assert one.point(17) == list(other.points())[17]
    assert list(one.points()) != list(third.points())


def test_a_latin_hypercube_has_one_point_in_each_strip() -> None:
    found = space(
        axes={"npu.a": {"from": 0.0, "to": 1.0}}, sample={"method": "latin_hypercube", "points": 20}
    )
    strips = [int(point.values["npu.a"] * 20) for point in found.points()]
    assert sorted(strips) == list(range(20))


def test_random_points_are_drawn_until_conditions_admit_them() -> None:
    found = space(
        axes={"npu.a": {"from": 1, "to": 100}},
        where=["npu.a % 7 == 0"],
        sample={"method": "random", "points": 40},
    )
    assert all(point.values["npu.a"] % 7 == 0 for point in found.points())
    assert found.count() == 40
    never = space(
        axes={"npu.a": {"from": 1, "to": 9}}, where=["npu.a > 9"], sample={"method": "random", "points": 1}
    )
    with pytest.raises(InputError, match="none admitted"):
        never.point(0)


def test_huge_spaces_cost_nothing_before_they_are_asked_for() -> None:
    found = space(axes={f"npu.a{number}": {"from": 1, "to": 1000, "steps": 1000} for number in range(8)})
    assert found.size == 1000**8
    assert found.first(2)[1].values["npu.a7"] == 2
    last = found.point(1000**8 - 1)
    assert last is not None
    assert set(last.values.values()) == {1000}


def test_points_of_a_frame() -> None:
    frame = pd.DataFrame({"npu.clock": ["300 MHz", "600 MHz"], "mapper": ["greedy", None]})
    sweep = Sweep.of_frame(frame, models=["resnet18"], platforms=["rv1106"])
    assert [point.values for point in Space(sweep).points()] == [
        {"npu.clock": "300 MHz", "mapper": "greedy"},
        {"npu.clock": "600 MHz"},
    ]


def test_python_and_json_are_the_same_sweep() -> None:
    written = {
        **KWS,
        "axes": {"npu.clock": {"from": "300 MHz", "to": "900 MHz", "steps": 3}, "dtype": ["int8", "int16"]},
        "sample": {"method": "grid"},
    }
    axes = [Axis("npu.clock", Range("300 MHz", "900 MHz", steps=3)), Axis("dtype", ["int8", "int16"])]
    spoken = Sweep(["mlperf_tiny_kws"], ["rv1106"], axes, sample=Sample())
    assert read_sweep(written).digest == spoken.digest


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"axis": {}}, 'sweep: unknown member "axis" (did you mean "axes"?)'),
        ({"axes": {"npu.clock": 5}}, "axes.npu.clock: expected a list of values or an object, got 5"),
        ({"axes": {"npu.clock": []}}, "axes.npu.clock: no values"),
        ({"axes": {"npu.clock": [1, 1]}}, "axes.npu.clock: a value stands there twice"),
        ({"axes": {"npu.a": {"from": 1, "to": 9}}}, "axes.npu.a: a grid needs steps"),
        ({"axes": {"npu.a": {"from": 1, "to": 9, "step": 2}}}, 'unknown member "step" (did you mean "steps"?)'),
        ({"axes": {"npu.a": {"from": 1, "to": 9, "steps": 0}}}, "axes.npu.a.steps: 0 is not a whole number"),
        ({"axes": {"npu.a": {"from": 0, "to": 9, "steps": 3, "scale": "log"}}}, "axes.npu.a.from: 0 is not positive"),
        ({"axes": {"npu.a": {"values": [1], "steps": 3}}}, "values and steps exclude each other"),
        ({"axes": {"dtyp": ["int8"]}}, '"dtyp" is neither an option nor a path into the platform'),
        ({"axes": {"dtyp": ["int8"]}}, '(did you mean "dtype"?)'),
        ({"axes": {"tier": ["exact"]}}, 'axes.tier: tier "exact" is not known (known: systemc, analytic)'),
        ({"axes": {"npu.a": [1]}, "where": ["npu.b > 1"]}, 'where[0]: "npu.b > 1": no axis "npu.b" (did you mean'),
        ({"axes": {"npu.a": [1]}, "where": ["npu.a >"]}, 'where[0]: "npu.a >": not an expression'),
        ({"set": {"npu.a": "{npu.b} B"}}, 'set.npu.a: "npu.b": no axis "npu.b"'),
        ({"set": {"npu.a": "{npu.b B"}}, "braces do not pair"),
        ({"options": {"dtyp": "int8"}}, 'options: unknown member "dtyp" (did you mean "dtype"?)'),
        ({"sample": {"method": "sobol", "points": 3}}, 'sample.method: "sobol" is not known'),
        ({"sample": {"method": "random"}}, "sample.points: None is not a whole number in [1, 10000000]"),
        ({"limits": {"time": 10}}, 'limits.time: 10 is not a quantity such as "10 s"'),
        ({"keep": {"energy_j": "totals.x"}}, 'keep: "energy_j" is a column already'),
        ({"keep": {"mine": "totals..x"}}, 'keep.mine: "totals..x" is no place in a report'),
        ({"models": ["resnet18"]}, 'needs either "model" or "models"'),
        ({"points": [{"npu.a": 1}], "axes": {"npu.a": [1]}}, "points: they stand for axes and sample"),
        ({"retries": -1}, "retries: -1 is not a whole number"),
    ],
)  # fmt: skip
def test_errors_name_place_value_and_remedy(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as error:
        read_sweep({**KWS, **changes})
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_files_are_read_and_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({**KWS, "axes": {"npu.a": [1, 2]}}))
    assert read_sweep(file).name == "mine"
    for text, says in (
        ("{", "is not JSON"),
        ('{"axes": NaN}', "NaN is no number"),
        ("[]", "mine.json: sweep: expected an object"),
        ("\xff", "is not JSON"),
    ):
        file.write_bytes(text.encode("latin1"))
        with pytest.raises(InputError, match=says):
            read_sweep(file)
    with pytest.raises(InputError, match="cannot read"):
        read_sweep(tmp_path / "absent.json")
