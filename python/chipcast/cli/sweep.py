# SPDX-License-Identifier: Apache-2.0
"""chipcast sweep: many designs, one table."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chipcast._core import InputError
from chipcast.cli import Exit, options
from chipcast.cli.run import RunCommand
from chipcast.cli.sweep_progress import SweepBar
from chipcast.cli.sweep_tables import counts_table, fastest_table, points_table
from chipcast.cli.terminal import check_writable, print_json, print_table, say, stdout, write_file
from chipcast.text import one_line, plain

if TYPE_CHECKING:
    from chipcast.sweep import Space, Sweep, SweepResult

HUGE = 100_000
_SHOWN = 10


@click.command("sweep", cls=RunCommand)
@click.argument("spec", type=options.FILE)
@click.option(
    "--store",
    type=options.FILE,
    metavar="FILE",
    help="Where results are kept; a run that was cut off goes on there. Default: SPEC.sweep.db, here.",
)
@options.workers
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many points.")
@click.option("--yes", "-y", is_flag=True, help=f"Run more than {HUGE:,} points without asking.")
@click.option("--resume/--fresh", default=True, help="Use what the store has, or throw it away.  [resume]")
@click.option("--retry-failed", is_flag=True, help="Run failed and quarantined points of the store again.")
@click.option(
    "--dry-run", is_flag=True, help="Check the sweep, count its points, show the first; run nothing."
)
@click.option(
    "--export",
    "exports",
    multiple=True,
    type=options.FILE,
    metavar="FILE",
    help="Write the table: .csv or .parquet. Repeatable.",
)
@click.option(
    "--plots",
    type=options.FILE,
    metavar="DIR",
    help="Write the pictures that fit there: the front, parallel coordinates, curves, hypervolume.",
)
@click.option(
    "--objectives",
    callback=options.read_names,
    metavar="A,B",
    help="Columns that --plots makes small; max:COLUMN makes large. Default: latency, energy and area.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead; --json=FILE writes it.")
@click.option("--report", type=options.FILE, metavar="FILE", help="Write the JSON to this file.")
@click.option("--quiet", "-q", is_flag=True, help="No words and no bar on stderr.")
def sweep_command(
    spec: Path,
    store: Path | None,
    jobs: int | None,
    engine: str,
    scheduler: str | None,
    limit: int | None,
    yes: bool,
    resume: bool,
    retry_failed: bool,
    dry_run: bool,
    exports: tuple[Path, ...],
    plots: Path | None,
    objectives: list[str] | None,
    as_json: bool,
    report: Path | None,
    quiet: bool,
) -> None:
    """Forecasts every point of the space in SPEC, a JSON file: networks, platforms, axes, conditions, samples.

    Points that cannot be are rows with a reason. Ctrl-C once lets the points end that are at work, twice stops at
    once; run it again and it goes on. Exit code 4 where points failed, 3 where none could be.

    \b
    chipcast sweep npu.json --dry-run
    chipcast sweep npu.json --jobs 2 --export npu.csv
    chipcast sweep npu.json --plots pictures --objectives latency_s,area_mm2
    chipcast sweep npu.json --engine dask --scheduler tcp://login:8786
    """
    from chipcast.sweep import Space, read_sweep, run_sweep
    from chipcast.sweep.table import check_suffix

    if scheduler is not None and engine != "dask":
        raise click.UsageError("--scheduler goes with --engine dask")
    for path in exports:
        check_writable(check_suffix(path), "--export")
    if report is not None:
        check_writable(report, "--report")
    sweep = read_sweep(spec)
    _check_plots(sweep, plots, objectives)
    space = Space(sweep)
    if dry_run:
        _show_plan(sweep, space, as_json, quiet)
        return
    _confirm(space, limit, yes)
    journal = check_writable(store or Path(f"{spec.stem}.sweep.db"), "--store")
    with SweepBar(quiet) as bar:
        result = run_sweep(
            sweep,
            store=journal,
            jobs=jobs,
            scheduler=(scheduler or "local") if engine == "dask" else None,
            limit=limit,
            fresh=not resume,
            retry_failed=retry_failed,
            progress=bar.update,
        )
    for path in exports:
        result.table.write(path)
        say(f"Table: {path}", quiet)
    document = _document(sweep, result)
    if report is not None:
        write_file(report, json.dumps(document, indent=2, allow_nan=False) + "\n")
        say(f"Report: {report}", quiet)
    if as_json:
        print_json(document)
    else:
        _print(sweep, result)
    _say_how_it_ended(result, journal, quiet)
    if plots is not None and result.counts.get("done"):
        _draw(sweep, result, plots, objectives, quiet)
    _end(result)


def _check_plots(sweep: Sweep, plots: Path | None, objectives: list[str] | None) -> None:
    """Before a long run rather than after it."""
    if plots is None:
        if objectives is not None:
            raise click.UsageError("--objectives goes with --plots")
        return
    from chipcast.views.figures import check_matplotlib
    from chipcast.views.files import make_folder
    from chipcast.views.objectives import check_names

    check_matplotlib()
    check_names(objectives or (), sweep)
    make_folder(plots)


def _draw(sweep: Sweep, result: SweepResult, plots: Path, objectives: list[str] | None, quiet: bool) -> None:
    from chipcast.views import write_views

    drawn = sweep.sample.method != "grid"
    for path in write_views(result, plots, objectives, drawn=drawn):
        if path.suffix == ".svg":
            say(f"Picture: {path}", quiet)


def _show_plan(sweep: Sweep, space: Space, as_json: bool, quiet: bool) -> None:
    from chipcast.sweep.checks import check_paths
    from chipcast.sweep.jobs import Jobs

    Jobs(sweep)  # networks and platforms are there
    check_paths(space)
    known = space.count(HUGE)
    first = space.first(_SHOWN)
    if as_json:
        print_json(
            {
                "name": sweep.name,
                "points_before_conditions": space.size,
                "points": known,
                "first": [{"point": point.index, **point.values} for point in first],
            }
        )
        return
    console = stdout()
    counted = f"{known:,}" if known is not None else f"at most {space.size:,}"
    console.print(f"{plain(sweep.name)}: {counted} points")
    print_table(console, points_table(sweep, first))
    if known is None:
        say(f"conditions of more than {HUGE:,} points are not counted out", quiet)


def _confirm(space: Space, limit: int | None, yes: bool) -> None:
    points = space.size if limit is None else min(limit, space.size)
    if yes or points <= HUGE:
        return
    about = f"{points:,} points"
    if not sys.stdin.isatty():
        raise InputError(f"sweep: {about}; --yes runs them, --limit N the first N of them")
    click.confirm(f"{about}. Run them?", abort=True, err=True)


def _document(sweep: Sweep, result: SweepResult) -> dict[str, Any]:
    return {
        "format": "chipcast-sweep",
        "version": 1,
        "name": sweep.name,
        "interrupted": result.interrupted,
        "counts": result.counts,
        "columns": list(result.table.columns),
        "points": list(result.table.records()),
    }


def _print(sweep: Sweep, result: SweepResult) -> None:
    console = stdout()
    print_table(console, counts_table(sweep, result))
    if result.counts.get("done"):
        console.print()
        print_table(console, fastest_table(sweep, result, _SHOWN))


def _say_how_it_ended(result: SweepResult, journal: Path, quiet: bool) -> None:
    progress = result.summary.progress
    if progress.reused:
        say(f"{progress.reused} points were in the store", quiet)
    troubled = [line for line in result.table.records() if line["state"] in ("failed", "quarantined")]
    for line in troubled[:_SHOWN]:
        say(f"error: point {line['point']} {line['state']}: {one_line(line['reason'])}", quiet)
    if len(troubled) > _SHOWN:
        say(f"... and {len(troubled) - _SHOWN} more; the table has all of them", quiet)
    invalid = next((line for line in result.table.records() if line["state"] == "invalid"), None)
    if invalid is not None:
        say(f"point {invalid['point']} cannot be: {one_line(invalid['reason'])}", quiet)
    if result.interrupted:
        say(f"interrupted; run it again and it goes on ({journal})", quiet)


def _end(result: SweepResult) -> None:
    counts = result.counts
    if result.interrupted:
        raise click.exceptions.Exit(Exit.INTERRUPTED)
    if counts.get("failed") or counts.get("quarantined"):
        raise click.exceptions.Exit(Exit.PARTIAL)
    if counts.get("invalid") and not counts.get("done"):
        reason = next(str(line["reason"]) for line in result.table.records() if line["state"] == "invalid")
        raise InputError(f"sweep: no point can be; the first: {reason}")
