# SPDX-License-Identifier: Apache-2.0
"""Formulas compute what they say, and run nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from chipcast import InputError
from chipcast.sweep import expressions, quantities, templates
from hypothesis import given
from hypothesis import strategies as st

VALUES: dict[str, Any] = {
    "npu.lanes": 16,
    "npu.rates[0].macs": "512 op/cycle",
    "npu.clock": "0.8 GHz",
    "dtype": "int8",
    "list": [1, 2],
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("npu.lanes * 2 + 1", 33),
        ("npu.lanes ** 2 // 10 % 7", 4),
        ("npu.rates[0].macs == npu.lanes * 32", True),
        ("npu.clock == '800 MHz'", True),
        ("'1 MiB' / '1 KiB'", 1024),
        ("dtype == 'int8' and not npu.lanes > 16", True),
        ("dtype in ('fp16', 'int16')", False),
        ("1 < npu.lanes < 20 < 19", False),
        ("max(npu.lanes, 20) if dtype == 'int8' else 0", 20),
        ("sqrt(npu.lanes) + log2(8) + abs(-1) + ceil(0.2)", 9),
        ("list == (1, 2)", True),
        ("npu.lanes or 1 / 0", 16),
    ],
)
def test_values(text: str, value: object) -> None:
    assert expressions.parse(text).value(VALUES) == value


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "(lambda: 1)()",
        "[x for x in (1, 2)]",
        "npu.lanes.__class__()",
        "f'{npu.lanes}'",
        "a := 3",
        "open('x')",
        "max(*list)",
        "round(1.5, ndigits=1)",
        "1; 2",
        "yield 1",
        "b'x'",
        "1j",
        "...",
        "{}",
        "'x'.join",
        "",
        "(" * 300 + ")" * 300,
        "+".join(["1"] * 300),
        "1" * 3000,
    ],
)
def test_nothing_else_runs(text: str) -> None:
    with pytest.raises(InputError) as error:
        expressions.parse(text)
    assert len(str(error.value)) < 600


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 / 0", "division by zero"),
        ("9 ** 9 ** 9", "exponent 387420489 is beyond 64"),
        ("(9 ** 60) ** 60 ** 1 * (9 ** 60) ** 60", "too large"),
        ("dtype * 1000", "is not a number"),
        ("dtype < 3", "not supported between"),
        ("sqrt(-1)", "math domain error"),
    ],
)
def test_what_cannot_be_computed(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        expressions.parse(text).value(VALUES)


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_an_error(text: str) -> None:
    try:
        expressions.parse(text)
    except InputError:
        return


def test_templates() -> None:
    given = {
        "rates": [{"dtype": "int8", "macs": "{npu.lanes * 32} op/cycle"}],
        "lanes": "{npu.lanes / 2}",
        "n": 3,
    }
    assert templates.fill(given, VALUES) == {
        "rates": [{"dtype": "int8", "macs": "512 op/cycle"}],
        "lanes": 8,
        "n": 3,
    }


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("800 MHz", 8e8),
        ("1.3GHz", 1.3e9),
        ("64 KiB", 65536),
        ("12 fJ/bit", 96e-15),
        ("1e3 B", 1000),
        ("-2 us", -2e-6),
    ],
)
def test_quantities(text: str, base: float) -> None:
    found = quantities.parse(text)
    assert found is not None
    assert found.base == pytest.approx(base, rel=1e-15)


@pytest.mark.parametrize(
    "text", ["", "int8", "3", "3 mhz", "MHz", "nan MHz", "1e999 B", "3 MHz MHz", None, 4]
)
def test_what_is_no_quantity(text: object) -> None:
    assert quantities.parse(text) is None
