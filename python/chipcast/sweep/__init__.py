# SPDX-License-Identifier: Apache-2.0
"""Many designs instead of one: points of a space, forecast in worker processes, kept in a store.

>>> from chipcast.sweep import Axis, Range, Sweep, run_sweep
>>> clocks = Axis("npu.clock", Range("300 MHz", "900 MHz", steps=3))
>>> run_sweep(Sweep(["mobilenet_v2"], ["rv1106"], [clocks], set={"dtype": "int8"})).to_pandas()
"""

from __future__ import annotations

from chipcast.sweep.axes import Axis, Range
from chipcast.sweep.engine import Progress, Summary
from chipcast.sweep.read import read_sweep
from chipcast.sweep.run import SweepResult, run_sweep
from chipcast.sweep.space import Point, Space
from chipcast.sweep.spec import Limits, Sample, Sweep
from chipcast.sweep.store import Store, StoreError
from chipcast.sweep.table import SweepTable
from chipcast.sweep.workers import WorkersDoNotStart

__all__ = [
    "Axis",
    "Limits",
    "Point",
    "Progress",
    "Range",
    "Sample",
    "Space",
    "Store",
    "StoreError",
    "Summary",
    "Sweep",
    "SweepResult",
    "SweepTable",
    "WorkersDoNotStart",
    "read_sweep",
    "run_sweep",
]
