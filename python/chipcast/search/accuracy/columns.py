# SPDX-License-Identifier: Apache-2.0
"""The columns sqnr_db and sqnr_from of a search's designs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Decibels:
    """Of one design."""

    value: float | None
    source: str
    """ "predicted" as a sum over layers, or "measured" as a whole."""
    state: str = "done"
    """As of points: "invalid" where its formats cannot be; failed, quarantined."""
    reason: str = ""


class AccuracyColumn(Protocol):
    def of(self, points: Sequence[Mapping[str, Any]]) -> list[Decibels]:
        """Of each design, predicted or measured as the search wants it."""

    def measured(self, points: Sequence[Mapping[str, Any]]) -> list[Decibels]:
        """The same, each combination of formats run as a whole."""

    def close(self) -> None:
        """Ends its workers."""
