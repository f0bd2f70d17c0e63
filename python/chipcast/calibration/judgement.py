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
    """None where there are fewer than three rows."""

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def errors_of(logs: Array, measured: Array) -> Errors | None:
    """None where no row has a forecast."""
    some = np.isfinite(logs)
    if not some.any():
        return None
    ape = np.abs(np.expm1(logs[some] - measured[some]))
    return Errors(
        int(some.sum()),
        float(np.median(ape)),
        float(ape.mean()),
        float((ape <= 0.10).mean()),
        float((ape <= 0.25).mean()),
        _spearman(logs[some], measured[some]) if some.sum() >= 3 else None,
    )


def _spearman(a: Array, b: Array) -> float:
    ranks = rankdata(a), rankdata(b)
    if min(np.ptp(ranks[0]), np.ptp(ranks[1])) == 0.0:
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def disagreements(
    logs: Array, measured: Array, chips: Sequence[str], kinds: Sequence[str], tolerance: float
) -> list[str]:
    """Why the fit should not be used, a line for each chip and quantity that it does not describe:

    - its typical error is above `tolerance` after the fit: no value of the parameters explains the rows; or
    - more than a fifth of its rows is off by more than twice that: some were paired with other networks; or
    - the order of its rows has nothing to do with that of the forecasts: with rows permuted at random, the rank
      correlation would be as high in more than 1 % of all cases (permutation test, Good 2005). Asked of five rows
      and more whose values differ.
    """
    out = []
    for chip, kind in dict.fromkeys(zip(chips, kinds, strict=True)):
        mine = [i for i in range(len(chips)) if (chips[i], kinds[i]) == (chip, kind) and math.isfinite(logs[i])]
        if not mine:
            continue
        got, wanted = logs[mine], measured[mine]
        typical = float(np.median(np.abs(np.expm1(got - wanted))))
        name = f"{chip} ({kind}, {len(mine)} {'row' if len(mine) == 1 else 'rows'})"
        if typical > tolerance:
            out.append(
                f"{name}: the typical error is {100 * typical:.0f} % after the fit, above {100 * tolerance:.0f} %; "
                "no value of the parameters explains these rows"
            )
        elif (far := float((np.abs(np.expm1(got - wanted)) > 2.0 * tolerance).mean())) > _FAR_SHARE:
            out.append(
                f"{name}: {100 * far:.0f} % of the rows are off by more than {200 * tolerance:.0f} % after the fit; "
                "are values and networks paired rightly?"
            )
        elif len(mine) >= _LEAST_ROWS and float(np.std(wanted)) > _SPREAD and _by_chance(got, wanted) > _CHANCE:
            out.append(
                f"{name}: the order of the measurements (rank correlation {_spearman(got, wanted):.2f} with the "
                "forecasts) is one that chance gives; are values and networks paired rightly?"
            )
    return out


def _by_chance(logs: Array, measured: Array) -> float:
    """Probability of such a rank correlation, or a higher one, if rows were paired at random."""
    if np.ptp(logs) == 0.0:
        return 1.0
    result = permutation_test(
        (logs,),
        lambda x: _spearman(x, measured),
        permutation_type="pairings",
        alternative="greater",
        n_resamples=2000,
        rng=np.random.default_rng(20),
    )
    return float(result.pvalue)


def outliers(logs: Array, measured: Array, scale: float) -> list[int]:
    """Rows more than 3.5 scales away (Iglewicz and Hoaglin, 1993)."""
    return [int(i) for i in np.flatnonzero(np.abs(logs - measured) > 3.5 * scale)]
