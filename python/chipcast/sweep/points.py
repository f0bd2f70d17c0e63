# SPDX-License-Identifier: Apache-2.0
"""What a worker does with a job: a forecast of one inference, or of a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chipcast.sweep.evaluate import evaluate as one_inference


def evaluate(job: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of the point. Raises what makes it invalid or failed."""
    if not job.get("scenario"):
        return one_inference(job)
    from chipcast.sweep.scenarios import evaluate as scenario

    return scenario(job)
