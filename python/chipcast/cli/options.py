# SPDX-License-Identifier: Apache-2.0
"""Options that several subcommands share, and how their text is read."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

FILE = click.Path(dir_okay=True, path_type=Path)


def workers(command: F) -> F:
    """--jobs, --engine, --scheduler: who runs the points of sweeps and searches."""
    for option in (
        click.option(
            "--scheduler",
            metavar="ADDRESS",
            help="With --engine dask: tcp://HOST:PORT, or a scheduler file. "
            "Default: a cluster of --jobs processes here.",
        ),
        click.option(
            "--engine",
            type=click.Choice(("local", "dask")),
            default="local",
            show_default=True,
            help="Where points run: processes here, or the workers of a Dask cluster.",
        ),
        jobs,
    ):
        command = option(command)
    return command


def jobs(command: F) -> F:
    return click.option(
        "--jobs", type=click.IntRange(min=1), help="Worker processes. Default: one per processor."
    )(command)


def json_flag(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(command)


def set_option(command: F) -> F:
    return click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="PATH=VALUE",
        help='Change the platform: npu0.launch="4 us", lpddr4x.channels=2. Repeatable.',
    )(command)


def shape_option(command: F) -> F:
    return click.option(
        "--shape",
        "shapes",
        multiple=True,
        metavar="INPUT=1,3,224,224",
        callback=_read_shapes,
        help="Shape of an input that the model file leaves open. Repeatable.",
    )(command)


def model_option(command: F) -> F:
    return click.option(
        "--model-option",
        "model_options",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_read_assignments,
        help="Variant of a bundled network: batch=4, width=0.5, resolution=160, sequence_length=64. Repeatable.",
    )(command)


def _read_assignments(
    ctx: click.Context, param: click.Parameter, values: Sequence[str]
) -> dict[str, int | float | str]:
    return dict(_read_assignment(value) for value in values)


def _read_assignment(text: str) -> tuple[str, int | float | str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise click.BadParameter(f'"{text}" is not NAME=VALUE; for example width=0.5')
    for number in (int, float):
        with contextlib.suppress(ValueError):
            read = number(value)
            return (name, read) if math.isfinite(read) else (name, value)
    return name, value


def _read_shapes(
    ctx: click.Context, param: click.Parameter, values: Sequence[str]
) -> dict[str, tuple[int, ...]] | None:
    return dict(_read_shape(value) for value in values) or None


def _read_shape(text: str) -> tuple[str, tuple[int, ...]]:
    name, equals, sizes = text.rpartition("=")
    try:
        shape = tuple(int(size) for size in sizes.replace("x", ",").split(","))
    except ValueError:
        shape = ()
    if not (name and equals and shape and all(size > 0 for size in shape)):
        raise click.BadParameter(f'"{text}" is not NAME=SIZE,SIZE,...; for example input=1,3,224,224')
    return name, shape


def read_names(ctx: click.Context, param: click.Parameter, value: str | None) -> list[str] | None:
    """a,b → ["a", "b"]"""
    if value is None:
        return None
    names = [name.strip() for name in value.split(",") if name.strip()]
    if not names:
        raise click.BadParameter("expected names separated by commas")
    return names
