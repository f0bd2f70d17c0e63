# SPDX-License-Identifier: Apache-2.0
"""One measurement of a real chip, as a row of a file of cases."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from chipcast._core import InputError
from chipcast.text import did_you_mean, plain

CALIBRATE, SCORE = "calibrate", "score"
USES = (CALIBRATE, SCORE)


@dataclass(frozen=True)
class Case:
    """A row. Fields are the columns, in the file's order."""

    case: str
    """Name of the row, for people and journals."""
    platform: str
    device: str
    """Lower-case core or engine ("a72", "npu", "dsp"), or a device's own name; empty: the mapper chooses."""
    runtime: str
    """Software that ran the network ("ncnn", "rknn", "tflm-2.3"); empty: the platform's own."""
    workload: str
    """A bundled network or a model file."""
    dtype: str
    """Number format; empty: the model's own."""
    threads: int
    batch: int
    quantity: str
    """latency, energy (both of one inference of the whole batch), power, throughput, traffic or cycles."""
    measured: float
    """In `unit`."""
    unit: str
    source: str
    use: str
    """calibrate: a parameter was set with this row in view. score: none was."""


COLUMNS = tuple(field.name for field in fields(Case))

UNITS: dict[str, dict[str, float]] = {
    "latency": {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9},
    "energy": {"J": 1.0, "mJ": 1e-3, "uJ": 1e-6, "nJ": 1e-9, "Wh": 3600.0, "mWh": 3.6},
    "power": {"W": 1.0, "mW": 1e-3, "uW": 1e-6},
    "throughput": {"1/s": 1.0, "/s": 1.0, "fps": 1.0, "inf/s": 1.0, "inferences/s": 1.0, "Hz": 1.0},
    "traffic": {"B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30},
    "cycles": {"cycles": 1.0, "kcycles": 1e3, "Mcycles": 1e6},
}
"""Quantity -> unit -> its size in the first unit. Of throughput, inferences are counted, not batches."""

QUANTITIES = tuple(UNITS)

_SAME_QUANTITY = {
    "fps": "throughput", "framerate": "throughput", "framespersecond": "throughput", "rate": "throughput",
    "inferencespersecond": "throughput", "inferencerate": "throughput", "qps": "throughput", "ips": "throughput",
    "time": "latency", "inferencetime": "latency", "runtime": "latency", "duration": "latency",
    "averagelatency": "latency", "meanlatency": "latency", "medianlatency": "latency", "timeperinference": "latency",
    "energyperinference": "energy", "inferenceenergy": "energy", "energyperframe": "energy",
    "averagepower": "power", "meanpower": "power", "avgpower": "power", "powerconsumption": "power",
    "memorytraffic": "traffic", "dramtraffic": "traffic", "cycle": "cycles", "cyclecount": "cycles",
    "clockcycles": "cycles", "cyclesperinference": "cycles",
}  # fmt: skip
"""Letters of what sources call a quantity -> its name."""

_SAME_UNIT = {
    "µs": "us", "μs": "us", "usec": "us", "msec": "ms", "sec": "s", "µJ": "uJ", "μJ": "uJ", "µW": "uW", "μW": "uW",
    "frames/s": "fps", "inf./s": "inf/s", "s^-1": "1/s", "cycle": "cycles", "KB": "kB", "bytes": "B",
    "frames per second": "fps", "frames/sec": "fps", "inf/sec": "inf/s", "inferences per second": "inferences/s",
    "images/s": "1/s", "img/s": "1/s", "samples/s": "1/s", "ips": "1/s", "qps": "1/s", "hertz": "Hz",
    "second": "s", "seconds": "s", "secs": "s", "millisecond": "ms", "milliseconds": "ms", "msecs": "ms",
    "microsecond": "us", "microseconds": "us", "usecs": "us", "nanosecond": "ns", "nanoseconds": "ns", "nsec": "ns",
    "joule": "J", "joules": "J", "millijoule": "mJ", "millijoules": "mJ", "microjoule": "uJ", "microjoules": "uJ",
    "nanojoule": "nJ", "nanojoules": "nJ", "watt": "W", "watts": "W", "milliwatt": "mW", "milliwatts": "mW",
    "microwatt": "uW", "microwatts": "uW", "byte": "B", "kilobytes": "kB", "megabytes": "MB", "gigabytes": "GB",
}  # fmt: skip
_OF_ONE = re.compile(r"\s*(/|per)\s*(inf|inference|frame|image|sample|run)s?\.?$", re.IGNORECASE)


def read_quantity(text: str) -> str:
    """Throws InputError for what nobody forecasts."""
    letters = re.sub(r"[^a-z]", "", text.lower())
    name = _SAME_QUANTITY.get(letters, letters)
    if name not in UNITS:
        raise InputError(f'quantity: "{plain(text, 40)}" is none of {", ".join(QUANTITIES)}')
    return name


def read_unit(text: str, quantity: str) -> str:
    """The unit as UNITS spells it. Throws InputError for a unit of something else."""
    known = UNITS[quantity]
    given = text.strip() or ("1/s" if quantity == "throughput" else "")
    if not given:
        raise InputError(f"unit: empty; {quantity} needs one of {', '.join(known)}")
    for name in (given, _OF_ONE.sub("", given)):
        unit = _SAME_UNIT.get(name) or _SAME_UNIT.get(name.lower(), name)
        if unit in known:
            return unit
        folded = [
            each for each in known if each.lower() == unit.lower() and not _confused(unit, each, quantity)
        ]
        if len(folded) == 1:
            return folded[0]
    raise InputError(f'unit: "{plain(text, 40)}" is no unit of {quantity} (known: {", ".join(known)})')


def _confused(given: str, unit: str, quantity: str) -> bool:
    """ "MJ" may be mega; a time of megaseconds nobody measures. "kb" may be bits."""
    other_prefix = given[0] != unit[0] and given[0] in "mM" and quantity != "latency"
    return other_prefix or quantity == "traffic"


def in_unit(value: float, quantity: str, unit: str) -> float:
    """A value in base units as the case has it: in_unit(0.004, "latency", "ms") == 4."""
    return value / UNITS[quantity][unit]


_FORMATS = {
    "fp64": "fp64", "float64": "fp64", "fp32": "fp32", "float32": "fp32", "float": "fp32", "f32": "fp32",
    "fp16": "fp16", "float16": "fp16", "half": "fp16", "f16": "fp16", "bf16": "bf16", "bfloat16": "bf16",
    "int16": "int16", "i16": "int16", "w16a16": "int16", "int8": "int8", "i8": "int8", "w8a8": "int8",
    "uint8": "uint8", "u8": "uint8", "int4": "int4", "i4": "int4", "w4a4": "int4",
}  # fmt: skip


def read_format(text: str) -> str:
    """The number format's name, "" for none. Throws InputError for an unknown one."""
    key = re.sub(r"[^a-z0-9]", "", text.lower())
    if not key:
        return ""
    if key not in _FORMATS:
        raise InputError(
            f'dtype: "{plain(text, 40)}" is no number format{did_you_mean(key, set(_FORMATS.values()))}'
        )
    return _FORMATS[key]
