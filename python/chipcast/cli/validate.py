# SPDX-License-Identifier: Apache-2.0
"""chipcast validate: forecasts beside measured silicon."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chipcast._core import InputError
from chipcast.cli import Exit, options
from chipcast.cli.progress import DelayedProgress
from chipcast.cli.run import RunCommand
from chipcast.cli.terminal import check_writable, print_json, print_table, say, stdout, write_file
from chipcast.text import one_line

if TYPE_CHECKING:
    from chipcast.fidelity.validation import Validation

_ERRORS_SHOWN = 10


@click.command("validate", cls=RunCommand)
@click.option(
    "--data",
    "files",
    multiple=True,
    type=options.FILE,
    metavar="FILE.csv",
    help="File of cases. Repeatable. Default: those of the project, tests/validation/cases.",
)
@click.option(
    "--use",
    type=click.Choice(("all", "score", "calibrate")),
    default="all",
    show_default=True,
    help="score: rows that no parameter was set on; calibrate: the others.",
)
@click.option("--family", "families", multiple=True, metavar="NAME", help="cpu, 'npu int8'. Repeatable.")
@click.option(
    "--platform", "platforms", multiple=True, metavar="NAME", help="As the rows spell it. Repeatable."
)
@click.option(
    "--overlay",
    "overlays",
    multiple=True,
    type=options.FILE,
    metavar="FILE",
    help="Platform file of `chipcast calibrate`, used for rows of the platform that it extends. Repeatable.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes. Default: one per processor.")
@click.option("--worst", type=click.IntRange(min=0), default=10, show_default=True, help="Worst cases shown.")
@click.option("--cases", "every_case", is_flag=True, help="Show every case.")
@click.option("--plots", type=options.FILE, metavar="DIR", help="Write pictures (SVG) to this folder.")
@click.option(
    "--journal",
    type=options.FILE,
    metavar="FILE",
    help="Where forecasts are kept, so that a run that was cut off goes on. Default: in the user's cache.",
)
@click.option("--resume/--fresh", default=True, help="Use what the journal has, or throw it away.  [resume]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead; --json=FILE writes it.")
@click.option("--report", type=options.FILE, metavar="FILE", help="Write the JSON to this file.")
@click.option("--quiet", "-q", is_flag=True, help="No words and no bar on stderr.")
def validate_command(
    files: Sequence[Path],
    use: str,
    families: Sequence[str],
    platforms: Sequence[str],
    overlays: Sequence[Path],
    jobs: int | None,
    worst: int,
    every_case: bool,
    plots: Path | None,
    journal: Path | None,
    resume: bool,
    as_json: bool,
    report: Path | None,
    quiet: bool,
) -> None:
    """Forecasts measured cases and says how far off the forecasts are, by family and by chip.

    A file of cases is CSV with the columns case, platform, device, runtime, workload, dtype, threads, batch,
    quantity, measured, unit, source, use. A row that cannot be forecast is an error of its own; the others run.

    Exit code 4 where some rows could not be forecast, 3 where none could.

    \b
    chipcast validate --data my_board.csv
    chipcast validate --use score --plots out/ --json=out/validation.json
    """
    from chipcast.fidelity.sets import bundled_cases
    from chipcast.fidelity.validation import Choice, validate

    if report is not None:
        check_writable(report, "--report")
    with DelayedProgress(quiet) as progress:
        progress.step("Forecasting cases")
        validation = validate(
            list(files) or bundled_cases(),
            choice=Choice(use, tuple(families), tuple(platforms)),
            jobs=jobs,
            journal=journal or _own_journal(),
            fresh=not resume,
            overlays=overlays,
            progress=progress.update,
        )
    if plots is not None:
        from chipcast.fidelity.plots import write_plots

        for path in write_plots(validation, plots):
            say(f"Plot: {path}", quiet)
    if report is not None:
        write_file(report, json.dumps(validation.to_dict(), indent=2, allow_nan=False) + "\n")
        say(f"Report: {report}", quiet)
    _print(validation, worst, every_case, as_json, quiet)
    _end(validation)


def _own_journal() -> Path | None:
    """In the user's cache; none where that cannot be written."""
    from chipcast.fidelity.journal import default_path

    try:
        return check_writable(default_path(), "--journal")
    except InputError:
        return None


def _print(validation: Validation, worst: int, every_case: bool, as_json: bool, quiet: bool) -> None:
    if as_json:
        print_json(validation.to_dict())
    else:
        _print_tables(validation, worst, every_case)
    for warning in validation.warnings:
        say(f"warning: {one_line(warning)}", quiet)
    if validation.resumed:
        say(f"{validation.resumed} forecasts from the journal", quiet)
    warned = [each for each in validation.outcomes if each.found.warnings]
    if warned:
        first = f"{warned[0].case.case}: {warned[0].found.warnings[0]}"
        say(
            f"rows with warnings, which --json lists: {len(warned)}; the first: {one_line(first)}",
            quiet,
        )
    for error in validation.errors[:_ERRORS_SHOWN]:
        say(f"error: {one_line(error.message)}", quiet)
    if len(validation.errors) > _ERRORS_SHOWN:
        say(f"... and {len(validation.errors) - _ERRORS_SHOWN} more; --json has all of them", quiet)


def _print_tables(validation: Validation, worst: int, every_case: bool) -> None:
    from chipcast.fidelity import tables

    shown = [
        tables.of_groups("By family", "Family", validation.families, validation.summary),
        tables.of_groups("By chip", "Chip", validation.platforms),
        tables.of_cases("Worst cases", tables.worst(validation, worst)),
    ]
    if every_case:
        shown.append(tables.of_cases("All cases", list(validation.outcomes)))
    console = stdout()
    for table in shown:
        if table.rows:
            print_table(console, table)
            console.print()


def _end(validation: Validation) -> None:
    if not validation.outcomes and not validation.errors:
        raise InputError("no row is of the chosen use, family and platform; leave one of these options out")
    if not validation.outcomes:
        raise InputError(f"none of {len(validation.errors)} rows could be forecast")
    if validation.errors:
        raise click.exceptions.Exit(Exit.PARTIAL)
