# SPDX-License-Identifier: Apache-2.0
"""The bundled technologies, and what a few typical parts cost in one."""

from __future__ import annotations

import json
from typing import Any

from chipcast._core import InputError
from chipcast.catalog import config_root
from chipcast.technology.blocks import Block
from chipcast.text import did_you_mean, plain

FORMATS = ("int4", "int8", "int16", "fp16", "bf16", "fp32")
KIB = 1024


def nodes() -> list[str]:
    """Names of the bundled technologies, the smallest node first: "4nm", "5nm", ..."""
    found = [path.stem for path in (config_root() / "technologies").glob("*.json")]
    return sorted(found, key=lambda name: (float(name.removesuffix("nm")), name))


def load(name: str) -> dict[str, Any]:
    """A bundled technology as configurations take it."""
    if name not in nodes():
        raise InputError(f'technology: "{plain(name, 80)}" is not known{did_you_mean(name, nodes())}')
    table: dict[str, Any] = json.loads(
        (config_root() / "technologies" / f"{name}.json").read_text(encoding="utf-8")
    )
    return table


def typical() -> list[Block]:
    """Multiply-accumulate units, registers, and memories of three sizes with a narrow and a wide port."""
    found = [Block(f"mac {name}", "mac", 1, name) for name in FORMATS]
    found.append(Block("registers, 1 KiB", "registers", bytes=KIB))
    for kib, text in ((8, "8 KiB"), (64, "64 KiB"), (1024, "1 MiB")):
        for bits in (64, 512):
            found.append(Block(f"SRAM {text}, {bits} bit", "sram", bytes=kib * KIB, port_bits=bits))
    return found
