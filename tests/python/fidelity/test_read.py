# SPDX-License-Identifier: Apache-2.0
"""Files of cases: what a row may say, and what a wrong one costs."""

from __future__ import annotations

from pathlib import Path

import pytest
from chipcast import InputError
from chipcast.fidelity.case import Case, read_quantity, read_unit
from chipcast.fidelity.read import COLUMNS, Cases, read_cases

HEADER = ",".join(COLUMNS)
ROW = "one,rk3588,a76,ncnn,resnet18,fp16,4,1,latency,9.37,ms,somewhere,score"


def read(tmp_path: Path, *lines: str) -> Cases:
    file = tmp_path / "cases.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_cases(file)


def test_columns_are_those_of_the_format() -> None:
    assert (
        HEADER
        == "case,platform,device,runtime,workload,dtype,threads,batch,quantity,measured,unit,source,use"
    )


def test_a_row_is_a_case(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER, ROW) == Cases(
        (
            Case(
                "one",
                "rk3588",
                "a76",
                "ncnn",
                "resnet18",
                "fp16",
                4,
                1,
                "latency",
                9.37,
                "ms",
                "somewhere",
                "score",
            ),
        ),
        lines=(2,),
    )


def test_columns_may_stand_in_any_order_and_most_may_be_absent(tmp_path: Path) -> None:
    got = read(tmp_path, "Unit, measured ,quantity,workload,platform", "us,3,Latency,resnet18,rk3588")
    assert got.cases == (
        Case(
            "rk3588/resnet18/latency",
            "rk3588",
            "",
            "",
            "resnet18",
            "",
            1,
            1,
            "latency",
            3.0,
            "us",
            "",
            "score",
        ),
    )


def test_spellings(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "\ufeff" + HEADER,
        "# a comment, and an empty line",
        "",
        'a,x,npu,,n,INT8,1.0,,THROUGHPUT,1e2,FPS,"a, b",calibrate',
        "b,x,npu,,n,w8a8,,2,energy,1,µJ,,",
        "c,x,npu,,n,Float32,,,latency,1,µs,,",
    )
    assert not got.errors
    assert [(c.dtype, c.threads, c.batch, c.quantity, c.unit, c.use) for c in got.cases] == [
        ("int8", 1, 1, "throughput", "fps", "calibrate"),
        ("int8", 1, 2, "energy", "uJ", "score"),
        ("fp32", 1, 1, "latency", "us", "score"),
    ]
    assert got.cases[0].source == "a, b"
    assert got.lines == (4, 5, 6)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("platform", "", "platform: empty"),
        ("workload", "", "workload: empty"),
        ("dtype", "int9", 'dtype: "int9" is no number format (did you mean "int8"?)'),
        ("threads", "0", 'threads: "0" is no whole number from 1 to 4096'),
        ("threads", "nan", 'threads: "nan"'),
        ("threads", "inf", 'threads: "inf"'),
        ("batch", "1.5", 'batch: "1.5" is no whole number'),
        ("quantity", "speed", 'quantity: "speed" is none of latency, energy'),
        ("measured", "9 ms", 'measured: "9 ms" is no number; units stand in the column unit'),
        ("measured", "-1", "is not above zero and finite"),
        ("measured", "nan", "is not above zero and finite"),
        ("unit", "mJ", 'unit: "mJ" is no unit of latency (known: s, ms, us, ns)'),
        ("use", "train", 'use: "train" is neither calibrate nor score'),
    ],
)
def test_a_wrong_row_costs_itself_alone(tmp_path: Path, column: str, value: str, message: str) -> None:
    cells = ROW.split(",")
    cells[COLUMNS.index(column)] = value
    got = read(tmp_path, HEADER, ROW, ",".join(cells), ROW.replace("one", "two"))
    assert [case.case for case in got.cases] == ["one", "two"]
    (error,) = got.errors
    assert error.line == 3
    assert error.message.startswith("line 3: ")
    assert message in error.message


def test_too_many_cells(tmp_path: Path) -> None:
    (error,) = read(tmp_path, HEADER, ROW + ",more").errors
    assert "14 cells in 13 columns; put quotes around commas" in error.message


def test_lines_are_those_of_the_file_beside_quoted_line_breaks(tmp_path: Path) -> None:
    quoted = ROW.replace("somewhere", '"some\nwhere"')
    got = read(tmp_path, HEADER, quoted, ROW.replace("latency", "speed"))
    assert got.lines == (2,)
    assert got.errors[0].line == 4


def test_a_quote_that_is_not_closed_costs_its_row(tmp_path: Path) -> None:
    torn, stray = (
        ROW.replace("somewhere", '"somewhere'),
        ROW.replace("somewhere", 'a "b" c"').replace("one", '"x"y'),
    )
    got = read(tmp_path, HEADER, torn, ROW, stray, ROW.replace("somewhere", '"a, b"'), torn)
    assert got.lines == (3, 5)
    assert [error.line for error in got.errors] == [2, 4, 6]
    assert got.errors[0].message.startswith("line 2: not CSV: unexpected end of data")


def test_names_may_begin_with_a_hash(tmp_path: Path) -> None:
    got = read(tmp_path, "# the board, of May", HEADER, "#" + ROW, "# 1, 2, 3", ROW)
    assert [case.case for case in got.cases] == ["#one", "one"]
    assert not got.errors


@pytest.mark.parametrize(
    ("quantity", "unit", "name", "known"),
    [
        ("fps", "", "throughput", "1/s"),
        ("Frame_Rate", "FPS", "throughput", "fps"),
        ("inference time", "microseconds", "latency", "us"),
        ("latency", "MS", "latency", "ms"),
        ("latency", "Seconds", "latency", "s"),
        ("latency", "ms/inference", "latency", "ms"),
        ("energy_per_inference", "uJ/inf", "energy", "uJ"),
        ("energy", "mJ/inference", "energy", "mJ"),
        ("energy", "mj", "energy", "mJ"),
        ("average_power", "milliwatts", "power", "mW"),
        ("throughput", "inferences/s", "throughput", "inferences/s"),
        ("throughput", "HZ", "throughput", "Hz"),
        ("cycles", "KCYCLES", "cycles", "kcycles"),
    ],
)
def test_quantities_and_units_as_sources_spell_them(quantity: str, unit: str, name: str, known: str) -> None:
    assert read_quantity(quantity) == name
    assert read_unit(unit, name) == known


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [
        ("energy", "MJ"),
        ("power", "MW"),
        ("cycles", "mcycles"),
        ("traffic", "mb"),
        ("latency", ""),
        ("energy", ""),
    ],
)
def test_units_that_may_mean_another_size(quantity: str, unit: str) -> None:
    with pytest.raises(InputError, match="unit: "):
        read_unit(unit, quantity)


def test_further_columns_are_told(tmp_path: Path) -> None:
    got = read(tmp_path, HEADER + ",note", ROW + ",x")
    assert len(got.cases) == 1
    assert got.warnings[0].endswith("ignored columns: note")


def test_names_in_several_rows_are_told(tmp_path: Path) -> None:
    assert "stand in several rows" in read(tmp_path, HEADER, ROW, ROW).warnings[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no header"),
        ("platform,workload,measured,unit\n", "line 1: no column quantity"),
        (HEADER.replace(",", ";"), "separate the columns by commas"),
        (HEADER + ",unit", "column unit stands there twice"),
        ('"open,' + HEADER, "line 1: not CSV"),
    ],
)
def test_files_that_are_none(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "cases.csv"
    file.write_text(text)
    with pytest.raises(InputError, match="cases") as error:
        read_cases(file)
    assert message in str(error.value)


def test_absent_and_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cases: no file"):
        read_cases(tmp_path / "none.csv")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8 text at byte 0"):
        read_cases(tmp_path / "bytes.csv")
