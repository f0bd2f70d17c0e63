# SPDX-License-Identifier: Apache-2.0
"""A validation as tables for people."""

from __future__ import annotations

from chipcast.fidelity.outcome import Outcome
from chipcast.fidelity.statistics import Statistics
from chipcast.fidelity.validation import Validation
from chipcast.summary import Column, Table
from chipcast.text import plain

_GROUPED = ("Cases", "Median", "Mean", "In 10 %", "In 25 %", "Spearman", "Kendall", "Bias")


def of_groups(
    title: str, first: str, groups: dict[str, Statistics], total: Statistics | None = None
) -> Table:
    rows = [[plain(name, 60), *cells(each)] for name, each in groups.items()]
    if total is not None and len(groups) > 1:
        rows.append(["all", *cells(total)])
    return Table(title, [_words(first), *map(_number, _GROUPED)], rows)


def cells(some: Statistics) -> list[str]:
    return [
        str(some.count),
        share(some.median_ape),
        share(some.mean_ape),
        share(some.within_10),
        share(some.within_25),
        correlation(some.spearman),
        correlation(some.kendall),
        signed(some.bias),
    ]


def of_cases(title: str, outcomes: list[Outcome]) -> Table:
    columns = [
        _words("Case", gives_way=True),
        _number("Measured"),
        _number("Forecast"),
        _number("Error"),
        _words("Limited by"),
    ]
    rows = [
        [
            plain(each.case.case, 80),
            f"{each.case.measured:.4g} {each.case.unit}",
            f"{each.found.predicted:.4g} {each.case.unit}",
            signed(each.error),
            plain(each.found.limited_by, 20),
        ]
        for each in outcomes
    ]
    return Table(title, columns, rows)


def _number(title: str) -> Column:
    return Column(title, str)


def _words(title: str, gives_way: bool = False) -> Column:
    return Column(title, str, numeric=False, gives_way=gives_way)


def worst(validation: Validation, count: int) -> list[Outcome]:
    """Farthest off first; a factor counts in both directions alike."""
    return sorted(validation.outcomes, key=lambda each: -max(each.ratio, 1 / each.ratio))[:count]


def share(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.1f} %"


def signed(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:+.1f} %"


def correlation(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
