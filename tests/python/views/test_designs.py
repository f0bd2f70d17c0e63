# SPDX-License-Identifier: Apache-2.0
"""Tables as views read them, and how columns lie along an axis."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import chipcast
import pandas as pd
import pytest
from chipcast.views.designs import designs_of
from chipcast.views.scales import scale_of
from chipcast.views.units import prefixed, unit_of, words_of
from views_tables import AXES, grid


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_file_is_the_table_that_it_was_written_from(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"table{suffix}"
    grid().write(file)
    read, known = designs_of(file), designs_of(grid())
    assert read.states == known.states == {"done": 34, "failed": 1, "invalid": 1}
    assert read.axes == known.axes == list(AXES)
    for name in ("latency_s", "energy_j", "area_mm2"):
        assert str(read.numbers(name)) == str(known.numbers(name))
    assert [read.texts(name) for name in AXES] == [known.texts(name) for name in AXES]


def test_a_frame_without_states_is_all_done() -> None:
    designs = designs_of(pd.DataFrame({"clock": ["1 GHz", "2 GHz"], "latency_s": [2.0, 1.0]}))
    assert designs.states == {"done": 2}
    assert designs.axes == designs.varied() == ["clock"]


def test_places_are_those_of_the_whole_table() -> None:
    assert list(designs_of(grid()).places)[3:7] == [4, 5, 8, 9]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (pd.DataFrame({"a": []}), "table: it has no rows"),
        (3, "table: expected a result of a sweep, .* got int"),
        ("table.xls", 'table: "table.xls" ends in neither .csv nor .parquet'),
        ("absent.csv", 'table: cannot read "absent.csv": No such file'),
        (
            pd.DataFrame({"state": ["failed"], "reason": ["too slow"]}),
            r"table: none of 1 points was forecast \(the first: too slow\)",
        ),
    ],
)
def test_what_is_no_table_is_told(source: Any, message: str) -> None:
    with pytest.raises(chipcast.InputError, match=message):
        designs_of(source)


def test_a_file_of_something_else_is_told(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("")
    with pytest.raises(chipcast.InputError, match='table\\.csv" is no table'):
        designs_of(file)


def scale(name: str, values: list[Any], **options: Any) -> Any:
    return scale_of(designs_of(pd.DataFrame({name: values})), name, **options)


def test_quantities_are_numbers_in_one_unit() -> None:
    found = scale("npu.clock", ["800 MHz", "1.2 GHz", "400 MHz"])
    assert found.label == "npu.clock (GHz)"
    assert list(found.numbers) == pytest.approx([0.8, 1.2, 0.4])
    assert [text for _, text in found.ticks()] == ["0.4", "0.8", "1.2"]
    assert not found.log


def test_bytes_keep_their_binary_prefix_and_factors_are_seen() -> None:
    found = scale("npu.buffer", ["64 KiB", "128 KiB", "256 KiB", "1 MiB"])
    assert found.label == "npu.buffer (MiB)"
    assert found.log
    assert scale("npu.buffer", ["64 KiB", "96 KiB", "128 KiB"]).log is False
    assert list(found.shares()) == pytest.approx([0.0, 0.25, 0.5, 1.0])


def test_what_is_neither_is_a_list_of_names() -> None:
    found = scale("mapper", ["heft", "greedy", "heft", None, True])
    assert found.names == ("True", "greedy", "heft", "–")
    assert list(found.numbers) == [2, 1, 2, 3, 0]
    assert scale("dtype", ["int16", "int4", "int8", "fp16"]).names == ("fp16", "int4", "int8", "int16")
    mixed = scale("x", ["3 MHz", "3 KiB"])
    assert mixed.names == ("3 KiB", "3 MHz")


def test_measured_numbers_are_by_factors_where_they_spread() -> None:
    assert scale("latency_s", [1e-3, 2e-3, 90e-3]).log
    assert not scale("latency_s", [1e-3, 2e-3, 9e-3]).log
    assert not scale("latency_s", [-1e-3, 2e-3, 900e-3], log=True).log
    assert scale("latency_s", [1e-3, 2e-3], log=True).log


def test_ticks_over_many_decades_have_their_own_prefixes() -> None:
    found = scale("latency_s", [2e-4, 3e-2, 4.0])
    assert found.label == "latency"
    assert [text for _, text in found.ticks()] == ["1 ms", "10 ms", "100 ms", "1 s"]
    assert [text for _, text in scale("area_mm2", [0.5, 5000.0]).ticks()] == [
        "1 mm²", "10 mm²", "100 mm²", "1000 mm²"
    ]  # fmt: skip


def test_drawn_values_are_by_factors_where_their_middle_is() -> None:
    even = [f"{10 * 1000 ** (k / 20):.6g} us" for k in range(21)]
    assert scale("npu.launch", even).log
    assert not scale("npu.launch", [f"{10 + 500 * k} us" for k in range(21)]).log


def test_one_value_lies_in_the_middle() -> None:
    assert list(scale("latency_s", [2.0, 2.0]).shares()) == [0.5, 0.5]


def test_units_and_words() -> None:
    assert [unit_of(name) for name in ("latency_s", "energy_j", "area_mm2", "mapper", "s")] == [
        "s",
        "J",
        "mm²",
        "",
        "",
    ]
    assert words_of("average_power_w") == "average power"
    assert words_of("npu.launch_s") == "npu.launch_s"
    assert prefixed("s", [0.004, 0.02]).symbol == "ms"
    assert prefixed("s", [4000.0]).symbol == "s"
    assert prefixed("B", [65536.0], binary=True).text(65536.0) == "64 KiB"
    assert prefixed("J", [float("nan"), 0.0]).symbol == "J"
    assert prefixed("mm²", [4000.0]).symbol == "mm²"
    assert json.dumps(prefixed("s", [2.5e-7]).text(2.5e-7)) == '"250 ns"'
