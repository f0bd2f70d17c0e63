# SPDX-License-Identifier: Apache-2.0
"""Each network or chip left out in turn: the error on rows that the fit never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chipcast._core import InputError
from chipcast.calibration.fit import fit
from chipcast.calibration.forecaster import Array, Forecaster
from chipcast.calibration.rows import Row

BY = ("network", "chip")
_FAR = 0.1  # of a logarithm: beyond, the fold's forecasts are made anew and its fit goes on from there
_ROUNDS = 3


@dataclass(frozen=True)
class CrossValidation:
    by: str
    folds: tuple[str, ...]
    logs: Array
    """Forecasts of every row by the fit that did not see it."""
    offsets: dict[str, Array]
    """What each fold's fit found."""


def groups_of(rows: Sequence[Row], by: str) -> list[str]:
    return [row.network if by == "network" else row.chip for row in rows]


def refuse_one_group(rows: Sequence[Row], by: str) -> None:
    """Throws InputError where nothing would be left to fit to."""
    folds = set(groups_of(rows, by))
    if len(folds) < 2:
        raise InputError(f"cross-validate: all rows are of one {by}, {', '.join(folds)}; add rows of another")


def cross_validate(
    forecaster: Forecaster,
    active: Sequence[int],
    measured: Array,
    offsets: Array,
    at: Array,
    slopes: Array,
    noise: float,
    by: str,
) -> CrossValidation:
    """Leaves out one group at a time. `active`: variables that move; `offsets`, `at`, `slopes`: the fit to all rows,
    its forecasts, and their derivatives by the active variables.

    A fold's fit starts from the prior on the rows that it may see, with forecasts linearised in logarithms around the
    fit to all rows; where it ends far from that point, those rows are forecast anew there and the fit goes on. Values
    measured on rows that are left out enter nothing but the point of linearisation. Held-out forecasts are real ones.
    Throws InputError where there is only one group.
    """
    refuse_one_group(forecaster.rows, by)
    groups = groups_of(forecaster.rows, by)
    folds = tuple(dict.fromkeys(groups))
    logs = np.full(len(groups), np.nan)
    found = {}
    for fold in folds:
        seen = np.array([group != fold for group in groups])
        found[fold] = _fold(forecaster, active, measured, offsets, at, slopes, noise, seen)
        held = np.flatnonzero(~seen)
        logs[held] = forecaster.logs(found[fold], held)[held]
    return CrossValidation(by, folds, logs, found)


def _fold(
    forecaster: Forecaster,
    active: Sequence[int],
    measured: Array,
    offsets: Array,
    at: Array,
    slopes: Array,
    noise: float,
    seen: np.ndarray,
) -> Array:
    rows = np.flatnonzero(seen)
    variables = [forecaster.variables[j] for j in active]
    anchor, anchored = offsets.copy(), at[rows]
    slope = slopes[rows]
    for _ in range(_ROUNDS):
        centre, base = anchor[list(active)], anchored
        solved = fit(
            variables,
            measured[rows],
            lambda x, base=base, centre=centre: base + slope @ (x - centre),  # type: ignore[misc]
            lambda x: slope,
            noise,
        )
        moved = anchor.copy()
        moved[list(active)] = solved.offsets
        far = float(np.max(np.abs(moved - anchor), initial=0.0)) > _FAR
        anchor = moved
        if not far:
            break
        anchored = forecaster.logs(anchor, rows)[rows]
    return anchor
