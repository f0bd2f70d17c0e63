# SPDX-License-Identifier: Apache-2.0
"""chipcast sensitivity: which axes of a sweep matter."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chipcast._core import InputError
from chipcast.cli import options
from chipcast.cli.run import RunCommand
from chipcast.cli.sweep import HUGE
from chipcast.cli.sweep_progress import SweepBar
from chipcast.cli.terminal import check_writable, print_json, print_table, say, stdout, write_file
from chipcast.summary import Column, Table
from chipcast.text import plain, quantity

if TYPE_CHECKING:
    from chipcast.views.sampling import Plan
    from chipcast.views.sensitivity import Sensitivity


@click.command("sensitivity", cls=RunCommand)
@click.argument("spec", type=options.FILE)
@click.option(
    "--method",
    type=click.Choice(("sobol", "morris")),
    default="sobol",
    show_default=True,
    help="Shares of the variance, or effects: fewer points, for many axes.",
)
@click.option(
    "--samples",
    type=click.IntRange(min=2),
    help="Base points of sobol, a power of two (128); trajectories of morris (16).",
)
@click.option("--second-order", is_flag=True, help="Sobol: of pairs of axes as well; doubles the points.")
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="COLUMN",
    help="Column that is explained: latency_s, peak_power_w, ... Repeatable. Default: latency, energy and area.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the sample.")
@click.option(
    "--store",
    type=options.FILE,
    metavar="FILE",
    help="Where points are kept, that of the sweep as well. Default: SPEC.sweep.db, here.",
)
@options.jobs
@click.option("--plots", type=options.FILE, metavar="DIR", help="Write a picture of the indices there.")
@click.option("--dry-run", is_flag=True, help="Say how many points it takes; run nothing.")
@click.option("--yes", "-y", is_flag=True, help=f"Run more than {HUGE:,} points without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead; --json=FILE writes it.")
@click.option("--report", type=options.FILE, metavar="FILE", help="Write the JSON to this file.")
@click.option("--quiet", "-q", is_flag=True, help="No words and no bar on stderr.")
def sensitivity_command(
    spec: Path,
    method: Any,
    samples: int | None,
    second_order: bool,
    outputs: tuple[str, ...],
    seed: int,
    store: Path | None,
    jobs: int | None,
    plots: Path | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    report: Path | None,
    quiet: bool,
) -> None:
    """Samples the space of the sweep in SPEC and says how much each axis accounts for, with 95 % intervals.

    Networks and platforms are axes where there are several. Conditions are put aside, because the axes have to vary
    independently.

    \b
    chipcast sensitivity npu.json
    chipcast sensitivity npu.json --method morris --output latency_s --plots pictures
    """
    from chipcast.views.figures import check_matplotlib
    from chipcast.views.files import make_folder, write_view
    from chipcast.views.sensitivity import check_outputs, plan_of, read_space, sensitivity

    if plots is not None:
        check_matplotlib()
        make_folder(plots)
    if report is not None:
        check_writable(report, "--report")
    sweep = read_space(spec)
    check_outputs(sweep, outputs)
    plan = plan_of(sweep, method, samples, second_order, seed)
    if dry_run:
        _show_plan(plan, as_json)
        return
    _confirm(plan, yes)
    journal = check_writable(store or Path(f"{spec.stem}.sweep.db"), "--store")
    try:
        with SweepBar(quiet) as bar:
            found = sensitivity(
                sweep,
                method=method,
                samples=samples,
                outputs=outputs,
                second_order=second_order,
                seed=seed,
                store=journal,
                jobs=jobs,
                progress=bar.update,
            )
    except KeyboardInterrupt:
        say(f"run it again and it goes on ({journal})", quiet)
        raise
    document = _document(sweep.name, found)
    if report is not None:
        write_file(report, json.dumps(document, indent=2, allow_nan=False) + "\n")
        say(f"Report: {report}", quiet)
    if as_json:
        print_json(document)
    else:
        _print(found)
    for remark in found.remarks:
        say(remark, quiet)
    if plots is not None:
        picture, _ = write_view(found.plot(title=plain(sweep.name)), plots / f"sensitivity-{method}")
        say(f"Picture: {picture}", quiet)


def _show_plan(plan: Plan, as_json: bool) -> None:
    axes = [axis.name for axis in plan.axes]
    if as_json:
        print_json({"method": plan.method, "samples": plan.samples, "points": plan.evaluations, "axes": axes})
    else:
        stdout().print(
            f"{plan.method}, {plan.samples:,} samples over {', '.join(map(plain, axes))}: "
            f"at most {plan.evaluations:,} points"
        )


def _confirm(plan: Plan, yes: bool) -> None:
    if yes or plan.evaluations <= HUGE:
        return
    about = f"{plan.evaluations:,} points"
    if not sys.stdin.isatty():
        raise InputError(f"sensitivity: {about}; --yes runs them, --samples takes fewer")
    click.confirm(f"{about}. Run them?", abort=True, err=True)


def _document(name: str, found: Sensitivity) -> dict[str, Any]:
    return {
        "format": "chipcast-sensitivity",
        "version": 1,
        "name": name,
        "method": found.plan.method,
        "samples": found.plan.samples,
        "seed": found.plan.seed,
        "counts": found.result.counts,
        "indices": [_known(row) for row in found.frame.to_dict("records")],
        "pairs": [_known(row) for row in found.pairs.to_dict("records")],
        "remarks": list(found.remarks),
    }


def _known(row: dict[Any, Any]) -> dict[str, Any]:
    """null for what is not known."""
    return {
        str(name): None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }


def _print(found: Sensitivity) -> None:
    console = stdout()
    for place, output in enumerate(found.outputs):
        if place:
            console.print()
        print_table(console, _table(found, output))
        if len(found.pairs):
            print_table(console, _pairs(found, output))


def _table(found: Sensitivity, output: str) -> Table:
    from chipcast.views.units import unit_of, words_of

    rows = found.of(output)
    head = words_of(output).capitalize() if "." not in output else output
    if found.plan.method == "sobol":
        titles, names, unit = ("Alone", "±", "With others", "±"), list(rows.columns[2:]), None
        title = f"{plain(head)}: share of the variance"
    else:
        titles, names, unit = ("Effect", "±", "With sign", "Spread"), list(rows.columns[2:]), unit_of(output)
        title = f"{plain(head)}: from one end of the axis to the other"
    columns = [_column("Axis"), *(_column(name, numeric=True) for name in titles)]
    lines = [
        [plain(row["axis"], 60), *(_number(row[name], unit) for name in names)]
        for row in rows.to_dict("records")
    ]
    return Table(title, columns, lines)


def _pairs(found: Sensitivity, output: str) -> Table:
    rows = found.pairs[found.pairs["output"] == output].sort_values(
        "second_order", ascending=False, kind="stable"
    )
    columns = [
        _column("Axis"), _column("With"), _column("Of the two", numeric=True), _column("±", numeric=True)
    ]  # fmt: skip
    lines = [
        [
            plain(row["axis"], 60),
            plain(row["with"], 60),
            _number(row["second_order"]),
            _number(row["second_order_conf"]),
        ]
        for row in rows.to_dict("records")
    ]
    return Table("Pairs", columns, lines)


def _column(title: str, numeric: bool = False) -> Column:
    return Column(title, lambda row: "", numeric=numeric, wraps=not numeric)


def _number(value: float, unit: str | None = None) -> str:
    if not math.isfinite(value):
        return "–"
    return f"{value:.3f}".replace("-0.000", "0.000") if unit is None else quantity(value, unit)
