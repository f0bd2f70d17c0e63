# SPDX-License-Identifier: Apache-2.0
"""One case beside its forecast: what is kept of a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chipcast.fidelity.case import Case, in_unit
from chipcast.fidelity.families import family_of


@dataclass(frozen=True)
class Found:
    """A forecast without its report: what workers send and journals keep."""

    predicted: float
    """In the case's unit."""
    limited_by: str
    device_class: str
    platform: str
    """Name of the platform that ran it."""
    classes: Mapping[str, float]
    """Share of the operators' time by operator class."""

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class Outcome:
    case: Case
    found: Found

    @property
    def error(self) -> float:
        """0.12: the forecast is 12 % above the measurement."""
        return self.found.predicted / self.case.measured - 1.0

    @property
    def ape(self) -> float:
        """Absolute error as a share of the measurement."""
        return abs(self.error)

    @property
    def ratio(self) -> float:
        """Forecast / measured of what a run takes: time, energy, power. A rate that is too high is a time too short."""
        share = self.found.predicted / self.case.measured
        return 1.0 / share if self.case.quantity == "throughput" else share

    @property
    def family(self) -> str:
        return family_of(self.found.device_class, self.case.dtype, self.case.quantity)

    @property
    def scale(self) -> str:
        """What it can be ranked with: seconds and rates are one scale, cycles of other clocks are not."""
        return "time" if self.case.quantity in ("latency", "throughput") else self.case.quantity

    @property
    def pair(self) -> tuple[float, float]:
        """(measured, predicted) in base units, rates as times: what ranks compare."""
        size = 1.0 / in_unit(1.0, self.case.quantity, self.case.unit)
        measured, predicted = self.case.measured * size, self.found.predicted * size
        return (
            (1.0 / measured, 1.0 / predicted) if self.case.quantity == "throughput" else (measured, predicted)
        )
