# SPDX-License-Identifier: Apache-2.0
"""Two sets of shapes that have none in common: one to calibrate with, one to predict.

The calibration set spans what a family's numbers price: register tiles that are full and that are not, sums
short and long, operands in each cache. The test set has shapes as networks have them.
"""

from __future__ import annotations

from chipcast.crosscheck.host_graphs import (
    Case,
    binary,
    concat,
    conv,
    depthwise,
    fully_connected,
    layer_norm,
    matmul,
    pool,
    softmax,
    transpose,
    unary,
)


def calibration_cases(fast: bool = False) -> list[Case]:
    """About 150 operators; `fast` takes a few of each family."""
    groups = [
        _pointwise(),
        _windows(),
        _depthwise(),
        _products(),
        _elementwise(),
        _rows(),
        _moves(),
        _integers(),
    ]
    return [case for group in groups for case in (group[::5] if fast else group)]


def _pointwise() -> list[Case]:
    shapes = [(8, 8, 9), (24, 40, 5), (48, 33, 20), (72, 200, 10), (17, 100, 30),
        (100, 64, 30), (200, 200, 12),
              (300, 450, 8), (500, 300, 9), (640, 640, 6), (40, 240, 40), (1000, 200, 5),
                  (60, 20, 60), (20, 60, 60)]  # fmt: skip
    strided = [(40, 80, 30, 1, 2), (120, 250, 15, 1, 2), (300, 600, 12, 1, 2)]
    return [conv(*shape) for shape in shapes] + [conv(*shape) for shape in strided]


def _windows() -> list[Case]:
    same = [(12, 12, 10), (20, 20, 20), (40, 24, 40), (24, 48, 60), (48, 48, 30), (72, 72, 24),
        (100, 100, 18),
            (150, 100, 15), (200, 200, 10), (300, 300, 9), (400, 400, 6), (33, 65, 25)]  # fmt: skip
    cases = [conv(*shape, 3) for shape in same]
    strided = [
        (3, 24, 100, 3),
        (3, 48, 160, 3),
        (24, 40, 50, 3),
        (48, 100, 30, 3),
        (120, 120, 20, 3),
        (250, 250, 10, 3),
    ]
    cases += [conv(*shape, 2) for shape in strided]
    larger = [
        (12, 20, 24, 5, 1),
        (40, 40, 16, 5, 1),
        (20, 40, 20, 5, 2),
        (100, 100, 10, 5, 1),
        (3, 48, 120, 7, 2),
        (12, 24, 30, 7, 1),
    ]
    return cases + [conv(*shape) for shape in larger]


def _depthwise() -> list[Case]:
    shapes = [
        (8, 12),
        (24, 20),
        (40, 40),
        (40, 100),
        (72, 50),
        (100, 30),
        (200, 12),
        (300, 20),
        (450, 10),
        (800, 6),
    ]
    cases = [depthwise(*shape) for shape in shapes]
    cases += [depthwise(*shape, 3, 2) for shape in [(24, 60), (80, 90), (100, 40), (200, 24), (450, 12)]]
    return cases + [
        depthwise(*shape)
        for shape in [(40, 24, 5), (100, 20, 5), (300, 9, 5), (80, 30, 5, 2), (250, 12, 5, 2)]
    ]


def _products() -> list[Case]:
    vectors = [
        (1, 60, 12),
        (1, 200, 100),
        (1, 300, 500),
        (1, 600, 1200),
        (1, 1500, 900),
        (1, 3000, 1100),
        (2, 500, 300),
        (4, 700, 300),
    ]
    rows = [(8, 100, 60), (20, 300, 200), (50, 200, 400), (100, 500, 300), (200, 900, 200), (300, 100, 700)]
    pairs = [(2, 50, 40, 60), (4, 100, 48, 100), (3, 100, 100, 48), (12, 150, 64, 150), (1, 300, 300, 300)]
    return [fully_connected(*shape) for shape in vectors + rows] + [matmul(*shape) for shape in pairs]


def _elementwise() -> list[Case]:
    sizes = [100, 3000, 9000, 40000, 150000, 500000]
    cases = [binary("add", [1, size]) for size in sizes] + [unary("relu", [1, size]) for size in sizes]
    for function in ("sigmoid", "tanh", "gelu", "hard_swish"):
        cases += [unary(function, [1, size]) for size in sizes[:5]]
    cases += [pool("max", *shape) for shape in [(24, 20), (40, 50), (100, 30), (200, 12)]]
    cases += [pool("max", *shape, 3, 2, 1) for shape in [(24, 30), (48, 80), (150, 20)]]
    cases += [pool("avg", *shape) for shape in [(40, 24), (100, 20), (300, 12)]]
    return cases + [pool("avg", *shape, 0) for shape in [(50, 9), (300, 6), (900, 8), (2000, 5)]]


def _rows() -> list[Case]:
    shapes = [(1, 20), (1, 900), (1, 2000), (10, 100), (100, 100), (300, 150), (1000, 60), (200, 800)]
    norms = [(1, 100), (10, 100), (60, 200), (100, 700), (300, 300), (500, 100)]
    return [softmax(*shape) for shape in shapes] + [layer_norm(*shape) for shape in norms]


def _moves() -> list[Case]:
    cases = [
        transpose([1, a, b, c], [0, 2, 1, 3]) for a, b, c in [(50, 3, 40), (100, 12, 48), (200, 10, 100)]
    ]
    return cases + [
        concat(*shape) for shape in [(2, [1, 20, 20, 40]), (3, [1, 12, 12, 100]), (2, [1, 50, 50, 48])]
    ]


def _integers() -> list[Case]:
    dense = [(8, 16, 12, 1), (40, 80, 20, 1), (100, 100, 24, 1), (200, 300, 10, 1),
        (500, 250, 7, 1), (17, 33, 30, 1),
             (12, 24, 30, 3), (40, 40, 24, 3), (100, 100, 12, 3), (200, 150, 8, 3),
                 (3, 24, 80, 3), (33, 20, 20, 5)]  # fmt: skip
    cases = [conv(*shape, dtype="int8") for shape in dense]
    cases += [
        conv(*shape, 2, dtype="int8") for shape in [(24, 40, 40, 3), (100, 120, 20, 3), (60, 120, 24, 1)]
    ]
    cases += [depthwise(*shape, dtype="int8") for shape in [(24, 30), (40, 60), (100, 24), (300, 10)]]
    cases += [depthwise(*shape, 3, 2, dtype="int8") for shape in [(40, 50), (200, 20)]]
    return cases + [
        fully_connected(1, *shape, dtype="int8")
        for shape in [
            (60, 20),
            (100, 300),
            (300, 200),
            (500, 40),
            (40, 500),
            (900, 700),
            (1200, 300),
            (2000, 1500),
        ]
    ]


def unseen_cases() -> list[Case]:
    """Shapes as networks have them; at least 60, none of them calibrated with."""
    cases = [conv(*shape) for shape in [
        (16, 96, 112), (96, 24, 56), (32, 192, 28), (64, 384, 14), (384, 64, 14),
            (96, 576, 14), (160, 960, 7), (320, 1280, 7),
        (64, 256, 56), (256, 64, 56), (512, 128, 28), (1024, 256, 14), (512, 2048, 7)]]  # fmt: skip
    cases += [conv(*shape, 1, 2) for shape in [(64, 128, 56), (256, 512, 56)]]
    cases += [conv(*shape, 3) for shape in [
        (16, 16, 32), (32, 32, 16), (64, 64, 8), (64, 64, 56), (128, 128, 28), (256, 256, 14),
            (512, 512, 7), (16, 64, 55)]]  # fmt: skip
    cases += [conv(*shape, 3, 2) for shape in [(3, 32, 224), (16, 32, 32), (64, 128, 56), (128, 256, 28)]]
    cases += [
        conv(*shape) for shape in [(16, 32, 28, 5), (32, 64, 14, 5, 2), (3, 64, 224, 7, 2), (32, 32, 14, 7)]
    ]
    cases += [depthwise(*shape) for shape in [
        (32, 112), (64, 112, 3, 2), (144, 56), (192, 28), (384, 14), (512, 14), (960, 7), (240, 28, 3, 2),
        (72, 56, 5, 2), (120, 28, 5), (672, 14, 5), (960, 7, 5)]]  # fmt: skip
    cases += [fully_connected(*shape) for shape in [
        (1, 1024, 1000), (1, 1280, 1000), (1, 2048, 1000), (1, 640, 128), (1, 256, 12),
            (128, 128, 128), (128, 128, 512), (128, 512, 128), (64, 768, 768)]]  # fmt: skip
    cases += [matmul(2, 128, 64, 128), matmul(2, 128, 128, 64), matmul(12, 128, 64, 128)]
    cases += [
        pool("max", 64, 112, 3, 2, 1),
        pool("max", 64, 54, 3, 2),
        pool("avg", 64, 32),
        pool("avg", 1280, 7, 0),
        pool("avg", 512, 7, 0),
    ]
    cases += [
        binary("add", [1, *shape]) for shape in [(56, 56, 256), (28, 28, 32), (14, 14, 1024), (7, 7, 160)]
    ]
    cases += [
        unary("relu", [1, 56, 56, 64]),
        unary("sigmoid", [1, 28, 28, 64]),
        unary("gelu", [1, 128, 512]),
        unary("hard_swish", [1, 112, 112, 16]),
        unary("tanh", [128, 128]),
    ]
    cases += [
        softmax(1, 1000),
        softmax(256, 128),
        softmax(1536, 128),
        layer_norm(128, 128),
        layer_norm(128, 768),
    ]
    cases += [conv(*shape, dtype="int8") for shape in [
        (16, 96, 56), (96, 24, 28), (64, 128, 14), (256, 256, 6), (16, 16, 32, 3),
            (64, 64, 28, 3), (128, 128, 14, 3)]]  # fmt: skip
    cases += [depthwise(*shape, dtype="int8") for shape in [(32, 48), (64, 24, 3, 2), (128, 12), (256, 6)]]
    return cases + [
        fully_connected(1, *shape, dtype="int8") for shape in [(640, 128), (1024, 1000), (256, 2)]
    ]
