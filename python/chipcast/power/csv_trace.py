# SPDX-License-Identifier: Apache-2.0
"""Power over time as a table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Any


def power_csv(run: Mapping[str, Any]) -> str:
    """One row per window of the report: its begin, the total and every domain, in W. The last window ends with the
    run."""
    power = run["power"]
    domains = power["domains"]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["time_s", "total_w", *(f"{_column(domain['name'])}_w" for domain in domains)])
    for i, total in enumerate(power["samples_w"]):
        watts = [domain["samples_w"][i] for domain in domains]
        writer.writerow([_number(i * power["window_s"]), _number(total), *map(_number, watts)])
    return out.getvalue()


def _column(name: str) -> str:
    """Spreadsheets take a leading = or + for a formula."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name)


def _number(value: float) -> str:
    return f"{value:.9g}"
