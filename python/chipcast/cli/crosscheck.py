# SPDX-License-Identifier: Apache-2.0
"""chipcast crosscheck: forecasts held against native kernels on this machine."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from chipcast.cli import options
from chipcast.cli.progress import DelayedProgress
from chipcast.cli.terminal import print_json, say
from chipcast.model import Model, load_model
from chipcast.text import plain

if TYPE_CHECKING:
    from chipcast.quantization.post_training import Method

METHODS = ("min_max", "min_max_affine", "kl", "easyquant")  # the quantiser's own list takes long to load
CHECKS = ("numbers", "work")

# Options by what reads them; MODEL, --on, --json and --quiet are for all.
OF_PLATFORMS = {"checks": "--check", "dtype": "--dtype", "overrides": "--set", "shapes": "--shape",
                "model_options": "--model-option", "seed": "--seed"}  # fmt: skip
OF_NUMBERS = {"method": "--method", "inputs": "--inputs"}
OF_WORK = {"everything": "--all"}
OF_HOST = {"quick": "--quick"}


@click.command("crosscheck")
@click.argument("model", required=False)
@click.option("--on", "platform", metavar="PLATFORM", help="Name of a preset, or a platform file.")
@click.option("--host", is_flag=True, help="Time instead: this machine's forecast beside its kernels.")
@click.option(
    "--check", "checks", callback=options.read_names, metavar="A,B", help="Of numbers, work; default: both."
)
@click.option("--dtype", help="Number format to run in: int8, fp16, ... Default: the model's own.")
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="easyquant",
    show_default=True,
    help="How a network in floats is quantised for integer devices.",
)
@click.option(
    "--inputs", type=options.FILE, help=".npy or .npz file to compare numbers on. Default: random images."
)
@options.set_option
@options.shape_option
@options.model_option
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of random inputs and operands; weights stay.",
)
@click.option("--all", "everything", is_flag=True, help="Print every count, not only those that differ.")
@click.option(
    "--quick", is_flag=True, help="With --host: a few shapes and networks only, which judge nothing."
)
@options.json_flag
@click.option("--quiet", "-q", is_flag=True, help="No words and no bar on stderr.")
def crosscheck_command(
    model: str | None,
    platform: str | None,
    host: bool,
    checks: list[str] | None,
    dtype: str | None,
    method: Method,
    inputs: Path | None,
    overrides: Sequence[str],
    shapes: dict[str, tuple[int, ...]] | None,
    model_options: dict[str, int | float | str],
    seed: int,
    everything: bool,
    quick: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Holds the forecast of MODEL on a platform against native kernels.

    \b
    numbers  runs the network in the formats of the platform's devices: SQNR, cosine and largest
             error of every layer against fp32; SIMD kernels equal to plain ones where formats are integers
    work     executes the mapped loops tile by tile: counted multiply-accumulates and bytes equal to the
             charged ones

    With --host: time. Predicted beside measured, for operators and whole networks on one thread of this
    machine; --on takes a file of `chipcast calibrate --host`, without it the machine is measured first.

    Exit code 1 where a check fails. An option that the chosen checks do not read is refused.

    \b
    chipcast crosscheck mobilenet_v2 --on rk3588 --dtype int8
    chipcast crosscheck model.tflite --on stm32l4r5 --check numbers --inputs images.npz
    chipcast crosscheck --host
    """
    if host:
        _refuse_given(OF_PLATFORMS | OF_NUMBERS | OF_WORK, "is not read with --host")
        _check_host(model, platform, quick, as_json, quiet)
        return
    _refuse_given(OF_HOST, "is read with --host only")
    if model is None or platform is None:
        raise click.UsageError("give MODEL and --on PLATFORM, or --host")
    unknown = [check for check in checks or () if check not in CHECKS]
    if unknown:
        raise click.BadParameter(
            f'"{plain(unknown[0])}" is none of {", ".join(CHECKS)}', param_hint="--check"
        )
    wanted = checks or list(CHECKS)
    for name, read in (("numbers", OF_NUMBERS), ("work", OF_WORK)):
        if name not in wanted:
            _refuse_given(read, f"is read by --check {name} only")
    common = {"dtype": dtype, "overrides": overrides, "seed": seed}
    with DelayedProgress(quiet) as progress:
        progress.step(f"Reading {plain(model, 40)}")
        loaded = load_model(model, shapes=shapes, model_options=model_options)
        reports: dict[str, Any] = {}
        if "numbers" in wanted:
            reports["numbers"] = _numbers(loaded, platform, progress, method, inputs, common)
        if "work" in wanted:
            reports["work"] = _work(loaded, platform, progress, common)
    if as_json:
        print_json({name: report.to_dict() for name, report in reports.items()})
    else:
        texts = {
            "numbers": lambda report: report.to_text(),
            "work": lambda report: report.to_text(differences_only=not everything),
        }
        click.echo("\n\n".join(texts[name](report) for name, report in reports.items()))
    failed = [name for name, report in reports.items() if report.equal is False]
    if failed:
        raise click.ClickException(f"{' and '.join(failed)}: the kernels and the model disagree")


def _refuse_given(names: dict[str, str], why: str) -> None:
    """Options that the user gave and nobody would read."""
    context = click.get_current_context()
    for name, option in names.items():
        if context.get_parameter_source(name) == ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option} {why}")


def _numbers(
    model: Model,
    platform: str,
    progress: DelayedProgress,
    method: Method,
    inputs: Path | None,
    common: dict[str, Any],
) -> Any:
    from chipcast.crosscheck.numbers import numbers  # numpy and the quantiser take a while to load

    progress.step("Computing in the platform's formats")
    return numbers(model, platform, method=method, inputs=inputs, **common)


def _work(model: Model, platform: str, progress: DelayedProgress, common: dict[str, Any]) -> Any:
    from chipcast.crosscheck.work import work

    progress.step("Counting the mapped loops' work")
    return work(model, platform, progress=progress.update, **common)


def _check_host(model: str | None, platform: str | None, quick: bool, as_json: bool, quiet: bool) -> None:
    from chipcast.crosscheck.time import crosscheck_host

    if model is not None:
        load_model(model)  # a misspelt name is told before minutes of measuring
    with DelayedProgress(quiet) as progress, _calibrated(platform, quick, progress, quiet) as path:
        progress.step("Timing operators and networks")
        report = crosscheck_host(
            path, networks=[model] if model else None, fast=quick, progress=progress.update
        )
    if as_json:
        print_json(report.to_dict())
    else:
        click.echo(report.to_text())
    if quick:
        say("Not judged: --quick fits to a few shapes only", quiet)
    elif not report.passed:
        raise click.ClickException("the median error is larger than asked for; is the machine quiet?")


@contextmanager
def _calibrated(
    platform: str | None, quick: bool, progress: DelayedProgress, quiet: bool
) -> Iterator[str | os.PathLike[str]]:
    """The given platform file, or one that is measured now and thrown away."""
    if platform is not None:
        yield platform
        return
    from chipcast.crosscheck.host import calibrate

    say("Measuring this machine first; keep a file of it with chipcast calibrate --host", quiet)
    with tempfile.TemporaryDirectory() as folder:
        progress.step("Measuring this machine")
        path = Path(folder) / "host.json"
        calibrate(path, fast=quick, progress=progress.update)
        yield path
