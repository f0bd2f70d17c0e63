# SPDX-License-Identifier: Apache-2.0
"""The column sqnr_db: mixtures of formats through the engine and the store, like forecasts; predictions as sums.

Noise of different layers is nearly independent, so its power adds up at the output: the noise of a mixture is the sum
of what each layer's format adds where all others are exact. That takes one run per layer and format.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chipcast._core import InputError
from chipcast.model import load_model
from chipcast.quantization.plan import MOVES
from chipcast.search.accuracy.columns import Decibels
from chipcast.search.accuracy.evaluate import EVALUATOR, SETTINGS
from chipcast.search.accuracy.network import RoundedNetwork, decibels
from chipcast.search.accuracy.scales import EXACT, KNOWN
from chipcast.search.accuracy.settings import Accuracy
from chipcast.search.evaluation import Forecaster, Start
from chipcast.sweep.fields import MODEL_OPTIONS
from chipcast.sweep.jobs import Jobs
from chipcast.sweep.space import Point
from chipcast.sweep.spec import Limits, Sweep
from chipcast.sweep.store import Row, Store

MEASURED, PREDICTED = "measured", "predicted"


@dataclass(frozen=True)
class Mixture:
    """What accuracy depends on."""

    model: str
    model_options: str
    dtype: str | None
    precision: str
    """JSON: patterns in their order."""

    def fields(self) -> dict[str, Any]:
        out: dict[str, Any] = {"model": self.model}
        options = json.loads(self.model_options)
        out.update({MODEL_OPTIONS + name: value for name, value in options.items()})
        if self.dtype is not None:
            out["dtype"] = self.dtype
        precision = json.loads(self.precision)
        return {**out, "precision": precision} if precision else out

    def alone(self, layer: str, dtype: str) -> Mixture:
        return dataclasses.replace(self, dtype=None, precision=json.dumps({layer: dtype}))


class Measurement:
    """Of the designs of one space."""

    def __init__(
        self, space: Sweep, settings: Accuracy, store: Store, start: Start, *, retry_failed: bool = False
    ) -> None:
        self._settings = settings
        self._jobs = Jobs(space)
        asked = dataclasses.replace(
            space,
            axes=(),
            chosen=None,
            points=[{}],
            where=(),
            keep={},
            area=False,
            set={},
            evaluator=EVALUATOR,
            limits=Limits(seconds=None, memory_bytes=None),  # those of the space are for forecasts
        )
        self._forecaster = MixtureForecaster(asked, store, start, retry_failed=retry_failed)
        self._known: dict[Mixture, Row] = {}
        self._networks: dict[tuple[str, str], RoundedNetwork] = {}
        self._layers: dict[Mixture, dict[str, str] | str] = {}

    def of(self, points: Sequence[Mapping[str, Any]]) -> list[Decibels]:
        return self._predicted(points) if self._settings.predict else self.measured(points)

    def measured(self, points: Sequence[Mapping[str, Any]]) -> list[Decibels]:
        mixtures = [self._mixture(point) for point in points]
        self._run([mixture for mixture in mixtures if isinstance(mixture, Mixture)])
        return [
            _impossible(mixture, MEASURED)
            if isinstance(mixture, str)
            else _decibels([self._known[mixture]], MEASURED)
            for mixture in mixtures
        ]

    def noise_by_layer(self, point: Mapping[str, Any]) -> dict[str, float]:
        """What each layer's format alone adds at the output, as a share of the signal. Raises InputError."""
        mixture = self._mixture(point)
        layers = mixture if isinstance(mixture, str) else self._layers_of(mixture)
        if isinstance(mixture, str) or isinstance(layers, str):
            raise InputError(str(layers))
        parts = {layer: mixture.alone(layer, dtype) for layer, dtype in layers.items()}
        self._run(list(parts.values()))
        found = {}
        for layer, part in parts.items():
            row = self._known[part]
            if row.state != "done":
                raise InputError(f"accuracy: {layer}: {row.reason}")
            found[layer] = row.row["noise"] / row.row["signal"]
        return found

    def close(self) -> None:
        self._forecaster.close()

    def _predicted(self, points: Sequence[Mapping[str, Any]]) -> list[Decibels]:
        mixtures = [self._mixture(point) for point in points]
        parts = [mixture if isinstance(mixture, str) else self._parts(mixture) for mixture in mixtures]
        self._run([part for each in parts if not isinstance(each, str) for part in each])
        return [
            _impossible(each, PREDICTED)
            if isinstance(each, str)
            else _decibels([self._known[part] for part in each], PREDICTED)
            for each in parts
        ]

    def _parts(self, mixture: Mixture) -> list[Mixture] | str:
        """Each layer in its own format, all others exact; or why the formats cannot be."""
        if mixture not in self._layers:
            self._layers[mixture] = self._layers_of(mixture)
        layers = self._layers[mixture]
        if isinstance(layers, str):
            return layers
        return [mixture.alone(*each) for each in layers.items()]

    def _layers_of(self, mixture: Mixture) -> dict[str, str] | str:
        """Formats of the layers that round what they read, by name; or why there are none."""
        slot = mixture.model, mixture.model_options
        try:
            if slot not in self._networks:
                model = load_model(mixture.model, model_options=json.loads(mixture.model_options))
                self._networks[slot] = RoundedNetwork(model, self._settings)
            graph = self._networks[slot].mixed(mixture.dtype, json.loads(mixture.precision))
        except InputError as error:
            return str(error)
        formats = {}
        for op in graph["ops"]:
            dtype = _format_of(graph, op)
            if dtype in KNOWN and dtype not in EXACT:
                formats[str(op["name"])] = dtype
        return formats

    def _mixture(self, point: Mapping[str, Any]) -> Mixture | str:
        """Or why there is none."""
        try:
            job = self._jobs.job(Point(0, point))
        except InputError as error:
            return str(error)
        options = job["options"]
        return Mixture(
            job["model"],
            json.dumps(job["model_options"], sort_keys=True),
            options.get("dtype"),
            json.dumps(options.get("precision", {})),
        )

    def _run(self, mixtures: Sequence[Mixture]) -> None:
        new = [mixture for mixture in dict.fromkeys(mixtures) if mixture not in self._known]
        settings = dataclasses.asdict(self._settings)
        del settings["predict"]  # how often it is run, not how
        rows = self._forecaster.rows([mixture.fields() for mixture in new], {SETTINGS: settings})
        self._known.update(zip(new, rows, strict=True))


class MixtureForecaster(Forecaster):
    """Points that are fields themselves."""

    def _sweep(self, points: Sequence[Mapping[str, Any]], fixed: Mapping[str, Any]) -> Sweep:
        return dataclasses.replace(self._space, points=[dict(point) for point in points], set=dict(fixed))


def _impossible(reason: str, source: str) -> Decibels:
    return Decibels(None, source, "invalid", reason)


def _decibels(rows: Sequence[Row], source: str) -> Decibels:
    """Of the sum of all noise."""
    bad = next((row for row in rows if row.state != "done"), None)
    if bad is not None:
        return Decibels(None, source, bad.state, bad.reason)
    signal = max((row.row["signal"] for row in rows), default=1.0)
    return Decibels(decibels(signal, sum(row.row["noise"] for row in rows)), source)


_PASSES_ON = (*MOVES, "cast")


def _format_of(graph: Mapping[str, Any], op: Mapping[str, Any]) -> str:
    """Of what a layer reads; none for what only passes values on, which rounds nothing anew."""
    if op["kind"] in _PASSES_ON:
        return ""
    for name in op["inputs"]:
        if name and not graph["tensors"][name].get("parameter"):
            return str(graph["tensors"][name].get("dtype", "fp32"))
    return ""
