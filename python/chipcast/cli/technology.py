# SPDX-License-Identifier: Apache-2.0
"""chipcast technology: what operations, memories and silicon cost; Accelergy's tables in and out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from chipcast import technology
from chipcast.cli import options
from chipcast.cli.terminal import check_writable, print_json, print_table, say, stdout
from chipcast.summary import Column
from chipcast.summary import Table as Lines
from chipcast.technology.nodes import typical
from chipcast.technology.platform import price
from chipcast.text import plain, quantity

_COLUMNS = (
    Column("Part", lambda part: plain(part["name"]), False),
    Column("Number", lambda part: str(part["count"])),
    Column("Energy", lambda part: quantity(part["energy_j"], "J")),
    Column("per", lambda part: "operation" if part["kind"] == "mac" else "byte", False),
    Column("Area", lambda part: _area(part["area_mm2"])),
    Column("Leakage", lambda part: quantity(part["leakage_w"], "W")),
)


@click.command("technology")
@click.argument("name", required=False)
@options.set_option
@click.option("--volts", type=float, help="Supply. Default: a device's own, nominal for a node.")
@click.option("--celsius", type=float, help="Temperature that leakage holds at. Default: 25.")
@click.option("--ert", type=options.FILE, help="Take energies from this Accelergy ERT: prints what to --set.")
@click.option("--art", type=options.FILE, help="Take areas from this Accelergy ART: prints what to --set.")
@click.option(
    "--match",
    "matches",
    multiple=True,
    metavar="THEIRS=OURS[*N]",
    help="A line of --ert and the action it stands for, N of which are one of theirs: glb.read=npu.buffer.word*4.",
)
@click.option("--write-ert", type=options.FILE, help="Write the platform's energies as an Accelergy ERT.")
@click.option("--write-art", type=options.FILE, help="Write the platform's areas as an Accelergy ART.")
@options.json_flag
def technology_command(
    name: str | None,
    overrides: Sequence[str],
    volts: float | None,
    celsius: float | None,
    ert: Path | None,
    art: Path | None,
    matches: Sequence[str],
    write_ert: Path | None,
    write_art: Path | None,
    as_json: bool,
) -> None:
    """Shows what parts cost in the node NAME ("7nm") or on the platform NAME; lists the nodes without it.

    Energies hold for random operands at the supply, areas are bare silicon; where each number comes from stands in
    docs/technology.md.
    """
    if name is None:
        print_json(technology.nodes() if as_json else "\n".join(technology.nodes()))
        return
    if matches and ert is None:
        raise click.UsageError("--match says what lines of --ert stand for; give that too")
    if re.fullmatch(r"[\d.]+nm", name):
        for option, value in (
            ("--ert", ert),
            ("--art", art),
            ("--write-ert", write_ert),
            ("--write-art", write_art),
        ):
            if value is not None:
                raise click.UsageError(f"{option} needs a platform; {name} is a node")
        table = technology.load(name)
        _show(f"{table['name']}", price(table, typical(), volts, celsius), as_json)
        return
    if ert is not None or art is not None:
        _fit(name, overrides, ert, art, matches, as_json)
        return
    for path, option, write in (
        (write_ert, "--write-ert", technology.write_ert),
        (write_art, "--write-art", technology.write_art),
    ):
        if path is not None:
            write(name, check_writable(path, option), overrides=overrides)
    parts = technology.parts(name, overrides=overrides, volts=volts, celsius=celsius)
    _show(name, parts, as_json)
    together = sum(part.area_mm2 for part in parts), sum(part.leakage_w for part in parts)
    say(f"together {_area(together[0])}, leaking {quantity(together[1], 'W')}", quiet=as_json)


def _fit(
    name: str,
    overrides: Sequence[str],
    ert: Path | None,
    art: Path | None,
    matches: Sequence[str],
    as_json: bool,
) -> None:
    fits = []
    if ert is not None:
        match = dict(map(technology.read_match, matches))
        fits.append(technology.fit_energies(name, technology.read_ert(ert), match=match, overrides=overrides))
    if art is not None:
        fits.append(technology.fit_areas(name, technology.read_art(art), overrides=overrides))
    if as_json:
        print_json([asdict(fit) for fit in fits])
        return
    for fit in fits:
        for path, value in fit.overrides.items():
            click.echo(f'--set {path}="{value}"')
        say(f"largest error: {100 * fit.worst:.3g} %; {len(fit.unused)} lines of the table not used")


def _show(title: str, parts: Sequence[technology.Part], as_json: bool) -> None:
    rows: list[dict[str, Any]] = [asdict(part) for part in parts]
    if as_json:
        print_json(rows)
        return
    lines = [[column.text(row) for column in _COLUMNS] for row in rows]
    print_table(stdout(), Lines(plain(title), _COLUMNS, lines))


def _area(square_millimetres: float) -> str:
    small = square_millimetres < 0.01
    return f"{square_millimetres * 1e6:.4g} um2" if small else f"{square_millimetres:.4g} mm2"
