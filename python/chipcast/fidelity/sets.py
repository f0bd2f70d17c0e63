# SPDX-License-Identifier: Apache-2.0
"""The project's own files of cases."""

from __future__ import annotations

from pathlib import Path

from chipcast._core import InputError


def bundled_cases() -> list[Path]:
    """Of the installed package, or of the source tree that the working directory is in. Throws InputError without."""
    here = Path(__file__).resolve().parent
    folders = [
        here / "cases",
        *(up / "tests" / "validation" / "cases" for up in (Path.cwd(), *Path.cwd().parents)),
    ]
    for folder in folders:
        if found := sorted(folder.glob("*.csv")):
            return found
    raise InputError("--data: name a file of cases; the project's own (tests/validation/cases) are not here")
