# SPDX-License-Identifier: Apache-2.0
"""Parameters as numbers, and back as configuration takes them."""

from __future__ import annotations

from pathlib import Path

import chipcast
import pytest
from calibration.bench import FREE, platform_document
from chipcast import InputError
from chipcast.calibration.amounts import Form, read
from chipcast.calibration.parameters import free_parameters, parameter, value_at


@pytest.mark.parametrize(
    ("value", "number", "whole"),
    [
        (0.62, 0.62, False),
        (46, 46.0, True),
        ("20 us", 20e-6, False),
        ("40 cycles", 40.0, True),
        ("512 KiB", 524288.0, True),
        ("11.7 GB/s", 11.7e9, False),
        ("2.8 pJ/bit", 22.4e-12, False),
        ("416 pJ/cycle", 416e-12, False),
        ("16 B/cycle", 16.0, True),
    ],
)
def test_amounts_are_read_and_written(value: object, number: float, whole: bool) -> None:
    found, form = read(value, "here")
    assert found == pytest.approx(number)
    assert form.whole is whole
    assert read(form.value(number), "here")[0] == pytest.approx(number, rel=1e-5)


@pytest.mark.parametrize("value", [True, None, [1], "20", "20 parsecs", "us 20", "1e999 s"])
def test_what_is_no_amount_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="here"):
        read(value, "here")


def test_bounds_must_be_of_the_parameters_kind() -> None:
    with pytest.raises(InputError, match="no amount in us"):
        Form("us").number("3 MHz", "low")


def test_every_amount_of_the_bundled_platforms_can_be_read() -> None:
    """The units that configuration writes are the units that a fit knows."""

    def amounts(value: object) -> None:
        if isinstance(value, dict):
            for member in value.values():
                amounts(member)
        elif isinstance(value, list):
            for member in value:
                amounts(member)
        elif isinstance(value, str) and value[:1].isdigit() and value.count(" ") == 1:
            number, unit = value.split(" ")
            if number.replace(".", "").isdigit() and unit[0].isascii() and unit not in ("nm", "MHz,"):
                read(value, value)

    for name in ("rk3588", "rv1126", "nucleo-l4r5zi", "qcs6490", "gc200"):
        document = chipcast.describe(name)
        for section in ("technology", "interconnect", "devices", "memories"):
            amounts(document[section])


def test_paths_reach_into_lists() -> None:
    document = platform_document()
    assert value_at(document, "a55.profiles[1].vectors.issue") == 0.8
    with pytest.raises(InputError, match="did you mean"):
        value_at(document, "a55.profiles[1].vectors.isue")
    with pytest.raises(InputError, match=r"no element \[7\]"):
        value_at(document, "a55.profiles[7].vectors")


def test_marks_of_a_platform_are_found_with_their_groups(platform: Path) -> None:
    found, unusable = free_parameters(platform, chipcast.describe(platform))
    mine = {each.path: each for each in found if each.group.startswith("kernels:")}
    assert set(mine) == {"a55." + path for path in FREE}
    assert not unusable.keys() & mine.keys()
    issue = mine["a55.profiles[1].vectors.issue"]
    assert (issue.prior, issue.low, issue.high, issue.spread) == (0.8, 0.2, 1.0, 1.3)
    overhead = mine["a55.profiles[1].operator_overhead"]
    assert overhead.low == pytest.approx(12e-6 / 8.0)


def test_zero_has_no_logarithm() -> None:
    document = {**chipcast.describe("rk3566"), "handoff": "0 s"}
    with pytest.raises(InputError, match="only values above zero"):
        parameter(Path("x.json"), document, "handoff")
