# SPDX-License-Identifier: Apache-2.0
"""chipcast streams: several networks over time, and MLPerf-style scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from chipcast import streams
from chipcast.cli import options
from chipcast.cli.progress import DelayedProgress
from chipcast.cli.terminal import check_writable, print_json, print_table, say, stdout, write_file
from chipcast.streams import StreamsResult
from chipcast.summary import Column, Table
from chipcast.text import one_line, percent, plain, quantity


def _read_variants(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> list[list[str]]:
    return [options.read_names(ctx, param, value) or [] for value in values]


def _print_names(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        click.echo("\n".join(streams.scenarios()))
        ctx.exit()


@click.command("streams")
@click.argument("what", metavar="SPEC|MODEL")
@click.option(
    "--on", "platform", required=True, metavar="PLATFORM", help="Name of a preset, or a platform file."
)
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_names,
    help="Name the bundled files of streams.",
)
@click.option("--policy", type=click.Choice(streams.POLICIES), help="Which job goes first on a device.")
@click.option(
    "--preemption",
    type=click.Choice(streams.PREEMPTIONS),
    help="When a device may turn to a job that goes first.",
)
@click.option("--seed", type=click.IntRange(min=0), help="Of jitter and random arrivals.")
@click.option(
    "--scenario",
    type=click.Choice(streams.SCENARIOS),
    help="Ask MODEL in one of the ways of MLPerf Inference (MLPerf-style).",
)
@click.option("--queries", type=click.IntRange(min=1), help="With --scenario: how many; samples for Offline.")
@click.option(
    "--rate",
    metavar="RATE",
    help='With Server: queries a second, "200 Hz"; absent: the highest is looked for.',
)
@click.option("--bound", metavar="TIME", help='With Server: what p99 of latency has to keep, "15 ms".')
@click.option("--dtype", help="With --scenario: number format to run in.")
@click.option(
    "--devices", callback=options.read_names, metavar="A,B", help="With --scenario: use only these devices."
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    callback=_read_variants,
    metavar="A,B",
    help="With --scenario: a mapping onto these devices; jobs take whichever is free. Repeatable.",
)
@click.option("--mapper", help="With --scenario: placement policy.")
@click.option("--in-flight", type=click.IntRange(min=1), help="With --scenario: jobs in flight at most.")
@options.set_option
@options.shape_option
@options.model_option
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--report", type=options.FILE, help="Write the report (JSON) to this file.")
@click.option(
    "--html",
    type=options.FILE,
    help="Write a page to look at to this file; with --trace it shows the engines too.",
)
@click.option("--trace", type=options.FILE, help="Write a Perfetto trace to this file.")
@click.option("--quiet", "-q", is_flag=True, help="No words and no bar on stderr.")
def streams_command(
    what: str,
    platform: str,
    policy: str | None,
    preemption: str | None,
    seed: int | None,
    scenario: str | None,
    overrides: Sequence[str],
    as_json: bool,
    report: Path | None,
    html: Path | None,
    trace: Path | None,
    quiet: bool,
    **asked: Any,
) -> None:
    """Runs several networks on a platform, each again and again, dispatched while they run.

    SPEC is a file of streams (JSON) or the name of a bundled one; with --scenario it is a MODEL as for `run`.

    \b
    chipcast streams camera-and-voice --on rk3588 --policy edf --preemption tile
    chipcast streams mobilenet_v2 --on rk3588 --dtype int8 --scenario Server --bound "15 ms"
    """
    for option, path in {"--report": report, "--html": html, "--trace": trace}.items():
        if path is not None:
            check_writable(path, option)
    given = {name: value for name, value in asked.items() if value not in (None, [], {}, ())}
    if scenario is None and given:
        context = click.get_current_context()
        flags = {param.name: param.opts[0] for param in context.command.params}
        raise click.UsageError(f"{flags[next(iter(given))]} needs --scenario")
    with DelayedProgress(quiet) as progress:
        progress.step(f"Running {plain(what, 40)}")
        if scenario is None:
            result = streams.run_streams(
                what,
                platform,
                policy=policy,
                preemption=preemption,
                seed=seed,
                overrides=overrides,
                keep_trace=trace is not None,
                progress=progress.update,
            )
        else:
            result = streams.run_scenario(
                what,
                platform,
                scenario,
                policy=policy,
                preemption=preemption,
                seed=seed or 0,
                overrides=overrides,
                keep_trace=trace is not None,
                progress=progress.update,
                **given,
            )
    _write_files(result, report, trace, quiet)
    if html is not None:
        result.to_html(html)
        say(f"Page: {html} (open it in a browser)", quiet)
    for warning in [*result.run["warnings"], *result.report.get("remarks", [])]:
        say(f"warning: {one_line(warning)}", quiet)
    if as_json:
        print_json(result.to_json())
    else:
        _print_result(result)


def _write_files(result: StreamsResult, report: Path | None, trace: Path | None, quiet: bool) -> None:
    if report is not None:
        write_file(report, result.to_json().rstrip("\n") + "\n")
        say(f"Report: {report}", quiet)
    if trace is not None:
        write_file(trace, result.trace_bytes())
        say(f"Trace: {trace} (open it at ui.perfetto.dev)", quiet)


def answer(report: Mapping[str, Any]) -> str:
    """A scenario's result in one line."""
    metric, value = report["metric"], report["value"]
    text = {
        "p90_s": f"p90 of latency {quantity(value, 's')}",
        "p99_s": f"p99 of latency {quantity(value, 's')}",
        "rate_per_s": f"{quantity(value, '').strip()} queries a second",
        "samples_per_s": f"{quantity(value, '').strip()} samples a second",
    }[metric]
    if "bound_s" in report:
        verdict = "kept" if report["met"] else "not kept"
        text += f"; p99 within {quantity(report['bound_s'], 's')} {verdict}"
    return f"{report['scenario']} (MLPerf-style): {text}"


def _print_result(result: StreamsResult) -> None:
    console, run = stdout(), result.run
    title = (
        f"{plain(run['name'])} on {plain(run['platform'])}, {run['policy']}, preemption: {run['preemption']}"
    )
    console.print(Text(title, style="bold"))
    if "metric" in result.report:
        console.print(Text(answer(result.report), style="bold"))
    power = quantity(run["average_power_w"], "W")
    console.print(
        Text(f"{quantity(run['duration_s'], 's')}, {quantity(run['energy_j'], 'J')}, {power} on average")
    )
    for table in (_streams_table(run), _devices_table(run)):
        console.print()
        print_table(console, table)


def _streams_table(run: Mapping[str, Any]) -> Table:
    def latency(name: str) -> Column:
        return Column(name.partition("_")[0], lambda s: quantity(s["latency"][name], "s"))

    columns = [
        Column("Stream", lambda s: plain(s["name"]), numeric=False),
        Column("Network", lambda s: plain(s["network"], 40), numeric=False, gives_way=True),
        Column("Jobs", lambda s: str(s["completed"])),
        Column("Missed", lambda s: str(s["missed"])),
        latency("min_s"),
        latency("mean_s"),
        latency("p90_s"),
        latency("p99_s"),
        latency("max_s"),
        Column("Jobs/s", lambda s: quantity(s["throughput_per_s"], "")),
        Column("Energy", lambda s: quantity(s["energy_j"], "J")),
    ]
    rows = [[column.text(stream) for column in columns] for stream in run["streams"]]
    return Table("Streams (latency from release to end)", columns, rows)


def _devices_table(run: Mapping[str, Any]) -> Table:
    columns = [
        Column("Device", lambda d: plain(d["name"]), numeric=False),
        Column("Busy", lambda d: quantity(d["busy_s"], "s")),
        Column("Utilisation", lambda d: percent(d["utilisation"])),
        Column("Preemptions", lambda d: str(d["preemptions"])),
        Column("Fetched again", lambda d: quantity(d["fetched_again_bytes"], "B")),
        Column("Energy", lambda d: quantity(d["energy_j"], "J")),
    ]
    return Table(
        "Devices", columns, [[column.text(device) for column in columns] for device in run["devices"]]
    )
