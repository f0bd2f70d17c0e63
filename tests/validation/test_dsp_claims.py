# SPDX-License-Identifier: Apache-2.0
"""DSPs against what their vendors claim; Hexagon's measured rows are cases (cases/aihub.csv)."""

from __future__ import annotations

import chipcast
import pytest


def convolution_s(device: str) -> float:
    """256 channels of 28 x 28, 3 x 3 kernels, on one device of the R329; its DSPs at the 600 MHz of the claim."""
    graph = {
        "format": "chipcast-graph",
        "version": 1,
        "name": "convolution",
        "tensors": {
            "x": {"shape": [1, 256, 28, 28], "dtype": "int8"},
            "w": {"shape": [256, 256, 3, 3], "dtype": "int8", "parameter": True},
        },
        "inputs": ["x"],
        "outputs": ["y"],
        "ops": [{"name": "y", "kind": "conv", "inputs": ["x", "w"], "attributes": {"pads": [1, 1, 1, 1]}}],
    }
    overrides = {"dsp0.clock": "600 MHz"}
    return chipcast.run(graph, "allwinner-r329", devices=[device], overrides=overrides).latency_s


def test_hifi4_is_25_times_slower_than_the_r329s_npu() -> None:
    """Allwinner: 0.256 TOPS are 25 HiFi4 at 600 MHz."""
    assert convolution_s("dsp0") / convolution_s("npu") == pytest.approx(25, rel=0.10)
