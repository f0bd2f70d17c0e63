# SPDX-License-Identifier: Apache-2.0
"""The power of a file of streams: several networks, whose file says who manages power."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.api import Overrides, override_list
from chipcast.catalog import is_file
from chipcast.model import SUFFIXES
from chipcast.power.calibration import with_range
from chipcast.power.domains import describe
from chipcast.power.forecasting import PowerResult
from chipcast.power.knobs import Knobs
from chipcast.power.provenance import provenance
from chipcast.power.report import forecast
from chipcast.power.setup import check_clocks_once, make_setup
from chipcast.streams import find_spec, run_streams
from chipcast.text import plain

_LIMIT_BYTES = 16 << 20


def power_of_scenario(
    scenario: str | os.PathLike[str],
    platform: str | os.PathLike[str],
    knobs: Knobs | None = None,
    *,
    overrides: Overrides = (),
    devices: Sequence[str] | None = None,
    keep_trace: bool = False,
    progress: Callable[[float], object] | None = None,
) -> PowerResult:
    """Runs a file of streams (a path or a bundled name) and says what it draws.

    `knobs` stand before the file's member `power`; rate and duration are the file's own. `devices` (and domains that
    are off) hold for streams that name no devices.
    """
    given = knobs or Knobs()
    if given.period_s is not None or given.duration_s is not None:
        raise InputError("scenario: rates and durations stand in the file of streams")
    document = read_scenario(find_spec(scenario))
    check_clocks_once(describe(platform, override_list(overrides)), given)
    stated = document.get("power")
    setup = make_setup(
        platform, given, override_list(overrides), devices, stated if isinstance(stated, dict) else None
    )
    _merge(document, setup.management, start_asked=given.start is not None)
    if setup.devices is not None:
        for stream in document["streams"].values():
            stream.setdefault("options", {}).setdefault("devices", setup.devices)
    result = run_streams(
        document, platform, overrides=setup.overrides, keep_trace=keep_trace, progress=progress
    )
    closed_loop = [name for name, each in document["streams"].items() if each.get("closed_loop") is True]
    report = with_range(forecast(result.run, setup, given, closed_loop), platform)
    report["settings"]["scenario"] = str(document.get("name", scenario))
    report["settings"]["governor"] = document["power"].get("governor", {}).get("kind", "fixed")
    report["settings"]["idle"] = document["power"].get("governor", {}).get("idle", "menu")
    report["settings"]["start"] = document["power"].get("start", "ambient")
    report["provenance"] = provenance(report)
    return PowerResult(report, result, setup, given)


def read_scenario(path: Path) -> dict[str, Any]:
    """A file of streams, with names of model files beside it made whole. Raises InputError."""
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise InputError(f'scenario: "{plain(path)}" is larger than {_LIMIT_BYTES >> 20} MiB')
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f'scenario: cannot read "{plain(path)}": {error.strerror}') from None
    except (ValueError, RecursionError) as error:
        raise InputError(f'scenario: "{plain(path)}" is not JSON: {plain(error)}') from None
    streams = document.get("streams") if isinstance(document, dict) else None
    if not isinstance(streams, dict) or not all(isinstance(each, dict) for each in streams.values()):
        raise InputError(
            f'scenario: "{plain(path)}" is no file of streams; it needs an object with "streams"'
        )
    for stream in streams.values():
        network = Path(str(stream.get("network", "")))
        if network.suffix in SUFFIXES and not network.is_absolute() and is_file(path.parent / network):
            stream["network"] = str((path.parent / network).resolve())
    return dict(document)


def _merge(document: dict[str, Any], management: Mapping[str, Any], *, start_asked: bool) -> None:
    """What was asked for stands before the file's. Unless asked for, temperatures start as the file says."""
    power = document.setdefault("power", {})
    if not isinstance(power, dict):
        raise InputError("scenario: power: expected an object")
    for name, value in management.items():
        if name == "start" and not start_asked:
            power.setdefault(name, value)
        elif isinstance(value, dict):
            power[name] = {**power.get(name, {}), **value}
        else:
            power[name] = value
