# SPDX-License-Identifier: Apache-2.0
"""chipcast power: watts, degrees and hours of a network at a rate; power modes to flash."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from chipcast.cli import options
from chipcast.cli.power_tables import print_forecast, print_sweep
from chipcast.cli.progress import DelayedProgress
from chipcast.cli.terminal import check_writable, print_json, say, write_file
from chipcast.model import load_model
from chipcast.power import PowerResult, power, power_of_scenario
from chipcast.power.knobs import GOVERNORS, IDLE_POLICIES, STARTS, assignments, read_knobs
from chipcast.power.plot import check_format, draw
from chipcast.power.sweep import sweep_csv
from chipcast.text import one_line, plain

_KNOBS = (
    click.option(
        "--rate", metavar="N", help='Inferences a second: 15, "0.1 Hz". Default: one after the other.'
    ),
    click.option("--period", metavar="TIME", help='Instead of --rate: from one inference to the next, "1s".'),
    click.option(
        "--clock",
        "clocks",
        multiple=True,
        metavar="DOMAIN=CLOCK",
        help="Operating point to start in: npu0=600MHz, 'npu*=600MHz'. Repeatable.",
    ),
    click.option(
        "--cores",
        multiple=True,
        metavar="CLUSTER=N",
        help="Cores of a CPU cluster that are on: a76=2. Repeatable.",
    ),
    click.option(
        "--load",
        "loads",
        multiple=True,
        metavar="NAME=LEVEL",
        help="Level (0 to 1) of a load of the platform, or of other work on a CPU cluster or a memory. Repeatable.",
    ),
    click.option(
        "--state",
        "states",
        multiple=True,
        metavar="DOMAIN=off",
        help="Not used: in its deepest idle state all the time. Repeatable.",
    ),
    click.option(
        "--governor",
        multiple=True,
        metavar="[DOMAIN=]KIND",
        help=f"Who chooses operating points: {', '.join(GOVERNORS)}. Default: fixed. Repeatable.",
    ),
    click.option(
        "--idle", type=click.Choice(IDLE_POLICIES), help="How idle states are chosen. Default: menu."
    ),
    click.option("--cap", metavar="POWER", help='Average power that slower clocks keep to: "2.5W".'),
    click.option("--ambient", type=float, metavar="CELSIUS", help="Temperature of the air."),
    click.option("--battery", metavar="MAH[:V]", help="Battery: 300:3.7."),
    click.option(
        "--duration", metavar="TIME", help='What to simulate: "10s". Default: ten inferences or more.'
    ),
    click.option(
        "--start",
        type=click.Choice(STARTS),
        help="Temperatures at the begin. Default: steady, or what the scenario says.",
    ),
    click.option(
        "--mode", metavar="FILE[:ID]", help="Take clocks and cores from a power mode of an nvpmodel.conf."
    ),
)

_FILES = (
    click.option("--json", "as_json", is_flag=True, help="Print the forecast as JSON."),
    click.option("--report", type=options.FILE, help="Write the forecast (JSON) to this file."),
    click.option("--csv", "csv_file", type=options.FILE, help="Write power over time by domain (CSV)."),
    click.option("--trace", type=options.FILE, help="Write a Perfetto trace to this file."),
    click.option(
        "--nvpmodel", type=options.FILE, help="Write clocks and cores as a power mode (nvpmodel.conf)."
    ),
    click.option(
        "--opp", type=options.FILE, help="Write operating points and energy model as Linux has them."
    ),
    click.option("--sweep-csv", type=options.FILE, help="With --sweep: write the table (CSV)."),
    click.option("--plot", type=options.FILE, help="With --sweep: draw the curve (.png, .svg, .pdf)."),
)


def _all(decorators: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


@click.command("power")
@click.argument("model", required=False)
@click.option(
    "--on", "platform", required=True, metavar="PLATFORM", help="Name of a preset, or a platform file."
)
@click.option(
    "--scenario", metavar="FILE", help="Instead of MODEL: a file of streams, or a bundled one's name."
)
@_all(_KNOBS)
@click.option(
    "--sweep",
    multiple=True,
    metavar="KNOB=...",
    help="Run along a knob: clock=npu0, clock=npu0:600MHz,1GHz, cores=a76, rate=5,10. Several: a grid.",
)
@click.option(
    "--sensitivity/--no-sensitivity",
    default=None,
    help="Turn each knob by one notch and say what it buys (a run for each). Default: unless --sweep or --scenario.",
)
@click.option("--dtype", help="Number format to run in: int8, fp16, ... Default: the model's own.")
@click.option(
    "--devices",
    "--device",
    "devices",
    callback=options.read_names,
    metavar="A,B",
    help="Use only these devices.",
)
@click.option("--mapper", help="Placement policy.")
@options.set_option
@options.shape_option
@options.model_option
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of every random choice."
)
@_all(_FILES)
@click.option("--quiet", "-q", is_flag=True, help="No words and no bar on stderr.")
def power_command(
    model: str | None,
    platform: str,
    scenario: str | None,
    sweep: Sequence[str],
    sensitivity: bool | None,
    overrides: Sequence[str],
    quiet: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Forecasts power, heat and battery life of MODEL at a rate on a platform.

    \b
    chipcast power mobilenet_v2 --on rk3588 --dtype int8 --rate 15
    chipcast power mobilenet_v2 --on rk3588 --dtype int8 --rate 15 --sweep clock=a76 --plot curve.svg
    chipcast power --scenario heart-rate --on snapdragon-wear-4100-plus
    """
    files = {
        name: given.pop(name)
        for name in ("report", "csv_file", "trace", "nvpmodel", "opp", "sweep_csv", "plot")
    }
    _check(model, scenario, sweep, files, given)
    with DelayedProgress(quiet) as progress:
        if scenario is not None:
            progress.step(f"Running {plain(scenario, 40)}")
            result = power_of_scenario(
                scenario,
                platform,
                read_knobs(**_knobs(given)),
                overrides=overrides,
                devices=given["devices"],
                keep_trace=files["trace"] is not None,
                progress=progress.update,
            )
        else:
            progress.step(f"Reading {plain(model, 40)}")
            shapes, model_options = given.pop("shapes"), given.pop("model_options")
            result = power(
                load_model(str(model), shapes=shapes, model_options=model_options),
                platform,
                **_knobs(given),
                mode=given["mode"],
                dtype=given["dtype"],
                devices=given["devices"],
                mapper=given["mapper"],
                seed=given["seed"],
                overrides=overrides,
                sensitivity=not sweep if sensitivity is None else sensitivity,
                sweep=sweep,
                keep_trace=files["trace"] is not None,
                progress=progress.update,
                step=progress.step,
            )
    _write_files(result, files, quiet)
    for warning in result.report["warnings"]:
        say(f"warning: {one_line(warning)}", quiet)
    if as_json:
        print_json(result.to_json())
    elif sweep:
        print_sweep(result.report)
    else:
        print_forecast(result.report)


def _check(
    model: str | None,
    scenario: str | None,
    sweep: Sequence[str],
    files: Mapping[str, Path | None],
    given: Mapping[str, Any],
) -> None:
    """Mistakes of usage, and files that cannot be written, before a long run."""
    if (model is None) == (scenario is None):
        raise click.UsageError("name a MODEL, or a file of streams with --scenario")
    if scenario is not None:
        refused = ("rate", "period", "duration", "mode", "dtype", "mapper", "shapes", "model_options")
        if flag := next((name for name in refused if given.get(name)), None):
            raise click.UsageError(f"--{flag.replace('_', '-').rstrip('s')} does not go with --scenario")
        if sweep:
            raise click.UsageError("--sweep does not go with --scenario")
    for name in ("sweep_csv", "plot"):
        if files[name] is not None and not sweep:
            raise click.UsageError(f"--{name.replace('_', '-')} needs --sweep")
    for name, path in files.items():
        if path is not None:
            check_writable(path, f"--{name.removesuffix('_file').replace('_', '-')}")
    if files["plot"] is not None:
        check_format(files["plot"])


def _knobs(given: Mapping[str, Any]) -> dict[str, Any]:
    """Options as keyword arguments of `chipcast.power`."""
    same = ("rate", "period", "governor", "idle", "cap", "ambient", "battery", "duration", "start")
    named = {"clocks": "--clock", "cores": "--cores", "loads": "--load", "states": "--state"}
    return {name: given[name] for name in same} | {
        name: assignments(given[name], option) for name, option in named.items()
    }


def _write_files(result: PowerResult, files: Mapping[str, Path | None], quiet: bool) -> None:
    rows = result.report.get("sweep", [])
    writers: dict[str, tuple[str, Callable[[], str | bytes]]] = {
        "report": ("Forecast", lambda: result.to_json() + "\n"),
        "csv_file": ("Power over time", result.to_csv),
        "trace": ("Trace", result.trace_bytes),
        "nvpmodel": ("Power mode", result.nvpmodel_conf),
        "opp": ("Operating points", result.opp_text),
        "sweep_csv": ("Sweep", lambda: sweep_csv(rows)),
    }
    for name, (words, content) in writers.items():
        if (path := files[name]) is not None:
            write_file(path, content())
            say(f"{words}: {path}", quiet)
    if (path := files["plot"]) is not None:
        draw(rows, f"{result.report['name']} on {result.report['platform']}", path)
        say(f"Curve: {path}", quiet)
