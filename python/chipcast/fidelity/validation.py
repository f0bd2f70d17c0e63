# SPDX-License-Identifier: Apache-2.0
"""All cases of some files beside their forecasts."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.fidelity.case import USES, Case
from chipcast.fidelity.journal import Journal, key_of
from chipcast.fidelity.outcome import Found, Outcome
from chipcast.fidelity.platforms import overlaid, overlay_of, same_platform
from chipcast.fidelity.pool import answers
from chipcast.fidelity.read import RowError, read_cases
from chipcast.fidelity.statistics import Statistics, statistics_of

Paths = Sequence[str | os.PathLike[str]]


@dataclass(frozen=True)
class Choice:
    """Which cases are run. Empty: all."""

    use: str = "all"
    """calibrate, score or all."""
    families: tuple[str, ...] = ()
    """Beginnings of family names: "cpu", "npu int8"."""
    platforms: tuple[str, ...] = ()
    """As rows spell them, or any other name of the same chip."""


@dataclass(frozen=True)
class Validation:
    outcomes: tuple[Outcome, ...]
    """In the order of the files."""
    errors: tuple[RowError, ...]
    """Rows that no forecast could be made for."""
    warnings: tuple[str, ...] = ()
    resumed: int = 0
    """Rows whose forecasts came from the journal."""

    @property
    def summary(self) -> Statistics:
        return statistics_of(self.outcomes)

    @property
    def families(self) -> dict[str, Statistics]:
        return self.by(lambda outcome: outcome.family)

    @property
    def platforms(self) -> dict[str, Statistics]:
        return self.by(lambda outcome: outcome.case.platform)

    def by(self, key: Callable[[Outcome], str]) -> dict[str, Statistics]:
        """Statistics of groups, by name."""
        groups: dict[str, list[Outcome]] = {}
        for outcome in self.outcomes:
            groups.setdefault(key(outcome), []).append(outcome)
        return {name: statistics_of(groups[name]) for name in sorted(groups)}

    def to_dict(self) -> dict[str, Any]:
        """As validation.schema.json describes it. Errors are shares: 0.12 is 12 %."""
        return {
            "format": "chipcast-validation",
            "version": 1,
            "summary": self.summary.to_dict(),
            "families": {name: each.to_dict() for name, each in self.families.items()},
            "platforms": {name: each.to_dict() for name, each in self.platforms.items()},
            "cases": [_case(outcome) for outcome in self.outcomes],
            "errors": [asdict(error) for error in self.errors],
            "warnings": list(self.warnings),
        }


def _case(outcome: Outcome) -> dict[str, Any]:
    return {
        **asdict(outcome.case),
        "predicted": outcome.found.predicted,
        "ape": outcome.ape,
        "error": outcome.error,
        "family": outcome.family,
        "network": outcome.found.network,
        "computed_in": outcome.dtype,
        "warnings": list(outcome.found.warnings),
        "limited_by": outcome.found.limited_by,
        "operator_classes": dict(outcome.found.classes),
    }


@dataclass(frozen=True)
class _Job:
    case: Case
    line: int
    file: Path
    base: Path
    platform: Path | None
    """Used instead of the case's."""
    key: str


@dataclass
class _State:
    found: dict[int, Found] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)


def validate(
    paths: Paths,
    *,
    choice: Choice | None = None,
    jobs: int | None = None,
    journal: str | os.PathLike[str] | None = None,
    fresh: bool = False,
    overrides: Mapping[str, Any] | None = None,
    overlays: Paths = (),
    progress: Callable[[float], object] | None = None,
) -> Validation:
    """Forecasts every case of the files, in worker processes.

    Args:
        paths: CSV files of cases.
        choice: which cases.
        jobs: worker processes; None: as many as processors.
        journal: file of forecasts made before, which are not made again; None keeps none.
        fresh: throw away what the journal has.
        overrides: changes to every platform, as `chipcast.run` takes them.
        overlays: platform files that are used instead of those that they extend (`chipcast calibrate` writes such).
        progress: called with the fraction done.

    A row that cannot be forecast is an entry of `errors`, the others run. Throws InputError for a file that is none,
    and for an unknown `use`.
    """
    choice = choice or Choice()
    if choice.use not in (*USES, "all"):
        raise InputError(f'use: "{choice.use}" is none of {", ".join(USES)}, all')
    changes = dict(overrides or {})
    todo, errors, warnings = _jobs([Path(path) for path in paths], choice, changes, overlaid(overlays))
    notes = Journal(None if journal is None else Path(journal), fresh)
    state = _State()
    for index, job in enumerate(todo):
        if (known := notes.get(job.key)) is not None:
            state.found[index] = known
    resumed = len(state.found)
    _run(todo, state, notes, jobs or os.cpu_count() or 1, changes, progress)
    errors += [_row_error(todo[index], message) for index, message in sorted(state.failed.items())]
    outcomes = [Outcome(todo[index].case, found) for index, found in sorted(state.found.items())]
    return Validation(
        tuple(each for each in outcomes if _of_family(each, choice)), tuple(errors), tuple(warnings), resumed
    )


def _row_error(job: _Job, message: str) -> RowError:
    return RowError(job.line, job.case.case, f"{job.file.name}: line {job.line}: {message}")


def _jobs(
    paths: Sequence[Path], choice: Choice, overrides: Mapping[str, Any], overlays: dict[Path, Path]
) -> tuple[list[_Job], list[RowError], list[str]]:
    todo: list[_Job] = []
    errors: list[RowError] = []
    warnings: list[str] = []
    for path in paths:
        read = read_cases(path)
        errors += [replace(error, message=f"{path.name}: {error.message}") for error in read.errors]
        warnings += read.warnings
        base = path.resolve().parent
        for case, line in zip(read.cases, read.lines, strict=True):
            if _wanted(case, choice, base):
                platform = overlay_of(case.platform, base, overlays)
                key = key_of(case, base, overrides, platform)
                todo.append(_Job(case, line, path, base, platform, key))
    return todo, errors, warnings


def _wanted(case: Case, choice: Choice, base: Path) -> bool:
    if choice.use != "all" and case.use != choice.use:
        return False
    return not choice.platforms or any(same_platform(case.platform, each, base) for each in choice.platforms)


def _of_family(outcome: Outcome, choice: Choice) -> bool:
    return not choice.families or outcome.family.startswith(choice.families)


def _run(
    todo: Sequence[_Job],
    state: _State,
    notes: Journal,
    jobs: int,
    overrides: Mapping[str, Any],
    progress: Callable[[float], object] | None,
) -> None:
    """What the journal does not have; equal cases once (a latency and an energy of one run are two)."""
    same: dict[str, list[int]] = {}
    for index, job in enumerate(todo):
        if index not in state.found:
            same.setdefault(job.key, []).append(index)
    # Cases of a network together: a worker keeps the networks that it has read.
    order = sorted(same.values(), key=lambda indices: (todo[indices[0]].case.workload, indices[0]))
    requests = [_request(todo[indices[0]], overrides) for indices in order]
    done = len(todo) - sum(map(len, order))
    with closing(answers(requests, jobs)) as every:
        for number, answer in every:
            for index in order[number]:
                if "found" in answer:
                    state.found[index] = Found(**answer["found"])
                else:
                    state.failed[index] = answer["error"]
            if "found" in answer:
                notes.put(todo[order[number][0]].key, answer["found"])
            done += len(order[number])
            if progress is not None:
                progress(done / len(todo))


def _request(job: _Job, overrides: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "case": asdict(job.case),
        "base": str(job.base),
        "overrides": overrides,
        "platform": None if job.platform is None else str(job.platform),
    }
