# SPDX-License-Identifier: Apache-2.0
"""The schema of sweeps says what the reader takes, and the documentation shows what runs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from chipcast import InputError
from chipcast.sweep import Space, read, read_sweep
from support import ROOT

SCHEMA: dict[str, Any] = json.loads(
    (ROOT / "python/chipcast/sweep/sweep.schema.json").read_text(encoding="utf-8")
)
DOCUMENT = ROOT / "docs" / "sweeps.md"


def documented() -> list[str]:
    return re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_schema_and_reader_know_the_same_members() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    members = SCHEMA["properties"]
    assert sorted(members) == sorted(read._SPEC)
    assert sorted(members["sample"]["properties"]) == sorted(read._SAMPLE)
    assert sorted(members["limits"]["properties"]) == sorted(read._LIMITS)
    axis = {name for kind in ("range", "listed") for name in SCHEMA["definitions"][kind]["properties"]}
    assert sorted(axis) == sorted(read._AXIS)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "examples" / "sweeps").glob("*.json")), ids=lambda path: path.stem
)
def test_examples_are_as_the_schema_says(path: Path) -> None:
    jsonschema.validate(json.loads(path.read_text()), SCHEMA)


@pytest.mark.parametrize("number", range(len(documented())))
def test_documented_sweeps_are_sweeps(number: int) -> None:
    document = json.loads(documented()[number])
    jsonschema.validate(document, SCHEMA)
    assert Space(read_sweep(document)).first(1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": "m"},
        {"model": "m", "models": ["m"], "platform": "p"},
        {"model": "m", "platform": "p", "axes": {"npu.a": 3}},
        {"model": "m", "platform": "p", "axes": {"npu.a": {"from": 3}}},
        {"model": "m", "platform": "p", "sample": {"points": 0}},
        {"model": "m", "platform": "p", "mode": 1},
    ],
)
def test_both_refuse(wrong: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)
    with pytest.raises(InputError):
        read_sweep(wrong)
