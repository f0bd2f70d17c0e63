# SPDX-License-Identifier: Apache-2.0
"""Every network on every platform: finite numbers, invariants of design, nothing lost between graph and report."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import chipcast
import pytest
from chipcast import catalog
from support import ROOT

SHARED = ROOT.parent / "shared" / "models"
FILES = sorted(path for suffix in ("onnx", "tflite", "param") for path in SHARED.glob(f"*/*.{suffix}"))
PLATFORMS = catalog.platforms()


@cache
def loaded(model: str) -> chipcast.Model:
    return chipcast.load_model(model)


def check(result: chipcast.Result, model: chipcast.Model) -> None:
    """What must hold for each run."""
    totals = result.report["totals"]
    assert all(
        math.isfinite(totals[key]) and totals[key] > 0 for key in ("latency_s", "energy_j", "traffic_bytes")
    )
    assert 0 < result.analytic_latency_s <= result.latency_s
    assert math.fsum(result.report["energy"]["by_component"].values()) == pytest.approx(
        result.energy_j, rel=1e-9
    )
    assert math.fsum(result.report["energy"]["by_action"].values()) == pytest.approx(
        result.energy_j, rel=1e-9
    )
    assert result.macs == model.totals["macs"] == sum(op["macs"] for op in result.ops)
    assert sum(device["macs"] for device in result.devices) == result.macs
    moved = sum(memory["read_bytes"] + memory["written_bytes"] for memory in result.memories)
    assert moved == result.traffic_bytes == sum(op["traffic_bytes"] for op in result.ops)
    for op in result.ops:
        if op["traffic_bytes"] or op["macs"]:
            assert op["end_s"] > op["start_s"] and op["energy_j"] > 0, op


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("name", catalog.model_names())
def test_bundled_networks(name: str, platform: str) -> None:
    check(chipcast.run(loaded(name), platform, dtype="int8"), loaded(name))


@pytest.mark.skipif(not FILES, reason="no public model files: the folder ../shared/models is absent")
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_public_model_files(path: Path, platform: str) -> None:
    model = loaded(str(path))
    check(chipcast.run(model, platform), model)
