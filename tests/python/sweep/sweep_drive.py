# SPDX-License-Identifier: Apache-2.0
"""A sweep in a process of its own, to be interrupted and killed; its argument is a JSON object."""

from __future__ import annotations

import dataclasses
import json
import resource
import sys
from collections.abc import Mapping
from typing import Any

from chipcast.sweep import StoreError, Sweep, read_sweep, run_sweep


def sweep_of(document: Mapping[str, Any]) -> Sweep:
    return dataclasses.replace(read_sweep(document), evaluator="sweep_evaluators:faulty")


def main() -> int:
    given = json.loads(sys.argv[1])
    if most := given.get("most_bytes"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    try:
        result = run_sweep(sweep_of(given["sweep"]), store=given["store"], jobs=given.get("jobs", 2))
    except StoreError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps({"counts": result.counts, "interrupted": result.interrupted}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
