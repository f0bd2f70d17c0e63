# SPDX-License-Identifier: Apache-2.0
"""How much of an output each axis accounts for: SALib's estimators, with intervals."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from chipcast._core import InputError
from chipcast.search.libraries import need
from chipcast.views.sampling import MORRIS_LEVELS, Plan, step_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

CONFIDENCE = 0.95
_RESAMPLES = 500
_LEAST_SHARE = 0.5
"""Of blocks that have to be whole."""
SOBOL_COLUMNS = ("first_order", "first_order_conf", "total_order", "total_order_conf")
MORRIS_COLUMNS = ("mu_star", "mu_star_conf", "mu", "sigma")


def indices(plan: Plan, values: Any, output: str) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """(a row per axis; a row per pair of axes, of second order; remarks), of `values`, one for each point of the plan.

    Sobol: shares of the variance that an axis takes alone (Saltelli et al. 2010), and with all that it interacts with
    (Jansen 1999). Morris: mean (mu), mean of the absolute values (mu_star; Campolongo, Cariboni, Saltelli 2007) and
    spread (sigma) of what going from one end of the axis to the other does to the output, in its unit. `..._conf` is
    half of the bootstrapped 95 % interval. Blocks with a value that is not finite are left out whole.

    Raises InputError where that are more than half of them.
    """
    import numpy as np

    whole, remarks = _whole_blocks(plan, np.asarray(values, dtype=float), output)
    kept = np.asarray(values, dtype=float)[whole]
    if np.ptp(kept) <= 1e-12 * np.abs(kept).max():
        columns = SOBOL_COLUMNS if plan.method == "sobol" else MORRIS_COLUMNS
        found = {name: [float("nan")] * len(plan.axes) for name in columns}
        return (
            _frame(plan, output, found),
            _pairs(plan, output, None),
            [*remarks, f"{output} is the same everywhere"],
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return *(
            _sobol(plan, kept, output) if plan.method == "sobol" else _morris(plan, kept, whole, output)
        ), remarks


def _whole_blocks(
    plan: Plan, values: NDArray[np.float64], output: str
) -> tuple[NDArray[np.bool_], list[str]]:
    import numpy as np

    blocks = np.isfinite(values.reshape(plan.samples, plan.block)).all(axis=1)
    count = int(blocks.sum())
    missing = int((~np.isfinite(values)).sum())
    if count < max(2, _LEAST_SHARE * plan.samples):
        raise InputError(
            f"sensitivity: {missing:,} of {len(values):,} points have no {output}, and {count} of {plan.samples} "
            f"samples are whole; at least {_LEAST_SHARE:.0%} have to be. Narrow the axes"
        )
    remarks = [
        f"{output}: {missing:,} of {len(values):,} points have none; {count} of {plan.samples} samples count"
    ]
    return np.repeat(blocks, plan.block), remarks if missing else []


def _sobol(plan: Plan, values: Any, output: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = need("SALib.analyze.sobol").analyze(
        plan.problem,
        values,
        calc_second_order=plan.second_order,
        num_resamples=_RESAMPLES,
        conf_level=CONFIDENCE,
        seed=plan.seed + 1,  # SALib takes 0 for none
    )
    names = zip(SOBOL_COLUMNS, ("S1", "S1_conf", "ST", "ST_conf"), strict=True)
    return _frame(plan, output, {ours: found[its] for ours, its in names}), _pairs(plan, output, found)


def _morris(plan: Plan, values: Any, whole: Any, output: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    import numpy as np

    found = need("SALib.analyze.morris").analyze(
        plan.problem,
        plan.shares[whole],
        values,
        num_resamples=_RESAMPLES,
        conf_level=CONFIDENCE,
        num_levels=MORRIS_LEVELS,
        seed=plan.seed + 1,
    )
    taken = MORRIS_LEVELS / (2.0 * (MORRIS_LEVELS - 1.0))
    stretch = np.array([taken / step_of(axis) for axis in plan.axes])
    columns = {name: np.asarray(found[name], dtype=float) * stretch for name in MORRIS_COLUMNS}
    return _frame(plan, output, columns), _pairs(plan, output, None)


def _frame(plan: Plan, output: str, columns: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    numbers = {name: [float(value) for value in values] for name, values in columns.items()}
    return pd.DataFrame({"output": output, "axis": plan.problem["names"], **numbers})


def _pairs(plan: Plan, output: str, found: Any) -> pd.DataFrame:
    import pandas as pd

    names = plan.problem["names"]
    pairs = [(j, k) for j in range(len(names)) for k in range(j + 1, len(names))] if plan.second_order else []
    unknown = (float("nan"), float("nan"))
    rows = [
        (output, names[j], names[k], *((found["S2"][j, k], found["S2_conf"][j, k]) if found else unknown))
        for j, k in pairs
    ]
    return pd.DataFrame(rows, columns=["output", "axis", "with", "second_order", "second_order_conf"])
