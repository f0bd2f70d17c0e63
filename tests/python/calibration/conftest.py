# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calibration.bench import NOISE, TRUTH, Row, platform_document, write
from chipcast.fidelity.forecast import forecast
from chipcast.fidelity.read import read_cases


@pytest.fixture
def platform(tmp_path: Path) -> Path:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(platform_document()), encoding="utf-8")
    return path


@pytest.fixture
def measure(tmp_path: Path) -> Callable[..., list[Row]]:
    """Rows with what the model says at known values, and noise."""

    def measured(some: Sequence[Row], seed: int, truth: Mapping[str, Any] = TRUTH, noise: float = NOISE) -> list[Row]:
        cases = read_cases(write(tmp_path / "truth.csv", some)).cases
        random = np.random.default_rng(seed)
        values = [forecast(case, base=tmp_path, overrides=truth).value for case in cases]
        return [
            {**row, "measured": value * math.exp(random.normal(0.0, noise))}
            for row, value in zip(some, values, strict=True)
        ]

    return measured
