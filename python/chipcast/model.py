# SPDX-License-Identifier: Apache-2.0
"""From a file, a name or a dict to a checked graph."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipcast import _core
from chipcast._core import InputError
from chipcast.catalog import is_file, model_names
from chipcast.text import did_you_mean, plain

if TYPE_CHECKING:
    import numpy as np

Shapes = Mapping[str, Sequence[int]]
WITH_VALUES = (".onnx", ".tflite")
IMPORTED = (".onnx", ".tflite", ".param", ".csv")
SUFFIXES = (*IMPORTED, ".json")

# As in sim/config/json.h; checked here too so that a huge file is not read into memory first.
_GRAPH_FILE_LIMIT_BYTES = 256 << 20


@dataclass(frozen=True)
class Model:
    """A network as a checked graph. `load_model` makes one; `run` takes it."""

    source: str
    """The file or the name that it came from."""
    graph_json: str
    path: Path | None = None
    """The model file, where one was read."""
    shapes: Shapes | None = None
    """Extents of inputs that the caller fixed."""

    @cached_property
    def graph(self) -> dict[str, Any]:
        graph: dict[str, Any] = json.loads(self.graph_json)
        return graph

    @property
    def name(self) -> str:
        return str(self.graph.get("name") or self.source)

    @cached_property
    def parameters(self) -> dict[str, np.ndarray]:
        """Values of the graph's parameters by tensor name, in the graph's layout: those of the .onnx or .tflite
        file, else random ones (see chipcast.parameters). int4 and uint4 take a byte each, bf16 is
        ml_dtypes.bfloat16.

        Raises InputError for an operator of the file whose numbers the graph cannot hold.
        """
        if self.path is None or self.path.suffix.lower() not in WITH_VALUES:
            from chipcast.parameters import random_parameters

            return random_parameters(self.graph)
        from chipcast.importers import import_with_values

        document, values = import_with_values(self.path, shapes=self.shapes)
        changed = [
            name for name in self.stored if self.stored[name] != described(document["tensors"].get(name))
        ]
        if changed or len(values) != len(self.stored):
            raise InputError(
                f"{plain(self.source)}: the file has changed since the model was loaded; load it again"
            )
        return values

    @property
    def stored(self) -> dict[str, tuple[list[int], str]]:
        """Shape and number format of each parameter."""
        tensors = self.graph["tensors"]
        return {name: described(each) for name, each in tensors.items() if each.get("parameter")}

    @cached_property
    def totals(self) -> dict[str, Any]:
        """MACs, parameters, operators: what can be said without a platform."""
        totals: dict[str, Any] = json.loads(_core.graph_totals(self.graph_json, self.source))
        return totals


def described(tensor: Mapping[str, Any] | None) -> tuple[list[int], str]:
    return (list(tensor["shape"]), str(tensor["dtype"])) if tensor else ([], "")


def load_model(
    model: str | os.PathLike[str] | Mapping[str, Any] | Model,
    *,
    shapes: Shapes | None = None,
    model_options: Mapping[str, Any] | None = None,
) -> Model:
    """Reads a .onnx, .tflite, .param, .csv (SCALE-Sim) or .json file, or builds the zoo network of that name.

    `shapes` fixes inputs whose size the file leaves open, by input name. `model_options` makes a variant of a
    zoo network: batch, resolution, width, sequence_length.
    """
    if isinstance(model, Model):
        return model
    if isinstance(model, Mapping):
        return _checked(_dumped(model), "graph")
    text = os.fspath(model)
    path = Path(text)
    if path.suffix.lower() in SUFFIXES or is_file(path) or len(path.parts) > 1:
        if model_options:
            raise InputError(
                f'model option: "{plain(text)}" is a file; only networks of the zoo have variants'
            )
        return _from_file(path, shapes)
    if shapes:
        raise InputError(f'shape: "{plain(text)}" is a network of the zoo; its input shape is fixed')
    return _from_zoo(text, model_options or {})


def _from_file(path: Path, shapes: Shapes | None) -> Model:
    if not is_file(path):
        raise InputError(f'model: no file "{plain(path)}"; `chipcast models` lists the bundled networks')
    suffix = path.suffix.lower()
    if suffix in IMPORTED:
        from chipcast.importers import import_model  # onnx and tflite take a while to load

        checked = _checked(_dumped(import_model(path, shapes=shapes)), str(path))
        return dataclasses.replace(checked, path=path.absolute(), shapes=shapes)
    if suffix != ".json":
        raise InputError(f'model: "{plain(path)}" has no known suffix (known: {", ".join(SUFFIXES)})')
    if shapes:
        raise InputError(f'shape: "{plain(path)}" is a graph; its shapes stand in the file')
    return _checked(_read_graph(path), str(path))


def _read_graph(path: Path) -> str:
    size = path.stat().st_size
    if size > _GRAPH_FILE_LIMIT_BYTES:
        raise InputError(f"{plain(path)}: {size} bytes; a graph file may have {_GRAPH_FILE_LIMIT_BYTES}")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{plain(path)}: not UTF-8 text at byte {error.start}; expected a graph in JSON"
        ) from None


def _from_zoo(name: str, options: Mapping[str, Any]) -> Model:
    known = model_names()
    if name not in known:
        raise InputError(
            f'model: "{plain(name)}" is neither a file nor a network of the zoo{did_you_mean(name, known)}'
        )
    return Model(source=name, graph_json=_core.zoo_graph(name, json.dumps(dict(options))))


def _checked(graph_json: str, source: str) -> Model:
    return Model(source=source, graph_json=_core.graph_check(graph_json, source))


def _dumped(graph: Mapping[str, Any]) -> str:
    try:
        return json.dumps(graph, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"graph: not plain JSON: {error}") from None
