# SPDX-License-Identifier: Apache-2.0
"""The measurements that a fit reads: cases of the given platforms, and what each of them can be sensitive to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.api import describe
from chipcast.catalog import config_root
from chipcast.fidelity.case import CALIBRATE, Case
from chipcast.fidelity.devices import choose
from chipcast.fidelity.platforms import platform_of
from chipcast.fidelity.read import Cases
from chipcast.fidelity.runtimes import runtime_of

_TIMES = ("latency", "throughput", "cycles")
_FORMAT_SUFFIX = re.compile(r"[_-](int8|uint8|fp16|fp32|quant(ized)?|w8a8)$")


@dataclass(frozen=True)
class Row:
    """One measurement and where its forecast comes from."""

    case: Case
    platform: Path
    """File to forecast with."""
    chip: str
    """Platform's name, for people and for leaving out."""
    network: str
    """Network whatever its number format, for leaving out."""
    devices: tuple[str, ...]
    """It runs on; empty: any."""
    closed: tuple[str, ...] = ()
    """Paths that the row's runtime replaces: parameters below them are not this row's."""

    def reads(self, path: str, head: str, device_names: Iterable[str]) -> bool:
        """A change of the parameter can move this row's forecast."""
        if any(path == each or path.startswith((each + ".", each + "[")) for each in self.closed):
            return False
        if self.case.quantity not in _TIMES or not self.devices:
            return True  # energy also flows through devices that only leak
        return head in self.devices or head not in device_names


@dataclass(frozen=True)
class Rows:
    fitted: tuple[Row, ...]
    scored: tuple[Row, ...]
    """Marked as use = score: never seen by the fit."""
    left_out: dict[str, str]
    """Case -> why."""


@cache
def described(platform: Path) -> dict[str, Any]:
    return describe(platform)


def collect(cases: Cases, base: Path, platforms: Sequence[Path], device: str | None = None) -> Rows:
    """Rows of the platforms; none given: of all that the file names. `device`: only rows that run there.

    Where no row is marked as use = calibrate, all are fitted to."""
    left_out = {f"{error.case}": error.message for error in cases.errors}
    rows: list[Row] = []
    for case in cases.cases:
        try:
            row = _row(case, base, platforms, device)
        except InputError as error:
            left_out[case.case] = str(error)
            continue
        if row is not None:
            rows.append(row)
    marked = [row for row in rows if row.case.use == CALIBRATE]
    scored = [row for row in rows if row.case.use != CALIBRATE] if marked else []
    return Rows(tuple(marked or rows), tuple(scored), left_out)


def _row(case: Case, base: Path, platforms: Sequence[Path], device: str | None) -> Row | None:
    path = platform_of(case.platform, base)
    if platforms:
        same = [given for given in platforms if given.resolve() == path.resolve()]
        serving = next((given for given in [*same, *platforms] if serves(given, path)), None)
        if serving is None:
            return None
        path = serving
    document = described(path)
    chosen = choose(case, document)
    if device is not None and device not in chosen.devices:
        return None
    first = chosen.devices[0] if chosen.devices else ""
    runtime = runtime_of(case.runtime, first, document["devices"].get(first))
    return Row(
        case,
        path,
        str(document["name"]),
        network_of(case.workload),
        (*chosen.devices, *chosen.helpers),
        tuple(runtime.overrides),
    )


def network_of(workload: str) -> str:
    """ "models/squeezenet_int8.param" and "squeezenet" are one network."""
    return _FORMAT_SUFFIX.sub("", Path(workload).stem.lower())


def serves(platform: Path, case_platform: Path) -> bool:
    """`platform` is the case's, an overlay or a board of it, or the same by another name."""
    if platform.resolve() == case_platform.resolve() or case_platform.resolve() in _ancestors(platform):
        return True
    return _content(platform) == _content(case_platform)


@cache
def _ancestors(platform: Path) -> tuple[Path, ...]:
    """Files that a platform file extends, and theirs."""
    out: list[Path] = []
    waiting = [platform.resolve()]
    while waiting and len(out) < 100:
        file = waiting.pop()
        if file.suffix != ".json":
            continue
        extends = json.loads(file.read_text(encoding="utf-8")).get("extends", [])
        for name in [extends] if isinstance(extends, str) else extends:
            found = next((p for p in (file.parent / name, config_root() / name) if p.is_file()), None)
            if found is not None:
                out.append(found.resolve())
                waiting.append(found.resolve())
    return tuple(out)


@cache
def _content(platform: Path) -> str:
    """All that decides forecasts."""
    document = {k: v for k, v in described(platform).items()
                if k not in ("name", "description", "sources", "calibration")}  # fmt: skip
    return json.dumps(document, sort_keys=True)


def device_of(platform: Path, text: str) -> str:
    """The device that a core's or an engine's name means on a platform. Throws InputError."""
    case = Case("", "", text, "", "", "", 1, 1, "latency", 1.0, "s", "", "")
    return choose(case, described(platform)).devices[0]
