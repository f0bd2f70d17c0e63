#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of pages' ```console blocks again and puts in what they print now.

    .venv/bin/python scripts/console_blocks.py docs/power.md        # says what changed; --write keeps it

Of what a command prints, a page may show a part. Only paragraphs that begin as one did before are put in. What it
shows none of (a command without output under it) stays so; so does what needs a file that the page does not make.
Commands run in one empty folder, in the order of the page.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^(\$ .*)\n", re.MULTILINE)
WIDTH = "140"


def renewed(page: str, folder: str) -> str:
    return BLOCK.sub(lambda block: renewed_block(block[1], folder), page)


def renewed_block(block: str, folder: str) -> str:
    head, *pieces = COMMAND.split(block)
    if not any(shown.strip() for shown in pieces[1::2]):
        return block
    for place in range(0, len(pieces), 2):
        printed = output_of(pieces[place][2:], folder)
        pieces[place] += "\n"
        shown = pieces[place + 1]
        if shown.strip() and (printed.succeeded or "error: " in shown):
            pieces[place + 1] = same_paragraphs(printed.text, shown)
    return head + "".join(pieces)


@dataclass(frozen=True)
class Printed:
    succeeded: bool
    text: str
    """Of a failure with what it complains of."""


def output_of(command: str, folder: str) -> Printed:
    environment = {
        **os.environ,
        "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}",
        "COLUMNS": WIDTH,
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    print(f"{done.returncode}  {command}", file=sys.stderr)
    text = done.stdout + (done.stderr if done.returncode else "")
    return Printed(done.returncode == 0, "\n".join(line.rstrip() for line in text.splitlines()))


def same_paragraphs(printed: str, shown: str) -> str:
    titles = {title_of(paragraph) for paragraph in shown.split("\n\n")}
    first, *rest = printed.split("\n\n")
    kept = [first, *(paragraph for paragraph in rest if title_of(paragraph) in titles)]
    return "\n\n".join(kept).strip("\n") + "\n"


def title_of(paragraph: str) -> str:
    """Its first line without counts."""
    return re.sub(r"[\d.,]+", "#", paragraph.strip("\n").split("\n")[0].strip())


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true", help="keep what is printed now")
    arguments = parser.parse_args()
    changed = False
    for page in arguments.pages:
        before = page.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            after = renewed(before, folder)
        changed |= before != after
        sys.stdout.writelines(
            difflib.unified_diff(before.splitlines(True), after.splitlines(True), str(page), str(page), n=0)
        )
        if arguments.write:
            page.write_text(after, encoding="utf-8")
    return int(changed and not arguments.write)


if __name__ == "__main__":
    sys.exit(main())
