# SPDX-License-Identifier: Apache-2.0
"""chipcast compare: saved runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from chipcast.cli import options
from chipcast.cli.terminal import check_writable, print_json, print_table, say, stdout
from chipcast.summary import Column, Table
from chipcast.text import plain, quantity
from chipcast.web import read_runs
from chipcast.web.comparison import change, comparison
from chipcast.web.document import of_comparison
from chipcast.web.page import write_page

_Row = dict[str, Any]


@click.command("compare")
@click.argument("files", nargs=-1, required=True, metavar="A B [C D E]")
@click.option("--html", type=options.FILE, help="Write a page to look at to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@click.option(
    "--layers", type=click.IntRange(min=0), default=10, show_default=True, help="Layers in the table."
)
@click.option("--quiet", "-q", is_flag=True, help="No words on stderr.")
def compare_command(files: Sequence[str], html: Path | None, as_json: bool, layers: int, quiet: bool) -> None:
    """Shows two to five saved runs side by side: totals, and what differs by layer, device and component.

    Files are reports (`chipcast run --report FILE`) or pages (`chipcast run --html FILE`). The first one is what the
    others are held against.

    \b
    chipcast compare before.json after.json
    chipcast compare rk3588.json rk3568.json rv1106.json --html three.html
    """
    if html is not None:
        check_writable(html, "--html")
    labels, reports = read_runs(files)
    if html is not None:
        write_page(of_comparison(labels, reports), html)
        say(f"Page: {html} (open it in a browser)", quiet)
    compared = comparison(labels, reports)
    for note in compared["notes"]:
        say(f"note: {plain(note, 400)}", quiet)
    if as_json:
        print_json(compared)
    elif html is None:
        _print(compared, layers)


def _print(compared: dict[str, Any], layers: int) -> None:
    console = stdout()
    console.print(Text(" | ".join(plain(label) for label in compared["labels"]), style="bold"))
    slowest = sorted(compared["layers"], key=lambda row: _spread(row["time_s"]), reverse=True)[:layers]
    tables = [
        _table(
            "Totals", compared, "Quantity", [(r["title"], r["values"], r["unit"]) for r in compared["totals"]]
        ),
        _table("Devices, busy", compared, "Device", _of(compared["devices"], "busy_s", "s")),
        _table("Components, energy", compared, "Component", _of(_largest(compared), "energy_j", "J")),
    ]
    if slowest:
        title = f"Layers that differ most in time ({len(slowest)} of {len(compared['layers'])})"
        tables.append(_table(title, compared, "Layer", _of(slowest, "time_s", "s")))
    for table in tables:
        console.print()
        print_table(console, table)


def _of(rows: Sequence[_Row], key: str, unit: str) -> list[tuple[str, list[float | None], str]]:
    return [(row["name"], row[key], unit) for row in rows]


def _largest(compared: dict[str, Any]) -> list[_Row]:
    return sorted(compared["components"], key=lambda row: -max((v or 0.0) for v in row["energy_j"]))


def _spread(values: Sequence[float | None]) -> float:
    """How far the runs are apart; what one of them lacks counts as zero."""
    numbers = [value or 0.0 for value in values]
    return max(numbers) - min(numbers)


def _table(
    title: str, compared: dict[str, Any], first: str, rows: Sequence[tuple[str, list[float | None], str]]
) -> Table:
    """A column for each run, and for each but the first how much more or less it is."""
    columns = [Column(first, lambda row: "", numeric=False, gives_way=True)]
    for i in range(len(compared["labels"])):
        columns.append(Column(plain(compared["labels"][i], 28), lambda row: ""))
        if i:
            columns.append(Column("±", lambda row: ""))
    return Table(title, columns, [_cells(*row) for row in rows])


def _cells(name: str, values: list[float | None], unit: str) -> list[str]:
    cells = [plain(name, 48), quantity(values[0], unit)]
    for value in values[1:]:
        cells += [quantity(value, unit), signed_percent(change(value, values[0]))]
    return cells


def signed_percent(fraction: float | None) -> str:
    """ "+3.2 %"; "–" where there is nothing to compare with."""
    if fraction is None:
        return "–"
    if abs(fraction) >= 10:
        return f"×{float(f'{fraction + 1:.3g}'):.10g}"
    return "0 %" if abs(fraction) < 0.0005 else f"{100 * fraction:+.1f} %"
