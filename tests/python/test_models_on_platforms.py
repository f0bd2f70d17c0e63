# SPDX-License-Identifier: Apache-2.0
"""Every network on a platform of every kind: finite numbers, invariants of design, nothing lost between graph and
report.

`scripts/validate` runs the same checks in all number formats, and those of large networks.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import chipcast
import pytest
from chipcast import catalog
from invariants import check_run
from support import ROOT, TILE_BUDGET, platforms_of_each_kind, refusals_skipped

SHARED = ROOT.parent / "shared" / "models"
FILES = sorted(path for suffix in ("onnx", "tflite", "param") for path in SHARED.glob(f"*/*.{suffix}"))
FILE_PLATFORMS = "rk3588", "rv1106"
DTYPES = pytest.mark.parametrize("dtype", [None, "int8"], ids=["own", "int8"])


@cache
def loaded(model: str) -> chipcast.Model:
    return chipcast.load_model(model)


LARGE_MACS = 2e9


def usual() -> list[str]:
    return [name for name in catalog.model_names() if loaded(name).totals["macs"] < LARGE_MACS]


@DTYPES
@pytest.mark.parametrize("platform", platforms_of_each_kind())
@pytest.mark.parametrize("name", usual())
def test_bundled_networks(name: str, platform: str, dtype: str | None) -> None:
    with refusals_skipped():
        check_run(chipcast.run(loaded(name), platform, dtype=dtype, tile_budget=TILE_BUDGET), loaded(name))


@pytest.mark.skipif(not FILES, reason="no public model files: the folder ../shared/models is absent")
@DTYPES
@pytest.mark.parametrize("platform", FILE_PLATFORMS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_public_model_files(path: Path, platform: str, dtype: str | None) -> None:
    model = loaded(str(path))
    check_run(chipcast.run(model, platform, dtype=dtype, tile_budget=TILE_BUDGET), model)
