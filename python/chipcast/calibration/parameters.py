# SPDX-License-Identifier: Apache-2.0
"""The free parameters of platforms, and the variables of a fit: one for each parameter, or for each group of them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.calibration.amounts import Form, read
from chipcast.text import did_you_mean, plain

DEFAULT_SPREAD = 1.5
_BOUND_SPREADS = 3.0  # bounds that nobody states lie so many spreads away

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Parameter:
    """A number inside a platform."""

    platform: Path
    path: str
    """As overrides take it."""
    form: Form
    prior: float
    """Value that the platform declares, in base units."""
    low: float
    high: float
    spread: float
    group: str = ""
    meaning: str = ""

    @property
    def head(self) -> str:
        return re.split(r"[.\[]", self.path, maxsplit=1)[0]

    def at(self, offset: float) -> float:
        """Value at an offset of the logarithm from the prior."""
        return self.prior * math.exp(offset)

    def value(self, offset: float) -> Any:
        return self.form.value(self.at(offset))


@dataclass(frozen=True)
class Variable:
    """What a fit moves: the logarithm of its members over their declared values, the same for all of them."""

    name: str
    members: tuple[Parameter, ...]
    low: float = field(init=False)
    high: float = field(init=False)
    spread: float = field(init=False)
    """Standard deviation of the prior, of the logarithm."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", max(math.log(m.low / m.prior) for m in self.members))
        object.__setattr__(self, "high", min(math.log(m.high / m.prior) for m in self.members))
        object.__setattr__(self, "spread", math.log(min(m.spread for m in self.members)))

    def on(self, platform: Path) -> list[Parameter]:
        return [member for member in self.members if member.platform == platform]


def value_at(document: Document, path: str) -> Any:
    """The value at a path as overrides take it. Throws InputError where there is none."""
    head = re.split(r"[.\[]", path, maxsplit=1)[0]
    inside: Any = document
    for members in ("devices", "memories"):
        if head in document.get(members, {}):
            inside = document[members]
            break
    for step in re.findall(r"[^.\[\]]+|\[\d+\]", path):
        if step.startswith("["):
            index = int(step[1:-1])
            if not isinstance(inside, list) or index >= len(inside):
                raise InputError(f"parameter {plain(path)}: there is no element {step}")
            inside = inside[index]
            continue
        if not isinstance(inside, Mapping) or step not in inside:
            known = list(inside) if isinstance(inside, Mapping) else []
            raise InputError(f'parameter {plain(path)}: there is no "{plain(step, 40)}"{did_you_mean(step, known)}')
        inside = inside[step]
    return inside


def free_parameters(platform: Path, document: Document) -> tuple[list[Parameter], dict[str, str]]:
    """(free parameters of a described platform, why others that it marks cannot be fitted)."""
    found, unusable = [], {}
    for path, entry in document.get("calibration", {}).get("free", {}).items():
        if read(value_at(document, path), path)[0] > 0.0:
            found.append(parameter(platform, document, path, entry))
        else:
            unusable[path] = "its value is not above zero, so that it has no logarithm"
    return found, unusable


def parameter(platform: Path, document: Document, path: str, entry: Document | None = None) -> Parameter:
    """The parameter at `path`. `entry`: what the platform says about it; None for one that it does not mark."""
    marked = entry or {}
    place = f"parameter {plain(path)}"
    prior, form = read(value_at(document, path), place)
    if prior <= 0.0:
        raise InputError(f"{place}: its value is {prior:g}; only values above zero can be fitted")
    spread = float(marked.get("spread", DEFAULT_SPREAD))
    reach = spread**_BOUND_SPREADS
    low = form.number(marked["low"], f"{place}: low") if "low" in marked else prior / reach
    high = form.number(marked["high"], f"{place}: high") if "high" in marked else prior * reach
    if form.whole:
        low = max(low, 1.0)
        high = max(high, low + 1.0)
    if not 0.0 < low < high:
        raise InputError(f"{place}: bounds {low:g} and {high:g} are no range above zero; set low and high")
    if not low <= prior <= high:
        raise InputError(
            f"{place}: its value {form.value(prior)} is outside its bounds "
            f"[{form.value(low)}, {form.value(high)}]; change the value or the bounds"
        )
    return Parameter(
        platform, path, form, prior, low, high, spread, str(marked.get("group", "")), str(marked.get("meaning", ""))
    )


def variables(parameters: Iterable[Parameter], shared: bool) -> list[Variable]:
    """One for each parameter; `shared`: one for each group."""
    grouped: dict[str, list[Parameter]] = {}
    for each in parameters:
        alone = f"{each.platform.stem}:{each.path}" if shared else each.path
        grouped.setdefault(each.group if shared and each.group else alone, []).append(each)
    return [Variable(name, tuple(members)) for name, members in grouped.items()]


def select(found: Sequence[Parameter], wanted: Sequence[str], device: str | None) -> list[Parameter]:
    """Those of `found` that a user names: by path, by its end ("launch"), or all of a device. Throws InputError for a
    name that nothing has."""
    chosen = [each for each in found if device is None or each.head == device]
    if not wanted:
        return chosen
    out: list[Parameter] = []
    for name in wanted:
        matching = [each for each in chosen if name in (each.path, each.group) or each.path.endswith("." + name)]
        if not matching:
            known = {each.path.rpartition(".")[2] for each in chosen} | {each.path for each in chosen}
            raise InputError(f'parameter "{plain(name, 80)}" is not marked as free{did_you_mean(name, known)}')
        out += [each for each in matching if each not in out]
    return out
