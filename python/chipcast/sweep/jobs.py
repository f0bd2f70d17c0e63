# SPDX-License-Identifier: Apache-2.0
"""What a worker is asked for one point, and the key that its result is kept under."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from chipcast import api, catalog
from chipcast._core import InputError
from chipcast.model import SUFFIXES, load_model
from chipcast.sweep import scenarios, templates
from chipcast.sweep.fields import TIERS, Fields
from chipcast.sweep.space import Point
from chipcast.sweep.spec import Sweep
from chipcast.sweep.tool import tool_digest

Job = dict[str, Any]


class Jobs:
    """Makes jobs and keys of a sweep's points. Raises InputError for a network or a platform that is not there."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._digests: dict[tuple[str, str], str] = {}
        for number, model in enumerate(sweep.models):
            self._check(f"models[{number}]", lambda name=model: self._network(name, {}))
        for number, platform in enumerate(sweep.platforms):
            self._check(f"platforms[{number}]", lambda name=platform: self._platform(name))

    @cached_property
    def sweep_key(self) -> str:
        """Of the sweep as it stands, its files and Chipcast itself: the table has no rows of an earlier version."""
        files = [self._network(name, {}) for name in self._sweep.models]
        files += [self._platform(name) for name in self._sweep.platforms]
        return _digest(json.dumps([self._sweep.digest, tool_digest(), *files]))

    def job(self, point: Point) -> Job:
        """Raises InputError for a point that cannot be run, by its values alone."""
        if point.problem:
            raise InputError(point.problem)
        sweep = self._sweep
        fields = Fields(model=sweep.models[0] if sweep.models else "", platform=sweep.platforms[0])
        fields.put_all({name: templates.fill(value, point.values) for name, value in sweep.set.items()})
        targets = {axis.name: axis.sets for axis in sweep.all_axes}
        for name, value in point.values.items():
            for target in targets.get(name, (name,)):
                fields.put(target, value)
        if fields.tier not in TIERS:
            raise InputError(f'tier: "{fields.tier}" is not known (known: {", ".join(TIERS)})')
        if sweep.limits.events is not None:
            fields.options.setdefault("max_events", sweep.limits.events)
        if fields.scenario:
            scenarios.check_name(fields.scenario, sweep.base)
        elif not fields.model:
            raise InputError("model: none given, and no scenario")
        job = {
            "model": self._sweep.file(fields.model) if fields.model else "",
            "platform": self._sweep.file(fields.platform),
            "tier": fields.tier,
            "options": fields.options,
            "model_options": fields.model_options,
            "overrides": fields.overrides,
            "keep": dict(sweep.keep),
            "area": sweep.area,
        }
        if fields.scenario:
            job["scenario"] = scenarios.resolved(fields.scenario, sweep.base)
        return job

    def key(self, job: Job) -> str:
        """SHA-256 of the resolved platform and what is set in it, the network, the options with their seed, what is
        kept, and of Chipcast itself."""
        parts = {
            **job,
            "model": self._network(job["model"], job["model_options"]) if job["model"] else "",
            "platform": self._platform(job["platform"]),
            "overrides": list(job["overrides"].items()),
            "options": {"seed": 0, **job["options"], **_in_order(job["options"])},
            "evaluator": self._sweep.evaluator,
            "tool": tool_digest(),
        }
        if "scenario" in job:
            parts["scenario"] = scenarios.digest(job["scenario"], self._network)
        return _digest(json.dumps(parts, sort_keys=True))

    def key_of_problem(self, point: Point, problem: str) -> str:
        """Of a point that no job can be made of."""
        return _digest(json.dumps(["problem", self.sweep_key, point.index, problem]))

    def _check(self, place: str, find: Any) -> None:
        try:
            find()
        except InputError as error:
            raise InputError(f"{place}: {error}") from None

    def _network(self, model: str, options: Mapping[str, Any]) -> str:
        slot = model, json.dumps(options, sort_keys=True, default=str)
        if slot not in self._digests:
            path = Path(self._sweep.file(model))
            if path.suffix.lower() in SUFFIXES and catalog.is_file(path):
                self._digests[slot] = hashlib.sha256(path.read_bytes()).hexdigest()
            else:
                self._digests[slot] = self._zoo(model, options)
        return self._digests[slot]

    def _zoo(self, model: str, options: Mapping[str, Any]) -> str:
        if options:
            self._network(model, {})  # a wrong name is everybody's mistake
        try:
            return _digest(load_model(model, model_options=options).graph_json)
        except InputError as error:
            if not options:
                raise
            return _digest(f"{model}{json.dumps(options, default=str)}{error}")  # the worker says so

    def _platform(self, platform: str) -> str:
        slot = "platform", platform
        if slot not in self._digests:
            path = catalog.find_platform(self._sweep.file(platform))
            try:
                text = json.dumps(api.describe(path), sort_keys=True)
            except InputError:  # it may need what the points set
                text = path.read_text(encoding="utf-8", errors="replace")
            self._digests[slot] = _digest(text)
        return self._digests[slot]


def _in_order(options: Mapping[str, Any]) -> dict[str, Any]:
    """Of patterns the last that fits counts: their order is part of what is asked."""
    precision = options.get("precision")
    return {"precision": list(precision.items())} if isinstance(precision, Mapping) else {}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
