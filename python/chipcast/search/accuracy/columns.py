# SPDX-License-Identifier: Apache-2.0
"""The column sqnr_db of a search's designs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class AccuracyColumn(Protocol):
    def of(self, points: Sequence[Mapping[str, Any]]) -> list[float | None]:
        """Decibels of each design; None where its formats cannot be."""

    def measured(self, points: Sequence[Mapping[str, Any]]) -> list[float | None]:
        """The same, each combination of formats run as a whole."""

    def close(self) -> None:
        """Ends its workers."""
