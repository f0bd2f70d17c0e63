# SPDX-License-Identifier: Apache-2.0
"""Numbers and names as people read them."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable

_PREFIXES = [
    (1e12, "T"),
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
    (1.0, ""),
    (1e-3, "m"),
    (1e-6, "µ"),
    (1e-9, "n"),
]


def quantity(value: float | None, unit: str) -> str:
    """Three digits and an SI prefix: quantity(0.00421, "s") == "4.21 ms"."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return f"0 {unit}".rstrip()
    rounded = float(f"{value:.3g}")
    scale, prefix = next(((s, p) for s, p in _PREFIXES if abs(rounded) >= s), (1e-12, "p"))
    scaled = rounded / scale
    number = f"{scaled:.0f}" if abs(scaled) >= 1000 else f"{scaled:#.3g}".rstrip(".")
    return f"{number} {prefix}{unit}".rstrip()


def percent(fraction: float | None) -> str:
    return "–" if fraction is None or not math.isfinite(fraction) else f"{100 * fraction:.1f} %"


def plain(text: object, limit: int = 200) -> str:
    """A name from a file, fit for a terminal: control characters escaped, length bounded."""
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text)[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def one_line(text: object) -> str:
    """A message on one line, whatever it holds."""
    return plain(" ".join(str(text).split()), limit=1000)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The tail of a message about an unknown word."""
    names = sorted(known)
    close = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    if close:
        return f' (did you mean "{close[0]}"?)'
    return f" (known: {', '.join(names)})" if names else ""
