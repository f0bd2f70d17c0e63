# SPDX-License-Identifier: Apache-2.0
"""chipcast run: one network on one platform."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
from rich.table import Table as RichTable
from rich.text import Text

from chipcast import api, summary
from chipcast.cli import options
from chipcast.cli.mapping_options import MappingChoices, mapping_options
from chipcast.cli.progress import DelayedProgress
from chipcast.cli.terminal import check_writable, print_json, print_table, say, stdout, write_file
from chipcast.model import load_model
from chipcast.result import Result
from chipcast.scalesim import report_csv
from chipcast.text import one_line, plain


class RunCommand(click.Command):
    """Lets `--json=FILE` stand for `--report FILE`, beside the flag `--json`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        rewritten = [
            f"--report={arg.removeprefix('--json=')}" if arg.startswith("--json=") else arg for arg in args
        ]
        return super().parse_args(ctx, rewritten)


@click.command("run", cls=RunCommand)
@click.argument("model")
@click.option(
    "--on", "platform", required=True, metavar="PLATFORM", help="Name of a preset, or a platform file."
)
@click.option("--dtype", help="Number format to run in: int8, fp16, ... Default: the model's own.")
@options.set_option
@click.option("--devices", callback=options.read_names, metavar="A,B", help="Use only these devices.")
@options.shape_option
@options.model_option
@mapping_options
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of every random choice."
)
@click.option(
    "--max-time", "max_time", metavar="TIME", help='Limit on simulated time, "10 s"; exit code 5 beyond.'
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON; --json=FILE writes it.")
@click.option("--report", type=options.FILE, help="Write the report (JSON) to this file.")
@click.option("--html", type=options.FILE, help="Write a page to look at to this file.")
@click.option("--trace", type=options.FILE, help="Write a Perfetto trace to this file.")
@click.option("--save-mapping", type=options.FILE, help="Write what the mapper decided (JSON) to this file.")
@click.option("--program", type=options.FILE, help="Write it as command queues (JSON) to this file.")
@click.option(
    "--scalesim", type=options.FILE, help="Write the figures of SCALE-Sim's reports (CSV) to this file."
)
@click.option(
    "--layers", type=click.IntRange(min=0), default=10, show_default=True, help="Layers in the table."
)
@click.option(
    "--explain",
    is_flag=True,
    help="Say of every layer what was chosen, what limits it, and what came second.",
)
@click.option("--quiet", "-q", is_flag=True, help="No words and no bar on stderr.")
def run_command(
    model: str,
    platform: str,
    dtype: str | None,
    overrides: Sequence[str],
    devices: list[str] | None,
    shapes: dict[str, tuple[int, ...]] | None,
    model_options: dict[str, int | float | str],
    mapping: MappingChoices,
    seed: int,
    max_time: str | None,
    as_json: bool,
    report: Path | None,
    html: Path | None,
    trace: Path | None,
    save_mapping: Path | None,
    program: Path | None,
    scalesim: Path | None,
    layers: int,
    explain: bool,
    quiet: bool,
) -> None:
    """Forecasts latency, energy and power of MODEL on a platform.

    MODEL is a .onnx, .tflite, .param (ncnn), .csv (SCALE-Sim) or .json file, or the name of a bundled network.
    PLATFORM is a preset, a platform file (.json) or a SCALE-Sim configuration (.cfg).

    \b
    chipcast run mobilenet_v2 --on rk3588 --dtype int8
    chipcast run model.onnx --on rv1106 --shape input=1,3,224,224 --json
    chipcast run model.onnx --on my_chip.json --html report.html
    """
    files = {
        "--report": report,
        "--html": html,
        "--trace": trace,
        "--save-mapping": save_mapping,
        "--program": program,
        "--scalesim": scalesim,
    }
    for option, path in files.items():
        if path is not None:
            check_writable(path, option)
    with DelayedProgress(quiet) as progress:
        progress.step(f"Reading {plain(model, 40)}")
        loaded = load_model(model, shapes=shapes, model_options=model_options)
        progress.step("Mapping and simulating")
        result = api.run(
            loaded,
            platform,
            dtype=dtype,
            devices=devices,
            seed=seed,
            max_simulated_time=max_time,
            overrides=overrides,
            progress=progress.update,
            **mapping.arguments(),
        )
    # Files first: whoever reads the tables may stop half way (`| head`).
    write_files(result, report, trace, program, quiet)
    if html is not None:
        result.to_html(html)
        say(f"Page: {html} (open it in a browser)", quiet)
    if save_mapping is not None:
        write_file(save_mapping, json.dumps(result.mapping(), indent=2) + "\n")
        say(f"Mapping: {save_mapping} (edit it, and follow it with --mapping)", quiet)
    if scalesim is not None:
        described = api.describe(platform, overrides=overrides)
        write_file(scalesim, report_csv(result.report, described))
        say(f"SCALE-Sim report: {scalesim}", quiet)
    for warning in result.report.get("warnings", []):
        say(f"warning: {one_line(warning)}", quiet)
    if as_json:
        print_json(result.to_json())
    elif explain:
        print_explanation(result)
    else:
        print_result(result, layers)


def print_result(result: Result, layers: int) -> None:
    """The tables that a person reads."""
    console = stdout()
    console.print(Text(summary.title(result.report), style="bold"))
    lines = RichTable.grid(padding=(0, 2))
    lines.add_column(style="dim")
    lines.add_column(justify="right", no_wrap=True)
    lines.add_column(style="dim")
    for what, value, remark in summary.headline(result.report):
        lines.add_row(Text(what), Text(value, style="bold"), Text(remark))
    console.print(lines)
    tables = [summary.devices(result.report), summary.memories(result.report)]
    if layers:
        tables.append(summary.busiest_layers(result.report, layers))
        tables.append(summary.mappings(result.report, min(layers, 3)))
    for table in tables:
        console.print()
        print_table(console, table)


def print_explanation(result: Result) -> None:
    """Every layer: what was chosen, what limits it, what came second; and how it was searched for."""
    console = stdout()
    console.print(Text(summary.title(result.report), style="bold"))
    for line in summary.search_lines(result.report):
        console.print(Text(line))
    console.print()
    print_table(console, summary.explanation(result.report))


def write_files(
    result: Result, report: Path | None, trace: Path | None, program: Path | None, quiet: bool
) -> None:
    """Writes what was asked for and says where it lies."""
    if report is not None:
        write_file(report, result.to_json().rstrip("\n") + "\n")
        say(f"Report: {report}", quiet)
    if program is not None:
        write_file(program, json.dumps(result.program(), indent=2) + "\n")
        say(f"Program: {program}", quiet)
    if trace is not None:
        write_file(trace, result.trace_bytes())
        say(f"Trace: {trace} (open it at ui.perfetto.dev)", quiet)
