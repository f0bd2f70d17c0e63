# SPDX-License-Identifier: Apache-2.0
"""What operations, memories and silicon cost; Accelergy's tables in place of ours, and ours written out."""

from __future__ import annotations

from chipcast.technology.accelergy import Areas, Energies, read_art, read_ert
from chipcast.technology.fit import Fit, Match, fit_areas, fit_energies, read_match
from chipcast.technology.nodes import load, nodes
from chipcast.technology.platform import Part, energies, parts, write_art, write_ert

__all__ = [
    "Areas",
    "Energies",
    "Fit",
    "Match",
    "Part",
    "energies",
    "fit_areas",
    "fit_energies",
    "load",
    "nodes",
    "parts",
    "read_art",
    "read_ert",
    "read_match",
    "write_art",
    "write_ert",
]
