# SPDX-License-Identifier: Apache-2.0
"""Every network and every public model file on a platform of every kind in every number format (`scripts/validate`);
large networks in int8 and as they are.

A few minutes on two cores, so the name keeps it out of the default run; tests/python/test_models_on_platforms.py holds
the part that always runs.
"""

from __future__ import annotations

from functools import cache

import chipcast
import pytest
from chipcast import catalog
from invariants import check_run
from rows import SHARED
from support import platforms_of_each_kind, refusals_skipped

FILES = sorted(path for suffix in ("onnx", "tflite", "param") for path in SHARED.glob(f"models/*/*.{suffix}"))
MODELS = catalog.model_names() + [str(path) for path in FILES]


@cache
def loaded(model: str) -> chipcast.Model:
    return chipcast.load_model(model)


LARGE_MACS = 5e9


@pytest.mark.parametrize("dtype", ["own", "fp32", "fp16", "bf16", "int16", "int8", "int4"])
@pytest.mark.parametrize("platform", platforms_of_each_kind())
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.rsplit("/", 1)[-1])
def test_run(model: str, platform: str, dtype: str) -> None:
    if loaded(model).totals["macs"] > LARGE_MACS and dtype not in ("own", "int8"):
        pytest.skip("large networks run in their own format and in int8")
    with refusals_skipped():
        result = chipcast.run(loaded(model), platform, dtype=None if dtype == "own" else dtype)
        check_run(result, loaded(model))


def test_public_files_are_here() -> None:
    if not FILES:
        pytest.skip("no public model files: the folder ../shared/models is absent")
