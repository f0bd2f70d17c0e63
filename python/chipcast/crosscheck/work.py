# SPDX-License-Identifier: Apache-2.0
"""Is the work that devices are charged for the work that their mapped loops do?"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chipcast import _core
from chipcast.api import Overrides, override_list
from chipcast.catalog import platform_file, search_dirs
from chipcast.model import Model, Shapes, load_model


@dataclass(frozen=True)
class Quantity:
    """One amount of an operator at one level: memory, buffer, array, or the program's commands."""

    level: str
    name: str
    counted: float
    """By executing the mapped loops; 0 where it is not compared."""
    charged: float
    """By the device's cost functions."""
    compared: bool
    """False where the device charges an estimate by design; the note says which."""
    equal: bool
    """In every step that was compared."""
    note: str


@dataclass(frozen=True)
class OpWork:
    """One operator on the device that it was mapped to."""

    op: str
    kind: str
    device: str
    mapping: str
    steps: int
    quantities: tuple[Quantity, ...]
    results: int
    """Values computed through the tiles; 0 where nothing is multiplied."""
    different: int
    """Of these, unlike those of the untiled loops."""
    sampled: bool
    """Arithmetic was executed for some of the results only."""
    equal: bool
    first_difference: str


@dataclass(frozen=True)
class WorkReport:
    """Counted beside charged, for every operator of a network that runs on a device."""

    model: str
    platform: str
    ops: tuple[OpWork, ...]

    @property
    def equal(self) -> bool:
        """Every quantity that was compared, and every value."""
        return all(op.equal for op in self.ops)

    @property
    def compared(self) -> int:
        """Quantities that were compared."""
        return sum(quantity.compared for op in self.ops for quantity in op.quantities)

    @property
    def left_out(self) -> int:
        """Quantities that devices estimate by design."""
        return sum(not quantity.compared for op in self.ops for quantity in op.quantities)

    def to_dict(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "platform": self.platform,
            "equal": self.equal,
            "compared": self.compared,
            "left_out": self.left_out,
            "ops": [asdict(op) for op in self.ops],
        }

    def to_text(self, *, differences_only: bool = False) -> str:
        """A table: operator, device, quantity, counted, charged, equal (none where no row is to be shown). Then the
        verdict, and what was left out and why."""
        rows: list[tuple[str, ...]] = [("operator", "device", "quantity", "counted", "charged", "equal")]
        for op in self.ops:
            rows += [_row(op, q) for q in op.quantities if not (differences_only and q.equal)]
            if op.different or (op.results and not differences_only):
                plain = f"{op.results - op.different:,}"
                rows.append(
                    (op.op, op.device, _values(op), plain, f"{op.results:,}", _word(op.different == 0))
                )
        table = [*_table(rows), ""] if len(rows) > 1 else []
        return "\n".join([f"{self.model} on {self.platform}", *table, *self._summary()])

    def _summary(self) -> list[str]:
        sampled = sum(op.sampled for op in self.ops)
        differ = sum(not op.equal for op in self.ops)
        verdict = "all equal" if self.equal else f"{_counted(differ, 'operator')} differ{'s' * (differ == 1)}"
        compared = f"{_counted(self.compared, 'quantity', 'quantities')} compared"
        lines = [f"work: {verdict} ({_counted(len(self.ops), 'operator')}, {compared})"]
        if sampled:
            one = sampled == 1
            large = "operator is large: some of its" if one else "operators are large: some of their"
            lines.append(f"{sampled:,} {large} results were computed, all transfers counted")
        reasons: dict[str, int] = {}
        for op in self.ops:
            for quantity in op.quantities:
                if not quantity.compared:
                    reasons[quantity.note] = reasons.get(quantity.note, 0) + 1
        lines += [f"{count:,} not compared: {reason}" for reason, count in sorted(reasons.items())]
        lines += [f"{op.op} on {op.device}: {op.first_difference}" for op in self.ops if not op.equal]
        return lines


def work(
    model: str | os.PathLike[str] | Mapping[str, Any] | Model,
    platform: str | os.PathLike[str],
    *,
    dtype: str | None = None,
    devices: Sequence[str] | None = None,
    overrides: Overrides = (),
    shapes: Shapes | None = None,
    model_options: Mapping[str, Any] | None = None,
    mapper: str = _core.DEFAULT_MAPPER,
    most_macs: int | None = None,
    seed: int | None = None,
    progress: Callable[[float], object] | None = None,
) -> WorkReport:
    """Maps `model` onto `platform`, executes every operator's mapped loops on whole numbers, and counts.

    Args:
        model, platform, dtype, devices, overrides, shapes, model_options, mapper: as for `chipcast.run`.
        most_macs: multiply-accumulates of an operator that are executed one by one; of larger ones some results of
            each tile are computed (5,000,000).
        seed: of the operands' values.
        progress: called with the share of operators done; returning False stops, and the report has those so far.

    Raises:
        InputError: the model, the platform or an option is wrong.
    """
    run_options = {"dtype": dtype, "devices": None if devices is None else list(devices), "mapper": mapper}
    work_options = {"most_macs": most_macs, "seed": seed}
    loaded = load_model(model, shapes=shapes, model_options=model_options)
    with platform_file(platform) as path:
        text = _core.work_check(
            str(path),
            search_dirs(path),
            override_list(overrides),
            loaded.graph_json,
            _given(run_options),
            _given(work_options),
            progress,
        )
    return WorkReport(loaded.name, str(platform), tuple(_op(entry) for entry in json.loads(text)))


def _given(options: Mapping[str, Any]) -> str:
    return json.dumps({name: value for name, value in options.items() if value is not None})


def _op(entry: dict[str, Any]) -> OpWork:
    quantities = tuple(Quantity(**quantity) for quantity in entry.pop("quantities"))
    return OpWork(quantities=quantities, **entry)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def _counted(count: int, one: str, several: str = "") -> str:
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def _word(equal: bool) -> str:
    return "yes" if equal else "NO"


def _values(op: OpWork) -> str:
    return "results (sampled)" if op.sampled else "results"


def _row(op: OpWork, quantity: Quantity) -> tuple[str, ...]:
    name = f"{quantity.level} {quantity.name}"
    if not quantity.compared:
        return (op.op, op.device, name, "-", _number(quantity.charged), "not compared")
    return (
        op.op,
        op.device,
        name,
        _number(quantity.counted),
        _number(quantity.charged),
        _word(quantity.equal),
    )


def _table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = list(rows)
    widths = [max(len(row[column]) for row in lines) for column in range(len(lines[0]))]
    numbers = (3, 4)
    return [
        "  ".join(
            cell.rjust(widths[i]) if i in numbers else cell.ljust(widths[i]) for i, cell in enumerate(row)
        ).rstrip()
        for row in lines
    ]
