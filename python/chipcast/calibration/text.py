# SPDX-License-Identifier: Apache-2.0
"""A calibration as tables for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chipcast.calibration.report import Calibration
from chipcast.text import percent, plain

_KINDS = {
    "prior": "declared values",
    "fit": "fitted",
    "cross_validated": "left out",
    "scored_prior": "scored only, declared values",
    "scored": "scored only, fitted",
}


def print_calibration(console: Console, found: Calibration) -> None:
    title = "Fits" if found.fits else "Does not fit"
    rows = int(found.outcome.seen.sum())
    console.print(Text(f"{title}: {len(found.outcome.active)} parameters, {rows} rows", style="bold"))
    console.print(_parameters(found))
    for line in found.warnings:
        console.print(Text(plain(line), style="yellow"))
    for name, why in found.held.items():
        console.print(Text(f"held  {plain(name)}: {why}", style="dim"))
    console.print()
    console.print(_errors("Errors", found.errors(), _KINDS | {"cross_validated": _left_out(found)}))
    chips = found.chips()
    if len(chips) > 1:
        for chip, errors in chips.items():
            console.print(_errors(plain(chip), errors, _KINDS | {"cross_validated": _left_out(found)}))
    far = [case for case in found.cases() if case["outlier"]]
    if far:
        console.print()
        console.print(Text("Far from the fit: " + ", ".join(plain(case["case"]) for case in far[:8])))


def _left_out(found: Calibration) -> str:
    return f"each {found.cross_validated_by} left out"


def _parameters(found: Calibration) -> Table:
    table = _table("Parameters", ["Parameter", "Declared", "Fitted", "95 % interval", "Remark"], numeric=(1, 2, 3))
    for name, entry in found.values().items():
        one = len(entry["parameters"]) == 1
        values = (str(entry["prior"]), str(entry["value"])) if one else ("× 1", f"× {entry['change']:.3g}")
        if "factor_low" not in entry:
            interval = "–"
        elif one:
            interval = f"{entry['low']} … {entry['high']}"
        else:
            interval = f"{entry['factor_low']:.3g} … {entry['factor_high']:.3g}"
        table.add_row(Text(plain(name)), *map(Text, (*values, interval)), Text(entry["note"]))
    return table


def _errors(title: str, errors: dict[str, dict[str, Any]], kinds: dict[str, str]) -> Table:
    columns = [title, "Rows", "Median", "Mean", "Within 10 %", "Within 25 %", "Spearman"]
    table = _table("", columns, numeric=range(1, 7))
    for kind, entry in errors.items():
        rank = entry["spearman"]
        table.add_row(
            kinds[kind],
            str(entry["rows"]),
            percent(entry["median_ape"]),
            percent(entry["mean_ape"]),
            percent(entry["within_10"]),
            percent(entry["within_25"]),
            "–" if rank is None else f"{rank:.3f}",
        )
    return table


def _table(title: str, columns: list[str], numeric: Any) -> Table:
    table = Table(title=title or None, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for i, name in enumerate(columns):
        table.add_column(name, justify="right" if i in numeric else "left", header_style="dim")
    return table
