# SPDX-License-Identifier: Apache-2.0
"""NVDLA's performance sheet through Python."""

from __future__ import annotations

import dataclasses

import pytest
from chipcast import InputError, nvdla


@pytest.mark.parametrize(
    ("network", "sram", "cycles"),
    [
        ("AlexNet", True, 591475.5625),
        ("AlexNet", False, 895443.5625),
        ("GoogLeNet", True, 579712.5),
        ("GoogLeNet", False, 1222071.0),
    ],
)
def test_totals_are_the_sheets(network: str, sram: bool, cycles: float) -> None:
    assert nvdla.total(nvdla.published(network, sram)) == cycles


def test_other_hardware_and_layers() -> None:
    layers = nvdla.published("AlexNet", sram=False)
    assert nvdla.total(layers, nvdla.Machine(dram=20)) < nvdla.total(layers)
    conv = nvdla.Layer(256, 13, 13, 384, 3, 3, 13, 13, padded=True, expanded_weights=True)
    (row,) = nvdla.cycles([conv])
    assert (row.mac, row.dram, row.layer) == (32448.0, 164163.0, 164163.0)


def test_mistakes_are_named() -> None:
    with pytest.raises(InputError, match="AlexNet, GoogLeNet"):
        nvdla.published("ResNet")
    layer = dataclasses.replace(nvdla.published("AlexNet")[0], kernels=0)
    with pytest.raises(InputError, match="kernels"):
        nvdla.cycles([layer])
