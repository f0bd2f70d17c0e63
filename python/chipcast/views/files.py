# SPDX-License-Identifier: Apache-2.0
"""The pictures that fit a table, as files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from chipcast._core import InputError
from chipcast.text import plain
from chipcast.views.curves import curve
from chipcast.views.designs import Designs, Source, designs_of
from chipcast.views.figures import View, check_matplotlib
from chipcast.views.hypervolume import hypervolume
from chipcast.views.objectives import Objectives, choose_objectives, usual
from chipcast.views.parallel import parallel
from chipcast.views.pareto import pareto

_MOST_DRAWN_AXES = 10


def write_views(
    source: Source,
    folder: str | os.PathLike[str],
    objectives: Objectives | None = None,
    *,
    drawn: bool = False,
) -> list[Path]:
    """Writes pictures (SVG) and beside each the numbers that it shows (CSV); says which files.

    The front where there are two objectives or more; parallel coordinates where two axes or more were varied; each
    objective over the axis where one was; the hypervolume over evaluations where `drawn` says that the order of the
    points tells something: of a search, or of a sample.

    Raises InputError for objectives that are not there, where nothing fits, or where the folder cannot be written.
    """
    check_matplotlib()
    target = make_folder(folder)
    written = []
    for name, view in _fitting(designs_of(source), objectives, drawn):
        written += write_view(view, target / name)
    if not written:
        raise InputError("plots: nothing to show; it takes two objectives, or an axis that was varied")
    return written


def write_view(view: View, stem: Path) -> list[Path]:
    """`stem`.svg and `stem`.csv."""
    picture = view.save(stem.with_name(f"{stem.name}.svg"))
    numbers = stem.with_name(f"{stem.name}.csv")
    view.data.to_csv(numbers, index=False, lineterminator="\n")
    return [picture, numbers]


def make_folder(folder: str | os.PathLike[str]) -> Path:
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f'--plots: cannot make the folder "{plain(target)}": {error.strerror}') from None
    if not os.access(target, os.W_OK):
        raise InputError(f'--plots: "{plain(target)}" is not writable')
    return target


def _fitting(designs: Designs, given: Objectives | None, drawn: bool) -> Iterator[tuple[str, View]]:
    named = given or designs.goals
    objectives = choose_objectives(designs, named) if named else usual(designs)
    varied = designs.varied()
    if len(objectives) > 1:
        yield "pareto", pareto(designs, objectives)
    if objectives and len(varied) > 1:
        yield "parallel", parallel(designs, objectives, axes=varied[:_MOST_DRAWN_AXES])
    if len(varied) == 1:
        for each in objectives:
            yield f"{each.column}", curve(designs, varied[0], each.column)
    if drawn and len(objectives) > 1:
        yield "hypervolume", hypervolume(designs, objectives)
