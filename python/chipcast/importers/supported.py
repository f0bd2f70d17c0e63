# SPDX-License-Identifier: Apache-2.0
"""The operators that each importer knows, from the handler tables: `python -m chipcast.importers.supported`."""

from __future__ import annotations

import textwrap

WIDTH = 110


def supported() -> dict[str, list[str]]:
    """Format (and operator domain) -> names of operators."""
    from chipcast.importers import ncnn, tflite
    from chipcast.importers.onnx.node import HANDLERS as BY_DOMAIN
    from chipcast.importers.onnx.node import MICROSOFT

    return {
        "ONNX": sorted(op_type for domain, op_type in BY_DOMAIN if domain == ""),
        "ONNX, domain com.microsoft": sorted(op_type for domain, op_type in BY_DOMAIN if domain == MICROSOFT),
        "TFLite": sorted(tflite.HANDLERS),
        "ncnn": sorted(ncnn.HANDLERS),
    }


def markdown() -> str:
    """The lists as docs/importers.md shows them."""
    parts = []
    for title, names in supported().items():
        listed = textwrap.fill(", ".join(names), WIDTH, break_long_words=False, break_on_hyphens=False)
        parts.append(f"### {title} ({len(names)})\n\n{listed}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(markdown(), end="")
