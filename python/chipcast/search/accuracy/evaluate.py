# SPDX-License-Identifier: Apache-2.0
"""One mixture of formats in a worker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from chipcast.model import load_model
from chipcast.search.accuracy.network import RoundedNetwork
from chipcast.search.accuracy.settings import Accuracy

EVALUATOR = "chipcast.search.accuracy.evaluate:evaluate"
SETTINGS = "accuracy.settings"
"""The field of a job that holds them."""


def evaluate(job: Mapping[str, Any]) -> dict[str, Any]:
    """Signal, noise and sqnr_db of a job's network, dtype and precision."""
    settings = json.dumps(job["overrides"][SETTINGS], sort_keys=True)
    network = _network(job["model"], json.dumps(job["model_options"], sort_keys=True), settings)
    found = network.measure(job["options"].get("dtype"), job["options"].get("precision"))
    return {"signal": found.signal, "noise": found.noise, "sqnr_db": found.sqnr_db}


@lru_cache(maxsize=2)
def _network(model: str, options: str, settings: str) -> RoundedNetwork:
    return RoundedNetwork(
        load_model(model, model_options=json.loads(options)), Accuracy(**json.loads(settings))
    )
