# SPDX-License-Identifier: Apache-2.0
"""Forecasts every case and prints the errors; --write renews docs/fidelity.md and chipcast/fidelity/errors.json."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from pathlib import Path

import chipcast
import cpu_memory
import eyeriss
from chipcast.fidelity.errors import document
from chipcast.fidelity.journal import default_path
from chipcast.fidelity.plots import write_plots
from chipcast.fidelity.validation import Validation, validate
from page import generated, headline, with_block
from rows import SHARED

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "fidelity.md"
ERRORS = ROOT / "python" / "chipcast" / "fidelity" / "errors.json"
CASES = Path(__file__).resolve().parent / "cases"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="scripts/validate")
    parser.add_argument("--write", action="store_true", help="renew docs/fidelity.md and errors.json")
    parser.add_argument("--fresh", action="store_true", help="forecast all again, whatever the journal has")
    parser.add_argument("--plots", type=Path, help="folder for pictures")
    options = parser.parse_args()
    if not (SHARED / "models").is_dir():
        print("no public model files: the folder ../shared/models is absent", file=sys.stderr)
        return 0
    found = validate(
        sorted(CASES.glob("*.csv")), journal=default_path(), fresh=options.fresh, progress=_progress
    )
    print("", file=sys.stderr)
    for name, some in (*found.families.items(), ("all", found.summary)):
        print(headline(name, some), file=sys.stderr)
    text = "\n\n".join([generated(found), cpu_memory.tables(), _eyeriss()])
    print(text)
    if options.plots is not None:
        write_plots(found, options.plots)
    for error in found.errors:
        print(f"error: {error.message}", file=sys.stderr)
    if found.errors:
        print(f"{len(found.errors)} cases could not be forecast; nothing is written", file=sys.stderr)
        return 1
    if options.write:
        _write(found, text)
    return 0


def _progress(fraction: float) -> None:
    print(f"\rcases: {fraction:4.0%}", end="", file=sys.stderr, flush=True)


def _eyeriss() -> str:
    return f"### Eyeriss, AlexNet in batches of 4: forecasts, with their errors against the chip\n\n{eyeriss.tables()}"


def _write(found: Validation, text: str) -> None:
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    made_by = f"scripts/validate --write with version {chipcast.__version__} on {today}"
    page = with_block(
        PAGE.read_text(encoding="utf-8"), f"Made by `{made_by.replace(' with', '` with', 1)}.\n\n{text}"
    )
    PAGE.write_text(page, encoding="utf-8")
    errors = document([*found.outcomes, *eyeriss.power_outcomes()], made_by)
    ERRORS.write_text(json.dumps(errors, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
