# SPDX-License-Identifier: Apache-2.0
"""One case beside its forecast: what is kept of a run."""

from __future__ import annotations

import dataclasses
import math
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
    dtype: str = ""
    """Format that most products were computed in; empty: the case's."""
    network: str = ""
    """Bundled network, or model file, that the case's workload was found to be."""
    warnings: tuple[str, ...] = ()
    """What stands in for something, or differs from what the row says."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "warnings", tuple(self.warnings))  # a list in JSON

    @staticmethod
    def read(document: Any) -> Found:
        """What to_dict() gave, through JSON. Throws ValueError for anything else."""
        fields = {field.name for field in dataclasses.fields(Found)}
        if not isinstance(document, dict) or set(document) != fields:
            raise ValueError("not a forecast")
        words, predicted = document["warnings"], document["predicted"]
        texts = [document[name] for name in ("limited_by", "device_class", "platform", "dtype", "network")]
        shares = document["classes"]
        if not (
            _positive(predicted)
            and isinstance(words, list)
            and all(isinstance(each, str) for each in (*texts, *words))
            and isinstance(shares, dict)
            and all(_positive(each) for each in shares.values())
        ):
            raise ValueError("not a forecast")
        return Found(**document)

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
        return family_of(self.found.device_class, self.dtype, self.case.quantity)

    @property
    def dtype(self) -> str:
        """Format that was computed in, whatever the row says."""
        return self.found.dtype or self.case.dtype

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


def _positive(value: Any) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0
    )
