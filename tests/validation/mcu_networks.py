# SPDX-License-Identifier: Apache-2.0
"""The CIFAR-10 network of the CMSIS-NN paper (Lai, Suda, Chandra, arXiv:1801.06601), in Chipcast's graph form."""

from __future__ import annotations

from typing import Any

SHAPES = {"layout": "nchw", "dilations": [], "pads": [], "pad_mode": "same_upper"}


def cifar10() -> dict[str, Any]:
    """Three 5x5 convolutions, each pooled 3x3 with stride 2, and a classifier: 24.7 M operations, 12.3 M products."""
    graph = _Builder([1, 3, 32, 32])
    graph.conv("conv1", 32)
    graph.pool("pool1", "max")
    graph.conv("conv2", 32)
    graph.pool("pool2", "avg")
    graph.conv("conv3", 64)
    graph.pool("pool3", "avg")
    graph.classifier("fc", 10)
    return graph.finish()


class _Builder:
    def __init__(self, shape: list[int]) -> None:
        self.tensors: dict[str, Any] = {"data": {"shape": shape, "dtype": "fp32"}}
        self.ops: list[dict[str, Any]] = []
        self.last, self.shape = "data", shape

    def conv(self, name: str, channels: int) -> None:
        batch, in_channels, height, width = self.shape
        self._parameter(f"{name}.weight", [channels, in_channels, 5, 5])
        self._parameter(f"{name}.bias", [channels])
        attributes = {**SHAPES, "strides": [1, 1], "groups": 1}
        self._op(
            name, "conv", [f"{name}.weight", f"{name}.bias"], [batch, channels, height, width], attributes
        )

    def pool(self, name: str, function: str) -> None:
        batch, channels, height, width = self.shape
        attributes = {
            **SHAPES,
            "strides": [2, 2],
            "kernel": [3, 3],
            "function": function,
            "global": False,
            "ceil_mode": False,
            "count_include_pad": False,
        }
        self._op(name, "pool", [], [batch, channels, (height + 1) // 2, (width + 1) // 2], attributes)

    def classifier(self, name: str, classes: int) -> None:
        batch, channels, height, width = self.shape
        features = channels * height * width
        self._op(
            "flatten", "reshape", [], [batch, features], {"shape": [batch, features], "zero_copies": False}
        )
        self._parameter(f"{name}.weight", [classes, features])
        self._parameter(f"{name}.bias", [classes])
        attributes = {"transpose_a": False, "transpose_b": True}
        self._op(name, "gemm", [f"{name}.weight", f"{name}.bias"], [batch, classes], attributes)

    def finish(self) -> dict[str, Any]:
        return {
            "format": "chipcast-graph",
            "version": 1,
            "name": "cifar10",
            "tensors": self.tensors,
            "inputs": ["data"],
            "outputs": [self.last],
            "ops": self.ops,
        }

    def _parameter(self, name: str, shape: list[int]) -> None:
        self.tensors[name] = {"shape": shape, "dtype": "fp32", "parameter": True}

    def _op(
        self, name: str, kind: str, parameters: list[str], shape: list[int], attributes: dict[str, Any]
    ) -> None:
        self.tensors[name] = {"shape": shape, "dtype": "fp32"}
        inputs = [self.last, *parameters]
        self.ops.append(
            {"name": name, "kind": kind, "inputs": inputs, "outputs": [name], "attributes": attributes}
        )
        self.last, self.shape = name, shape
