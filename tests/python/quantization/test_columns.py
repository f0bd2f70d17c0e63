# SPDX-License-Identifier: Apache-2.0
"""Columns times matrix is the product, at every position; against loops."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from chipcast.quantization.columns import Product


def convolved(x: Any, w: Any, strides: Any, dilations: Any, pads: Any, groups: int) -> Any:
    extents, kernel = x.shape[2:], w.shape[2:]
    outs = [
        (extents[i] + pads[i] + pads[i + 2] - ((kernel[i] - 1) * dilations[i] + 1)) // strides[i] + 1
        for i in range(2)
    ]
    y = np.zeros((x.shape[0], w.shape[0], *outs), np.float64)
    per_in, per_out = w.shape[1], w.shape[0] // groups
    for n, o, i, j in itertools.product(*map(range, y.shape)):
        for c, a, b in itertools.product(*map(range, w.shape[1:])):
            row = i * strides[0] - pads[0] + a * dilations[0]
            column = j * strides[1] - pads[1] + b * dilations[1]
            if 0 <= row < extents[0] and 0 <= column < extents[1]:
                y[n, o, i, j] += float(x[n, o // per_out * per_in + c, row, column]) * float(w[o, c, a, b])
    return y


CASES = [
    ([1, 1], [1, 1], [0, 0, 0, 0], 1),
    ([2, 1], [1, 2], [1, 2, 0, 1], 1),
    ([2, 2], [1, 1], [1, 1, 1, 1], 4),
]


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize(("strides", "dilations", "pads", "groups"), CASES)
def test_convolution(layout: str, strides: Any, dilations: Any, pads: Any, groups: int) -> None:
    generator = np.random.default_rng(5)
    x = generator.standard_normal((2, 4, 7, 6)).astype(np.float32)
    w = generator.standard_normal((8, 4 // groups, 3, 2)).astype(np.float32)
    y = convolved(x, w, strides, dilations, pads, groups)
    expected = y.transpose(1, 0, 2, 3).reshape(8, -1)
    if layout == "nhwc":
        x, w, y = x.transpose(0, 2, 3, 1), w.transpose(0, 2, 3, 1), y.transpose(0, 2, 3, 1)
    attributes = {
        "layout": layout,
        "strides": strides,
        "dilations": dilations,
        "pads": pads,
        "groups": groups,
    }
    op = {"name": "c", "kind": "conv", "inputs": ["x", "w"], "outputs": ["y"], "attributes": attributes}
    product = Product(op, w.shape, y.shape)
    positions = product.positions(1, 0)
    assert len(positions) == expected.shape[1]
    computed = product.matrix(w) @ product.columns(x, positions)
    np.testing.assert_allclose(computed.reshape(8, -1), expected[:, positions], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("mode", "begin"), [("same_upper", 0), ("same_lower", 1), ("valid", 0)])
def test_padding_by_name(mode: str, begin: int) -> None:
    x = np.arange(1.0, 5.0, dtype=np.float32).reshape(1, 1, 4)
    w = np.ones((1, 1, 2), np.float32)
    padded = np.pad(x[0, 0], (begin, 1 - begin)) if mode != "valid" else x[0, 0]
    expected = padded[:-1] + padded[1:]
    op = {
        "name": "c",
        "kind": "conv",
        "inputs": ["x", "w"],
        "outputs": ["y"],
        "attributes": {"pad_mode": mode},
    }
    product = Product(op, w.shape, (1, 1, len(expected)))
    computed = product.matrix(w) @ product.columns(x, product.positions(1, 0))
    assert computed.ravel().tolist() == expected.tolist()


@pytest.mark.parametrize("transpose_b", [False, True])
def test_fully_connected(transpose_b: bool) -> None:
    generator = np.random.default_rng(6)
    a, b = (
        generator.standard_normal((3, 5)).astype(np.float32),
        generator.standard_normal((5, 4)).astype(np.float32),
    )
    w = b.T.copy() if transpose_b else b
    op = {
        "name": "f",
        "kind": "gemm",
        "inputs": ["a", "b"],
        "outputs": ["y"],
        "attributes": {"transpose_b": transpose_b},
    }
    product = Product(op, w.shape, (3, 4))
    assert product.out_channels == 4
    computed = product.matrix(w) @ product.columns(a, product.positions(1, 0))
    np.testing.assert_allclose(computed[0], (a @ b).T, rtol=1e-5)


def test_large_layers_are_sampled() -> None:
    op = {"name": "c", "kind": "conv", "inputs": ["x", "w"], "outputs": ["y"], "attributes": {}}
    product = Product(op, (512, 512, 3, 3), (1, 512, 56, 56))
    positions = product.positions(4, 1)
    assert 4 <= len(positions) <= 2**18 // (512 * 9) // 4 + 1
    assert len(set(positions.tolist())) == len(positions)
