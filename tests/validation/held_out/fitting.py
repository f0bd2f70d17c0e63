# SPDX-License-Identifier: Apache-2.0
"""Fits the variables of a hierarchy to some rows, and forecasts the others with what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from chipcast.calibration.fit import fit
from chipcast.calibration.forecaster import Array, Forecaster
from chipcast.calibration.sensitivity import jacobian

from held_out.hierarchy import Hierarchy, profiles_of

NOISE = 0.08
"""Standard deviation of a row's logarithm that the laws are expected to reach [E]; residuals do not change it."""
_REACH = 0.35  # of a logarithm: how far forecasts that are linear in logarithms are trusted
_ROUNDS, _FOLD_ROUNDS = 6, 2
_NEAR = 0.02  # of a logarithm: a fit is settled where no row moves further
_LEAST = 1e-3  # slope below which a parameter does not move a row
_Say = Callable[[str], object]
_FORKS = ("fork_join",)


class Fitting:
    """Forecasts are linear in logarithms between points where they are made anew; slopes by parameters are taken at
    the priors and once more where the fit to all rows ends."""

    def __init__(self, hierarchy: Hierarchy, forecaster: Forecaster, measured: Array, say: _Say) -> None:
        self._frees = hierarchy.frees
        self._matrix = hierarchy.matrix()
        self._forecaster = forecaster
        self._measured = measured
        self._say = say
        self._all = np.arange(len(measured))
        self._centre = np.zeros(len(self._frees))
        self._slopes = self._steepness(None)

    def whole(self) -> Array:
        """The fit to all rows, around which folds are linearised."""
        found = self._settled(self._all, self._centre)
        self._say(f"fitted to all rows: {self.error(found):.1%}; slopes there")
        self._centre = found
        self._slopes = self._steepness(self._slopes_by_parameter != 0.0)
        self._centre = self._settled(self._all, found)
        return self._centre

    def without(self, out: np.ndarray) -> Array:
        """Logarithms of the forecasts of the rows in `out`, by a fit to the others that starts at the priors."""
        seen = np.flatnonzero(~out)
        found = self._settled(seen, self._centre, _FOLD_ROUNDS)
        logs: Array = self._logs(found, np.flatnonzero(out))[out]
        return logs

    def error(self, frees: Array) -> float:
        """Median absolute error of all rows."""
        return float(np.median(np.abs(np.expm1(self._logs(frees, self._all) - self._measured))))

    def values(self, frees: Array) -> list[tuple[str, float]]:
        """Factor on each variable's prior."""
        return [(free.name, float(np.exp(x))) for free, x in zip(self._frees, frees, strict=True)]

    def _settled(self, seen: Sequence[int] | np.ndarray, centre: Array, rounds: int = _ROUNDS) -> Array:
        """Of rows in `seen`: solved with linear forecasts around `centre`, again where that ends far from there."""
        slopes = self._slopes[seen]
        for _ in range(rounds):
            base = self._logs(centre, seen)[seen]
            solved = self._solved(seen, centre, base, slopes)
            step = solved - centre
            centre = centre + np.clip(step, -_REACH, _REACH)
            if float(np.max(np.abs(self._slopes @ step))) < _NEAR:
                break
        return centre

    def _solved(self, seen: Sequence[int] | np.ndarray, centre: Array, base: Array, slopes: Array) -> Array:
        return fit(
            self._frees,  # type: ignore[arg-type]  # all that a fit reads of a variable
            self._measured[seen],
            lambda x: base + slopes @ (x - centre),
            lambda x: slopes,
            NOISE,
            start=centre,
            most=200,
            rounds=1,
        ).offsets

    def _logs(self, frees: Array, rows: Sequence[int] | np.ndarray) -> Array:
        return self._forecaster.logs(np.asarray(self._matrix @ frees), rows)

    def _steepness(self, mask: np.ndarray | None) -> Array:
        """Rows by variables. `mask`: rows by parameters, those that may move a row."""
        offsets = self._matrix @ self._centre
        at = self._forecaster.logs(offsets)
        known = self._movable() if mask is None else mask
        if mask is None:
            known &= self._reading(jacobian(self._forecaster, offsets, at, known & self._first_of_each()))
        self._slopes_by_parameter = jacobian(self._forecaster, offsets, at, known)
        return np.asarray(self._slopes_by_parameter @ self._matrix)

    def _movable(self) -> np.ndarray:
        """Rows by parameters: one thread forks nothing, and some parameters are fixed."""
        forks = np.array([tail.endswith(_FORKS) for tail in self._tails()])
        alone = np.array([row.case.threads == 1 for row in self._forecaster.rows])
        moved: np.ndarray = ~np.outer(alone, forks) & np.any(self._matrix != 0.0, axis=1)
        return moved

    def _tails(self) -> list[str]:
        """What a parameter is, wherever it stands: its path without the device."""
        return [each.members[0].path.partition(".")[2] for each in self._forecaster.variables]

    def _kinds(self) -> list[tuple[str, str]]:
        """Rows of one kind read the same parameters: those of a graph, by profiles of one kind and release."""
        return [(row.case.workload, profiles_of(row)) for row in self._forecaster.rows]

    def _first_of_each(self) -> np.ndarray:
        """One row of each kind, on several threads where there is such a row."""
        kinds, rows = self._kinds(), self._forecaster.rows
        best = {kind: i for i, kind in reversed(list(enumerate(kinds)))}
        best |= {kind: i for i, kind in enumerate(kinds) if (rows[i].case.threads or 0) > 1}
        first = np.isin(np.arange(len(rows)), list(best.values()))
        return np.repeat(first[:, None], len(self._forecaster.variables), axis=1)

    def _reading(self, slopes: Array) -> np.ndarray:
        """Which parameters move which rows, after one row of each kind."""
        tails, kinds = self._tails(), self._kinds()
        moved = {(kinds[i], tails[j]) for i, j in zip(*np.nonzero(np.abs(slopes) > _LEAST), strict=True)}
        return np.array([[(kind, tail) in moved for tail in tails] for kind in kinds])
