# SPDX-License-Identifier: Apache-2.0
"""chipcast calibrate: free parameters of a platform fitted to measurements, or this machine measured as a platform."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from chipcast.cli import options
from chipcast.cli.progress import DelayedProgress
from chipcast.cli.terminal import check_writable, print_json, say, stdout
from chipcast.text import one_line

if TYPE_CHECKING:
    from chipcast.calibration import Calibration

OF_DATA = {
    "device": "--device", "parameters": "--parameter", "shared": "--shared", "cross_validate": "--cross-validate",
    "noise": "--noise", "tolerance": "--tolerance", "reduce": "--reduce", "force": "--force", "jobs": "--jobs",
}  # fmt: skip
OF_HOST = {"threads": "--threads", "quick": "--quick"}


@click.command("calibrate")
@click.argument("platforms", nargs=-1, metavar="[PLATFORM]...")
@click.option("--data", type=options.FILE, help="CSV file of measurements; columns as for `chipcast validate`.")
@click.option("--host", is_flag=True, help="Measure this machine instead.")
@click.option("--device", help="Only parameters of this core or engine, and rows that ran on it: a72, npu.")
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="PATH",
    help="Fit only this one: a72.profile.operator_overhead, or the end of it. Repeatable. Default: all that are "
    "marked as free.",
)
@click.option(
    "--shared",
    is_flag=True,
    help="Over all given platforms (none: all of the file), parameters of one group are one quantity.",
)
@click.option(
    "--cross-validate",
    type=click.Choice(("network", "chip")),
    help="Also leave out each network or chip in turn, and say the error on what the fit did not see.",
)
@click.option(
    "--noise",
    type=float,
    default=0.03,
    show_default=True,
    help="Relative error of the measurements themselves.",
)
@click.option(
    "--tolerance",
    type=float,
    default=0.25,
    show_default=True,
    help="Typical error above which a chip's rows are said not to fit.",
)
@click.option("--reduce", is_flag=True, help="Fit what the data can carry instead of refusing.")
@click.option("--force", is_flag=True, help="Write the overlay even where the measurements do not fit.")
@click.option(
    "--output",
    "-o",
    type=options.FILE,
    help="Overlay of the platform; with several platforms, a folder for them. With --host: host.json by default.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=lambda: os.cpu_count() or 1,
    show_default="processors",
    help="Forecasts at a time.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="With --host: cores of the device.",
)
@click.option("--quick", is_flag=True, help="With --host: seconds instead of a minute, and a rougher fit.")
@options.json_flag
@click.option("--quiet", "-q", is_flag=True, help="No words and no bar on stderr.")
def calibrate_command(
    platforms: Sequence[str],
    data: Path | None,
    host: bool,
    device: str | None,
    parameters: Sequence[str],
    shared: bool,
    cross_validate: str | None,
    noise: float,
    tolerance: float,
    reduce: bool,
    force: bool,
    output: Path | None,
    jobs: int,
    threads: int,
    quick: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Fits the free parameters of PLATFORM to measurements, with intervals; or measures this machine.

    Writes a small overlay that stands for the platform from then on. Exit code 1 where the measurements do not fit
    the model; 3 where they cannot carry so many parameters.

    \b
    chipcast calibrate rk3399 --data measured.csv --cross-validate network -o my_rk3399.json
    chipcast run mobilenet_v2 --on my_rk3399.json
    chipcast calibrate --host -o host.json
    """
    if host == (data is not None):
        raise click.UsageError("give PLATFORM and --data FILE.csv, or --host")
    if host:
        _refuse_given(OF_DATA, "is not read with --host")
        if platforms:
            raise click.UsageError("PLATFORM is not read with --host")
        _host(output or Path("host.json"), threads, quick, as_json, quiet)
        return
    _refuse_given(OF_HOST, "is read with --host only")
    if not platforms and not shared:
        raise click.UsageError("give PLATFORM, or --shared for all platforms of the file")
    assert data is not None
    if output is not None and output.suffix == ".json":
        check_writable(output, "--output")
    from chipcast.calibration import Options, calibrate  # SciPy takes a while to load

    with DelayedProgress(quiet) as progress:
        found = calibrate(
            platforms,
            data,
            Options(
                device=device,
                parameters=parameters,
                shared=shared,
                cross_validate=cross_validate,
                noise=noise,
                tolerance=tolerance,
                reduce=reduce,
                jobs=jobs,
                progress=progress.update,
                step=progress.step,
            ),
        )
    _tell(found, output, force, as_json, quiet)


def _tell(found: Calibration, output: Path | None, force: bool, as_json: bool, quiet: bool) -> None:
    from chipcast.calibration.text import print_calibration

    for case, why in found.left_out.items():
        say(f"left out: {one_line(case)}: {one_line(why)}", quiet)
    written = output is not None and (found.fits or force)
    if output is not None and written:
        for path in found.write(output, force):
            say(f"Overlay: {path}", quiet)
    if as_json:
        print_json(found.to_json())
    else:
        print_calibration(stdout(), found)
    if not found.fits:
        words = "; ".join(found.disagreements)
        told = "no overlay was written (--force writes one)" if output is not None and not written else ""
        raise click.ClickException(f"the measurements do not fit: {words}{'; ' + told if told else ''}")


def _host(output: Path, threads: int, quick: bool, as_json: bool, quiet: bool) -> None:
    from chipcast.crosscheck.host import calibrate

    check_writable(output, "--output")
    with DelayedProgress(quiet) as progress:
        progress.step("Measuring this machine")
        found = calibrate(output, threads=threads, fast=quick, progress=progress.update)
    say(f"Platform: {output}", quiet)
    if as_json:
        print_json(found.to_dict())
    else:
        click.echo(found.to_text())


def _refuse_given(names: dict[str, str], why: str) -> None:
    """Options that the user gave and nobody would read."""
    context = click.get_current_context()
    for name, option in names.items():
        if context.get_parameter_source(name) == ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option} {why}")
