# SPDX-License-Identifier: Apache-2.0
"""A worker process: one line of JSON in, one out. What a case does to it, it does to this process alone."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from chipcast._core import InputError, LimitError
from chipcast.fidelity.case import Case
from chipcast.fidelity.forecast import forecast
from chipcast.fidelity.outcome import Found
from chipcast.text import one_line


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """{"found": ...} or {"error": one line}. Whatever goes wrong in a case is told, and the next one runs."""
    case = Case(**request["case"])
    try:
        got = forecast(
            case,
            base=Path(request["base"]),
            overrides=request.get("overrides"),
            platform=request.get("platform"),
        )
    except (InputError, LimitError, RuntimeError, OSError, MemoryError) as error:
        return {"error": one_line(error) or type(error).__name__}
    except Exception as error:
        return {"error": one_line(f"{type(error).__name__}: {error}; this is a bug to report")}
    found = Found(
        got.value,
        got.limited_by,
        got.device_class,
        got.report["platform"]["name"],
        got.classes,
        got.dtype,
        got.network,
        got.warnings,
    )
    return {"found": found.to_dict()}


def main() -> None:
    """Serves until its standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # a library that prints must not spoil the answers
    for line in sys.stdin:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
