# SPDX-License-Identifier: Apache-2.0
"""Random TFLite models of one operator, as the integer kernels take them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tflite
from importers.builders import TfliteModel, TfliteOp, TfliteTensor

Rng = np.random.Generator
T = tflite.TensorType
B = tflite.BuiltinOperator
DTYPES = {T.INT8: np.int8, T.UINT8: np.uint8, T.INT16: np.int16, T.INT32: np.int32, T.FLOAT32: np.float32,
          T.INT64: np.int64}  # fmt: skip
ACTIVATIONS = (0, 0, tflite.ActivationFunctionType.RELU, tflite.ActivationFunctionType.RELU6,
               tflite.ActivationFunctionType.RELU_N1_TO_1)  # fmt: skip
CASES: dict[str, Callable[[Rng], bytes]] = {}


def case(*arguments: Any) -> Callable[[Callable[..., bytes]], Callable[..., bytes]]:
    """Registers a maker of models once for each argument (a tuple: several)."""

    def register(make: Callable[..., bytes]) -> Callable[..., bytes]:
        for each in arguments or ((),):
            values = each if isinstance(each, tuple) else (each,)
            CASES["-".join([make.__name__, *map(str, values)])] = lambda rng, values=values: make(
                rng, *values
            )
        return make

    return register


def size(rng: Rng, low: int, high: int) -> int:
    return int(rng.integers(low, high + 1))


def scale(rng: Rng, low: float = 0.005, high: float = 0.2) -> float:
    return float(np.float32(rng.uniform(low, high)))


def tensor(
    rng: Rng, name: str, shape: Sequence[int], kind: int, step: float | None = None, zero: int | None = None
) -> TfliteTensor:
    """A quantised activation with a random scale and zero point (int16 has none)."""
    limits = np.iinfo(DTYPES[kind])
    if zero is None:
        zero = 0 if kind == T.INT16 else size(rng, limits.min, limits.max)
    if step is None:
        step = scale(rng) * (2**-8 if kind == T.INT16 else 1)
    return TfliteTensor(name, list(shape), kind, None, [step], [zero])


def like(x: TfliteTensor, name: str, shape: Sequence[int]) -> TfliteTensor:
    return TfliteTensor(name, list(shape), x.type, None, x.scales, x.zeros)


def weights(rng: Rng, shape: Sequence[int], kind: int, axis: int | None) -> TfliteTensor:
    """Stored; symmetric in int8, one scale per channel of `axis`."""
    if kind == T.UINT8:
        data = rng.integers(0, 256, shape).astype(np.uint8)
        return TfliteTensor("w", list(shape), kind, data, [scale(rng)], [size(rng, 0, 255)])
    data = rng.integers(-127, 128, shape).astype(np.int8)
    count = 1 if axis is None else shape[axis]
    return TfliteTensor(
        "w", list(shape), T.INT8, data, [scale(rng) for _ in range(count)], [0] * count, axis or 0
    )


def bias(rng: Rng, x: TfliteTensor, w: TfliteTensor, count: int, kind: int = T.INT32) -> TfliteTensor:
    data = rng.integers(-5000, 5000, [count]).astype(DTYPES[kind])
    scales = [float(np.float32(x.scales[0]) * np.float32(each)) for each in w.scales]
    return TfliteTensor("bias", [count], kind, data, scales, [0] * len(scales))


def constant(name: str, values: Any, kind: int = T.INT32) -> TfliteTensor:
    data = np.array(values, DTYPES[kind])
    return TfliteTensor(name, list(data.shape), kind, data)


def model(
    code: int,
    inputs: Sequence[TfliteTensor | None],
    outputs: Sequence[TfliteTensor],
    table: str = "",
    **options: int,
) -> bytes:
    """Inputs without data are the model's."""
    given = [each for each in inputs if each is not None]
    places = iter(range(len(given)))
    indices = [-1 if each is None else next(places) for each in inputs]
    op = TfliteOp(
        code, indices, [len(given) + i for i in range(len(outputs))], (table, options) if table else None
    )
    fed = [i for i, each in enumerate(given) if each.data is None]
    return TfliteModel([*given, *outputs], [op], fed, op.outputs).bytes()


def product_scale(x: TfliteTensor, w: TfliteTensor, terms: int, rng: Rng) -> float:
    """A step of the output that uses its range."""
    spread = {T.INT8: 74.0, T.UINT8: 74.0, T.INT16: 19000.0}[x.type] * 74.0 * max(terms, 1) ** 0.5
    steps = 60.0 if x.type != T.INT16 else 15000.0
    return float(np.float32(x.scales[0] * float(np.mean(w.scales)) * spread / steps * rng.uniform(0.4, 1.5)))


CONVOLUTIONS = [(T.INT8, T.INT32), (T.UINT8, T.INT32), (T.INT16, T.INT64)]


@case(*CONVOLUTIONS, (T.INT16, T.INT32))
def conv(rng: Rng, kind: int, bias_kind: int) -> bytes:
    c, o, k = size(rng, 1, 19), size(rng, 1, 20), size(rng, 1, 3)
    x = tensor(rng, "x", [size(rng, 1, 2), size(rng, 5, 9), size(rng, 5, 9), c], kind)
    w = weights(rng, [o, k, k, c], kind, 0)
    stride, dilation, padding = size(rng, 1, 2), size(rng, 1, 2), size(rng, 0, 1)
    y = tensor(
        rng, "y", window(x.shape, k, stride, dilation, padding, o), kind, product_scale(x, w, k * k * c, rng)
    )
    return model(B.CONV_2D, [x, w, bias(rng, x, w, o, bias_kind)], [y], "Conv2DOptions", StrideH=stride,
                 StrideW=stride, Padding=padding, DilationHFactor=dilation, DilationWFactor=dilation,
                 QuantizedBiasType=bias_kind if kind == T.INT16 else 0,
                 FusedActivationFunction=int(rng.choice(ACTIVATIONS)))  # fmt: skip


def window(x: Sequence[int], k: int, stride: int, dilation: int, padding: int, channels: int) -> list[int]:
    reach = (k - 1) * dilation + 1
    extents = [-(-e // stride) if padding == 0 else (e - reach) // stride + 1 for e in x[1:3]]
    return [x[0], *extents, channels]


@case(*CONVOLUTIONS)
def depthwise(rng: Rng, kind: int, bias_kind: int) -> bytes:
    c, k, multiplier = size(rng, 1, 37), size(rng, 1, 3), size(rng, 1, 2)
    o = c * multiplier
    x = tensor(rng, "x", [1, size(rng, 5, 9), size(rng, 5, 9), c], kind)
    w = weights(rng, [1, k, k, o], kind, 3)
    stride, padding = size(rng, 1, 2), size(rng, 0, 1)
    y = tensor(rng, "y", window(x.shape, k, stride, 1, padding, o), kind, product_scale(x, w, k * k, rng))
    inputs = [x, w, bias(rng, x, w, o, bias_kind)]
    return model(B.DEPTHWISE_CONV_2D, inputs, [y], "DepthwiseConv2DOptions", StrideH=stride, StrideW=stride,
                 Padding=padding, DepthMultiplier=multiplier, DilationHFactor=1, DilationWFactor=1,
                 FusedActivationFunction=int(rng.choice(ACTIVATIONS)))  # fmt: skip


@case((T.INT8, T.INT32), (T.INT8, None), (T.UINT8, T.INT32), (T.INT16, T.INT64))
def transpose_conv(rng: Rng, kind: int, bias_kind: int | None) -> bytes:
    c, o, k, stride = size(rng, 1, 9), size(rng, 1, 9), size(rng, 2, 4), size(rng, 1, 2)
    x = tensor(rng, "x", [1, size(rng, 3, 6), size(rng, 3, 6), c], kind)
    w = weights(rng, [o, k, k, c], kind, 0)
    shape = [1, *((e - 1) * stride + k for e in x.shape[1:3]), o]
    y = tensor(rng, "y", shape, kind, product_scale(x, w, k * k * c // stride, rng))
    b = bias(rng, x, w, o, bias_kind) if bias_kind is not None else None
    inputs = [constant("shape", shape), w, x, *([b] if b else [])]
    return model(
        B.TRANSPOSE_CONV, inputs, [y], "TransposeConvOptions", StrideH=stride, StrideW=stride, Padding=1
    )


@case(
    (T.INT8, True, None),
    (T.INT8, False, None),
    (T.INT8, True, 0),
    (T.UINT8, True, None),
    (T.INT16, True, None),
)
def fully_connected(rng: Rng, kind: int, biased: bool, axis: int | None) -> bytes:
    k, n = size(rng, 1, 70), size(rng, 1, 40)
    x = tensor(rng, "x", [size(rng, 1, 4), k], kind)
    w = weights(rng, [n, k], kind, axis)
    y = tensor(rng, "y", [x.shape[0], n], kind, product_scale(x, w, k, rng))
    b = bias(rng, x, w, n, T.INT64 if kind == T.INT16 else T.INT32) if biased else None
    return model(B.FULLY_CONNECTED, [x, w, b], [y], "FullyConnectedOptions",
                 FusedActivationFunction=int(rng.choice(ACTIVATIONS)))  # fmt: skip


@case(T.INT8, T.INT16)
def batch_matmul(rng: Rng, kind: int) -> bytes:
    m, k, n = (size(rng, 1, 12) for _ in range(3))
    turned = size(rng, 0, 1)
    a = tensor(rng, "a", [2, m, k], kind)
    b = tensor(rng, "b", [2, n, k] if turned else [2, k, n], kind)
    y = tensor(rng, "y", [2, m, n], kind, product_scale(a, b, k, rng) * (256 if kind == T.INT16 else 1))
    return model(B.BATCH_MATMUL, [a, b], [y], "BatchMatMulOptions", AdjY=turned)


@case(*[(word, kind) for word in ("ADD", "SUB", "MUL") for kind in (T.INT8, T.UINT8, T.INT16)])
def binary(rng: Rng, word: str, kind: int) -> bytes:
    shape = [size(rng, 1, 3), size(rng, 1, 5), size(rng, 1, 9)]
    other = [e if rng.random() < 0.7 else 1 for e in shape]
    a, b = tensor(rng, "a", shape, kind), tensor(rng, "b", other, kind)
    step = a.scales[0] * b.scales[0] * rng.uniform(30, 200) if word == "MUL" else None
    if step is not None and kind == T.INT16:
        step *= 100
    y = tensor(rng, "y", shape, kind, step)
    options = {"FusedActivationFunction": int(rng.choice(ACTIVATIONS))}
    if kind == T.INT16 and word != "MUL":
        options["PotScaleInt16"] = 0
    return model(getattr(B, word), [a, b], [y], f"{word.title()}Options", **options)


@case(*[(word, kind) for word in ("MAXIMUM", "MINIMUM") for kind in (T.INT8, T.UINT8)])
def extreme(rng: Rng, word: str, kind: int) -> bytes:
    shape = [size(rng, 1, 3), size(rng, 1, 5), size(rng, 1, 9)]
    a = tensor(rng, "a", shape, kind)
    return model(getattr(B, word), [a, like(a, "b", shape)], [like(a, "y", shape)])


@case(T.INT8)
def squared_difference(rng: Rng, kind: int) -> bytes:
    shape = [size(rng, 1, 3), size(rng, 1, 5), size(rng, 1, 9)]
    a, b = tensor(rng, "a", shape, kind), tensor(rng, "b", shape, kind)
    y = tensor(rng, "y", shape, kind, scale(rng) * 10)
    return model(B.SQUARED_DIFFERENCE, [a, b], [y])


@case(*[(word, kind) for word in ("AVERAGE", "MAX") for kind in (T.INT8, T.UINT8, T.INT16)])
def pool(rng: Rng, word: str, kind: int) -> bytes:
    k, stride, padding = size(rng, 1, 4), size(rng, 1, 2), size(rng, 0, 1)
    x = tensor(rng, "x", [size(rng, 1, 2), size(rng, 4, 9), size(rng, 4, 9), size(rng, 1, 20)], kind)
    y = like(x, "y", window(x.shape, k, stride, 1, padding, x.shape[3]))
    return model(getattr(B, f"{word}_POOL_2D"), [x], [y], "Pool2DOptions", FilterHeight=k, FilterWidth=k,
                 StrideH=stride, StrideW=stride, Padding=padding,
                 FusedActivationFunction=int(rng.choice(ACTIVATIONS)))  # fmt: skip


@case(*[(word, kind) for word in ("MEAN", "REDUCE_MAX", "REDUCE_MIN") for kind in (T.INT8, T.INT16)],
      ("MEAN", T.UINT8), ("SUM", T.UINT8))  # fmt: skip
def reduce(rng: Rng, word: str, kind: int) -> bytes:
    """SUM of int8 and int16 is left out: the interpreter (2.3) reads int8 as uint8, and does not scale where the
    scales are equal."""
    x = tensor(rng, "x", [size(rng, 1, 2), size(rng, 1, 9), size(rng, 1, 9), size(rng, 1, 9)], kind)
    axes = sorted(rng.choice(4, size(rng, 1, 3), replace=False).tolist())
    shape = [1 if axis in axes else e for axis, e in enumerate(x.shape)]
    y = (
        like(x, "y", shape)
        if word.startswith("REDUCE") or rng.random() < 0.3
        else tensor(rng, "y", shape, kind)
    )
    return model(getattr(B, word), [x, constant("axes", axes)], [y], "ReducerOptions", KeepDims=1)


@case((T.INT8, T.INT8), (T.UINT8, T.UINT8), (T.INT16, T.INT16), (T.INT8, T.INT16))
def softmax(rng: Rng, kind: int, to: int) -> bytes:
    x = tensor(
        rng,
        "x",
        [size(rng, 1, 4), size(rng, 1, 40)],
        kind,
        scale(rng, 0.001, 0.5) / (256 if kind == T.INT16 else 1),
    )
    zero = {T.INT8: -128, T.UINT8: 0, T.INT16: 0 if kind == T.INT16 else -32768}[to]
    step = {T.INT8: 2.0**-8, T.UINT8: 2.0**-8, T.INT16: 2.0**-15 if kind == T.INT16 else 2.0**-16}[to]
    return model(B.SOFTMAX, [x], [tensor(rng, "y", x.shape, to, step, zero)], "SoftmaxOptions", Beta=1.0)


@case(*[(word, kind) for word in ("LOGISTIC", "TANH") for kind in (T.INT8, T.UINT8, T.INT16)])
def sigmoid(rng: Rng, word: str, kind: int) -> bytes:
    step = scale(rng, 0.01, 0.1) / (256 if kind == T.INT16 else 1)
    x = tensor(rng, "x", [size(rng, 1, 4), size(rng, 1, 90)], kind, step)
    signed = {"LOGISTIC": (2.0**-8, {T.INT8: -128, T.UINT8: 0}), "TANH": (2.0**-7, {T.INT8: 0, T.UINT8: 128})}
    step, zeros = signed[word]
    y = tensor(rng, "y", x.shape, kind, 2.0**-15 if kind == T.INT16 else step, zeros.get(kind, 0))
    return model(getattr(B, word), [x], [y])


@case(*[(word, kind) for word in ("RELU", "RELU6", "RELU_N1_TO_1") for kind in (T.INT8, T.UINT8, T.INT16)
        if (word, kind) != ("RELU_N1_TO_1", T.INT16)],
      ("GELU", T.INT8), ("EXP", T.INT8))  # fmt: skip
def unary(rng: Rng, word: str, kind: int) -> bytes:
    x = tensor(rng, "x", [size(rng, 1, 4), size(rng, 1, 90)], kind)
    return model(
        getattr(B, word), [x], [tensor(rng, "y", x.shape, kind)], *(["GeluOptions"] if word == "GELU" else [])
    )


@case(T.INT8, T.UINT8, T.INT16)
def leaky_relu(rng: Rng, kind: int) -> bytes:
    x = tensor(rng, "x", [size(rng, 1, 4), size(rng, 1, 90)], kind)
    y = tensor(rng, "y", x.shape, kind)
    return model(B.LEAKY_RELU, [x], [y], "LeakyReluOptions", Alpha=float(rng.uniform(0.01, 0.9)))


@case(T.INT8, T.UINT8)
def hard_swish(rng: Rng, kind: int) -> bytes:
    x = tensor(rng, "x", [size(rng, 1, 4), size(rng, 1, 90)], kind, scale(rng, 0.02, 0.12))
    return model(B.HARD_SWISH, [x], [tensor(rng, "y", x.shape, kind, scale(rng, 0.02, 0.12))])


@case(T.INT8, T.UINT8)
def prelu(rng: Rng, kind: int) -> bytes:
    x = tensor(rng, "x", [1, size(rng, 1, 5), size(rng, 1, 5), size(rng, 1, 9)], kind)
    slope = weights(rng, [1, 1, x.shape[3]], kind, None)
    return model(B.PRELU, [x, slope], [tensor(rng, "y", x.shape, kind)])


@case(T.INT8, T.UINT8)
def concat(rng: Rng, kind: int) -> bytes:
    shape, axis = [size(rng, 1, 3), size(rng, 1, 5), size(rng, 1, 5)], size(rng, 0, 2)
    y = tensor(rng, "y", shape, kind)
    parts = []
    for i in range(size(rng, 2, 3)):
        own = [size(rng, 1, 5) if at == axis else e for at, e in enumerate(shape)]
        parts.append(like(y, f"x{i}", own) if kind == T.INT8 else tensor(rng, f"x{i}", own, kind))
    y.shape = [sum(p.shape[axis] for p in parts) if at == axis else e for at, e in enumerate(shape)]
    return model(B.CONCATENATION, parts, [y], "ConcatenationOptions", Axis=axis)


@case(T.INT8, T.UINT8, T.INT16)
def pad(rng: Rng, kind: int) -> bytes:
    x = tensor(rng, "x", [1, size(rng, 1, 5), size(rng, 1, 5), size(rng, 1, 5)], kind)
    pairs = rng.integers(0, 3, [4, 2])
    y = like(x, "y", [int(e + sum(p)) for e, p in zip(x.shape, pairs, strict=True)])
    return model(B.PAD, [x, constant("pads", pairs)], [y], "PadOptions")


@case(T.INT8, T.UINT8)
def pad_with_value(rng: Rng, kind: int) -> bytes:
    x = tensor(rng, "x", [1, size(rng, 1, 5), size(rng, 1, 5), size(rng, 1, 5)], kind)
    pairs = rng.integers(0, 3, [4, 2])
    y = like(x, "y", [int(e + sum(p)) for e, p in zip(x.shape, pairs, strict=True)])
    value = like(x, "value", [])
    limits = np.iinfo(DTYPES[kind])
    value.data = np.array(size(rng, limits.min, limits.max), DTYPES[kind])
    return model(B.PADV2, [x, constant("pads", pairs), value], [y], "PadV2Options")


@case(*[(word, kind) for word in ("BILINEAR", "NEAREST_NEIGHBOR") for kind in (T.INT8, T.UINT8, T.INT16)
        if (word, kind) != ("BILINEAR", T.UINT8)])  # fmt: skip
def resize(rng: Rng, word: str, kind: int) -> bytes:
    x = tensor(rng, "x", [1, size(rng, 1, 7), size(rng, 1, 7), size(rng, 1, 5)], kind)
    extents = [size(rng, 1, 15), size(rng, 1, 15)]
    y = like(x, "y", [1, *extents, x.shape[3]])
    how = {0: {}, 1: {"AlignCorners": 1}, 2: {"HalfPixelCenters": 1}}[size(rng, 0, 2)]
    table = "ResizeBilinearOptions" if word == "BILINEAR" else "ResizeNearestNeighborOptions"
    return model(getattr(B, f"RESIZE_{word}"), [x, constant("size", extents)], [y], table, **how)


@case((T.FLOAT32, T.INT8), (T.FLOAT32, T.UINT8), (T.FLOAT32, T.INT16), (T.INT8, T.INT8), (T.UINT8, T.INT8),
      (T.INT8, T.UINT8), (T.INT16, T.INT16), (T.INT8, T.INT16), (T.INT16, T.INT8))  # fmt: skip
def quantize(rng: Rng, kind: int, to: int) -> bytes:
    shape = [size(rng, 1, 4), size(rng, 1, 90)]
    x = TfliteTensor("x", shape, kind) if kind == T.FLOAT32 else tensor(rng, "x", shape, kind)
    return model(B.QUANTIZE, [x], [tensor(rng, "y", shape, to)])


@case(T.INT8, T.UINT8, T.INT16)
def dequantize(rng: Rng, kind: int) -> bytes:
    x = tensor(rng, "x", [size(rng, 1, 4), size(rng, 1, 90)], kind)
    return model(B.DEQUANTIZE, [x], [TfliteTensor("y", x.shape, T.FLOAT32)])


@case(T.INT8, T.UINT8, T.INT16)
def transpose(rng: Rng, kind: int) -> bytes:
    x = tensor(rng, "x", [size(rng, 1, 4) for _ in range(4)], kind)
    perm = rng.permutation(4)
    return model(B.TRANSPOSE, [x, constant("perm", perm)], [like(x, "y", [x.shape[i] for i in perm])])


@case(T.INT8, T.UINT8)
def space_to_depth(rng: Rng, kind: int) -> bytes:
    h, w, c = (size(rng, 1, 4) for _ in range(3))
    x = tensor(rng, "x", [1, 2 * h, 2 * w, c], kind)
    return model(B.SPACE_TO_DEPTH, [x], [like(x, "y", [1, h, w, 4 * c])], "SpaceToDepthOptions", BlockSize=2)


@case(T.INT8)
def pack(rng: Rng, kind: int) -> bytes:
    x = tensor(rng, "x", [size(rng, 1, 4), size(rng, 1, 6)], kind)
    y = like(x, "y", [2, *x.shape])
    return model(B.PACK, [x, like(x, "x1", x.shape)], [y], "PackOptions", Axis=0, ValuesCount=2)
