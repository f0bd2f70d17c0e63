# SPDX-License-Identifier: Apache-2.0
"""How forecasts move with the variables, and how many variables the measurements can carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import qr

from chipcast._core import InputError
from chipcast.calibration.forecaster import Array, Forecaster
from chipcast.calibration.parameters import Variable
from chipcast.calibration.rows import Row

_STEP = 0.05
"""Of the logarithm: forecasts are in whole cycles and their mapping may change, so that smaller steps see noise."""


def jacobian(forecaster: Forecaster, offsets: Array, at: Array, mask: np.ndarray | None = None) -> Array:
    """d log(forecast) / d log(parameter), rows by variables. `at`: logs(offsets). `mask`: only these are computed,
    others are zero."""
    out = np.zeros((len(at), len(offsets)))
    steps = [_moved(offsets, j, variable) for j, variable in enumerate(forecaster.variables)]
    rows = [
        [i for i in range(len(at)) if np.isfinite(at[i]) and forecaster.reaches(i, j) and (mask is None or mask[i, j])]
        for j in range(len(steps))
    ]
    forecaster.make((moved, mine) for (moved, _), mine in zip(steps, rows, strict=True))
    for j, ((moved, step), mine) in enumerate(zip(steps, rows, strict=True)):
        logs = forecaster.logs(moved, mine)
        for i in mine:
            if np.isfinite(logs[i]):
                out[i, j] = (logs[i] - at[i]) / step
    return out


def _moved(offsets: Array, j: int, variable: Variable) -> tuple[Array, float]:
    """Offsets with one variable moved, and by how much: up, or down where there is more room."""
    room = variable.high - offsets[j]
    step = _STEP if room >= _STEP or room >= offsets[j] - variable.low else -_STEP
    moved = offsets.copy()
    moved[j] += step
    return moved, step


def independent_rows(rows: Sequence[Row]) -> int:
    """Measurements that are not another one's repetition: a network in a number format on a device of a chip counts
    once however many threads and repetitions were measured, because a model's errors on them are alike."""
    return len({(row.network, row.chip, row.devices, row.case.dtype, row.case.quantity) for row in rows})


@dataclass(frozen=True)
class Carried:
    """What the measurements say about the variables, beside what is believed about them anyway.

    The Jacobian is scaled so that a singular value of one means that measurements and prior know equally much about
    that direction: columns by the spreads of the priors, rows by the error of the measurements. It holds no prior.
    """

    variables: tuple[int, ...]
    """That some row is sensitive to."""
    insensitive: tuple[int, ...]
    """About which the rows say less than the prior, each looked at alone."""
    directions: int
    """Independent combinations that the rows know more about than the prior."""
    condition: float
    """Largest over smallest singular value; infinite where a direction is not seen at all."""
    best: tuple[int, ...]
    """`directions` variables that the rows determine best, the best first."""


def carried(slopes: Array, variables: Sequence[Variable], noise: float) -> Carried:
    scaled = slopes * np.array([v.spread for v in variables]) / noise
    information = np.sqrt((scaled**2).sum(axis=0)) if len(scaled) else np.zeros(len(variables))
    sensitive = [j for j in range(len(variables)) if information[j] >= 1.0]
    insensitive = tuple(j for j in range(len(variables)) if information[j] < 1.0)
    if not sensitive:
        return Carried((), insensitive, 0, float("inf"), ())
    kept = scaled[:, sensitive]
    singular = np.linalg.svd(kept, compute_uv=False)
    singular = np.pad(singular, (0, len(sensitive) - len(singular)))
    directions = int((singular >= 1.0).sum())
    _, _, order = qr(kept, mode="economic", pivoting=True)
    return Carried(
        tuple(sensitive),
        insensitive,
        directions,
        float(singular[0] / singular[-1]) if singular[-1] > 0.0 else float("inf"),
        tuple(sensitive[int(k)] for k in order[:directions]),
    )


def to_hold(found: Carried, independent: int) -> tuple[int, ...]:
    """Sensitive variables beyond those that the rows can carry: as many as they know directions, and fewer than
    independent rows."""
    kept = found.best[: max(min(found.directions, independent - 1), 0)]
    return tuple(j for j in found.variables if j not in kept)


def refuse_too_many(
    found: Carried, variables: Sequence[Variable], rows: int, independent: int | None = None, error: float | None = None
) -> None:
    """Throws InputError where the rows cannot carry the variables, and names those that they can and those that should
    be held. `independent`: of independent_rows(), all by default. `error`: the fit's own, where it was judged by that.
    """
    alone = rows if independent is None else independent
    held = to_hold(found, alone)
    if not held:
        return
    count = len(found.variables)
    said = f"{rows} rows" if alone == rows else f"{alone} independent of {rows} rows (thread counts do not count)"
    if error is not None:
        said += f" at the fit's own error of {100 * error:.0f} %"
    why = (
        f"{count} free parameters and {said}"
        if count >= alone
        else f"{said} tell {found.directions} of {count} free parameters apart"
    )
    names = [variables[j].name for j in found.variables if j not in held]
    remedy = (
        f"; fit fewer ({' '.join('--parameter ' + name for name in names)}, or --reduce), which holds "
        f"{', '.join(variables[j].name for j in held)}, or add rows"
        if names
        else f"; hold {', '.join(variables[j].name for j in held)}, or add rows that they matter for"
    )
    raise InputError(f"calibrate: more parameters than the data can carry: {why}{remedy}")
