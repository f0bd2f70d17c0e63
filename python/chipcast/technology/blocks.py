# SPDX-License-Identifier: Apache-2.0
"""What a platform's devices are made of, as far as their configurations say: arithmetic, memories, registers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

Config = Mapping[str, Any]

WIDE_PORT = 512
_SCALES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


@dataclass(frozen=True)
class Block:
    """`count` equal parts. `bytes` and `port_bits` are of one memory or group of registers."""

    name: str
    kind: str
    """mac, sram or registers."""
    count: int = 1
    format: str = "int8"
    bytes: int = 0
    port_bits: int = WIDE_PORT


def blocks_of(platform: Config) -> list[Block]:
    """Of a resolved platform. Of CPUs multipliers and caches count, nothing else of a core."""
    found: list[Block] = []
    for name, device in platform["devices"].items():
        parts = _parts_of(device)
        found += [
            _named(f"{name}.{part.name}", part) for part in parts if not _again(name, part, found, platform)
        ]
    if (cache := platform.get("system_cache")) is not None:
        found.append(Block("system_cache.data", "sram", bytes=size(cache["capacity"])))
    for name, memory in platform["memories"].items():
        if memory.get("on_chip") or memory.get("type") == "sram":
            found.append(Block(f"{name}.array", "sram", bytes=size(memory["capacity"])))
    return [block for block in found if block.count > 0 and (block.kind == "mac" or block.bytes > 0)]


def _again(device: str, part: Block, found: Iterable[Block], platform: Config) -> bool:
    """Clusters that list an L3 of one size share it, as Arm's DynamIQ does."""
    if part.name != "L3" or platform["devices"][device]["type"] != "cpu":
        return False
    return any(block.name.endswith(".L3") and block.bytes == part.bytes for block in found)


def _parts_of(device: Config) -> list[Block]:
    known = _DEVICES.get(str(device["type"]))
    return [] if known is None else known(device)


def as_json(block: Block) -> dict[str, Any]:
    return asdict(block)


def size(text: str) -> int:
    """Bytes of a resolved configuration: "384 KiB"."""
    number, unit = str(text).split()
    return round(float(number) * _SCALES[unit])


def rate(text: str) -> int:
    """ "1024 op/cycle" """
    return round(float(str(text).split()[0]))


def _named(name: str, block: Block) -> Block:
    return Block(name, block.kind, block.count, block.format, block.bytes, block.port_bits)


def arithmetic(rates: Iterable[tuple[str, int]], copies: int = 1) -> list[Block]:
    """Integer formats share one array of multipliers, floating ones another: of each kind the format that needs most
    multiplier bits is built."""
    best: dict[bool, tuple[int, str, int]] = {}
    for dtype, units in rates:
        floating = dtype.startswith(("fp", "bf"))
        bits = {"fp16": 11, "bf16": 8, "fp32": 24, "fp64": 53, "binary": 1}.get(dtype) or int(
            re.sub(r"\D", "", dtype) or 8
        )
        need = (units * bits * bits, dtype, units)
        best[floating] = max(best.get(floating, need), need)
    return [
        Block(f"mac_{dtype}", "mac", units * copies, dtype) for _, (_, dtype, units) in sorted(best.items())
    ]


def _npu(device: Config) -> list[Block]:
    cores = [device, *device.get("cores", [])]
    parts: list[Block] = []
    for i, core in enumerate(cores):
        whole = dict(device) | dict(core)
        rates = [(each["dtype"], rate(each["macs"])) for each in whole["rates"]]
        prefix = "" if len(cores) == 1 else f"core{i}."
        memories = [
            Block(field, "sram", bytes=size(whole[field]))
            for field in ("accumulator", "resident")
            if field in whole
        ]
        banks = int(whole.get("buffer_banks", 1))
        memories.append(Block("buffer", "sram", banks, bytes=size(whole["buffer"]) // banks))
        parts += [_named(prefix + part.name, part) for part in [*arithmetic(rates), *memories]]
    return parts


def _systolic(device: Config) -> list[Block]:
    cells = device["rows"] * device["columns"] * device.get("cores", 1)
    rates = [(each["dtype"], max(1, round(cells * each["rate"]))) for each in device["formats"]]
    buffers = [f"{kind}_buffer" for kind in ("ifmap", "filter", "ofmap")]
    return arithmetic(rates) + [
        Block(name, "sram", device.get("cores", 1), bytes=size(device[name])) for name in buffers
    ]


def _ethos_u(device: Config) -> list[Block]:
    block, shram, cores = device["micro_block"], device["shram"], device["cores"]
    units = block["width"] * block["height"] * block["depth"] * _ETHOS_INPUT_CHANNELS * cores
    return [
        Block("mac_int8", "mac", units, "int8"),
        Block("shram", "sram", shram["banks"] * cores, bytes=size(shram["bank"]), port_bits=128),
        Block("feature_cache", "sram", bytes=size(device["feature_cache"]["size"])),
    ]


_ETHOS_INPUT_CHANNELS = 8
"""Products that each output of the micro block sums up in a cycle (accelerators/ethos_u)."""


def _row_stationary(device: Config) -> list[Block]:
    cells, word = device["rows"] * device["columns"], 2
    spads, buffer = device["spads"], device["buffer"]
    return [
        Block("mac_int16", "mac", cells, "int16"),
        Block("filter_spad", "sram", cells, bytes=spads["filter"] * word, port_bits=16),
        Block("registers", "registers", cells, bytes=(spads["ifmap"] + spads["psum"]) * word),
        Block("buffer", "sram", buffer["banks"], bytes=size(buffer["bank"]), port_bits=64),
        Block("filters", "sram", bytes=size(buffer["filters"]), port_bits=64),
    ]


def _ipu(device: Config) -> list[Block]:
    tiles = device["tiles"] * device.get("chips", 1)
    rates = [(each["dtype"], each["units"] * _AMP_PRODUCTS[each["dtype"]]) for each in device["conv_units"]]
    return [
        *arithmetic(rates, tiles),
        Block("memory", "sram", tiles, bytes=size(device["sram"]), port_bits=128),
    ]


_AMP_PRODUCTS = {"fp16": 4, "fp32": 1}
"""Products that a unit of the AMP sums up in a cycle: 250 and 62.5 TFLOP/s of a GC200 (accelerators/ipu)."""


def _dsp(device: Config) -> list[Block]:
    slots = sum("multiply" in slot["issues"] for slot in device["slots"])
    vector = [
        (each["dtype"], each["lanes"] * each["depth"] * max(1, slots // each.get("slots", 1)))
        for each in device["rates"]
    ]
    parts = arithmetic(vector, device["contexts"])
    if (matrix := device.get("matrix")) is not None:
        rates = [(each["dtype"], rate(each["macs"])) for each in matrix["rates"]]
        parts += [_named(f"matrix.{part.name}", part) for part in arithmetic(rates)]
    tcm = device.get("tcm")
    return parts + ([Block("tcm", "sram", bytes=size(tcm))] if tcm else [])


def _cpu(device: Config) -> list[Block]:
    cores = device["cores"]
    rates = [(each["dtype"], rate(each["macs"])) for each in device["core"]["rates"]]
    caches = [
        Block(cache["name"], "sram", 1 if cache.get("shared") else cores, bytes=size(cache["size"]))
        for cache in device.get("caches", [])
    ]
    return arithmetic(rates, cores) + caches


_DEVICES: dict[str, Callable[[Config], list[Block]]] = {
    "npu": _npu,
    "systolic": _systolic,
    "ethos_u": _ethos_u,
    "row_stationary": _row_stationary,
    "ipu": _ipu,
    "dsp": _dsp,
    "cpu": _cpu,
}
