# SPDX-License-Identifier: Apache-2.0
"""Predicts measured rows and says how far off the predictions are."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import Any

import chipcast
from rows import Row


@dataclass(frozen=True)
class Prediction:
    row: Row
    latency_ms: float

    @property
    def error(self) -> float:
        """-0.1: predicted ten per cent less time than was measured."""
        return self.latency_ms / self.row.measured_ms - 1.0


@dataclass(frozen=True)
class Score:
    rows: int
    mean_abs_error: float
    median_abs_error: float
    worst_error: float
    bias: float
    """Geometric mean of predicted / measured, less one: the part of the error that all rows share."""


def predict(row: Row, tile_budget: int | None = None) -> Prediction:
    graph = chipcast.load_model(row.model).graph
    _check_input(row, graph)
    result = chipcast.run(
        without_softmax(graph) if row.headless else graph,
        row.platform,
        dtype=row.dtype,
        devices=row.devices,
        tile_budget=tile_budget,
    )
    return Prediction(row, result.latency_s * 1e3)


def score(predictions: list[Prediction]) -> Score:
    errors = [prediction.error for prediction in predictions]
    sizes = [abs(error) for error in errors]
    return Score(
        rows=len(errors),
        mean_abs_error=statistics.fmean(sizes),
        median_abs_error=statistics.median(sizes),
        worst_error=max(errors, key=abs),
        bias=math.exp(statistics.fmean(math.log1p(error) for error in errors)) - 1.0,
    )


def without_softmax(graph: dict[str, Any]) -> dict[str, Any]:
    """The same graph up to the scores."""
    last = graph["ops"][-1]
    if last["kind"] != "softmax" or last["outputs"] != graph["outputs"]:
        raise ValueError(f"{graph['name']} does not end in a softmax but in {last['kind']}")
    outputs = set(last["outputs"])
    return {
        **graph,
        "ops": graph["ops"][:-1],
        "outputs": last["inputs"][:1],
        "tensors": {name: tensor for name, tensor in graph["tensors"].items() if name not in outputs},
    }


def _check_input(row: Row, graph: dict[str, Any]) -> None:
    """A file with another input size than the measurement would give a fine-looking, wrong row."""
    if not row.input_size:
        return
    height, width, channels = row.input_size
    name = graph["inputs"][0]
    shape = graph["tensors"][name]["shape"]
    if shape[-3:] != [channels, height, width]:
        raise ValueError(f"{row.model}: input {name} is {shape}, measured with {row.input_size}")
