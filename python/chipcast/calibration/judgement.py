# SPDX-License-Identifier: Apache-2.0
"""Does the model fit the measurements at all? Errors of each chip, and what speaks against using the values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import permutation_test, rankdata

from chipcast.calibration.forecaster import Array
from chipcast.fidelity.case import Case
from chipcast.fidelity.outcome import Found, Outcome
from chipcast.fidelity.statistics import Statistics, statistics_of

_LEAST_ROWS = 5
"""With fewer, an order by chance is too likely to be told from a real one."""
_SPREAD = 0.15
"""Standard deviation of the logarithm: where measurements differ less, their order says nothing."""
_FAR_SHARE = 0.2
"""A median hides up to half of the rows; of validated chips, fewer than one row in ten is so far off."""
_CHANCE = 0.01
"""An order that chance gives so often is none. Five rows can reach 1/120."""


@dataclass(frozen=True)
class Errors:
    """Of some rows: ape = |forecast / measured - 1|."""

    rows: int
    median_ape: float
    mean_ape: float
    within_10: float
    within_25: float
    spearman: float | None
    """Over times where there are any (rates as times), in base units; None below three rows."""

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def errors_of(cases: Sequence[Case], logs: Array) -> Errors | None:
    """`logs`: of the forecasts, in the cases' units. None where no row has a forecast."""
    found = statistics_of(_outcomes(cases, logs))
    if found.count == 0:
        return None
    return Errors(
        found.count,
        _known(found.median_ape),
        _known(found.mean_ape),
        _known(found.within_10),
        _known(found.within_25),
        found.spearman,
    )


def _known(value: float | None) -> float:
    assert value is not None
    return value


def _outcomes(cases: Sequence[Case], logs: Array) -> list[Outcome]:
    return [
        Outcome(case, Found(math.exp(log), "", "", case.platform, {}))
        for case, log in zip(cases, logs, strict=True)
        if math.isfinite(log)
    ]


def disagreements(cases: Sequence[Case], chips: Sequence[str], logs: Array, tolerance: float) -> list[str]:
    """Why the fit should not be used, a line for each chip and quantity that it does not describe:

    - its typical error is above `tolerance` after the fit: no value of the parameters explains the rows; or
    - more than a fifth of its rows is off by more than twice that: some were paired with other networks; or
    - the order of its rows has nothing to do with that of the forecasts: with rows permuted at random, the rank
      correlation would be as high in more than 1 % of all cases (permutation test, Good 2005). Asked of five rows
      and more whose values differ.
    """
    out = []
    kinds = [case.quantity for case in cases]
    for chip, kind in dict.fromkeys(zip(chips, kinds, strict=True)):
        mine = [i for i in range(len(chips)) if (chips[i], kinds[i]) == (chip, kind)]
        outcomes = _outcomes([cases[i] for i in mine], logs[mine])
        why = _why_not(outcomes, statistics_of(outcomes), tolerance) if outcomes else ""
        if why:
            rows = f"{len(outcomes)} {'row' if len(outcomes) == 1 else 'rows'}"
            out.append(f"{chip} ({kind}, {rows}): {why}")
    return out


def _why_not(outcomes: Sequence[Outcome], found: Statistics, tolerance: float) -> str:
    typical = _known(found.median_ape)
    if typical > tolerance:
        return (
            f"the typical error is {100 * typical:.0f} % after the fit, above {100 * tolerance:.0f} %; "
            "no value of the parameters explains these rows"
        )
    far = sum(each.ape > 2.0 * tolerance for each in outcomes) / len(outcomes)
    if far > _FAR_SHARE:
        return (
            f"{100 * far:.0f} % of the rows are off by more than {200 * tolerance:.0f} % after the fit; "
            "are values and networks paired rightly?"
        )
    measured, forecasts = np.array([each.pair for each in outcomes]).T
    if len(outcomes) < _LEAST_ROWS or float(np.std(np.log(measured))) <= _SPREAD:
        return ""
    if _by_chance(forecasts, measured) <= _CHANCE:
        return ""
    rank = "none" if found.spearman is None else f"{found.spearman:.2f}"
    return (
        f"the order of the measurements (rank correlation {rank} with the forecasts) is one that chance gives; "
        "are values and networks paired rightly?"
    )


def _by_chance(forecasts: Array, measured: Array) -> float:
    """Probability of such a rank correlation, or a higher one, if rows were paired at random. Permuted ranks keep mean
    and variance: their products order pairings as the correlation does."""
    ranks = rankdata(measured)
    if np.ptp(forecasts) == 0.0:
        return 1.0
    result = permutation_test(
        (rankdata(forecasts),),
        lambda x: float(x @ ranks),
        permutation_type="pairings",
        alternative="greater",
        n_resamples=2000,
        rng=np.random.default_rng(20),
    )
    return float(result.pvalue)


def outliers(logs: Array, measured: Array, scale: float) -> list[int]:
    """Rows more than 3.5 scales away (Iglewicz and Hoaglin, 1993)."""
    return [int(i) for i in np.flatnonzero(np.abs(logs - measured) > 3.5 * scale)]
