# SPDX-License-Identifier: Apache-2.0
"""Values that follow from axes: "{npu.input_lanes * npu.output_lanes} op/cycle"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chipcast._core import InputError
from chipcast.sweep import expressions
from chipcast.text import plain

_FORMULA = re.compile(r"\{([^{}]*)\}")


def formulas(value: Any) -> Iterator[expressions.Expression]:
    """Those in `value` and in what it holds. Raises InputError where one is none."""
    if isinstance(value, str):
        _check_braces(value)
        for text in _FORMULA.findall(value):
            yield expressions.parse(text)
    elif isinstance(value, Mapping | list | tuple):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from formulas(part)


def fill(value: Any, values: Mapping[str, Any]) -> Any:
    """`value` with its formulas computed; a text that is one formula and nothing else becomes a number."""
    if isinstance(value, Mapping):
        return {key: fill(part, values) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [fill(part, values) for part in value]
    if not isinstance(value, str) or "{" not in value:
        return value
    if whole := _FORMULA.fullmatch(value):
        return tidy(expressions.parse(whole[1]).value(values))
    return _FORMULA.sub(lambda found: str(tidy(expressions.parse(found[1]).value(values))), value)


def tidy(value: Any) -> Any:
    """512.0 as 512."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _check_braces(text: str) -> None:
    rest = _FORMULA.sub("", text)
    if "{" in rest or "}" in rest:
        raise InputError(f'"{plain(text)}": braces do not pair; {{...}} holds a formula over axes')
