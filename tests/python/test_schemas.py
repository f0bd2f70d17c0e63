# SPDX-License-Identifier: Apache-2.0
"""Schemas and readers come from the same declarations: what one takes, the other takes."""

from __future__ import annotations

import copy
import json
from typing import Any

import chipcast
import jsonschema
import pytest
from chipcast import _core, catalog
from support import ROOT

SCHEMAS: dict[str, Any] = json.loads(_core.schemas())


def validator(name: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(SCHEMAS[name])


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_it_is_a_schema(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize(
    "path", sorted((ROOT / "configs" / "platforms").glob("*.json")), ids=lambda p: p.stem
)
def test_bundled_platform_files_follow_it(path: Any) -> None:
    validator("platform").validate(json.loads(path.read_text()))


@pytest.mark.parametrize("name", catalog.platforms())
def test_resolved_platforms_follow_it(name: str) -> None:
    validator("platform").validate(chipcast.describe(name))


@pytest.mark.parametrize("name", catalog.model_names())
def test_graphs_follow_it(name: str) -> None:
    validator("graph").validate(chipcast.load_model(name).graph)


def test_both_refuse_an_unknown_field() -> None:
    platform = copy.deepcopy(chipcast.describe("rk3588"))
    platform["memories"][next(iter(platform["memories"]))]["nonsense"] = 1
    assert not validator("platform").is_valid(platform)


def test_both_refuse_a_bare_number_for_a_quantity() -> None:
    platform = copy.deepcopy(chipcast.describe("rk3588"))
    platform["always_on"] = 3
    assert not validator("platform").is_valid(platform)
