# SPDX-License-Identifier: Apache-2.0
"""`calibrate`: from platforms and a file of measurements to fitted parameters."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from chipcast._core import InputError
from chipcast.calibration.cross_validation import BY, cross_validate, groups_of, refuse_one_group
from chipcast.calibration.fit import Fit, Intervals, fit, intervals
from chipcast.calibration.forecaster import Array, Forecaster, Progress
from chipcast.calibration.judgement import disagreements, errors_of
from chipcast.calibration.parameters import (
    Parameter,
    Variable,
    free_parameters,
    parameter,
    select,
    variables,
)
from chipcast.calibration.report import Calibration, Outcome
from chipcast.calibration.rows import Rows, collect, described, device_of
from chipcast.calibration.sensitivity import carried, independent_rows, jacobian, refuse_too_many, to_hold
from chipcast.calibration.warnings import warnings_of
from chipcast.catalog import find_platform
from chipcast.fidelity.read import read_cases
from chipcast.text import plain

NOISE, TOLERANCE = 0.03, 0.25
_WORSE = 1.25  # times the prior's error: a fit that networks it did not see are so much worse off with is no use


def _silent(done: float) -> None:
    pass


def _wordless(text: str) -> None:
    pass


@dataclass(frozen=True)
class Options:
    device: str | None = None
    """Only parameters of this device, and rows that run on it."""
    parameters: Sequence[str] = ()
    """Only these, by path or by the end of it; none: all that the platform marks."""
    shared: bool = False
    """Parameters of one group are one variable over all platforms; others stay unless `parameters` names them."""
    cross_validate: str | None = None
    noise: float = NOISE
    """Standard deviation of the measurements' logarithms, as stated by their source."""
    tolerance: float = TOLERANCE
    """Typical error above which a chip's rows do not fit."""
    reduce: bool = False
    """Fit those parameters that the data can carry instead of refusing."""
    jobs: int = 1
    progress: Progress = field(default=_silent, repr=False)
    step: Callable[[str], object] = field(default=_wordless, repr=False)


def calibrate(
    platforms: Sequence[str | os.PathLike[str]], data: str | os.PathLike[str], options: Options | None = None
) -> Calibration:
    """Fits free parameters of `platforms` to the cases of the CSV file `data`.

    Raises InputError where nothing can be fitted: no row, no free parameter, more parameters than the rows can carry.
    Rows that cannot be forecast are named in the result and left out.
    """
    options = options or Options()
    _check(options, platforms)
    file = Path(data)
    cases = read_cases(file)
    paths = [find_platform(platform) for platform in platforms]
    device = None if options.device is None else device_of(paths[0], options.device)
    rows = collect(cases, file.parent, paths, device)
    if not rows.fitted:
        of = " of " + ", ".join(plain(os.fspath(platform)) for platform in platforms) if platforms else ""
        wrong = next(iter(rows.left_out.values()), "")
        raise InputError(f"{plain(file)}: no row{of} to fit to" + (f"; the first wrong one: {wrong}" if wrong else ""))
    moving, unusable = _variables(rows, options, device)
    if not moving:
        raise InputError(
            f"calibrate: {', '.join(sorted({row.chip for row in rows.fitted}))}: no parameter is marked as free"
            f"{' in a group' if options.shared else ''}; add calibration.free to the platform (docs/calibration.md)"
        )
    if options.cross_validate is not None:
        refuse_one_group(rows.fitted, options.cross_validate)
    forecaster = Forecaster([*rows.fitted, *rows.scored], moving, file.parent, options.jobs, options.progress)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return _Run(forecaster, rows, unusable, options).result(digest)


def _check(options: Options, platforms: Sequence[str | os.PathLike[str]]) -> None:
    if options.cross_validate is not None and options.cross_validate not in BY:
        raise InputError(f'cross-validate: "{plain(options.cross_validate)}" is none of {", ".join(BY)}')
    if not 0.0 < options.noise < 1.0:
        raise InputError(f"noise: {options.noise:g} is not between 0 and 1; 0.03 means three per cent")
    if not options.tolerance > 0.0:
        raise InputError(f"tolerance: {options.tolerance:g} is not above zero; 0.25 means a quarter")
    if not options.shared and len(platforms) != 1:
        raise InputError("calibrate: give one platform, or several with --shared")
    if options.shared and options.device is not None:
        raise InputError("device: groups are shared over devices; leave it out with --shared")


def _variables(rows: Rows, options: Options, device: str | None) -> tuple[list[Variable], dict[str, str]]:
    found: list[Parameter] = []
    unusable: dict[str, str] = {}
    for platform in dict.fromkeys(row.platform for row in rows.fitted):
        some, not_usable = free_parameters(platform, described(platform))
        found += [each for each in some if each.group or options.parameters or not options.shared]
        unusable |= not_usable
    marked = {each.path for each in found}
    extra = [name for name in options.parameters if not options.shared and name not in marked and "." in name]
    for name in extra:  # a path that the platform does not mark: free because the user says so
        if not any(path.endswith("." + name) for path in marked):
            platform = rows.fitted[0].platform
            found.append(parameter(platform, described(platform), name))
    return variables(select(found, options.parameters, device), options.shared), unusable


class _Run:
    """The steps of one calibration."""

    def __init__(self, forecaster: Forecaster, rows: Rows, held: dict[str, str], options: Options) -> None:
        self._forecaster, self._options = forecaster, options
        self._held, self._left_out = dict(held), dict(rows.left_out)
        self._fitted_count = len(rows.fitted)
        self._slopes = np.zeros((0, 0))
        self._active: list[int] = []

    def result(self, digest: str) -> Calibration:
        forecaster, options = self._forecaster, self._options
        options.step("Forecasts at the declared values")
        prior = self._at_prior()
        rows = forecaster.rows
        measured = np.log([row.case.measured for row in rows])
        seen = np.arange(len(rows)) < self._fitted_count
        options.step("What the measurements can tell")
        self._choose(prior, seen)
        options.step("Fitting")
        outcome, slopes = self._outcome(prior, measured, seen)
        while not self._complaints(outcome, None) and self._hold_more(outcome, slopes):
            outcome, slopes = self._outcome(prior, measured, seen)
        validated = self._cross_validated(outcome, slopes) if options.cross_validate else None
        return Calibration(
            outcome,
            self._held,
            self._left_out,
            tuple(self._complaints(outcome, validated)),
            tuple(warnings_of(rows[: self._fitted_count], digest)),
            validated,
            options.cross_validate or "",
            options.noise,
            options.tolerance,
            digest,
            forecaster.runs,
        )

    def _outcome(self, prior: Array, measured: Array, seen: np.ndarray) -> tuple[Outcome, Array]:
        """A fit of the active variables with its intervals, and the slopes where it ended."""
        forecaster = self._forecaster
        found = self._fit(measured, seen)
        offsets = self._whole(found.offsets)
        after = forecaster.logs(offsets)
        slopes = self._derivatives(offsets, np.where(seen, after, math.nan))
        around = self._intervals(found, (after - measured)[seen], slopes[seen])
        variables, active = forecaster.variables, tuple(self._active)
        outcome = Outcome(
            forecaster.rows, seen, measured, prior, after, variables, active, found, around, offsets
        )
        return outcome, slopes

    def _hold_more(self, outcome: Outcome, slopes: Array) -> bool:
        """Judged again by what the fit is off by, which may be more than the measurements' error: holds variables that
        the rows then say less about than their declared values do, refuses what they cannot carry. Whether there are
        variables less."""
        forecaster, error = self._forecaster, outcome.found.scale
        if error <= self._options.noise:
            return False
        some = [forecaster.variables[j] for j in self._active]
        known = carried(slopes[outcome.seen], some, error)
        if not known.variables:
            names = ", ".join(each.name for each in some)
            raise InputError(
                f"calibrate: more parameters than the data can carry: at the fit's own error of {100 * error:.0f} % "
                f"no row says more about {names} than the declared values; hold them, or add rows"
            )
        independent = independent_rows(forecaster.rows[: self._fitted_count])
        if not self._options.reduce:
            refuse_too_many(known, some, int(outcome.seen.sum()), independent, error)
        drop = {*known.insensitive, *to_hold(known, independent)}
        for k in drop:
            self._held[some[k].name] = (
                f"at the fit's own error of {100 * error:.0f} % the rows cannot settle it; it keeps its declared value"
            )
        self._active = [j for k, j in enumerate(self._active) if k not in drop]
        return bool(drop)

    def _at_prior(self) -> Array:
        """Forecasts with declared values; rows that have none are left out from here on."""
        forecaster = self._forecaster
        zero = np.zeros(len(forecaster.variables))
        logs = forecaster.logs(zero)
        good = [int(i) for i in np.flatnonzero(np.isfinite(logs))]
        for i in np.flatnonzero(~np.isfinite(logs)):
            self._left_out[forecaster.rows[i].case.case] = forecaster.problem(int(i), zero)
        self._fitted_count = sum(i < self._fitted_count for i in good)
        if self._fitted_count == 0:
            raise InputError(
                f"calibrate: no row can be forecast; the first: {next(iter(self._left_out.values()), '')}"
            )
        forecaster.keep(good)
        return logs[good]

    def _choose(self, prior: Array, seen: np.ndarray) -> None:
        """Which variables move: those that the rows know something about; refuses what they cannot carry."""
        forecaster, options = self._forecaster, self._options
        self._slopes = jacobian(forecaster, np.zeros(len(forecaster.variables)), np.where(seen, prior, math.nan))
        known = carried(self._slopes[seen], forecaster.variables, options.noise)
        names = [variable.name for variable in forecaster.variables]
        for j in known.insensitive:
            self._held[names[j]] = "no row is sensitive to it; it keeps its declared value"
        count, independent = int(seen.sum()), independent_rows(forecaster.rows[: self._fitted_count])
        if not options.reduce:
            refuse_too_many(known, forecaster.variables, count, independent)
        held = to_hold(known, independent)
        for j in held:
            self._held[names[j]] = "the rows cannot tell it from the others; it keeps its declared value"
        self._active = [j for j in known.variables if j not in held]
        if not self._active:
            raise InputError(
                f"calibrate: {count} {'row' if count == 1 else 'rows'} cannot settle any of {', '.join(names)}: "
                "the forecasts do not depend on them"
            )

    def _whole(self, active: Array) -> Array:
        """Offsets of all variables: zero for those that are held."""
        out = np.zeros(len(self._forecaster.variables))
        out[self._active] = active
        return out

    def _fit(self, measured: Array, seen: np.ndarray) -> Fit:
        forecaster = self._forecaster
        rows = np.flatnonzero(seen)
        mask = self._slopes != 0.0

        def logs(x: Array) -> Array:
            found = forecaster.logs(self._whole(x), rows)[rows]
            if not np.isfinite(found).all():
                row = int(rows[np.flatnonzero(~np.isfinite(found))[0]])
                raise InputError(
                    f"calibrate: {forecaster.rows[row].case.case} has no forecast at values within the bounds: "
                    f"{forecaster.problem(row, self._whole(x))}; narrow low and high of the free parameters"
                )
            return found

        def slopes(x: Array) -> Array:
            at = np.full(len(measured), math.nan)
            at[rows] = logs(x)
            return self._derivatives(self._whole(x), at, mask)[rows]

        active = [forecaster.variables[j] for j in self._active]
        return fit(active, measured[rows], logs, slopes, self._options.noise)

    def _derivatives(self, offsets: Array, at: Array, mask: np.ndarray | None = None) -> Array:
        """By the active variables."""
        allowed = np.zeros((len(at), len(offsets)), dtype=bool)
        allowed[:, self._active] = True
        if mask is not None:
            allowed &= mask
        return jacobian(self._forecaster, offsets, at, allowed)[:, self._active]

    def _intervals(self, found: Fit, residuals: Array, slopes: Array) -> Intervals:
        active = [self._forecaster.variables[j] for j in self._active]
        groups = groups_of(self._forecaster.rows[: self._fitted_count], "network")
        return intervals(found, active, residuals, slopes, groups)

    def _cross_validated(self, outcome: Outcome, slopes: Array) -> Array:
        options, seen = self._options, outcome.seen
        by = options.cross_validate or BY[0]
        options.step(f"Leaving out each {by}")
        fitted = self._forecaster.head(self._fitted_count)
        found = cross_validate(
            fitted, self._active, outcome.measured[seen], outcome.offsets, outcome.after[seen], slopes[seen],
            options.noise, by,
        )  # fmt: skip
        logs = np.full(len(seen), math.nan)
        logs[seen] = found.logs
        return logs

    def _complaints(self, outcome: Outcome, validated: Array | None) -> list[str]:
        seen, rows = outcome.seen, outcome.rows
        mine = [row for row, inside in zip(rows, seen, strict=True) if inside]
        cases = [row.case for row in mine]
        out = disagreements(cases, [row.chip for row in mine], outcome.after[seen], self._options.tolerance)
        if validated is not None:
            held, before = errors_of(cases, validated[seen]), errors_of(cases, outcome.prior[seen])
            if held and before and held.median_ape > _WORSE * before.median_ape + self._options.noise:
                out.append(
                    f"left out in turn, each {self._options.cross_validate} is forecast worse than with declared "
                    f"values: median error {100 * held.median_ape:.0f} % instead of {100 * before.median_ape:.0f} %"
                )
        if not outcome.found.converged:
            out.append("the fit did not settle; bounds or priors leave it too much room")
        return out
