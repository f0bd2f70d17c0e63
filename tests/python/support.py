# SPDX-License-Identifier: Apache-2.0
"""What the Python tests share beside fixtures."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Outcome:
    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def error_line(self) -> str:
        """The one line that a failure leaves; fails where there is more or less."""
        assert self.stderr.count("\n") == 1, self.stderr
        assert self.stdout == ""
        return self.stderr.strip()


Command = Callable[..., Outcome]
