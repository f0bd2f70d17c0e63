# SPDX-License-Identifier: Apache-2.0
"""Which designs of a front get a number in a picture, and the list that says what the numbers stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chipcast.sweep.names import short_names
from chipcast.views.designs import MISSING, Designs
from chipcast.views.fronts import names_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NEAR = 0.055
"""Of the picture's width: numbers that are nearer than this would cover each other."""
_LINE = 46


def spread(places: NDArray[np.float64], rows: Any, most: int) -> list[int]:
    """At most `most` of `rows` far from each other, the ends first; `places` [designs, 2] between 0 and 1."""
    import numpy as np

    if not len(rows) or most < 1:
        return []
    own = places[rows]
    order = np.lexsort((own[:, 1], own[:, 0]))
    chosen = [int(order[0])]
    distance = np.hypot(*(own - own[chosen[0]]).T)
    if most > 1 and distance[order[-1]] >= _NEAR:
        chosen.append(int(order[-1]))
    while len(chosen) < most:
        distance = np.min([np.hypot(*(own - own[each]).T) for each in chosen], axis=0)
        farthest = int(np.argmax(distance))
        if distance[farthest] < _NEAR:
            break
        chosen.append(farthest)
    return sorted(int(rows[each]) for each in chosen)


def key_lines(designs: Designs, rows: list[int], varied: Sequence[str]) -> list[str]:
    """ "12  clock 800 MHz, buffer 128 KiB" for each, in lines; what is the same for all of them stands below once."""
    if not rows or not varied:
        return []
    names = names_of(designs)
    texts = {name: designs.texts(name) for name in varied}
    apart = [name for name in varied if len({texts[name][row] for row in rows}) > 1]
    short = dict(zip(varied, short_names(varied), strict=True))
    width = max(len(names[row]) for row in rows) + 2
    lines = []
    for row in rows:
        words = [f"{short[name]} {texts[name][row]}" for name in apart if texts[name][row] != MISSING]
        lines += _wrapped(names[row].ljust(width), words, width)
    if same := [f"{short[name]} {texts[name][rows[0]]}" for name in varied if name not in apart]:
        lines += ["", *_wrapped("all: ", same, 5)]
    return lines


def _wrapped(head: str, words: list[str], indent: int) -> list[str]:
    lines, line = [], head
    for place, word in enumerate(words):
        piece = word + ("," if place < len(words) - 1 else "")
        if len(line) > indent and len(line) + len(piece) > _LINE and line != head:
            lines.append(line.rstrip())
            line = " " * indent
        line += piece + " "
    return [*lines, line.rstrip()]
