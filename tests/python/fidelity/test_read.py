# SPDX-License-Identifier: Apache-2.0
"""Files of cases: what a row may say, and what a wrong one costs."""

from __future__ import annotations

from pathlib import Path

import pytest
from chipcast import InputError
from chipcast.fidelity.case import Case
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
        (HEADER + '\n"open', "not CSV"),
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
