# SPDX-License-Identifier: Apache-2.0
"""Pages to look at: one file each, without network or other files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chipcast.web import document
from chipcast.web.files import read_report, read_runs
from chipcast.web.page import page

if TYPE_CHECKING:
    from chipcast.sweep import Sweep

__all__ = ["comparison_page", "read_report", "read_runs", "report_page", "sweep_page"]


def report_page(report: Mapping[str, Any]) -> str:
    """The page of a report alone; `Result.to_html()` has the timeline, memory and mapping too."""
    return page(document.of_report(report))


def comparison_page(paths: Sequence[str | os.PathLike[str]]) -> str:
    """The page of two to five saved runs side by side."""
    return page(document.of_comparison(*read_runs(paths)))


def sweep_page(
    source: Any,
    *,
    sweep: Sweep | None = None,
    objectives: Sequence[str] | None = None,
    title: str = "sweep",
) -> str:
    """The page of a table of designs: fronts, parallel coordinates, every point.

    Args:
        source: what chipcast.views takes: a SweepResult, a table, a CSV or Parquet file, a pandas frame.
        sweep: what it is a table of; each point then says the command that makes its own page.
        objectives: columns to be small ("max:NAME": large); None takes latency, energy and area as far as they vary.
        title: shown at the top.
    """
    from chipcast.web.sweeps import of_sweep

    return page(of_sweep(source, sweep=sweep, objectives=objectives, title=title))
