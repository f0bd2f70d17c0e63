# SPDX-License-Identifier: Apache-2.0
"""Errors of held-out rows by chip and by network, as Markdown and as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from chipcast.calibration.forecaster import Array
from chipcast.calibration.rows import Row
from page import table
from scipy.stats import spearmanr

FEW = 5  # rows below which an order says nothing


@dataclass(frozen=True)
class Errors:
    rows: int
    median: float
    in_10: float
    in_25: float
    bias: float
    """Geometric mean of forecast / measured, less one."""
    spearman: float


def errors_of(logs: Array, measured: Array) -> Errors:
    """Of logarithms of forecasts and measurements."""
    absolute = np.abs(np.expm1(logs - measured))
    rank = float(spearmanr(logs, measured)[0]) if len(logs) >= FEW else float("nan")
    in_10, in_25 = (float(np.mean(absolute <= limit)) for limit in (0.10, 0.25))
    bias = float(np.expm1(np.mean(logs - measured)))
    return Errors(len(logs), float(np.median(absolute)), in_10, in_25, bias, rank)


def by(groups: Sequence[str], logs: Array, measured: Array) -> dict[str, Errors]:
    """In the order of first appearance."""
    names = np.array(groups)
    return {name: errors_of(logs[names == name], measured[names == name]) for name in dict.fromkeys(groups)}


HEADER = ("median", "in 10 %", "in 25 %", "bias", "Spearman")


def markdown(rows: Sequence[Row], measured: Array, network: Array, chip: Array) -> str:
    """`network`, `chip`: logarithms of forecasts of each row by the fit that did not see its network, its chip."""
    chips, networks = [row.chip for row in rows], [row.network for row in rows]
    parts = [
        _table("chip", chips, measured, network, chip),
        _table("network", networks, measured, network, chip, everything=False),
    ]
    return "\n\n".join(parts)


def _table(
    what: str, groups: Sequence[str], measured: Array, network: Array, chip: Array, everything: bool = True
) -> str:
    out, left = by(groups, network, measured), by(groups, chip, measured)
    lines = [[name, str(out[name].rows), *_cells(out[name]), *_cells(left[name])] for name in out]
    if everything:
        both = [cell for logs in (network, chip) for cell in _cells(errors_of(logs, measured))]
        lines.append(["all", str(len(measured)), *both])
    header = [
        what,
        "rows",
        *(f"{each}, network out" for each in HEADER),
        *(f"{each}, chip out" for each in HEADER),
    ]
    return table(header, lines)


def _cells(some: Errors) -> list[str]:
    rank = "–" if np.isnan(some.spearman) else f"{some.spearman:.3f}"
    shares = [f"{100 * each:.1f} %" for each in (some.median, some.in_10, some.in_25)]
    return [*shares, f"{100 * some.bias:+.1f} %", rank]


def document(
    rows: Sequence[Row], measured: Array, network: Array, chip: Array, made_by: str
) -> dict[str, Any]:
    """chipcast/fidelity/held_out.json."""
    chips = [row.chip for row in rows]
    family = {
        "device_class": "cpu",
        "dtypes": ["fp32", "fp16", "int8"],
        "quantity": "latency",
        "rows": len(rows),
        "chips": len(set(chips)),
        "networks_median": round(errors_of(network, measured).median, 3),
        "chips_median": round(errors_of(chip, measured).median, 3),
        "source": "ncnn's benchmark, all formats together; a chip held out has the profile of its core alone",
        "by_chip": {
            name: {"networks_median": round(each.median, 3), "chips_median": round(left.median, 3)}
            for (name, each), left in zip(
                by(chips, network, measured).items(), by(chips, chip, measured).values(), strict=True
            )
        },
    }
    about = (
        "Errors on rows that a fit never saw: each network, or each chip, left out in turn and forecast from the "
        "others, by a fit that starts from the literature (tests/validation/held_out/priors.toml)."
    )
    return {
        "format": "chipcast-held-out",
        "version": 1,
        "made_by": made_by,
        "about": about,
        "families": [family],
    }
