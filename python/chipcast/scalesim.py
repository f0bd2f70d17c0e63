# SPDX-License-Identifier: Apache-2.0
"""SCALE-Sim's files: a `.cfg` as a platform, and its figures from a result."""

from __future__ import annotations

import configparser
import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from chipcast._core import InputError
from chipcast.text import did_you_mean, plain

LARGEST_FILE = 1 << 20
DEVICE = "npu"
ARCHITECTURE = "architecture_presets"
KNOWN = {
    "general": {"run_name"},
    ARCHITECTURE: {
        "arrayheight", "arraywidth", "ifmapsramszkb", "filtersramszkb", "ofmapsramszkb", "ifmapoffset",
        "filteroffset", "ofmapoffset", "bandwidth", "dataflow", "memorybanks", "readrequestbuffer",
        "writerequestbuffer",
    },
    "run_presets": {"interfacebandwidth", "useramulatortrace"},
    "network_presets": {"topologycsvloc"},
    "sparsity": {"sparsitysupport", "sparserep", "optimizedmapping", "blocksize", "randomnumbergeneratorseed"},
    "layout": {
        "ifmapcustomlayout", "ifmapsrambankbandwidth", "ifmapsrambanknum", "ifmapsrambankport",
        "filtercustomlayout", "filtersrambankbandwidth", "filtersrambanknum", "filtersrambankport",
    },
}  # fmt: skip
LARGEST = {"arrayheight": 4096, "arraywidth": 4096}
LARGEST_SRAM_KIB = 1 << 20
LARGEST_BANDWIDTH = 4096
WORD_BYTES = 1
CLOCK_HZ = 1_000_000_000


class Settings:
    """The values of a `.cfg`, with errors that say where."""

    def __init__(self, text: str, source: str) -> None:
        self.source = source
        self.parser = configparser.ConfigParser(interpolation=None, inline_comment_prefixes=("#", ";"))
        try:
            self.parser.read_string(text, source)
        except configparser.Error as error:
            reason = " ".join(str(error).split())[:200]
            self.fail(f"not a SCALE-Sim configuration ({plain(reason, 200)}); correct the file")
        for section in self.parser.sections():
            self.refuse_unknown("section", section.lower(), KNOWN)
            for key in self.parser[section]:
                self.refuse_unknown(f"[{section}]", key, KNOWN[section.lower()])
        self.values = {
            (section.lower(), key): value.strip()
            for section in self.parser.sections()
            for key, value in self.parser[section].items()
        }

    def fail(self, message: str) -> NoReturn:
        raise InputError(f"{self.source}: {message}")

    def refuse_unknown(self, where: str, word: str, known: Mapping[str, Any] | set[str]) -> None:
        if word not in known:
            self.fail(f'{where}: "{plain(word)}" is not known{did_you_mean(word, sorted(known))}')

    def word(self, section: str, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        value = self.values.get((section, key), default)
        if value is None or value.lower() not in allowed:
            given = "missing" if value is None else f'"{plain(value)}"'
            self.fail(f"[{section}] {key} is {given}; give one of {', '.join(allowed)}")
        return value.lower()

    def number(self, key: str, largest: int, default: int | None = None) -> int:
        """A whole number; of a list, the first."""
        value = self.values.get((ARCHITECTURE, key))
        if value is None and default is not None:
            return default
        first = (value or "").split(",")[0].strip()
        if not re.fullmatch("[0-9]{1,9}", first) or not 1 <= int(first) <= largest:
            given = "missing" if value is None else f'"{plain(value)}"'
            self.fail(f"[{ARCHITECTURE}] {key} is {given}; give a whole number in [1, {largest}]")
        return int(first)


def platform_of(path: Path) -> dict[str, Any]:
    """The platform document that a SCALE-Sim configuration describes."""
    if path.stat().st_size > LARGEST_FILE:
        raise InputError(f"{plain(path)}: more than {LARGEST_FILE} bytes; give a SCALE-Sim configuration")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{plain(path)}: byte {error.start} is not UTF-8 text; correct the file") from None
    settings = Settings(text, plain(path))
    if settings.word("sparsity", "sparsitysupport", ("true", "false"), "false") == "true":
        settings.fail(
            "[sparsity] SparsitySupport is true, which is not read; set it to false and give "
            f"--set {DEVICE}.sparsity.kept=N --set {DEVICE}.sparsity.of=M"
        )
    limited = settings.word("run_presets", "interfacebandwidth", ("calc", "user"), "calc") == "user"
    return {
        "name": plain(settings.values.get(("general", "run_name")) or path.stem),
        "description": f"SCALE-Sim configuration {plain(path.name)}",
        "interconnect": {"clock": "20 GHz", "width": "4096 B/cycle", "latency": "0 cycles", "duplex": True},
        "memories": {
            "dram": {
                "type": "simple",
                "capacity": "1024 GiB",
                "bandwidth": "100 TB/s",
                "latency": "0 ns",
                "burst": "1 B",
            }
        },
        "devices": {DEVICE: device_of(settings, limited)},
    }


def device_of(settings: Settings, limited: bool) -> dict[str, Any]:
    """In CALC mode bandwidth never limits. In USER mode each of the three interfaces moves `Bandwidth` words per
    cycle: the load engine is as wide as those of inputs and filters together."""
    sram = {
        f"{name}_buffer": f"{settings.number(f'{name}sramszkb', LARGEST_SRAM_KIB)} KiB"
        for name in ("ifmap", "filter", "ofmap")
    }
    dma = {"outstanding": 4096, "burst": "65536 B", "chunk": "64 KiB", "port": "100 TB/s"}
    store = dict(dma)
    if limited:
        words = settings.number("bandwidth", LARGEST_BANDWIDTH)
        dma["port"] = f"{2 * words * WORD_BYTES * CLOCK_HZ} B/s"
        store["port"] = f"{words * WORD_BYTES * CLOCK_HZ} B/s"
    return {
        "type": "systolic",
        "clock": f"{CLOCK_HZ} Hz",
        "rows": settings.number("arrayheight", LARGEST["arrayheight"]),
        "columns": settings.number("arraywidth", LARGEST["arraywidth"]),
        "dataflow": settings.word(ARCHITECTURE, "dataflow", ("os", "ws", "is")),
        **sram,
        "partial_sums": "write_out",
        "partial_bytes": WORD_BYTES,
        "dma": dma,
        "store_dma": store,
    }


COLUMNS = (
    "LayerID", "Layer", "Total Cycles", "Stall Cycles", "Overall Util %", "SRAM IFMAP Reads", "SRAM Filter Reads",
    "SRAM OFMAP Writes", "DRAM Accesses",
)  # fmt: skip

CLOCK_EDGES = 2  # the first load and the last store each end at the next edge of the array's clock


def report_csv(report: Mapping[str, Any], platform: Mapping[str, Any]) -> str:
    """SCALE-Sim's figures of every product that ran on a systolic array, one row each.

    `report` is a result's, `platform` what `describe` says of the platform. "Total Cycles" is the index of the
    last cycle, one below the count, as SCALE-Sim prints it; "Stall Cycles" is what the layer took beyond its
    cycles in the simulation, counted from the end of the operator before on the same array where that is
    later than its own start. Accesses are in elements at the SRAMs, in bytes at the DRAM.
    """
    arrays = {name: each for name, each in platform["devices"].items() if each.get("type") == "systolic"}
    if not arrays:
        raise InputError("scalesim report: no device of this platform is a systolic array")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=",\n")
    writer.writerow(COLUMNS)
    number = 0
    free = dict.fromkeys(arrays, 0.0)  # when each array has ended what it did before
    for op in report["ops"]:
        if op["device"] not in arrays:
            continue
        if op["macs"]:
            writer.writerow((number, op["name"], *row_of(op, arrays[op["device"]], free[op["device"]])))
            number += 1
        free[op["device"]] = max(free[op["device"]], op["end_s"])
    return out.getvalue()


def row_of(op: Mapping[str, Any], array: Mapping[str, Any], free_s: float) -> tuple[Any, ...]:
    cells = array["rows"] * array["columns"] * array["cores"]
    last = max(1, op["compute_cycles"] - 1)
    taken = int((op["end_s"] - max(op["start_s"], free_s)) * hertz(array["clock"]))
    stalls = taken - op["compute_cycles"]
    sram = op["sram_accesses"]
    return (
        last,
        stalls if stalls > CLOCK_EDGES else 0,
        op["macs"] * 100 / (last * cells),
        sram["ifmap_reads"],
        sram["filter_reads"],
        sram["ofmap_writes"],
        op["traffic_bytes"],
    )


def hertz(clock: str) -> float:
    value, unit = clock.split()
    return float(value) * {"Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9}[unit]
