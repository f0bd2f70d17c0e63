# SPDX-License-Identifier: Apache-2.0
"""Layers of the CMSIS-NN paper on a Cortex-M7; its network as a whole is a case (cases/papers.csv)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import chipcast
import pytest
from mcu_networks import cifar10

PAPER_MS = {"conv1": 31.4, "pool1": 1.6, "conv2": 42.8, "pool2": 0.4, "conv3": 22.6, "pool3": 0.3, "fc": 0.1}
"""arXiv:1801.06601, CIFAR-10 on a NUCLEO-F746ZG at 216 MHz [R-high]; 99.1 ms in all."""


@cache
def layers_ms() -> dict[str, float]:
    """By layer on the STM32F746, whose runtime is the paper's."""
    report = chipcast.run(cifar10(), "stm32f746", dtype="int8").report
    return {op["name"]: (op["end_s"] - op["start_s"]) * 1e3 for op in report["ops"]}


def test_the_papers_network_is_the_papers() -> None:
    totals = chipcast.load_model(cifar10()).totals
    # 2.46 + 6.55 + 3.28 M of the convolutions, 1024 x 10 of the classifier; the paper counts two operations each.
    assert totals["macs"] == 32 * 32 * 75 * 32 + 16 * 16 * 800 * 32 + 8 * 8 * 800 * 64 + 1024 * 10


def test_the_cases_graph_is_this_network() -> None:
    stored = Path(__file__).resolve().parent / "cases" / "graphs" / "cmsis_nn_cifar10.json"
    assert json.loads(stored.read_text(encoding="utf-8")) == cifar10()


@pytest.mark.parametrize("layer", ["conv1", "conv2", "conv3", "pool1", "pool2"])
def test_layers_are_within_15_percent(layer: str) -> None:
    assert layers_ms()[layer] == pytest.approx(PAPER_MS[layer], rel=0.15)


def test_the_rest_of_the_table_is_within_its_digit() -> None:
    for layer in "pool3", "fc":
        assert layers_ms()[layer] == pytest.approx(PAPER_MS[layer], abs=0.1)
