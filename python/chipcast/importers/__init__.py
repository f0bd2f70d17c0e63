# SPDX-License-Identifier: Apache-2.0
"""Importers: ONNX, TFLite and ncnn model files to Chipcast's graph document."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chipcast.importers.limits import ImportLimits
from chipcast.importers.sandbox import run_importer

__all__ = ["ImportLimits", "import_model"]


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
    wanted = {name: [int(extent) for extent in shape] for name, shape in (shapes or {}).items()}
    return run_importer(Path(path), limits or ImportLimits(), wanted)
