# SPDX-License-Identifier: Apache-2.0
"""Published tables to files of cases: python -m chipcast.fidelity.convert ncnn benchmark.csv -o cases.csv"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import io
import sys
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from chipcast._core import InputError
from chipcast.fidelity.case import CALIBRATE, COLUMNS, Case
from chipcast.fidelity.converters import CONVERTERS
from chipcast.fidelity.converters.table import LeftOut, read_table

EPILOG = "\n\n".join(f"{name}: {sys.modules[make.__module__].__doc__}" for name, make in CONVERTERS.items())


def converted(
    kind: str, table: Path, calibrate: Sequence[str] = (), only: Sequence[str] = ()
) -> tuple[list[Case], list[LeftOut]]:
    """Cases and what makes none. `calibrate`: patterns of case names that a parameter was set on ("rv1126/*");
    `only`: of those to keep. Cases of one name are numbered. Throws InputError for a wrong table."""
    found = list(CONVERTERS[kind](read_table(table)))
    made = _numbered(
        each
        for each in found
        if isinstance(each, Case) and (not only or any(fnmatchcase(each.case, p) for p in only))
    )
    cases = [
        dataclasses.replace(each, use=CALIBRATE)
        if any(fnmatchcase(each.case, p) for p in calibrate)
        else each
        for each in made
    ]
    return cases, [each for each in found if isinstance(each, LeftOut)]


def _numbered(cases: Iterable[Case]) -> list[Case]:
    times: dict[str, int] = {}
    out = []
    for each in cases:
        times[each.case] = times.get(each.case, 0) + 1
        again = times[each.case]
        out.append(each if again == 1 else dataclasses.replace(each, case=f"{each.case}#{again}"))
    return out


def to_csv(cases: Iterable[Case]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in cases:
        writer.writerow([_cell(getattr(each, column)) for column in COLUMNS])
    return text.getvalue()


def _cell(value: object) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m chipcast.fidelity.convert",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("kind", choices=CONVERTERS)
    parser.add_argument("table", type=Path, help="CSV file with the columns named below")
    parser.add_argument("-o", "--output", type=Path, help="file of cases; default: stdout")
    parser.add_argument("--calibrate", action="append", default=[], metavar="PATTERN",
                        help="case names that a parameter was set on, as in rv1126/*; repeatable")  # fmt: skip
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN",
                        help="case names to keep; repeatable")  # fmt: skip
    options = parser.parse_args(arguments)
    try:
        cases, left_out = converted(options.kind, options.table, options.calibrate, options.only)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    for each in left_out:
        print(f"left out: {each.what}: {each.why}", file=sys.stderr)
    text = to_csv(cases)
    if options.output is None:
        sys.stdout.write(text)
    else:
        options.output.write_text(text, encoding="utf-8")
    print(f"{len(cases)} cases, {len(left_out)} rows left out", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
