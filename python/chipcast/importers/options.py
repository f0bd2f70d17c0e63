# SPDX-License-Identifier: Apache-2.0
"""Checks of what the caller asks of an importer."""

from __future__ import annotations

from collections.abc import Sequence

from chipcast.importers.errors import fail, quoted


def check_shape_names(shapes: dict[str, list[int]], inputs: Sequence[str], source: str) -> None:
    """`shapes` may name inputs of the model only."""
    for name in shapes:
        if name not in inputs:
            known = ", ".join(quoted(each) for each in list(inputs)[:20]) or "none"
            fail(source, f"shapes names {quoted(name)}, which is no input of the model (inputs: {known})")
