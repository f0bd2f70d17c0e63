# SPDX-License-Identifier: Apache-2.0
"""A space of 1,210 designs that costs nothing, and searches over it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chipcast.search import Objective, Search
from chipcast.sweep import Axis, Range, Sweep

DESIGNS = 11 * 11 * 10
LATENCY_AREA = (Objective("latency_s"), Objective("area_mm2"))


def space(**fields: Any) -> Sweep:
    folder: Path | None = fields.pop("folder", None)
    fixed = {f"x.{name}": value for name, value in fields.pop("fixed", {}).items()}
    if folder is not None:
        fixed["x.folder"] = str(folder)
    axes = [Axis(f"x.{name}", Range(0, 10, steps=11)) for name in "ab"]
    axes.append(Axis("x.c", Range(1, 10, steps=10)))
    return Sweep(
        models=["mlperf_tiny_kws"],
        platforms=["rv1106"],
        axes=fields.pop("axes", axes),
        set=fixed,
        area=False,
        evaluator="search_evaluators:bowl",
        **fields,
    )


def search(**members: Any) -> Search:
    given: dict[str, Any] = {"space": space(), "objectives": LATENCY_AREA, "evaluations": 120, **members}
    return Search(**given)
