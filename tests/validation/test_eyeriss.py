# SPDX-License-Identifier: Apache-2.0
"""Eyeriss against its published table, layer by layer, as far off as it may be."""

from __future__ import annotations

import pytest
from eyeriss import LAYERS, Layer, forecast, measured
from rows import SHARED

pytestmark = pytest.mark.skipif(
    not (SHARED / "reference" / "eyeriss_alexnet.csv").is_file(),
    reason="no measured table: ../shared/reference/eyeriss_alexnet.csv is absent",
)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_every_layer_is_near_the_chip(layer: Layer) -> None:
    chip, ours = measured()[layer.name], forecast(layer)
    assert ours.active_pes == chip.active_pes
    assert ours.processing_ms == pytest.approx(chip.processing_ms, rel=0.10)
    assert ours.buffer_mb == pytest.approx(chip.buffer_mb, rel=0.005)
    assert ours.dram_mb == pytest.approx(chip.dram_mb, rel=0.10)
    assert ours.power_mw == pytest.approx(chip.power_mw, rel=0.15)
    # The last layer waits less for its inputs than the link's rate explains.
    assert ours.total_ms == pytest.approx(chip.total_ms, rel=0.13)


def test_the_sum_of_all_layers_is_within_3_percent() -> None:
    chip, ours = measured(), [forecast(layer) for layer in LAYERS]
    for field in ("total_ms", "processing_ms", "buffer_mb", "dram_mb"):
        total = sum(getattr(figures, field) for figures in chip.values())
        assert sum(getattr(figures, field) for figures in ours) == pytest.approx(total, rel=0.03), field
