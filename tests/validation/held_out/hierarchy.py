# SPDX-License-Identifier: Apache-2.0
"""What is fitted: quantities of ncnn's kernels, with factors by release and by chip, and the parameters of platforms
that they make up. A parameter's logarithm over its prior is a sum of variables: parameters = matrix @ variables."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from chipcast.calibration.amounts import read
from chipcast.calibration.forecaster import Array
from chipcast.calibration.parameters import Parameter, Variable
from chipcast.calibration.rows import Row, described

PRIORS = Path(__file__).with_name("priors.toml")
KINDS = {
    "64-bit Arm, fp32": "fp32",
    "32-bit Arm, fp32": "fp32-armv7",
    "Armv8.2, fp16": "fp16",
    "Arm without dot products, int8": "int8",
    "Armv8.2 with dot products, int8": "int8-dot",
    "32-bit Arm, int8": "int8-armv7",
}
"""End of a profile's name -> kind."""
RELEASES = {"ncnn of 2020": "2020", "ncnn of 2021 and 2022": "2022", "ncnn": ""}
_EACH = (("fp32",), ("fp32-armv7",), ("fp16",), ("int8", "int8-armv7"), ("int8-dot",))
_FAR = math.log(20.0)  # bounds that the priors do not state


@dataclass(frozen=True)
class Profile:
    """One of a device's profiles."""

    platform: Path
    chip: str
    path: str
    kind: str
    release: str
    """"" for the recent one."""
    packings: int


@dataclass(frozen=True)
class Free:
    """A variable of the fit: the logarithm of a factor."""

    name: str
    spread: float
    """Standard deviation of its prior."""
    low: float = -_FAR
    high: float = _FAR


@dataclass
class Hierarchy:
    """Variables, the parameters that they move, and how."""

    frees: list[Free] = field(default_factory=list)
    parameters: list[Variable] = field(default_factory=list)
    _entries: list[tuple[int, int, float]] = field(default_factory=list)

    def matrix(self) -> Array:
        """parameters x frees."""
        out = np.zeros((len(self.parameters), len(self.frees)))
        for parameter, free, sign in self._entries:
            out[parameter, free] += sign
        return out

    def free(self, name: str, spread: float) -> int:
        """Index of the variable of that name, which is made where there is none."""
        for index, each in enumerate(self.frees):
            if each.name == name:
                return index
        self.frees.append(Free(name, math.log(spread)))
        return len(self.frees) - 1

    def add(self, parameter: Parameter, moved_by: Iterable[tuple[int, float]]) -> None:
        index = len(self.parameters)
        self.parameters.append(Variable(f"{parameter.platform.stem}:{parameter.path}", (parameter,)))
        self._entries += [(index, free, sign) for free, sign in moved_by]


def hierarchy(rows: Sequence[Row]) -> Hierarchy:
    priors = tomllib.loads(PRIORS.read_text(encoding="utf-8"))
    out = Hierarchy()
    devices = dict.fromkeys((row.platform, row.chip, row.devices[0]) for row in rows)
    for platform, chip, device in devices:
        for profile in _profiles(platform, chip, device):
            _add_profile(out, priors, profile)
        for name, prior in priors["cluster"].items():
            free = out.free(f"{chip} {name}", prior["spread"])
            out.add(_parameter(platform, f"{device}.{name}", prior), [(free, 1.0)])
    return out


def _profiles(platform: Path, chip: str, device: str) -> list[Profile]:
    """Those that compute: on cores that run floats as fp16, the one of fp32 does not."""
    inside = described(platform)["devices"][device]
    narrowed = {str(each["dtype"]) for each in inside.get("runs", [])}
    every = [("profile", inside["profile"])]
    every += [(f"profiles[{i}]", each) for i, each in enumerate(inside["profiles"])]
    out = []
    for path, document in every:
        release, _, kind = str(document["name"]).partition(", ")
        if set(document.get("serves", [])) & narrowed:
            continue
        packings = len(document["vectors"].get("packing", []))
        out.append(Profile(platform, chip, f"{device}.{path}", KINDS[kind], RELEASES[release], packings))
    return out


def profiles_of(row: Row) -> str:
    """Names of the profiles that compute a row."""
    return "; ".join(
        f"{each.path} {each.kind} {each.release}" for each in _profiles(row.platform, "", row.devices[0])
    ).replace(row.devices[0], "")


def _add_profile(out: Hierarchy, priors: Mapping[str, Any], profile: Profile) -> None:
    for quantity in priors["quantity"]:
        path = _path(quantity, profile)
        group = _group(quantity, profile.kind)
        if path is None or group is None:
            continue
        moved_by = []
        if not quantity.get("fixed"):
            moved_by = [(out.free(f"{quantity['name']} {group}".strip(), quantity["spread"]), 1.0)]
            moved_by += _factors(out, priors, profile, quantity["name"])
        out.add(_parameter(profile.platform, f"{profile.path}.{path}", quantity), moved_by)


def _path(quantity: Mapping[str, Any], profile: Profile) -> str | None:
    if "releases" in quantity and (profile.release not in quantity["releases"] or not profile.packings):
        return None
    return str(quantity["path"]).replace("[last]", f"[{profile.packings - 1}]")


def _group(quantity: Mapping[str, Any], kind: str) -> str | None:
    """Which profiles share the quantity; None where this one has none. 32-bit integers have those of 64-bit ones."""
    together = quantity.get("together", _EACH)
    if together == "all":
        return ""
    return next(("/".join(group) for group in together if kind in group), None)


def _factors(
    out: Hierarchy, priors: Mapping[str, Any], profile: Profile, quantity: str
) -> list[tuple[int, float]]:
    found = []
    for factor in priors["factor"]:
        sign = (quantity in factor.get("raises", ())) - (quantity in factor.get("lowers", ()))
        if sign == 0 or profile.kind not in factor.get("kinds", KINDS.values()):
            continue
        for by, spread in zip(factor["by"], factor["spread"], strict=True):
            of = {"release": profile.release, "chip": profile.chip}[by]
            if of:
                found.append((out.free(f"{of} {factor['name']}", spread), float(sign)))
    return found


def _parameter(platform: Path, path: str, prior: Mapping[str, Any]) -> Parameter:
    value, form = read(prior["value"], path)
    ends = (("low", -_FAR), ("high", _FAR))
    low, high = (float(prior.get(name, value * math.exp(end))) for name, end in ends)
    if form.whole:
        low = max(low, 1.0)
    return Parameter(platform, path, form, value, low, high, float(prior.get("spread", 1.0)))
