# SPDX-License-Identifier: Apache-2.0
"""How importers complain: one line that says where, what and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NoReturn

from chipcast._core import InputError

LONGEST_NAME = 80


def plain(name: Any) -> str:
    """A name from a file, shortened and without control characters."""
    text = str(name)[: LONGEST_NAME + 1]
    if not text.isprintable():
        text = "".join(c if c.isprintable() else "?" for c in text)
    return f"{text[:LONGEST_NAME]}..." if len(text) > LONGEST_NAME else text


def quoted(name: Any) -> str:
    return f'"{plain(name)}"'


def fail(place: str, message: str) -> NoReturn:
    raise InputError(f"{place}: {message}")


def refuse_unsupported(source: str, kinds: Iterable[str], supported: str) -> None:
    """One error that lists every operator kind that cannot be imported, with counts; none when all can."""
    counts = Counter(kinds)
    if not counts:
        return
    listed = ", ".join(f"{plain(kind)} ({count})" for kind, count in sorted(counts.items())[:50])
    more = f", and {len(counts) - 50} more" if len(counts) > 50 else ""
    noun = "operator kind is" if len(counts) == 1 else "operator kinds are"
    fail(
        source,
        f"{len(counts)} {noun} not supported: {listed}{more}; "
        f"replace them in the model or cut them off before the export ({supported})",
    )
