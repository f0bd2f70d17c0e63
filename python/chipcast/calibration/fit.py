# SPDX-License-Identifier: Apache-2.0
"""The fit: robust least squares of logarithms with the priors as further residuals, and intervals around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import least_squares
from scipy.stats import t as student

from chipcast.calibration.forecaster import Array
from chipcast.calibration.parameters import Variable

TUNING = 1.5
"""Residuals beyond so many scales count with their size instead of its square: soft L1 of SciPy."""
GAUSSIAN_PSI2 = 0.5091
"""Mean of psi(r)^2 for standard normal r, psi(r) = r / sqrt(1 + (r / TUNING)^2); by quadrature."""

_TOLERANCE = 1e-3  # a tenth of a per cent of a parameter: far below any interval
_MAD = 1.4826  # median absolute deviation -> standard deviation of a normal distribution
_ROUNDS = 3  # of fitting and measuring the scale of the residuals anew

Model = Callable[[Array], Array]


@dataclass(frozen=True)
class Fit:
    offsets: Array
    """Logarithm of each variable over its prior."""
    scale: float
    """Of the logarithmic residuals: the stated error of the measurements, or more."""
    converged: bool
    at_bound: tuple[int, ...]
    """Variables that ended at a bound: it, not the data, decided."""


def fit(
    variables: Sequence[Variable],
    measured: Array,
    logs: Model,
    slopes: Model,
    noise: float,
    start: Array | None = None,
    most: int = 20,
    rounds: int = _ROUNDS,
) -> Fit:
    """Minimises sum soft_l1((logs(x) - measured) / scale) + sum (x / spread)^2 / 2 within the bounds.

    The scale is that of the residuals themselves (median, never below `noise`) and settles with the fit: a model that
    is off by ten per cent leaves the priors more to say than one that is off by three. `rounds` 1: it stays `noise`."""
    offsets = np.zeros(len(variables)) if start is None else start.copy()
    low, high = (np.array([getattr(v, end) for v in variables]) for end in ("low", "high"))
    spreads = np.array([v.spread for v in variables])
    scale, converged = noise, True
    for _ in range(rounds):
        solved = _solve(offsets, measured, logs, slopes, scale, (low, high, spreads), most)
        offsets, converged = solved.x, solved.status > 0
        settled = max(noise, _MAD * float(np.median(np.abs(logs(offsets) - measured))))
        if abs(settled - scale) <= 0.1 * scale:
            break
        scale = settled
    margin = 1e-3 * (high - low)
    ends = np.flatnonzero((offsets - low < margin) | (high - offsets < margin))
    return Fit(offsets, scale, converged, tuple(int(j) for j in ends))


def _solve(
    start: Array, measured: Array, logs: Model, slopes: Model, scale: float,
    limits: tuple[Array, Array, Array], most: int,
) -> Any:  # fmt: skip
    low, high, spreads = limits
    inside = np.clip(start, low + 1e-9, high - 1e-9)
    prior = np.diag(1.0 / spreads)

    def loss(squares: Array) -> Array:
        """Soft L1 for the data; the priors stay squares."""
        rho = np.vstack([squares, np.ones_like(squares), np.zeros_like(squares)])
        n = len(measured)
        inner = 1.0 + squares[:n]
        rho[:, :n] = 2.0 * (np.sqrt(inner) - 1.0), inner**-0.5, -0.5 * inner**-1.5
        return rho

    return least_squares(
        lambda x: np.concatenate([(logs(x) - measured) / scale, x / spreads]),
        inside,
        jac=lambda x: np.vstack([slopes(x) / scale, prior]),
        bounds=(low, high),
        loss=loss,
        f_scale=TUNING,
        x_scale=spreads,
        xtol=_TOLERANCE,
        ftol=_TOLERANCE,
        gtol=None,
        max_nfev=most,
    )


@dataclass(frozen=True)
class Intervals:
    errors: Array
    """Standard error of each variable's logarithm."""
    quantile: float
    """Of Student's t: offsets -+ quantile * error is the interval."""
    shrinkage: Array
    """Standard error over the prior's: 1 where the data said nothing."""
    effective: float
    """Parameters that the data paid for; the priors paid for the others."""


def intervals(
    found: Fit,
    variables: Sequence[Variable],
    residuals: Array,
    slopes: Array,
    groups: Sequence[str],
    confidence: float = 0.95,
) -> Intervals:
    """Gauss-Newton covariance of a robust fit with priors: A^-1 (B + P) A^-1, with A = J' psi' J + P the curvature and
    B the variance of the data's gradient (Huber and Ronchetti, Robust Statistics, 2009, 7.6). B is taken once with
    independent rows and once with rows of one network together (Liang and Zeger, Biometrika 73, 1986), because a
    model's errors on one network are alike; each variable keeps the larger error. Student's t has as many degrees of
    freedom as rows, or as networks (Cameron and Miller, Journal of Human Resources 50, 2015), whichever are fewer:
    with four networks, four gradients are what their variance was taken from."""
    z = residuals / found.scale
    bend = 1.0 + (z / TUNING) ** 2
    psi, curve = z / np.sqrt(bend), bend**-1.5
    scaled = slopes / found.scale
    prior = np.diag([v.spread**-2.0 for v in variables])
    data = scaled.T @ (curve[:, None] * scaled)
    inverse = np.linalg.inv(data + prior)
    effective = float(np.trace(inverse @ data))
    free = max(len(z) - effective, 1.0)
    spread = max(float((psi**2).sum()) / free, GAUSSIAN_PSI2)
    independent = scaled.T @ scaled * spread
    errors = np.maximum(
        _errors(inverse, independent + prior),
        _errors(inverse, _clustered(scaled, psi, curve, inverse, groups) + prior),
    )
    degrees = max(min(free, len(set(groups)) - 1.0), 1.0)
    quantile = float(student.ppf(0.5 + confidence / 2.0, degrees))
    return Intervals(errors, quantile, errors * np.sqrt(np.diag(prior)), effective)


def _errors(inverse: Any, middle: Any) -> Array:
    return np.asarray(np.sqrt(np.diag(inverse @ middle @ inverse)), dtype=np.float64)


def _clustered(scaled: Array, psi: Array, curve: Array, inverse: Any, groups: Sequence[str]) -> Array:
    """Variance of the gradient from those of the networks, each with residuals as if the network had been left out,
    r / (1 - leverage): a network's own residuals are small because the fit saw it (CR3 of Bell and McCaffrey, Survey
    Methodology 28, 2002)."""
    names = sorted(set(groups))
    out = np.zeros((scaled.shape[1], scaled.shape[1]))
    if len(names) < 2:
        return out
    for name in names:
        mine = [i for i, group in enumerate(groups) if group == name]
        weighted = np.sqrt(curve[mine])[:, None] * scaled[mine]
        seen = np.eye(len(mine)) - weighted @ inverse @ weighted.T
        gradient = weighted.T @ np.linalg.solve(seen, psi[mine] / np.sqrt(curve[mine]))
        out += np.outer(gradient, gradient)
    return out * ((len(names) - 1.0) / len(names))
