# SPDX-License-Identifier: Apache-2.0
"""Looking at sweeps and searches: fronts, parallel coordinates, what matters, how fast a search got there.

>>> from chipcast import views
>>> views.pareto("npu.csv", ["latency_s", "energy_j"]).save("pareto.svg")
"""

from __future__ import annotations

from chipcast.search import Objective
from chipcast.views.curves import curve
from chipcast.views.figures import View
from chipcast.views.files import write_views
from chipcast.views.fronts import front
from chipcast.views.hypervolume import hypervolume
from chipcast.views.parallel import parallel
from chipcast.views.pareto import pareto
from chipcast.views.sensitivity import Sensitivity, sensitivity

__all__ = [
    "Objective",
    "Sensitivity",
    "View",
    "curve",
    "front",
    "hypervolume",
    "parallel",
    "pareto",
    "sensitivity",
    "write_views",
]
