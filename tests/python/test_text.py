# SPDX-License-Identifier: Apache-2.0
"""Numbers and names as people read them."""

from __future__ import annotations

import math

import pytest
from chipcast.text import did_you_mean, one_line, percent, plain, quantity
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.00421, "s", "4.21 ms"),
        (0.0009996, "s", "1.00 ms"),
        (999.4, "B", "999 B"),
        (1.0, "W", "1.00 W"),
        (12.34, "W", "12.3 W"),
        (300774272, "", "301 M"),
        (3e-13, "J", "0.300 pJ"),
        (0, "J", "0 J"),
        (5e15, "", "5000 T"),
        (math.nan, "s", "–"),
        (None, "s", "–"),
    ],
)
def test_quantity(value: float, unit: str, shown: str) -> None:
    assert quantity(value, unit) == shown


@given(st.floats(min_value=1e-12, max_value=1e15))
def test_quantity_keeps_three_digits(value: float) -> None:
    number, *prefix = quantity(value, "s").split(" ")
    scale = {"T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3, "": 1.0, "m": 1e-3, "µ": 1e-6, "n": 1e-9, "p": 1e-12}
    assert float(number) * scale[prefix[0].removesuffix("s")] == pytest.approx(value, rel=6e-3)


def test_percent() -> None:
    assert percent(0.345) == "34.5 %"
    assert percent(None) == "–"


@given(st.text())
def test_plain_leaves_nothing_that_a_terminal_obeys(text: str) -> None:
    assert plain(text).isprintable()
    assert len(plain(text, 20)) <= 20


def test_plain_escapes_control_characters() -> None:
    assert plain("a\x1b[31mb\n\u202ec") == "a\\x1b[31mb\\n\\u202ec"


def test_one_line() -> None:
    assert one_line("a\n  b\tc") == "a b c"


def test_did_you_mean() -> None:
    assert did_you_mean("mobilnet", ["mobilenet", "resnet"]) == ' (did you mean "mobilenet"?)'
    assert did_you_mean("RK3588", ["rk3588"]) == ' (did you mean "rk3588"?)'
    assert did_you_mean("xyz", ["b", "a"]) == " (known: a, b)"
    assert did_you_mean("xyz", []) == ""
