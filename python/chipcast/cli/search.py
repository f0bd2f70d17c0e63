# SPDX-License-Identifier: Apache-2.0
"""chipcast search: the best designs of a space."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chipcast._core import InputError
from chipcast.cli import Exit, options
from chipcast.cli.run import RunCommand
from chipcast.cli.terminal import check_writable, print_json, print_table, say, stdout, write_file
from chipcast.text import one_line

if TYPE_CHECKING:
    from chipcast.search import Search, SearchProgress, SearchResult

_TROUBLES = 10


@click.command("search", cls=RunCommand)
@click.argument("spec", type=options.FILE)
@click.option(
    "--store",
    type=options.FILE,
    metavar="FILE",
    help="Where forecasts are kept; a search that was cut off goes on there. Default: SPEC.search.db, here.",
)
@options.workers
@click.option("--seed", type=click.IntRange(min=0, max=2**32 - 1), help="Instead of the search's own.")
@click.option(
    "--evaluations", type=click.IntRange(min=1), help="Points forecast at most, instead of the search's own."
)
@click.option("--retry-failed", is_flag=True, help="Run failed and quarantined points of the store again.")
@click.option("--dry-run", is_flag=True, help="Check the search, count its designs; run nothing.")
@click.option(
    "--export",
    "exports",
    multiple=True,
    type=options.FILE,
    metavar="FILE",
    help="Write the table of all designs: .csv or .parquet. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead; --json=FILE writes it.")
@click.option("--report", type=options.FILE, metavar="FILE", help="Write the JSON to this file.")
@click.option("--quiet", "-q", is_flag=True, help="No words on stderr.")
def search_command(
    spec: Path,
    store: Path | None,
    jobs: int | None,
    engine: str,
    scheduler: str | None,
    seed: int | None,
    evaluations: int | None,
    retry_failed: bool,
    dry_run: bool,
    exports: tuple[Path, ...],
    as_json: bool,
    report: Path | None,
    quiet: bool,
) -> None:
    """Looks for the designs of the space in SPEC, a JSON file, that no other one beats in all objectives.

    The same file and seed give the same designs. Ctrl-C once lets the points end that are at work; run it again and it
    goes on. Exit code 4 where points failed, 3 where no design keeps the constraints.

    \b
    chipcast search npu_size.json --seed 1
    chipcast search npu_size.json --jobs 2 --export designs.csv
    """
    from chipcast.search import read_search, run_search
    from chipcast.sweep.table import check_suffix

    if scheduler is not None and engine != "dask":
        raise click.UsageError("--scheduler goes with --engine dask")
    for path in exports:
        check_writable(check_suffix(path), "--export")
    if report is not None:
        check_writable(report, "--report")
    search = read_search(spec)
    given: dict[str, Any] = {"seed": seed, "evaluations": evaluations}
    search = replace(search, **{name: value for name, value in given.items() if value is not None})
    if dry_run:
        _show_plan(search, as_json)
        return
    journal = check_writable(store or Path(f"{spec.stem}.search.db"), "--store")
    result = run_search(
        search,
        store=journal,
        jobs=jobs,
        scheduler=(scheduler or "local") if engine == "dask" else None,
        retry_failed=retry_failed,
        progress=_Words(quiet).say,
    )
    for path in exports:
        result.write(path)
        say(f"Table: {path}", quiet)
    document = result.to_dict()
    if report is not None:
        write_file(report, json.dumps(document, indent=2, allow_nan=False) + "\n")
        say(f"Report: {report}", quiet)
    if as_json:
        print_json(document)
    else:
        _print(result)
    _say_how_it_ended(result, journal, quiet)
    _end(result)


class _Words:
    """A line per stage and tenth of it."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._last = ("", -1)

    def say(self, progress: SearchProgress) -> None:
        tenth = 10 * progress.done // max(progress.total, 1)
        if (progress.stage, tenth) != self._last:
            say(f"{progress.stage}: {progress.done:,} of {progress.total:,}", self._quiet)
        self._last = (progress.stage, tenth)


def _show_plan(search: Search, as_json: bool) -> None:
    from chipcast.search.fidelity import check_screening
    from chipcast.search.variables import Variables
    from chipcast.sweep.jobs import Jobs

    if search.fidelity is not None:
        check_screening(search)
    Jobs(search.space)  # networks and platforms are there
    variables = Variables(search.space)
    plan = {
        "name": search.name,
        "designs_before_conditions": variables.size,
        "evaluations": search.evaluations,
        "algorithm": search.algorithm.name,
        "objectives": {each.column: each.goal for each in search.objectives},
    }
    if as_json:
        print_json(plan)
        return
    wanted = ", ".join(f"{each.column} ({each.goal})" for each in search.objectives)
    stdout().print(
        f"{search.name}: {variables.size:,} designs, {search.evaluations:,} evaluations by "
        f"{search.algorithm.name} for {wanted}",
        soft_wrap=True,
        markup=False,
    )


def _print(result: SearchResult) -> None:
    from chipcast.cli.search_tables import front_table, promotion_table, steps_table

    console = stdout()
    print_table(console, steps_table(result))
    if result.promotion is not None:
        console.print()
        print_table(console, promotion_table(result.promotion))
    if result.front:
        console.print()
        print_table(console, front_table(result))


def _say_how_it_ended(result: SearchResult, journal: Path, quiet: bool) -> None:
    if result.reused:
        say(f"{result.reused} forecasts were in the store", quiet)
    troubled = [
        record for record in (*result.screened, *result.records) if record.state in ("failed", "quarantined")
    ]
    for record in troubled[:_TROUBLES]:
        say(f"error: {record.state}: {one_line(record.reason)}", quiet)
    if len(troubled) > _TROUBLES:
        say(f"... and {len(troubled) - _TROUBLES} more; the table has all of them", quiet)
    if result.interrupted:
        say(f"interrupted; run it again and it goes on ({journal})", quiet)


def _end(result: SearchResult) -> None:
    if result.interrupted:
        raise click.exceptions.Exit(Exit.INTERRUPTED)
    records = (*result.screened, *result.records)
    if any(record.state in ("failed", "quarantined") for record in records):
        raise click.exceptions.Exit(Exit.PARTIAL)
    if not result.front:
        raise InputError(f"search: {_why_empty(result)}")


def _why_empty(result: SearchResult) -> str:
    """What was not forecast may be feasible all the same."""
    reasons = (one_line(record.reason) for record in (*result.screened, *result.records) if record.reason)
    if result.promotion is None or not result.records:
        return f"no design is feasible: {next(reasons, 'all break a constraint')}"
    done = result.promotion
    confirmed = done.confirmed + done.audited
    reason = next((f" (the first reason: {reason})" for reason in reasons), "")
    return f"none of the {confirmed:,} confirmed of {done.screened:,} designs keeps the constraints{reason}"
