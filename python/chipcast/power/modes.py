# SPDX-License-Identifier: Apache-2.0
"""Between power modes of nvpmodel and knobs: `write_mode` makes a mode of a platform as it is set up, `read_mode` turns
a mode of a board into knobs. Clocks that a platform has no operating point for are refused, never rounded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chipcast._core import InputError
from chipcast.power import nvpmodel
from chipcast.power.domains import Described, Domain
from chipcast.power.nvpmodel import NO_LIMIT, Conf, Mode, Parameter, Setting
from chipcast.power.units import clock_text
from chipcast.text import plain

_ONLINE = re.compile(r".*/cpu(\d+)/online")
_CPUFREQ = re.compile(r".*/cpu(\d+)/cpufreq/.*")
_CORES = "CPU_ONLINE"
_FILE_LIMIT_BYTES = 1 << 20


@dataclass
class ModeKnobs:
    """What a power mode says in the words of a platform."""

    name: str
    clocks: dict[str, float] = field(default_factory=dict)
    limits: dict[str, float] = field(default_factory=dict)
    floors: dict[str, float] = field(default_factory=dict)
    cores: dict[str, int] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    """CPU clusters without a core online."""
    remarks: list[str] = field(default_factory=list)
    """What the platform file does not hold."""


# --- writing ---------------------------------------------------------------------------------------------------------


def write_mode(
    described: Described,
    *,
    governed: bool,
    cores: Mapping[str, int] | None = None,
    number: int = 0,
    name: str = "CHIPCAST",
    remarks: Sequence[str] = (),
) -> str:
    """nvpmodel.conf with one mode: the cores online and the clock of every domain with operating points.

    `described`: the platform with all its cores; `cores`: how many of each cluster stay online, 0 for
    none. `governed`: a governor may take slower points too; else the lowest and the highest frequency are the
    clock alone.
    """
    first = next(iter(described.clusters), None)
    if first is not None and (cores or {}).get(first) == 0:
        raise InputError(
            f'nvpmodel: "{first}" holds core 0, which cannot be taken offline; leave one of its cores on'
        )
    parameters: dict[str, Parameter] = {}
    mode = Mode(number, name)
    _write_cores(described, dict(cores or {}), parameters, mode)
    for domain in described.domains.values():
        if domain.points:
            _write_clock(described, domain, dict(cores or {}), governed, parameters, mode)
    if not mode.settings:
        raise InputError(f'nvpmodel: "{described.name}" has neither CPU cores nor operating points to write')
    head = [
        f"Power mode of {described.name}. CPU cores are numbered in the order of the platform file.",
        "Paths below /sys/class/devfreq hold names of the platform file: put the board's own in their place.",
        *remarks,
    ]
    text = nvpmodel.write(Conf(parameters, {number: mode}, number), head)
    check_clocks(nvpmodel.parse(text, "nvpmodel.conf"), described, "nvpmodel.conf")
    return text


def _write_cores(
    described: Described, cores: Mapping[str, int], parameters: dict[str, Parameter], mode: Mode
) -> None:
    numbers = core_numbers(described)
    if not numbers:
        return
    parameter = parameters[_CORES] = Parameter("FILE", _CORES)
    for cluster, its in numbers.items():
        for place, core in enumerate(its):
            argument = f"CORE_{core}"
            parameter.arguments[argument] = f"/sys/devices/system/cpu/cpu{core}/online"
            mode.settings.append(
                Setting(_CORES, argument, "1" if place < cores.get(cluster, len(its)) else "0")
            )


def _write_clock(
    described: Described,
    domain: Domain,
    cores: Mapping[str, int],
    governed: bool,
    parameters: dict[str, Parameter],
    mode: Mode,
) -> None:
    running = domain.running
    for parameter in _clock_parameters(described, domain, cores):
        parameters[parameter.name] = parameter
        scale = 1000 if parameter.counts_kilohertz else 1
        highest = NO_LIMIT if running is None else _count(domain, domain.points[running].clock_hz, scale)
        lowest = _count(domain, domain.points[0].clock_hz, scale) if governed or running is None else highest
        mode.settings.append(Setting(parameter.name, "MIN_FREQ", str(lowest)))
        mode.settings.append(Setting(parameter.name, "MAX_FREQ", str(highest)))


def _clock_parameters(described: Described, domain: Domain, cores: Mapping[str, int]) -> Iterator[Parameter]:
    """One for each core that is online (cores of one policy share the files; others need them each), else one."""
    numbers = core_numbers(described)
    clusters = [name for name in domain.members if name in numbers]
    for cluster in clusters:
        for core in numbers[cluster][: cores.get(cluster)]:
            files = f"/sys/devices/system/cpu/cpu{core}/cpufreq/scaling_"
            yield Parameter(
                "CLOCK",
                f"CPU_{_word(cluster)}_{core}",
                {
                    "FREQ_TABLE": f"{files}available_frequencies",
                    "MAX_FREQ": f"{files}max_freq",
                    "MIN_FREQ": f"{files}min_freq",
                },
            )
    if not clusters:
        folder = f"/sys/class/devfreq/{domain.name}"
        yield Parameter(
            "CLOCK",
            _word(domain.name),
            {
                "FREQ_TABLE": f"{folder}/available_frequencies",
                "MAX_FREQ": f"{folder}/max_freq",
                "MIN_FREQ": f"{folder}/min_freq",
            },
        )


def _word(name: str) -> str:
    return re.sub(r"[^A-Z0-9_]", "_", name.upper())


def _count(domain: Domain, clock_hz: float, scale: int) -> int:
    count = round(clock_hz / scale)
    if abs(count * scale - clock_hz) > 1e-9 * clock_hz:
        unit = "kHz" if scale == 1000 else "Hz"
        raise InputError(f"nvpmodel: {clock_text(clock_hz)} of {domain.name} is no whole number of {unit}")
    return count


def core_numbers(described: Described) -> dict[str, list[int]]:
    """Linux's numbers of the cores of each cluster, if they are counted in the order of the platform file."""
    out, next_core = {}, 0
    for name, cores in described.clusters.items():
        out[name] = list(range(next_core, next_core + cores))
        next_core += cores
    return out


# --- reading ---------------------------------------------------------------------------------------------------------


def read_mode_file(text: str, described: Described) -> ModeKnobs:
    """FILE or FILE:ID; the file's default mode where no ID stands."""
    name, colon, number = text.rpartition(":")
    wanted = int(number) if colon and number.isdigit() else None
    path = Path(text if wanted is None else name)
    try:
        if path.stat().st_size > _FILE_LIMIT_BYTES:
            raise InputError(f'mode: "{plain(path)}" is larger than {_FILE_LIMIT_BYTES >> 20} MiB')
        content = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f'mode: cannot read "{plain(path)}": {error.strerror}') from None
    except ValueError:
        raise InputError(f'mode: "{plain(path)}" is not UTF-8 text') from None
    conf = nvpmodel.parse(content, str(path))
    return read_mode(conf, conf.mode(wanted, "mode"), described, str(path))


def read_mode(conf: Conf, mode: Mode, described: Described, source: str) -> ModeKnobs:
    knobs = ModeKnobs(mode.name)
    _read_cores(conf, mode, described, source, knobs)
    for parameter, setting, value in nvpmodel.limits(conf, mode):
        domain = domain_of(parameter, described)
        if domain is None:
            if value != NO_LIMIT:
                knobs.remarks.append(
                    f"{setting.parameter} {setting.argument}: no such domain in {described.name}"
                )
            continue
        _read_clock(domain, setting, value, source, knobs)
    _settle(described, knobs, source, mode)
    return knobs


def check_clocks(conf: Conf, described: Described, source: str) -> None:
    """Throws InputError where a mode sets a frequency that the platform has no operating point for."""
    for mode in conf.modes.values():
        read_mode(conf, mode, described, source)


def domain_of(parameter: Parameter, described: Described) -> Domain | None:
    """By the core in its paths, or by its name."""
    for path in parameter.arguments.values():
        if match := _CPUFREQ.fullmatch(path):
            core = int(match[1])
            cluster = next((name for name, its in core_numbers(described).items() if core in its), None)
            return described.owner(cluster) if cluster else None
    name = parameter.name.lower()
    if name == "emc" and described.memories:  # NVIDIA's external memory controller
        return described.owner(described.memories[0])
    return next((domain for domain in described.domains.values() if _word(domain.name).lower() == name), None)


def _read_clock(domain: Domain, setting: Setting, value: int, source: str, knobs: ModeKnobs) -> None:
    lowest = setting.argument.startswith("MIN_FREQ")
    if value == NO_LIMIT or (lowest and value == 0):
        return
    place = f"{plain(source)}:{setting.line}: {setting.parameter} {setting.argument}"
    if not domain.points and domain.clock_hz is None:
        knobs.remarks.append(
            f"{setting.parameter} {setting.argument}: {domain.name} has no clock in the platform file"
        )
        return
    if not domain.points and domain.clock_hz == value:
        return  # the one clock that it has
    domain.point(value, place)
    known = knobs.floors if lowest else knobs.limits
    if known.setdefault(domain.name, value) != value:
        raise InputError(
            f"{place}: {clock_text(value)}, elsewhere {clock_text(known[domain.name])}; {domain.name} has one clock"
        )


def _settle(described: Described, knobs: ModeKnobs, source: str, mode: Mode) -> None:
    """Lowest and highest frequency alike: a clock; no highest frequency: the fastest operating point."""
    for name, floor in list(knobs.floors.items()):
        highest = knobs.limits.get(name, described.domains[name].points[-1].clock_hz)
        if floor > highest:
            raise InputError(
                f"{plain(source)}:{mode.line}: {mode.name} keeps {name} above {clock_text(floor)} and below "
                f"{clock_text(highest)}"
            )
        if floor == described.domains[name].points[0].clock_hz:
            del knobs.floors[name]


def _read_cores(conf: Conf, mode: Mode, described: Described, source: str, knobs: ModeKnobs) -> None:
    numbers = core_numbers(described)
    owner = {core: cluster for cluster, its in numbers.items() for core in its}
    offline: dict[str, int] = dict.fromkeys(numbers, 0)
    for setting in mode.settings:
        match = _ONLINE.fullmatch(conf.parameters[setting.parameter].arguments[setting.argument])
        if match is None:
            continue
        place = f"{plain(source)}:{setting.line}: {setting.parameter} {setting.argument}"
        if setting.value not in ("0", "1"):
            raise InputError(f'{place}: "{plain(setting.value, 20)}" is neither 0 nor 1')
        core = int(match[1])
        if core not in owner:
            raise InputError(f"{place}: {described.name} has {len(owner)} CPU cores")
        offline[owner[core]] += setting.value == "0"
    for cluster, count in offline.items():
        left = len(numbers[cluster]) - count
        if count and left:
            knobs.cores[cluster] = left
        elif count:
            knobs.unused.append(cluster)
