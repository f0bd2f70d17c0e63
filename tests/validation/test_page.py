# SPDX-License-Identifier: Apache-2.0
"""The generated part of docs/fidelity.md."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from chipcast.fidelity.case import Case
from chipcast.fidelity.errors import FILE, groups
from chipcast.fidelity.outcome import Found, Outcome
from chipcast.fidelity.platforms import platform_of
from chipcast.fidelity.read import RowError, read_cases
from chipcast.fidelity.validation import Validation
from page import BEGIN, END, generated, with_block

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "fidelity.md"


def outcome(name: str, measured: float, predicted: float, **cells: str) -> Outcome:
    case = Case(name, "rk3588", "npu", "rknn", cells.get("workload", name), "int8", 1, 1, "latency", measured, "ms", "",
                cells.get("use", "score"))  # fmt: skip
    return Outcome(case, Found(predicted, "lpddr4x", "npu", "rk3588", {"conv": 0.9, "pool": 0.1}))


def test_every_case_stands_in_its_line() -> None:
    some = (
        outcome("one", 1.0, 0.8),
        outcome("two", 20.0, 25.0, workload="graphs/two.param", use="calibrate"),
    )
    text = generated(Validation(some, (RowError(3, "x", "cases.csv: line 3: no"),)))
    assert "| rk3588 | npu, rknn | int8 | latency | one -20 %, two +25 % |" in text
    assert "| npu int8 | 1 | 1 | 2 | 22.5 % | 22.5 % | 0.0 % | 100.0 % | – | – | +0.0 % |" in text
    assert "| two | lpddr4x | 20 ms | 25 ms | +25.0 % |" in text
    assert "| conv | 90.0 % | 22.5 % | +2.5 % |" in text
    assert "- cases.csv: line 3: no" in text


def test_only_the_generated_block_changes() -> None:
    assert with_block(f"above\n{BEGIN}\nold\n{END}\nbelow\n", "new") == f"above\n{BEGIN}\nnew\n{END}\nbelow\n"
    for page in ("no markers", f"{END}{BEGIN}", f"{BEGIN}{BEGIN}{END}"):
        with pytest.raises(ValueError, match="the page needs"):
            with_block(page, "new")


def test_the_page_has_every_chip_of_the_cases() -> None:
    """Renew it with `scripts/validate --write`."""
    page = PAGE.read_text(encoding="utf-8")
    known = {group["platform"] for group in groups() if group["platform"]}
    assert known
    assert not [name for name in known if f"| {name} |" not in page]
    made_by = json.loads(FILE.read_text(encoding="utf-8"))["made_by"]
    assert made_by.replace(" with", "` with", 1) in page


def test_errors_are_those_of_all_cases() -> None:
    """Whatever the page says: reports quote errors.json. Renew it with `scripts/validate --write`."""
    cases = [case for file in sorted((HERE / "cases").glob("*.csv")) for case in read_cases(file).cases]
    wanted = Counter(platform_of(case.platform, HERE / "cases").stem for case in cases)
    wanted["eyeriss"] *= 2  # power of each layer, which no column of a case can say
    known: Counter[str] = Counter()
    for group in groups():
        known[group["platform"] or ""] += group["count"]
    del known[""]
    assert dict(known) == dict(wanted)


def test_the_example_marks_its_rows_as_the_cases_do() -> None:
    def key(case: Case) -> tuple[str, str, float]:
        return case.platform, case.quantity, case.measured

    files = sorted((HERE / "cases").glob("*.csv"))
    use = {key(case): case.use for file in files for case in read_cases(file).cases}
    example = read_cases(HERE.parents[1] / "examples" / "validate" / "board.csv").cases
    assert example
    assert {key(case): case.use for case in example} == {key(case): use.get(key(case)) for case in example}


def test_cases_can_all_be_read() -> None:
    for file in sorted((HERE / "cases").glob("*.csv")):
        assert read_cases(file).errors == ()
