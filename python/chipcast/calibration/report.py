# SPDX-License-Identifier: Apache-2.0
"""What a calibration found: values with intervals, errors before and after, what was held or left out, and why not to
use it where that is so."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chipcast import _core
from chipcast._core import InputError
from chipcast.calibration.fit import Fit, Intervals
from chipcast.calibration.forecaster import Array
from chipcast.calibration.judgement import errors_of, outliers
from chipcast.calibration.overlay import overlay_document, targets, write_overlay
from chipcast.calibration.parameters import Parameter, Variable
from chipcast.calibration.rows import Row
from chipcast.fidelity.case import Case

_WEAK = 0.7
"""Standard error over the prior's: above it, the value is mostly what was believed before."""


@dataclass(frozen=True)
class Outcome:
    """Arrays run over `rows`; logs are of forecasts."""

    rows: Sequence[Row]
    seen: np.ndarray
    """Fitted to; the others are scored only."""
    measured: Array
    prior: Array
    after: Array
    variables: Sequence[Variable]
    active: tuple[int, ...]
    found: Fit
    """Over the active variables, as are the intervals."""
    around: Intervals
    offsets: Array
    """Of all variables."""

    def ends(self, k: int) -> tuple[float, float]:
        """Interval of the offset of active variable `k`, within its bounds: nothing beyond was asked."""
        centre, half = self.found.offsets[k], self.around.quantile * self.around.errors[k]
        variable = self.variables[self.active[k]]
        return max(float(centre - half), variable.low), min(float(centre + half), variable.high)

    def is_at_bound(self, k: int) -> bool:
        """The bound decided, not the rows: an interval around it would claim what nobody knows."""
        return k in self.found.at_bound


@dataclass(frozen=True)
class Calibration:
    outcome: Outcome
    held: Mapping[str, str]
    """Free parameters that were not fitted -> why."""
    left_out: Mapping[str, str]
    """Case -> why."""
    disagreements: tuple[str, ...]
    """Why the values should not be used; empty where the model fits."""
    warnings: tuple[str, ...]
    """What to know before believing the errors."""
    cross_validated: Array | None
    """Forecasts of rows by fits that did not see them; NaN for rows that are scored only."""
    cross_validated_by: str
    noise: float
    tolerance: float
    data_sha256: str
    runs: int
    """Forecasts that it took."""

    @property
    def fits(self) -> bool:
        return not self.disagreements

    def values(self) -> dict[str, dict[str, Any]]:
        """Variable -> value, interval (none at a bound) and prior of its first member, and how sure it is."""
        out = {}
        for k, j in enumerate(self.outcome.active):
            variable = self.outcome.variables[j]
            entry: dict[str, Any] = {**self._entry(variable.members[0], k)}
            entry["meaning"] = variable.members[0].meaning
            entry["parameters"] = [f"{m.platform.stem}: {m.path}" for m in variable.members]
            entry["change"] = math.exp(float(self.outcome.offsets[j]))
            if not self.outcome.is_at_bound(k):
                entry["factor_low"], entry["factor_high"] = (math.exp(end) for end in self.outcome.ends(k))
            entry["prior_share"] = float(self.outcome.around.shrinkage[k])
            entry["note"] = self._note(k)
            out[variable.name] = entry
        return out

    def _entry(self, member: Parameter, k: int) -> dict[str, Any]:
        j = self.outcome.active[k]
        value = min(max(member.at(float(self.outcome.offsets[j])), member.low), member.high)
        out = {"value": member.form.value(value), "prior": member.form.value(member.prior)}
        if self.outcome.is_at_bound(k):
            return out
        low, high = (member.at(end) for end in self.outcome.ends(k))
        if member.form.whole:
            low, high = max(math.floor(low), 1.0), math.ceil(high)
        return out | {"low": member.form.value(low), "high": member.form.value(high)}

    def _note(self, k: int) -> str:
        if self.outcome.is_at_bound(k):
            return "at its bound"
        return "mostly its prior" if self.outcome.around.shrinkage[k] > _WEAK else ""

    def errors(self) -> dict[str, Any]:
        """Of fitted rows before and after, of rows left out in turn, of rows that are scored only."""
        o = self.outcome
        kinds = {"prior": (o.prior, o.seen), "fit": (o.after, o.seen)}
        if self.cross_validated is not None:
            kinds["cross_validated"] = (self.cross_validated, o.seen)
        if not o.seen.all():
            kinds |= {"scored_prior": (o.prior, ~o.seen), "scored": (o.after, ~o.seen)}
        found = {name: errors_of(_cases(o.rows, which), logs[which]) for name, (logs, which) in kinds.items()}
        return {name: errors.to_dict() for name, errors in found.items() if errors is not None}

    def chips(self) -> dict[str, dict[str, Any]]:
        """The same for each chip's fitted rows."""
        o = self.outcome
        out: dict[str, dict[str, Any]] = {}
        for chip in dict.fromkeys(row.chip for row in o.rows):
            mine = np.array([row.chip == chip for row in o.rows]) & o.seen
            kinds = {"prior": o.prior, "fit": o.after}
            if self.cross_validated is not None:
                kinds["cross_validated"] = self.cross_validated
            entry = {name: errors_of(_cases(o.rows, mine), logs[mine]) for name, logs in kinds.items()}
            out[chip] = {name: errors.to_dict() for name, errors in entry.items() if errors is not None}
        return out

    def evidence(self) -> dict[str, Any]:
        """What overlays say about themselves."""
        errors = self.errors()
        out: dict[str, Any] = {
            "tool_version": _core.version(),
            "data_sha256": self.data_sha256,
            "rows": int(self.outcome.seen.sum()),
            "median_ape": round(errors["fit"]["median_ape"], 6),
            "prior_median_ape": round(errors["prior"]["median_ape"], 6),
            "residual_scale": round(self.outcome.found.scale, 6),
            "fits": self.fits,
        }
        if "cross_validated" in errors:
            out["cross_validated_median_ape"] = round(errors["cross_validated"]["median_ape"], 6)
            out["cross_validated_by"] = self.cross_validated_by
        return out

    def fitted(self, platform: Path) -> dict[str, dict[str, Any]]:
        """Path -> what an overlay of the platform says about it."""
        return {
            member.path: self._entry(member, k)
            for k, j in enumerate(self.outcome.active)
            for member in self.outcome.variables[j].on(platform)
        }

    def write(self, output: Path, force: bool = False) -> list[Path]:
        """Overlay files, one for each platform; `output` is a folder where there are several. Throws InputError where
        the model does not fit the measurements, unless `force`."""
        if not self.fits and not force:
            raise InputError(f"calibrate: the measurements do not fit: {'; '.join(self.disagreements)}")
        platforms = list(dict.fromkeys(row.platform for row in self.outcome.rows))
        documents = {
            target: overlay_document(platform, target, self.fitted(platform), self.evidence())
            for platform, target in targets(output, platforms).items()
        }
        for target, document in documents.items():
            write_overlay(document, target)
        return list(documents)

    def cases(self) -> list[dict[str, Any]]:
        o = self.outcome
        outside = set(outliers(o.after, o.measured, o.found.scale))
        return [
            {
                "case": row.case.case,
                "platform": row.chip,
                "network": row.network,
                "quantity": row.case.quantity,
                "unit": row.case.unit,
                "use": "fitted" if o.seen[i] else "scored",
                "measured": row.case.measured,
                "prior": float(np.exp(o.prior[i])),
                "fitted": float(np.exp(o.after[i])),
                "cross_validated": self._held_out(i),
                "outlier": i in outside,
            }
            for i, row in enumerate(o.rows)
        ]

    def _held_out(self, row: int) -> float | None:
        if self.cross_validated is None or not math.isfinite(self.cross_validated[row]):
            return None
        return float(np.exp(self.cross_validated[row]))

    def to_dict(self) -> dict[str, Any]:
        return {
            "format": "chipcast-calibration",
            "version": 1,
            "fits": self.fits,
            "disagreements": list(self.disagreements),
            "warnings": list(self.warnings),
            "parameters": self.values(),
            "held": dict(self.held),
            "errors": self.errors(),
            "chips": self.chips(),
            "cross_validated_by": self.cross_validated_by,
            "residual_scale": self.outcome.found.scale,
            "effective_parameters": self.outcome.around.effective,
            "noise": self.noise,
            "tolerance": self.tolerance,
            "cases": self.cases(),
            "left_out": dict(self.left_out),
            "forecasts": self.runs,
            "data_sha256": self.data_sha256,
            "tool_version": _core.version(),
        }

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)


def _cases(rows: Sequence[Row], which: np.ndarray) -> list[Case]:
    return [row.case for row, inside in zip(rows, which, strict=True) if inside]
