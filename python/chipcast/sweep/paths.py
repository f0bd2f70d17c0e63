# SPDX-License-Identifier: Apache-2.0
"""Places in a report: totals.latency_s, devices[npu].utilisation, energy.by_component[npu.array], ops[0].energy_j."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chipcast._core import InputError
from chipcast.text import plain

_STEP = re.compile(r"(?:^|\.)([A-Za-z_][\w-]*)|\[([^\[\]]+)\]")


@dataclass(frozen=True)
class ReportPath:
    """Members by name; `[x]` is an entry of a list by its number or its `name`, or a member with dots in its name."""

    text: str
    steps: tuple[tuple[str, bool], ...]

    @staticmethod
    @lru_cache(maxsize=1024)
    def parse(text: str) -> ReportPath:
        """Raises InputError for what is no path."""
        found, end = [], 0
        for step in _STEP.finditer(text if isinstance(text, str) else ""):
            if step.start() != end:
                break
            found.append((step[1] or step[2], step[2] is not None))
            end = step.end()
        if not found or end != len(text):
            raise InputError(
                f'"{plain(text)}" is no place in a report; for example totals.latency_s, devices[npu].busy_s'
            )
        return ReportPath(text, tuple(found))

    def value(self, report: Any) -> Any:
        """None where the report has no such place."""
        here = report
        for name, bracketed in self.steps:
            here = _entry(here, name) if isinstance(here, list) and bracketed else _member(here, name)
        return here


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _entry(values: list[Any], name: str) -> Any:
    if re.fullmatch(r"-?\d+", name):
        number = int(name)
        return values[number] if -len(values) <= number < len(values) else None
    return next((value for value in values if _member(value, "name") == name), None)
