# SPDX-License-Identifier: Apache-2.0
"""TPU v1 against its paper (Jouppi et al., ISCA 2017, tables 1 and 3): applications that are dense layers only."""

from __future__ import annotations

from typing import Any

import chipcast
import pytest


def dense_layers(batch: int, layers: int, weights: float) -> dict[str, Any]:
    """Layers of equal size that hold so many weights together."""
    width = round((weights / layers) ** 0.5)
    tensors: dict[str, Any] = {"x": {"shape": [batch, width], "dtype": "int8"}}
    ops = []
    for i in range(layers):
        tensors[f"w{i}"] = {"shape": [width, width], "dtype": "int8", "parameter": True}
        tensors[f"y{i}"] = {"shape": [batch, width], "dtype": "int8"}
        read = f"y{i - 1}" if i else "x"
        ops.append(
            {
                "name": f"fc{i}",
                "kind": "gemm",
                "inputs": [read, f"w{i}"],
                "outputs": [f"y{i}"],
                "attributes": {},
            }
        )
    return {
        "format": "chipcast-graph", "version": 1, "name": "dense", "tensors": tensors, "inputs": ["x"],
        "outputs": [f"y{layers - 1}"], "ops": ops,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("batch", "layers", "weights", "published"),
    [(200, 5, 20e6, 12.3), (168, 4, 5e6, 9.7)],
    ids=["MLP0", "MLP1"],
)
def test_rate_of_published_applications(batch: int, layers: int, weights: float, published: float) -> None:
    result = chipcast.run(dense_layers(batch, layers, weights), "tpu-v1")
    tera = 2 * result.macs / result.latency_s / 1e12
    assert tera == pytest.approx(published, rel=0.1)
    assert tera < 34e9 * 2 * batch / 1e12, "each weight is fetched once"
    assert result.average_power_w == pytest.approx(40, rel=0.2)
