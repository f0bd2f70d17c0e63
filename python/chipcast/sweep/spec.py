# SPDX-License-Identifier: Apache-2.0
"""What a sweep is, in Python. chipcast.sweep.read makes one of JSON."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from chipcast._core import InputError
from chipcast.catalog import is_file
from chipcast.sweep import expressions, fields, templates
from chipcast.sweep.axes import Axis, Range
from chipcast.sweep.columns import METRICS, RESERVED, SCENARIO_METRICS
from chipcast.sweep.paths import ReportPath
from chipcast.text import plain

if TYPE_CHECKING:
    import pandas as pd

Method = Literal["grid", "random", "latin_hypercube"]
METHODS = ("grid", "random", "latin_hypercube")
MOST_DRAWN = 10_000_000
EVALUATOR = "chipcast.sweep.points:evaluate"


@dataclass(frozen=True)
class Sample:
    """Which points of the space: all of the grid, or `points` of it drawn with `seed`."""

    method: Method = "grid"
    points: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InputError(
                f'sample.method: "{plain(self.method)}" is not known (known: {", ".join(METHODS)})'
            )
        if self.method == "grid" and self.points is not None:
            raise InputError("sample.points: a grid has the points that its axes give; leave it out")
        if self.method != "grid" and not _is_count(self.points, MOST_DRAWN):
            raise InputError(f"sample.points: {self.points} is not a whole number in [1, {MOST_DRAWN}]")
        if not isinstance(self.seed, int) or isinstance(self.seed, bool) or not 0 <= self.seed < 2**63:
            raise InputError(f"sample.seed: {plain(self.seed)} is not a whole number, 0 or more")


@dataclass(frozen=True)
class Limits:
    """Of one point. A point that goes beyond is a failed row; None is no limit."""

    seconds: float | None = 600.0
    memory_bytes: int | None = 8 << 30
    """Address space of the worker process."""
    events: int | None = None

    def __post_init__(self) -> None:
        for name in ("seconds", "memory_bytes", "events"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int | float) and value > 0):
                raise InputError(f"limits.{name}: {plain(value)} is not above zero")


@dataclass(frozen=True)
class Sweep:
    """Points to forecast: networks times platforms times axes."""

    models: Sequence[str]
    platforms: Sequence[str]
    axes: Sequence[Axis] = ()
    set: Mapping[str, Any] = field(default_factory=dict)
    """Fixed fields; texts in them may hold formulas over axes in braces."""
    where: Sequence[str] = ()
    """Conditions between axes. Points that fail one are left out."""
    sample: Sample = Sample()
    points: Sequence[Mapping[str, Any]] | None = None
    """Instead of axes: the points themselves."""
    chosen: Sequence[Mapping[str, Any]] | None = None
    """Of the axes' grid only these points, in this order; as searches ask for them."""
    keep: Mapping[str, str] = field(default_factory=dict)
    """Further columns: name to path in the report."""
    limits: Limits = Limits()
    retries: int = 2
    """How often a point is tried again that took its worker down."""
    area: bool = True
    """Price the silicon of each point; costs about as much as describing the platform."""
    name: str = "sweep"
    base: Path = Path()
    """Folder that relative files are looked for in."""
    evaluator: str = EVALUATOR
    """module:function that workers call with a job."""

    def __post_init__(self) -> None:
        if not self.models and not self.has_scenarios:
            raise InputError("models: none given")
        if not self.platforms:
            raise InputError("platforms: none given")
        if not _is_count(self.retries, 100) and self.retries != 0:
            raise InputError(f"retries: {plain(self.retries)} is not a whole number in [0, 100]")
        if self.points is not None and (self.axes or self.sample != Sample()):
            raise InputError("points: they stand for axes and sample; give one or the other")
        if self.chosen is not None and (self.points is not None or self.sample.method != "grid"):
            raise InputError("chosen: goes with axes alone, not with points or samples")
        self._check_axes()
        self._check_set()
        self._check_where()
        self._check_keep()

    @cached_property
    def all_axes(self) -> tuple[Axis, ...]:
        """With models and platforms as the first where there are several."""
        own = [
            Axis(name, values)
            for name, values in (("model", self.models), ("platform", self.platforms))
            if len(values) > 1
        ]
        return (*own, *self.axes)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of what varies, in the order of the axes."""
        if self.points is not None:
            return tuple(dict.fromkeys(name for point in self.points for name in point))
        return tuple(axis.name for axis in self.all_axes)

    @cached_property
    def has_scenarios(self) -> bool:
        """Whether points may be scenarios, whose files name the networks."""
        named = {name for point in self.points or () for name in point}
        return (
            "scenario" in self.set
            or any("scenario" in (axis.name, *axis.sets) for axis in self.axes)
            or ("scenario" in named)
        )

    @property
    def metrics(self) -> tuple[str, ...]:
        """Columns of the table that forecasts fill."""
        return (*METRICS, *SCENARIO_METRICS) if self.has_scenarios else METRICS

    @cached_property
    def digest(self) -> str:
        """Of all that decides which points there are and in which order."""
        plainly = dataclasses.asdict(
            dataclasses.replace(self, base=Path(), limits=Limits(), retries=2, name="")
        )
        plainly["base"] = str(self.base.resolve())
        return hashlib.sha256(json.dumps(plainly, sort_keys=True, default=str).encode()).hexdigest()

    def file(self, name: str) -> str:
        """A relative file that lies beside the specification, else the name as it is."""
        path = self.base / name
        return str(path.resolve()) if path.suffix and is_file(path) else name

    @classmethod
    def of_frame(cls, frame: pd.DataFrame, **others: Any) -> Sweep:
        """The rows of a pandas frame as points; its columns are fields, as axes are."""
        rows = json.loads(frame.to_json(orient="records", double_precision=15))
        points = [{str(name): value for name, value in row.items() if value is not None} for row in rows]
        return cls(points=points, **others)

    def _check_axes(self) -> None:
        names = [axis.name for axis in self.all_axes]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise InputError(f'axes: "{plain(twice[0])}" stands there twice')
        for axis in self.axes:
            place = f"axes.{plain(axis.name)}"
            for name in axis.sets:
                fields.check_name(name, place)
                for value in () if isinstance(axis.values, Range) else axis.values:
                    fields.check_value(name, value, place)
            if axis.levels is None and self.sample.method == "grid" and self.chosen is None:
                raise InputError(f"{place}: a grid needs steps (or sample: random, latin_hypercube)")
        for name in self.columns if self.points is not None else ():
            fields.check_name(name, "points")

    def _check_set(self) -> None:
        for name, value in self.set.items():
            fields.check_name(name, "set")
            fields.check_value(name, value, "set")
            for formula in templates.formulas(value):
                _within(f"set.{plain(name)}", formula, self.columns)

    def _check_where(self) -> None:
        for number, text in enumerate(self.where):
            place = f"where[{number}]"
            if not isinstance(text, str):
                raise InputError(f"{place}: expected text, got {plain(text, 60)}")
            try:
                formula = expressions.parse(text)
            except InputError as error:
                raise InputError(f"{place}: {error}") from None
            _within(place, formula, self.columns)

    def _check_keep(self) -> None:
        for name, path in self.keep.items():
            if name in (*RESERVED, *self.columns):
                raise InputError(f'keep: "{plain(name)}" is a column already; choose another name')
            try:
                ReportPath.parse(path)
            except InputError as error:
                raise InputError(f"keep.{plain(name)}: {error}") from None


def _within(place: str, formula: expressions.Expression, columns: Sequence[str]) -> None:
    try:
        expressions.check_names(formula, columns)
    except InputError as error:
        raise InputError(f"{place}: {error}") from None


def _is_count(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most
