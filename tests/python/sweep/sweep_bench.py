# SPDX-License-Identifier: Apache-2.0
"""Sweeps whose points cost nothing and do to their worker what a test wants."""

from __future__ import annotations

from pathlib import Path

from chipcast.sweep import Sweep
from sweep_drive import sweep_of


class Bench:
    """A folder with a store, and what evaluators write down there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "sweep.db"

    def document(self, points: int, **fields: object) -> dict[str, object]:
        """`fields`: what sweep_evaluators.faulty reads, beside the others of a sweep."""
        own = {f"x.{name}": value for name, value in fields.items() if name not in ("limits", "retries")}
        others = {name: value for name, value in fields.items() if name in ("limits", "retries")}
        return {
            "model": "mlperf_tiny_kws",
            "platform": "rv1106",
            "axes": {"x.n": list(range(points))},
            "set": {"x.folder": str(self.folder), **own},
            **others,
        }

    def sweep(self, points: int, **fields: object) -> Sweep:
        return sweep_of(self.document(points, **fields))

    def calls(self, name: str = "ended") -> list[int]:
        """Points in the order in which workers began or ended them."""
        file = self.folder / name
        return [int(line) for line in file.read_text().split()] if file.exists() else []
