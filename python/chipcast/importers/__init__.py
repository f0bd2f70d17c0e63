# SPDX-License-Identifier: Apache-2.0
"""Importers: ONNX, TFLite and ncnn model files to Chipcast's graph document."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chipcast.importers.limits import ImportLimits
from chipcast.importers.sandbox import run_importer, run_importer_with_values

__all__ = ["ImportLimits", "import_model", "import_with_values"]


def import_model(
    path: str | os.PathLike[str],
    *,
    limits: ImportLimits | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
) -> dict[str, Any]:
    """Reads a model file and returns its graph document (`{"format": "chipcast-graph", ...}`).

    The file is parsed in a short-lived process with limits on memory, time and files. `shapes` gives the
    extents of inputs that the file leaves open: `{"input": [1, 3, 224, 224]}`. Raises InputError with one
    line that names the place, the value and the remedy.
    """
    return run_importer(Path(path), limits or ImportLimits(), plain_shapes(shapes))


def import_with_values(
    path: str | os.PathLike[str],
    *,
    limits: ImportLimits | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The graph document of an .onnx or .tflite file as `import_model` gives it, and the values of its parameters by
    tensor name, in the graph's layout. int4 and uint4 values take a byte each, bf16 is ml_dtypes.bfloat16.

    External data of ONNX are read from the model's own folder only. Raises InputError also for a parameter whose
    values the graph cannot hold; the message names the operator.
    """
    return run_importer_with_values(Path(path), limits or ImportLimits(), plain_shapes(shapes))


def plain_shapes(shapes: Mapping[str, Sequence[int]] | None) -> dict[str, list[int]]:
    return {name: [int(extent) for extent in shape] for name, shape in (shapes or {}).items()}
