# SPDX-License-Identifier: Apache-2.0
"""The temperatures that constant power ends at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def steady_celsius(thermal: Mapping[str, Any], watts: Mapping[str, float]) -> dict[str, float]:
    """Solves G (T - T_ambient) = P over the nodes of a platform's `thermal`: each link adds its conductance between two
    nodes, `to_ambient_k_per_w` one to the air. None where some node has no way to the air."""
    import numpy as np

    names = list(thermal.get("nodes", {}))
    conductance = np.zeros((len(names), len(names)))
    for i, name in enumerate(names):
        to_air = float(thermal["nodes"][name].get("to_ambient_k_per_w", 0.0))
        conductance[i, i] += 1.0 / to_air if to_air else 0.0
    for link in thermal.get("links", []):
        i, j = names.index(link["from"]), names.index(link["to"])
        g = 1.0 / float(link["resistance_k_per_w"])
        conductance[[i, j], [i, j]] += g
        conductance[[i, j], [j, i]] -= g
    if not names or np.linalg.matrix_rank(conductance) < len(names):
        return {}
    rise = np.linalg.solve(conductance, np.array([watts.get(name, 0.0) for name in names]))
    ambient = float(thermal.get("ambient_c", 25.0))
    return {name: ambient + float(kelvin) for name, kelvin in zip(names, rise, strict=True)}
