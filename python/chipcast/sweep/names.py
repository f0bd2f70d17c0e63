# SPDX-License-Identifier: Apache-2.0
"""What columns are called where room is short."""

from __future__ import annotations

from collections.abc import Sequence


def short_names(paths: Sequence[str]) -> list[str]:
    """Without what is before the last dot, where that tells them apart."""
    ends = [path.rpartition(".")[2] for path in paths]
    return [end if ends.count(end) == 1 else path for end, path in zip(ends, paths, strict=True)]
