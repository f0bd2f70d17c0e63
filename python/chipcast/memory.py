# SPDX-License-Identifier: Apache-2.0
"""What a CPU waits for and what it streams, by the size of what it works on."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from chipcast import _core
from chipcast.api import Overrides, override_list
from chipcast.catalog import find_platform, search_dirs

SIZES = tuple(4096 << step for step in range(16))
"""4 KiB to 128 MiB."""


def memory_curve(
    platform: str | os.PathLike[str],
    device: str,
    sizes: Sequence[int] = SIZES,
    *,
    cores: int = 1,
    order: str = "cyclic",
    page: str = "4 KiB",
    scattered: bool = False,
    overrides: Overrides = (),
) -> list[dict[str, Any]]:
    """Latency of one core and streams of `cores` cores on blocks of `sizes` bytes; closed forms, nobody else busy.

    Args:
        platform: name of a preset ("rk3588") or path to a platform file.
        device: a CPU of it ("a76").
        sizes: block sizes in bytes.
        cores: how many cores stream.
        order: in which the lines of a block are visited: "cyclic" (ramlat, lmbench) or "random" (tinymembench).
        page: size of the pages of virtual memory.
        scattered: pages lie in random frames instead of one behind the other.
        overrides: changes to the platform, as for `run`.

    Returns:
        One dict per size: block_bytes, latency_s, translation_s, read_bytes_per_s, write_bytes_per_s,
        copy_bytes_per_s, and what limits each stream (read_bound, ...).

    Raises:
        InputError: there is no such platform or CPU, or an option is wrong.
    """
    path = find_platform(platform)
    options = {"cores": cores, "order": order, "page": page, "scattered": scattered}
    text = _core.memory_curve(
        str(path), search_dirs(path), override_list(overrides), device, list(sizes), json.dumps(options)
    )
    points: list[dict[str, Any]] = json.loads(text)
    return points
