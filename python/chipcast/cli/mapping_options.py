# SPDX-License-Identifier: Apache-2.0
"""Options about mappings and formats of operators, as every command that maps a network has them."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from chipcast._core import DEFAULT_MAPPER, InputError

F = TypeVar("F", bound=Callable[..., Any])

OBJECTIVES = ("latency", "energy", "edp")
MAX_MAPPING_BYTES = 256 << 20


@dataclass(frozen=True)
class MappingChoices:
    """What a user asked of the mapper."""

    mapper: str
    objective: str
    budget: int | None
    tile_budget: int | None
    split: bool
    fuse: bool
    power_cap: str | None
    memory_cap: str | None
    mapping: dict[str, Any] | None
    precision: dict[str, str] | None = None

    def arguments(self) -> dict[str, Any]:
        """As keyword arguments of `chipcast.run`."""
        return {
            "mapper": self.mapper,
            "objective": self.objective,
            "budget": self.budget,
            "tile_budget": self.tile_budget,
            "split": self.split,
            "fuse": self.fuse,
            "power_cap": self.power_cap,
            "memory_cap": self.memory_cap,
            "mapping": self.mapping,
            "precision": self.precision,
        }


def mapping_options(command: F) -> F:
    """Adds the options; the command takes them as `mapping: MappingChoices`."""

    @functools.wraps(command)
    def gathered(
        *args: Any,
        mapper: str,
        objective: str,
        budget: int | None,
        tile_budget: int | None,
        split: bool,
        fuse: bool,
        power_cap: str | None,
        memory_cap: str | None,
        mapping_file: Path | None,
        precision: tuple[str, ...],
        **others: Any,
    ) -> Any:
        mapping = None if mapping_file is None else read_mapping(mapping_file)
        choices = MappingChoices(
            mapper,
            objective,
            budget,
            tile_budget,
            split,
            fuse,
            power_cap,
            memory_cap,
            mapping,
            read_precision(precision),
        )
        return command(*args, mapping=choices, **others)

    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return gathered  # type: ignore[return-value]


_OPTIONS = (
    click.option(
        "--mapper",
        default=DEFAULT_MAPPER,
        show_default=True,
        help="Placement policy; `chipcast mappers` lists them.",
    ),
    click.option(
        "--objective",
        type=click.Choice(OBJECTIVES),
        default="latency",
        show_default=True,
        help="What the mapping should make least; edp is energy times latency.",
    ),
    click.option(
        "--budget", type=click.IntRange(min=1), help="Schedules that a searching policy may evaluate."
    ),
    click.option(
        "--tile-budget",
        type=click.IntRange(min=1),
        help="Cuts into tiles that the search within one layer may estimate.",
    ),
    click.option(
        "--split/--no-split", default=True, help="Let one layer run on several devices (searching policies)."
    ),
    click.option(
        "--fuse/--no-fuse", default=False, help="Let layers run depth first through a device's own memory."
    ),
    click.option("--power-cap", metavar="POWER", help='Limit on devices that work at the same time, "2 W".'),
    click.option("--memory-cap", metavar="SIZE", help='Limit on the memory that tensors take, "8 MiB".'),
    click.option(
        "--mapping",
        "mapping_file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Follow this mapping (JSON, from --save-mapping), whole or in part.",
    ),
    click.option(
        "--precision",
        multiple=True,
        metavar="LAYERS=FORMAT",
        help="Format of some layers: a name, also with * and ?, or class:conv. Repeatable; the last that fits counts.",
    ),
)


def read_precision(given: Sequence[str]) -> dict[str, str] | None:
    """ "res2*=int4" by pattern. Raises a usage error for what has no "="."""
    found: dict[str, str] = {}
    for text in given:
        pattern, sign, dtype = text.rpartition("=")
        if not (pattern and sign and dtype):
            raise click.BadParameter(
                f'"{text}" is not LAYERS=FORMAT, such as conv1=int16', param_hint="--precision"
            )
        found.pop(pattern, None)
        found[pattern] = dtype
    return found or None


def read_mapping(path: Path) -> dict[str, Any]:
    """A mapping file. Raises InputError where it is none."""
    try:
        if path.stat().st_size > MAX_MAPPING_BYTES:
            raise InputError(f"{path}: larger than {MAX_MAPPING_BYTES >> 20} MiB")
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON: {error}") from error
    if not isinstance(document, dict):
        raise InputError(f"{path}: expected an object, as --save-mapping writes it")
    return document
