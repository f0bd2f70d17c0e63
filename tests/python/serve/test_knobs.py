# SPDX-License-Identifier: Apache-2.0
"""Knobs: each stop of each can be set, and does what its text says."""

from __future__ import annotations

import os
from typing import Any

import chipcast
import pytest
from chipcast import catalog
from chipcast.serve.knobs import knobs_of

SOME = (
    "gap9",
    "rk3588",
    "rv1106",
    "nvidia-jetson-nano",
    "graphcore-ipu",
    "snapdragon-8-gen-3",
    "imx93",
    "nucleo-l4r5zi",
)
PLATFORMS = catalog.platforms() if os.environ.get("CHIPCAST_FULL_CASES") else SOME


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_ends_of_every_knob_can_be_set(platform: str) -> None:
    knobs = knobs_of(chipcast.describe(platform))
    assert knobs
    assert len({knob["id"] for knob in knobs}) == len(knobs)
    for knob in knobs:
        amounts = [stop["amount"] for stop in knob["stops"]]
        assert amounts == sorted(set(amounts))
        assert [place for place, stop in enumerate(knob["stops"]) if not stop["set"]] == [knob["at"]]
        for stop in (knob["stops"][0], knob["stops"][-1]):
            changed = knobs_of(chipcast.describe(platform, overrides=stop["set"]))
            again = next(each for each in changed if each["id"] == knob["id"])
            assert again["stops"][again["at"]]["amount"] == stop["amount"]


def test_operating_points_turn_voltage_too() -> None:
    knob: dict[str, Any] = next(
        each for each in knobs_of(chipcast.describe("rk3588")) if each["id"] == "npu0.clock"
    )
    slow = knob["stops"][0]
    assert slow["set"] == {"npu0.clock": "300 MHz", "npu0.volts": 0.7}
    assert slow["power"] == {"clocks": {"npu0": "300 MHz"}}


def test_what_shares_a_clock_is_one_knob() -> None:
    knobs = [each for each in knobs_of(chipcast.describe("gap9")) if each["label"] == "clock"]
    assert any("," in knob["group"] for knob in knobs)


def test_cores_are_switched_off_not_added() -> None:
    knob = next(each for each in knobs_of(chipcast.describe("rk3588")) if each["id"] == "a76.cores")
    assert [stop["text"] for stop in knob["stops"]] == ["1", "2", "3", "4"]
    assert knob["stops"][0]["power"] == {"cores": {"a76": 1}}
