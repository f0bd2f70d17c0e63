# SPDX-License-Identifier: Apache-2.0
"""Pages to look at: one file each, without network or other files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from chipcast.web import document
from chipcast.web.files import read_report, read_runs
from chipcast.web.page import page

__all__ = ["comparison_page", "read_report", "read_runs", "report_page"]


def report_page(report: Mapping[str, Any]) -> str:
    """The page of a report alone; `Result.to_html()` has the timeline, memory and mapping too."""
    return page(document.of_report(report))


def comparison_page(paths: Sequence[str | os.PathLike[str]]) -> str:
    """The page of two to five saved runs side by side."""
    return page(document.of_comparison(*read_runs(paths)))
