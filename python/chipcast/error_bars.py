# SPDX-License-Identifier: Apache-2.0
"""The error bar of a report: how far forecasts of its kind (class of devices, number format) were from measurements."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chipcast.catalog import config_root
from chipcast.fidelity.errors import groups
from chipcast.fidelity.families import computed_in, device_class
from chipcast.text import percent

Report = Mapping[str, Any]
Work = dict[tuple[str, str], float]
"""(class of devices, number format) -> time, or anything that is shared out like it."""

_MINOR = 0.05
"""Families with less of the time are not named in words, and do not make a report unvalidated."""
_FEWEST_CHIPS = 2
"""That another chip's error can be judged by."""


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
            key = (classes[name], computed_in(op))
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
        _Family(f"{kind} {dtype}", time / whole, _errors_of(kind, dtype, quantities, names))
        for (kind, dtype), time in sorted(work.items(), key=lambda item: (-item[1], item[0]))
        if whole > 0.0
    ]
    main = [each for each in families if each.share >= _MINOR] or families
    known = [(each.errors, each.share) for each in main if each.errors is not None]
    bar: dict[str, Any] = {"words": "", "validated": bool(main) and len(known) == len(main)}
    weight = sum(share for _, share in known)
    if weight > 0.0:
        bar["median_error_share"] = round(sum(errors.median * share for errors, share in known) / weight, 4)
    bar["words"] = _words(main, bar.get("median_error_share"), names[0])
    return {**bar, "families": [each.to_dict() for each in families]}


@dataclass(frozen=True)
class _Errors:
    """What a family's forecasts were off by, and how that is known."""

    basis: str
    """held_out_chip, held_out_network: rows of chips or networks that a fit never saw; scored: parameters were set on
    some rows at most; fitted: on all of them."""
    rows: int
    chips: int
    here: int
    """Rows of this platform."""
    median: float
    """Of |forecast / measured - 1|."""
    deciles: tuple[float, float] | None = None
    """Signed; of the rows that the median is of."""
    scored: int = 0
    """Rows that no parameter was set on."""


@dataclass(frozen=True)
class _Family:
    name: str
    share: float
    """Of the run's time."""
    errors: _Errors | None
    """None: never validated."""

    def to_dict(self) -> dict[str, Any]:
        out = {"family": self.name, "time_share": round(self.share, 6), "validated": self.errors is not None}
        if self.errors is None:
            return out
        out |= {
            "rows_count": self.errors.rows,
            "chips_count": self.errors.chips,
            "platform_rows_count": self.errors.here,
            "median_error_share": self.errors.median,
        }
        if self.errors.deciles is not None:
            out["lowest_error_share"], out["highest_error_share"] = self.errors.deciles
        return out


def _errors_of(kind: str, dtype: str, quantities: Sequence[str], names: Sequence[str]) -> _Errors | None:
    """None where nothing was measured, or on fewer than two chips and not on this one: one other chip says nothing
    about how chips differ."""
    matching = [g for g in groups() if (g["device_class"], g["dtype"]) == (kind, dtype) and g["quantity"] in quantities]
    family = max((g for g in matching if g["platform"] is None), key=lambda g: g["count"], default=None)
    if family is None:
        return None
    here = sum(
        g["count"]
        for g in matching
        if g["quantity"] == family["quantity"] and g["platform"] and set(_bundled(g["platform"])) & set(names)
    )
    if not here and family["platforms"] < _FEWEST_CHIPS:
        return None
    scored = int(family.get("scored", 0))
    plain = _Errors(
        "scored" if scored else "fitted",
        family["count"],
        family["platforms"],
        here,
        family["median_ape"],
        (family["p10"], family["p90"]),
        scored,
    )
    return _held_out(family, plain) or plain


def _held_out(family: Report, plain: _Errors) -> _Errors | None:
    """The error on what a fit never saw, where somebody left it out: a new network on a chip that was fitted to, all of
    a chip that was not. None where the family's own rows are off by more: the figure is of another model then."""
    if plain.scored:
        return None
    what = "network" if plain.here else "chip"
    median = family.get(f"held_out_{what}s_median")
    if median is None or median < plain.median:
        return None
    rows, chips = family.get("held_out_rows", plain.rows), family.get("held_out_chips", plain.chips)
    return _Errors(f"held_out_{what}", rows, chips, plain.here, median)


def _words(families: Sequence[_Family], error: float | None, name: str) -> str:
    if error is None:
        return f"never validated ({', '.join(each.name for each in families) or 'nothing computed'})"
    parts = "; ".join(_of_family(each, len(families) > 1, name) for each in families)
    fitted = all(each.errors is None or each.errors.basis == "fitted" for each in families)
    return f"{'fitted to ' if fitted else ''}{plus_minus(error)} ({parts})"


def _of_family(family: _Family, several: bool, name: str) -> str:
    share = f", {100 * family.share:.0f} % of the time" if several else ""
    errors = family.errors
    if errors is None:
        return f"{family.name}{share}: never validated"
    rows = f"half of {errors.rows} rows" if errors.rows > 1 else "the one row"
    chips = f"{errors.chips} {'chip' if errors.chips == 1 else 'chips'}"
    among = f"{name} {'among them' if errors.here else 'not among them'}"
    return f"{family.name}{share}: {rows} of {chips} within {plus_minus(errors.median)}{_how(errors)}; {among}"


def _how(errors: _Errors) -> str:
    if errors.deciles is None:
        return f", each {errors.basis.removeprefix('held_out_')} forecast from the others"
    low, high = errors.deciles
    spread = f", eight of ten from {100 * low:+.0f} % to {100 * high:+.0f} %" if errors.rows > 1 else ""
    if errors.basis == "fitted":
        return f"{spread}, all of them rows that parameters were set on"
    set_on = errors.rows - errors.scored
    return f"{spread}, parameters set on {set_on} of them" if set_on else f"{spread}, parameters set on none"


def plus_minus(error: float) -> str:
    return f"±{100 * error:.0f} %" if error >= 0.01 else f"±{percent(error)}"


def lines(report: Report) -> Iterable[tuple[str, str]]:
    """(quantity, words) of a report that has the member; none where it has not."""
    bars = report.get("validation", {})
    return [(name, str(bars[name]["words"])) for name in ("latency", "energy") if name in bars]
