# SPDX-License-Identifier: Apache-2.0
"""What a person reads of a search."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from chipcast.summary import Column, Table
from chipcast.sweep.fields import PRECISION
from chipcast.sweep.names import short_names
from chipcast.text import percent, plain, quantity

if TYPE_CHECKING:
    from chipcast.search import Promotion, Record, SearchResult

_MOST_STEPS = 12
_MOST_DESIGNS = 40
_MOST_FORMATS = 6
_UNITS = {"_s": "s", "_j": "J", "_w": "W"}


def steps_table(result: SearchResult) -> Table:
    """Hypervolume over evaluations, as a share of the last."""
    steps = result.history()
    every = max(1, -(-len(steps) // _MOST_STEPS))
    shown = [step for place, step in enumerate(steps) if (place + 1) % every == 0 or place + 1 == len(steps)]
    last = steps[-1].hypervolume if steps else 0.0
    rows = [
        [f"{step.evaluations:,}", percent(step.hypervolume / last) if last else "–", str(step.front)]
        for step in shown
    ]
    columns = [_column("Evaluations"), _column("Hypervolume, of this run's last"), _column("On the front")]
    return Table(plain(result.search.name), columns, rows)


def promotion_table(done: Promotion) -> Table:
    rows = [
        ["screened by the analytic tier", f"{done.screened:,}"],
        ["confirmed by SystemC", f"{done.confirmed:,}"],
        ["left out: their bound is beaten", f"{done.dominated:,}"],
        ["left out: their bound breaks a constraint", f"{done.out_of_bounds:,}"],
        ["SystemC runs saved", percent(done.saved)],
    ]
    if done.audited:
        rows.append(["audited", f"{done.audited:,}, {done.audit_on_front} of them on the front"])
        unknown = "not known: none of those audited keeps the constraints"
        rows.append(["regret", unknown if done.regret is None else percent(done.regret)])
    return Table("Promotion", [_column("", numeric=False), _column("Designs")], rows)


def front_table(result: SearchResult) -> Table:
    """The front, best first in the first objective; of a long one every so many."""
    front = result.front
    every = max(1, -(-len(front) // _MOST_DESIGNS))
    every_axis = [axis.name for axis in result.search.space.all_axes]
    formats = [name for name in every_axis if name.startswith(PRECISION)]
    formats = formats if len(formats) > _MOST_FORMATS else []
    axes = [name for name in every_axis if name not in formats]
    names = [each.column for each in result.search.objectives]
    names += [each.column for each in result.search.constraints if each.column not in names]
    columns = [
        _column("Design"),
        *(_column(title, numeric=False) for title in short_names(axes)),
        *([_column("Layers", numeric=False)] if formats else []),
        *(_column(name) for name in names),
    ]
    numbers = {id(record): number for number, record in enumerate(result.records)}
    rows = [
        [
            str(numbers[id(record)]),
            *(_text(record.values.get(name)) for name in axes),
            *([_mixture(record, formats)] if formats else []),
            *(_figure(record, name) for name in names),
        ]
        for record in front[::every]
    ]
    return Table(f"Front ({len(rows)} of {len(front)})", columns, rows)


def _mixture(record: Record, formats: list[str]) -> str:
    """ "4 int4, 25 int8": how many layers, or groups of them, have which format."""
    counts = Counter(_text(record.values.get(name)) for name in formats)
    return ", ".join(f"{counts[name]} {name}" for name in sorted(counts, key=lambda name: (len(name), name)))


def _column(title: str, numeric: bool = True) -> Column:
    return Column(title, lambda row: "", numeric=numeric, wraps=not numeric)


def _figure(record: Record, name: str) -> str:
    value = record.columns.get(name)
    if not isinstance(value, int | float):
        return "–"
    if name.endswith("_db"):
        return f"{value:.1f} dB"
    if name.endswith("_mm2"):
        return f"{value:.3g} mm²"
    unit = next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), None)
    return f"{value:.4g}" if unit is None else quantity(float(value), unit)


def _text(value: Any) -> str:
    if value is None:
        return "–"
    return plain(value if isinstance(value, str) else json.dumps(value), 40)
