# SPDX-License-Identifier: Apache-2.0
"""What the errors of some cases say together."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chipcast.fidelity.outcome import Outcome

FEWEST_RANKED = 3
"""Fewer rows have no rank correlation worth a number."""


@dataclass(frozen=True)
class Statistics:
    """Shares, not per cent: 0.12 is 12 %. None where there are too few rows to say."""

    count: int
    scored: int
    """Rows that no parameter was set on (use = score)."""
    median_ape: float | None = None
    """Of |forecast / measured - 1|, in the quantity that was measured."""
    mean_ape: float | None = None
    within_10: float | None = None
    """Share of rows within 10 % of the measurement."""
    within_25: float | None = None
    kendall: float | None = None
    """Rank correlations (tau-b, rho) of forecast and measurement, over rows of one quantity: of times where there are
    any, rates counted as times."""
    spearman: float | None = None
    bias: float | None = None
    """Geometric mean of forecast / measured, less one: the part of the error that all rows share. Rates as times."""
    median_error: float | None = None
    """Signed, as are the next two; rates as times. 80 % of the rows lie between p10 and p90."""
    p10: float | None = None
    p90: float | None = None

    def to_dict(self) -> dict[str, float | int | None]:
        return dataclasses.asdict(self)


def statistics_of(outcomes: Sequence[Outcome]) -> Statistics:
    scored = sum(each.case.use == "score" for each in outcomes)
    if not outcomes:
        return Statistics(0, 0)
    apes = [each.ape for each in outcomes]
    errors = [each.ratio - 1.0 for each in outcomes]
    kendall, spearman = _ranks(outcomes)
    return Statistics(
        count=len(outcomes),
        scored=scored,
        median_ape=statistics.median(apes),
        mean_ape=statistics.fmean(apes),
        within_10=_share(apes, 0.10),
        within_25=_share(apes, 0.25),
        kendall=kendall,
        spearman=spearman,
        bias=math.exp(statistics.fmean(math.log(each.ratio) for each in outcomes)) - 1.0,
        median_error=statistics.median(errors),
        p10=quantile(errors, 0.1),
        p90=quantile(errors, 0.9),
    )


def _share(apes: Sequence[float], limit: float) -> float:
    """0.1 means 10 %: a row that is off by exactly that counts, whatever binary fractions make of it."""
    return sum(ape <= limit * (1.0 + 1e-9) for ape in apes) / len(apes)


def quantile(values: Sequence[float], share: float) -> float:
    """Between order statistics, linearly (type 7 of Hyndman and Fan, SciPy's and R's default)."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _ranks(outcomes: Sequence[Outcome]) -> tuple[float | None, float | None]:
    """Kendall's tau-b and Spearman's rho."""
    kinds = Counter(each.scale for each in outcomes)
    kind = "time" if "time" in kinds else max(sorted(kinds), key=kinds.__getitem__)
    pairs = [each.pair for each in outcomes if each.scale == kind]
    if len(pairs) < FEWEST_RANKED or any(len({pair[i] for pair in pairs}) < 2 for i in (0, 1)):
        return None, None
    from scipy import stats  # takes a second to load

    measured, predicted = zip(*pairs, strict=True)
    kendall, spearman = stats.kendalltau(measured, predicted), stats.spearmanr(measured, predicted)
    return float(kendall.statistic), float(spearman.statistic)
