# SPDX-License-Identifier: Apache-2.0
"""What a search may say, and how it is told that it may not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from chipcast import InputError
from chipcast.search import Constraint, read, read_search
from chipcast.search.accuracy.settings import SCALES
from chipcast.search.spec import ALGORITHMS, PROMOTIONS
from chipcast.search.variables import Variables
from chipcast.sweep.jobs import Jobs
from support import ROOT

SCHEMA: dict[str, Any] = json.loads(
    (ROOT / "python/chipcast/search/search.schema.json").read_text(encoding="utf-8")
)
SWEEPS: dict[str, Any] = json.loads(
    (ROOT / "python/chipcast/sweep/sweep.schema.json").read_text(encoding="utf-8")
)
DOCUMENT = ROOT / "docs" / "search.md"
EXAMPLES = sorted((ROOT / "examples" / "search").glob("*.json"))
SPACE: dict[str, Any] = {
    "model": "mlperf_tiny_kws",
    "platform": "rv1106",
    "axes": {"npu.clock": ["300 MHz", "600 MHz"], "precision.fc": ["int8", "int16"]},
}
GOOD: dict[str, Any] = {"space": SPACE, "objectives": {"latency_s": "min"}}


def documented() -> list[str]:
    return re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), flags=re.DOTALL)


def check(document: dict[str, Any]) -> None:
    jsonschema.validate(document, SCHEMA)
    jsonschema.validate(document["space"], SWEEPS)


def test_schema_and_reader_know_the_same_members() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    members = SCHEMA["properties"]
    assert sorted(members) == sorted(read._SPEC)
    assert sorted(members["algorithm"]["oneOf"][1]["properties"]) == sorted(read._ALGORITHM)
    assert sorted(members["fidelity"]["properties"]) == sorted(read._FIDELITY)
    assert sorted(members["accuracy"]["properties"]) == sorted(read._ACCURACY)
    assert SCHEMA["definitions"]["algorithm"]["enum"] == list(ALGORITHMS)
    assert members["fidelity"]["properties"]["promote"]["enum"] == list(PROMOTIONS)
    assert members["accuracy"]["properties"]["scales"]["enum"] == list(SCALES)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_searches(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    check(document)
    search = read_search(path)
    Jobs(search.space)
    assert Variables(search.space).draw(2, [0])


@pytest.mark.parametrize("number", range(len(documented())))
def test_documented_searches_are_searches(number: int) -> None:
    document = json.loads(documented()[number])
    check(document)
    assert Variables(read_search(document).space).draw(1, [0])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"objectives": {}}, "objectives: none given"),
        ({"objectives": {"latency": "min"}}, 'no column "latency" .did you mean'),
        ({"objectives": {"latency_s": "least"}}, 'objectives.latency_s: "least" is not min or max'),
        ({"objectives": {"sqnr_db": "max"}}, 'sqnr_db needs "accuracy"'),
        ({"objectives": {"limited_by": "min"}}, 'no column "limited_by"'),
        ({"objectives": 3}, 'such as {"latency_s": "min"}'),
        ({"constraints": {"area_mm2": {}}}, "constraints.area_mm2: no bound"),
        ({"constraints": {"area_mm2": {"max": "1 parsec"}}}, "constraints.area_mm2.max"),
        ({"constraints": {"area_mm2": {"min": 2, "max": 1}}}, "min 2 is above max 1"),
        ({"constraints": {"area_mm2": {"most": 1}}}, 'unknown member "most"'),
        ({"algorithm": "nsga"}, 'algorithm.name: "nsga" is not known .did you mean'),
        ({"algorithm": {"population": 1}}, "algorithm.population: 1 is not"),
        ({"algorithm": {"name": "protected_nsga3"}}, "protected_nsga3 needs it"),
        ({"algorithm": {"protect": [["energy_j"]]}}, "it goes with protected_nsga3"),
        ({"algorithm": {"name": "grid", "start": [{}]}}, "a grid has all designs anyway"),
        ({"evaluations": 0}, "evaluations: 0 is not"),
        ({"evaluations": "many"}, "evaluations: many is not"),
        ({"seed": -1}, "seed: -1 is not"),
        ({"fidelity": {"promote": "all"}}, 'fidelity.promote: "all" is not known'),
        ({"fidelity": {"keep": 2}}, "fidelity.keep: 2 is not in"),
        ({"fidelity": {"rungs": 2}}, 'fidelity: unknown member "rungs"'),
        ({"accuracy": {"images": 0}}, "accuracy.images: 0 is not"),
        ({"accuracy": {"scales": "best"}}, 'accuracy.scales: "best" is not known'),
        ({"formulas": {"energy_j": "1"}}, "formulas.energy_j: that is a column already"),
        (
            {"formulas": {"edp": "latency_s * energi_j"}},
            'formulas.edp: "latency_s . energi_j": no axis "energi_j"',
        ),
        ({"formulas": {"edp": "import os"}}, "not an expression"),
        ({"reference": {"energy_j": 1}}, "reference: give a value for each objective"),
        ({"space": {**SPACE, "sample": {"points": 3}}}, "leave points and sample out|goes with axes alone"),
        ({"space": {**SPACE, "points": [{}]}}, "space: "),
        ({"space": {**SPACE, "tier": "analytic"}}, "the search chooses the tier"),
        ({"space": {**SPACE, "axes": {}}}, "nothing to search"),
        (
            {"space": {**SPACE, "axes": {"precision.fc": ["int3"]}}},
            "space: axes.precision.fc: int3 is no format",
        ),
        ({"objektives": {}}, 'unknown member "objektives" .did you mean "objectives"'),
    ],
)
def test_slips_are_told_with_their_place(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told) as error:
        read_search({**GOOD, **changes})
    assert "\n" not in str(error.value)


def test_an_accuracy_needs_an_axis_of_formats() -> None:
    space = {**SPACE, "axes": {"npu.clock": ["300 MHz", "600 MHz"]}}
    with pytest.raises(InputError, match="no axis changes a number format"):
        read_search({**GOOD, "space": space, "accuracy": {}})


def test_files_are_told_by_name(tmp_path: Path) -> None:
    for text, told in (
        ("{", "is not JSON"),
        ("[]", "bad.json: search: expected an object"),
        ("NaN", "is no number"),
    ):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(InputError, match=told):
            read_search(tmp_path / "bad.json")
    with pytest.raises(InputError, match="cannot read"):
        read_search(tmp_path / "none.json")


def test_bounds_have_units_and_ends() -> None:
    found = read_search(
        {**GOOD, "constraints": {"latency_s": {"max": "10 ms"}, "area_mm2": {"min": 1, "max": 2}}}
    )
    assert list(found.constraints) == [Constraint("latency_s", None, 0.01), Constraint("area_mm2", 1.0, 2.0)]
    assert found.constraints[0].violation(0.02) == pytest.approx(1.0)
    assert found.constraints[1].violation(1.5) == 0.0
    assert found.constraints[1].violation(0.5) == pytest.approx(0.5)
    assert found.constraints[1].violation(float("nan")) == float("inf")
