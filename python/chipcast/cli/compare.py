# SPDX-License-Identifier: Apache-2.0
"""chipcast compare: saved runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.cells import cell_len
from rich.text import Text

from chipcast.cli import options
from chipcast.cli.terminal import check_writable, print_json, print_table, say, stdout
from chipcast.summary import Column, Table
from chipcast.text import plain, quantity

_Row = dict[str, Any]
_Line = tuple[str, list[tuple[str, str]]]
"""A name, and of each run its value and how much more or less it is."""
_NOTHING = quantity(None, "")
_GAP = 2
_LEAST_NAME = 24
"""Cells that a name gets before a table is broken; longer ones go on in the next line."""


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
    from chipcast.web import read_runs  # numpy comes with it
    from chipcast.web.comparison import comparison
    from chipcast.web.document import of_comparison
    from chipcast.web.page import write_page

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
    for i, label in enumerate(compared["labels"]):
        console.print(Text(f"{_mark(i)} {plain(label)}", style="bold"))
    slowest = sorted(compared["layers"], key=lambda row: _spread(row["time_s"]), reverse=True)[:layers]
    totals = [_line(r["title"], r["values"], r["unit"], r["comparable"]) for r in compared["totals"]]
    tables = [
        ("Totals", "Quantity", totals),
        ("Devices, busy", "Device", _lines(compared["devices"], "busy_s", "s")),
        ("Components, energy", "Component", _lines(_largest(compared), "energy_j", "J")),
    ]
    if slowest:
        title = f"Layers that differ most in time ({len(slowest)} of {len(compared['layers'])})"
        tables.append((title, "Layer", _lines(slowest, "time_s", "s")))
    for title, first, lines in tables:
        for table in _tables(title, first, lines, len(compared["labels"]), console.width):
            console.print()
            print_table(console, table)


def _mark(run: int) -> str:
    """How a run is called in headings; the names stand above the tables."""
    return f"[{run + 1}]"


def _lines(rows: Sequence[_Row], key: str, unit: str) -> list[_Line]:
    return [_line(row["name"], row[key], unit) for row in rows]


def _largest(compared: dict[str, Any]) -> list[_Row]:
    return sorted(compared["components"], key=lambda row: -max((v or 0.0) for v in row["energy_j"]))


def _spread(values: Sequence[float | None]) -> float:
    """How far the runs are apart; what one of them lacks counts as zero."""
    numbers = [value or 0.0 for value in values]
    return max(numbers) - min(numbers)


def _line(name: str, values: Sequence[float | None], unit: str, comparable: bool = True) -> _Line:
    from chipcast.web.comparison import change

    changes = [change(value, values[0]) if comparable else None for value in values]
    return plain(name, 48), [
        (quantity(value, unit), signed_percent(by)) for value, by in zip(values, changes, strict=True)
    ]


def _tables(title: str, first: str, lines: Sequence[_Line], runs: int, width: int) -> list[Table]:
    """A column for each run, and for each but the first how much more or less it is. What is wider than the terminal
    goes on in further tables, each with the names and the first run again."""
    base = _wide(_mark(0), [cells[0][0] for _, cells in lines]) + _GAP
    pairs = [
        _wide(_mark(i), [cells[i][0] for _, cells in lines])
        + _wide("±", [cells[i][1] for _, cells in lines])
        + 2 * _GAP
        for i in range(1, runs)
    ]
    names = _wide(first, [name for name, _ in lines])
    room = width - base - min(names, max(_LEAST_NAME, width - base - sum(pairs)))
    groups: list[list[int]] = [[]]
    left = room
    for i, pair in enumerate(pairs, 1):
        if groups[-1] and pair > left:
            groups.append([])
            left = room
        groups[-1].append(i)
        left -= pair
    tables = [_table(title, first, [line for line in lines if _belongs(line, [0, *groups[0]])], groups[0])]
    for group in groups[1:]:
        further = [line for line in lines if _has_value(line, group)]
        tables.append(_table(f"{title} (continued)", first, further, group))
    return tables


def _has_value(line: _Line, runs: Sequence[int]) -> bool:
    return any(line[1][i][0] != _NOTHING for i in runs)


def _belongs(line: _Line, runs: Sequence[int]) -> bool:
    """In the first table: what those runs have, and what none has."""
    return _has_value(line, runs) or not _has_value(line, range(len(line[1])))


def _wide(heading: str, texts: Sequence[str]) -> int:
    return max(map(cell_len, [heading, *texts]))


def _table(title: str, first: str, lines: Sequence[_Line], shown: Sequence[int]) -> Table:
    columns = [Column(first, lambda row: "", numeric=False, wraps=True), Column(_mark(0), lambda row: "")]
    for i in shown:
        columns += [Column(_mark(i), lambda row: ""), Column("±", lambda row: "")]
    rows = [[name, cells[0][0], *(text for i in shown for text in cells[i])] for name, cells in lines]
    return Table(title, columns, rows)


def signed_percent(fraction: float | None) -> str:
    """ "+3.2 %"; "–" where there is nothing to compare with."""
    if fraction is None:
        return "–"
    if abs(fraction) >= 10:
        return f"×{float(f'{fraction + 1:.3g}'):.10g}"
    return "0 %" if abs(fraction) < 0.0005 else f"{100 * fraction:+.1f} %"
