# SPDX-License-Identifier: Apache-2.0
"""What a model file may cost while it is read."""

from __future__ import annotations

from dataclasses import dataclass

GIB = 1 << 30


@dataclass(frozen=True)
class ImportLimits:
    """Limits of one import; whatever goes beyond them is refused with an InputError."""

    file_bytes: int = 2 * GIB
    """Largest model file (protobuf and flatbuffers end at 2 GiB as well)."""
    memory_bytes: int = 4 * GIB
    """Address space of the importer process."""
    cpu_s: int = 60
    """Processor time of the importer process."""
    wall_s: float = 120.0
    """Time until the importer process is stopped."""
    result_bytes: int = GIB // 2
    """Largest graph document that it may hand back."""
    values_bytes: int = 2 * GIB
    """Largest values of parameters that it may hand back or read from files beside the model."""
    nodes: int = 1_000_000
    """Most operators of a model, subgraphs counted in."""
    subgraph_depth: int = 8
    """Deepest nesting of subgraphs (If, Loop, Scan)."""
    folded_elements: int = 1 << 16
    """Constants up to this size are kept for the arithmetic of shapes."""
