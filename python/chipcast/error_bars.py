# SPDX-License-Identifier: Apache-2.0
"""The error bar of a report: how far forecasts of its kind (class of devices, number format) were from measurements."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from chipcast.catalog import config_root
from chipcast.fidelity.errors import groups
from chipcast.fidelity.families import device_class
from chipcast.text import percent

Report = Mapping[str, Any]
Work = dict[tuple[str, str], float]
"""(class of devices, number format) -> time, or anything that is shared out like it."""

_MINOR = 0.05
"""Families with less of the time are not named in words, and do not make a report unvalidated."""


def platform_names(platform: Path, name: str) -> tuple[str, ...]:
    """What the platform is called in files of cases: its own name, its file's, and those of bundled files that it
    extends as a whole (a board is its chip, an overlay is its platform)."""
    names = [name, platform.stem]
    folder = config_root() / "platforms"
    file, depth = platform, 0
    while depth < 8 and file.suffix == ".json":
        extends = _extends(file)
        if not extends:
            break
        beside = file.parent / extends
        file = beside if beside.is_file() else config_root() / extends
        if file.parent.resolve() == folder.resolve():
            names.append(file.stem)
        depth += 1
    return tuple(dict.fromkeys(names))


@cache
def _bundled(name: str) -> tuple[str, ...]:
    """A platform that measurements are of, and those that it extends: rows of a board are its chip's too."""
    return platform_names(config_root() / "platforms" / f"{name}.json", name)


def _extends(file: Path) -> str:
    try:
        extends = json.loads(file.read_text(encoding="utf-8")).get("extends", "")
    except (OSError, ValueError, AttributeError):
        return ""
    return extends if isinstance(extends, str) else ""


def with_validation(
    text: str, cores: Mapping[str, str], platform: str | os.PathLike[str]
) -> tuple[dict[str, Any], str]:
    """A report, from its JSON text, with the member `validation`; as a document and as text, which keeps its bytes.
    `platform`: the file that it was loaded from."""
    report: dict[str, Any] = json.loads(text)
    runs = report.get("run", report)  # a scenario's run stands inside
    name = runs["platform"]["name"] if isinstance(runs["platform"], Mapping) else runs["platform"]
    bar = validation(runs, cores, platform_names(Path(platform), str(name)))
    end = "}}" if "run" in report else "}"
    body = text.rstrip().removesuffix(end)
    whole = f'{body},"validation":{json.dumps(bar, ensure_ascii=False, separators=(",", ":"))}{end}'
    runs["validation"] = bar
    return report, whole


def validation(report: Report, cores: Mapping[str, str], names: Sequence[str]) -> dict[str, Any]:
    """The member of a report of a run or of streams. `cores`: kind of core of each CPU cluster. `names`: what the
    platform is called, as platform_names() gives it."""
    work = _work_of_run(report, cores) if "ops" in report else _work_of_streams(report, cores)
    return {
        "latency": _bar(work, ("latency",), names),
        "energy": _bar(work, ("energy", "power"), names),
    }


def _class_of(device: Report, cores: Mapping[str, str]) -> str:
    return device_class({"type": device["type"], "core": {"name": cores.get(str(device["name"]), "")}})


def _work_of_run(report: Report, cores: Mapping[str, str]) -> Work:
    """Time of each operator's device with it, shared among several."""
    classes = {device["name"]: _class_of(device, cores) for device in report["devices"]}
    work: Work = {}
    for op in report["ops"]:
        used = [name for name in str(op["device"]).split("+") if name in classes]
        busy = float(op["launch_s"]) + max(float(op["compute_s"]), float(op["transfer_s"]))
        for name in used:
            key = (classes[name], str(op["dtype"]))
            work[key] = work.get(key, 0.0) + busy / len(used)
    return work


def _work_of_streams(report: Report, cores: Mapping[str, str]) -> Work:
    """Busy time of each device, shared among its formats as their multiply-accumulates are."""
    macs: dict[str, Work] = {}
    for stream in report["streams"]:
        for variant in stream["variants"]:
            for entry in variant.get("formats", ()):
                mine = macs.setdefault(entry["device"], {})
                key = ("", str(entry["dtype"]))
                mine[key] = mine.get(key, 0.0) + float(entry["macs"]) * max(float(variant["jobs"]), 0.0)
    work: Work = {}
    for device in report["devices"]:
        formats = macs.get(device["name"], {})
        whole = sum(formats.values())
        for (_, dtype), amount in formats.items():
            share = amount / whole if whole else 1.0 / len(formats)
            key = (_class_of(device, cores), dtype)
            work[key] = work.get(key, 0.0) + share * float(device["busy_s"])
    return {key: time for key, time in work.items() if time > 0.0}


def _bar(work: Work, quantities: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    whole = sum(work.values())
    families = [
        _family(kind, dtype, time / whole, quantities, names)
        for (kind, dtype), time in sorted(work.items(), key=lambda item: (-item[1], item[0]))
        if whole > 0.0
    ]
    main = [each for each in families if each["time_share"] >= _MINOR] or families
    known = [each for each in main if each["validated"]]
    bar: dict[str, Any] = {"words": "", "validated": bool(main) and len(known) == len(main)}
    weight = sum(each["time_share"] for each in known)
    if weight > 0.0:
        error = sum(each["median_error_share"] * each["time_share"] for each in known) / weight
        bar["median_error_share"] = round(error, 4)
    bar["words"] = _words(main, bar.get("median_error_share"), names)
    return {**bar, "families": families}


def _family(
    kind: str, dtype: str, share: float, quantities: Sequence[str], names: Sequence[str]
) -> dict[str, Any]:
    out: dict[str, Any] = {"family": f"{kind} {dtype}", "time_share": round(share, 6), "validated": False}
    matching = [g for g in groups() if (g["device_class"], g["dtype"]) == (kind, dtype) and g["quantity"] in quantities]
    everywhere = max((g for g in matching if g["platform"] is None), key=lambda g: g["count"], default=None)
    if everywhere is None:
        return out
    here = [
        g
        for g in matching
        if g["quantity"] == everywhere["quantity"] and g["platform"] and set(_bundled(g["platform"])) & set(names)
    ]
    return {
        **out,
        "validated": True,
        "rows_count": everywhere["count"],
        "chips_count": everywhere["platforms"],
        "platform_rows_count": sum(g["count"] for g in here),
        "median_error_share": everywhere["median_ape"],
        "lowest_error_share": everywhere["p10"],
        "highest_error_share": everywhere["p90"],
    }


def _words(families: Sequence[Report], error: float | None, names: Sequence[str]) -> str:
    if error is None:
        return f"never validated ({', '.join(each['family'] for each in families) or 'nothing computed'})"
    parts = [_of_family(each, len(families) > 1, names[0]) for each in families]
    return f"{plus_minus(error)} ({'; '.join(parts)})"


def _of_family(family: Report, several: bool, name: str) -> str:
    share = f", {100 * family['time_share']:.0f} % of the time" if several else ""
    if not family["validated"]:
        return f"{family['family']}{share}: never validated"
    rows, chips = family["rows_count"], family["chips_count"]
    among = f"{name} among them" if family["platform_rows_count"] else f"{name} not among them"
    return (
        f"{family['family']}{share}: {rows} {'row' if rows == 1 else 'rows'} of "
        f"{chips} {'chip' if chips == 1 else 'chips'}, {among}"
    )


def plus_minus(error: float) -> str:
    return f"±{100 * error:.0f} %" if error >= 0.01 else f"±{percent(error)}"


def lines(report: Report) -> Iterable[tuple[str, str]]:
    """(quantity, words) of a report that has the member; none where it has not."""
    bars = report.get("validation", {})
    return [(name, str(bars[name]["words"])) for name in ("latency", "energy") if name in bars]
