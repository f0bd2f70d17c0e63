# SPDX-License-Identifier: Apache-2.0
"""Power modes as NVIDIA's nvpmodel reads them (nvpmodel.conf): a strict reader and a writer.

The grammar is the one that the header of every such file states (Jetson Linux, /etc/nvpmodel.conf; NVIDIA's skill
"jetson-customize-nvpmodel" adds how strict it is):

    # a comment, or an empty line
    < PARAM TYPE=FILE|CLOCK NAME=param >     a header stands at the first column, with a space inside each bracket
    ARG /absolute/path                       one or more
    < POWER_MODEL ID=number NAME=mode >      one or more, after the parameters that they set
    PARAM ARG value                          FILE: any word; CLOCK: a whole number, -1 for no limit
    < PM_CONFIG DEFAULT=number >             exactly one, after all modes: a mode of this file
    < FAN_CONFIG DEFAULT=profile >           at most one, the last (Xavier and later); kept as it is

All else is refused with its line. Blanks at the end of a line are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chipcast._core import InputError
from chipcast.text import did_you_mean, plain

NO_LIMIT = -1
FREQUENCIES = ("MAX_FREQ", "MIN_FREQ", "MAX_FREQ_KNEXT", "MIN_FREQ_KNEXT")
"""Arguments of a CLOCK that a mode may set."""
TABLES = ("FREQ_TABLE", "FREQ_TABLE_KNEXT")
"""Arguments of a CLOCK that say where the operating points stand."""

_LARGEST = 2**63 - 1
_SIZE_LIMIT = 1 << 20
_PARAM = re.compile(r"< PARAM +TYPE=(\S+) +NAME=([A-Za-z0-9_]+) >")
_MODEL = re.compile(r"< POWER_MODEL +ID=(\d{1,9}) +NAME=([A-Za-z0-9_.+-]+) >")
_CONFIG = re.compile(r"< PM_CONFIG +DEFAULT=(\d{1,9}) >")
_FAN = re.compile(r"< FAN_CONFIG +DEFAULT=([A-Za-z0-9_.+-]+) >")
_ARGUMENT = re.compile(r"([A-Za-z0-9_]+)[ \t]+(/[^\s]*)")
_SETTING = re.compile(r"([A-Za-z0-9_]+)[ \t]+([A-Za-z0-9_]+)[ \t]+(\S+)")
_HEADERS = {
    "PARAM": "< PARAM TYPE=FILE NAME=CPU_ONLINE >",
    "POWER_MODEL": "< POWER_MODEL ID=0 NAME=MAXN >",
    "PM_CONFIG": "< PM_CONFIG DEFAULT=0 >",
    "FAN_CONFIG": "< FAN_CONFIG DEFAULT=quiet >",
}


@dataclass
class Parameter:
    """Something that a mode may set: files below /sys by argument."""

    kind: str
    name: str
    arguments: dict[str, str] = field(default_factory=dict)
    line: int = 0

    @property
    def counts_kilohertz(self) -> bool:
        """Linux's cpufreq counts in kHz, its devfreq and clock caps in Hz."""
        return any("/cpufreq/" in path for path in self.arguments.values())


@dataclass
class Setting:
    parameter: str
    argument: str
    value: str
    line: int = 0


@dataclass
class Mode:
    id: int
    name: str
    settings: list[Setting] = field(default_factory=list)
    line: int = 0


@dataclass
class Conf:
    """A whole file."""

    parameters: dict[str, Parameter]
    modes: dict[int, Mode]
    default: int
    fan: str = ""
    """Fan profile to boot in; empty: none is named."""

    def mode(self, wanted: int | None, place: str) -> Mode:
        """By its number; None: the default one."""
        number = self.default if wanted is None else wanted
        if number not in self.modes:
            known = ", ".join(f"{mode.id} ({mode.name})" for mode in self.modes.values())
            raise InputError(f"{place}: no power mode {number} (known: {known})")
        return self.modes[number]


def parse(text: str, source: str) -> Conf:
    """Reads a file. Throws InputError: anything that the grammar does not name, with the line."""
    return _Reader(source).read(text)


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = plain(source)
        self._line = 0
        self._parameters: dict[str, Parameter] = {}
        self._modes: dict[int, Mode] = {}
        self._default: int | None = None
        self._fan = ""
        self._section: Parameter | Mode | None = None

    def read(self, text: str) -> Conf:
        if len(text) > _SIZE_LIMIT:
            raise InputError(f"{self._source}: larger than {_SIZE_LIMIT >> 20} MiB")
        for number, raw in enumerate(text.split("\n"), 1):
            self._line = number
            if "\r" in raw or any(ord(c) < 32 and c != "\t" for c in raw):
                raise self._error("holds a control character; lines end in a newline alone")
            line = raw.rstrip(" \t")
            if line and not line.lstrip(" \t").startswith("#"):
                self._take(line)
        return self._finished()

    def _take(self, line: str) -> None:
        if self._default is not None:
            self._last(line)
            return
        if line.lstrip(" \t").startswith("<"):
            self._close()
            self._header(line)
        elif isinstance(self._section, Parameter):
            self._argument(self._section, line)
        elif isinstance(self._section, Mode):
            self._setting(self._section, line)
        else:
            raise self._error(f'"{plain(line, 60)}" stands in no section; a PARAM comes first')

    def _last(self, line: str) -> None:
        """What may follow PM_CONFIG."""
        match = _FAN.fullmatch(line)
        if match is None or self._fan:
            raise self._error(
                "PM_CONFIG is the last section; nothing may follow it but one < FAN_CONFIG DEFAULT=profile >"
            )
        self._fan = match[1]

    def _header(self, line: str) -> None:
        if match := _PARAM.fullmatch(line):
            self._parameter(match[1], match[2])
        elif match := _MODEL.fullmatch(line):
            self._model(int(match[1]), match[2])
        elif match := _CONFIG.fullmatch(line):
            self._config(int(match[1]))
        elif _FAN.fullmatch(line):
            raise self._error("FAN_CONFIG comes before PM_CONFIG; it is the last section")
        else:
            kind = next((name for name in _HEADERS if re.match(rf"\s*<\s*{name}\b", line)), None)
            wanted = _HEADERS[kind] if kind else " or ".join(f"< {name} ... >" for name in _HEADERS)
            raise self._error(
                f'"{plain(line, 60)}" is no header; expected {wanted}, at the first column, with a space after < and '
                "before >"
            )

    def _parameter(self, kind: str, name: str) -> None:
        if kind not in ("FILE", "CLOCK"):
            raise self._error(f"TYPE={plain(kind, 40)} is not known; it is FILE or CLOCK")
        if self._modes:
            raise self._error(f"PARAM {name} comes after a POWER_MODEL; parameters come first")
        if name in self._parameters:
            raise self._error(f"PARAM {name} is defined twice, first in line {self._parameters[name].line}")
        self._section = self._parameters[name] = Parameter(kind, name, line=self._line)

    def _model(self, number: int, name: str) -> None:
        if number in self._modes:
            raise self._error(
                f"POWER_MODEL ID={number} is defined twice, first in line {self._modes[number].line}"
            )
        if same := next((mode for mode in self._modes.values() if mode.name == name), None):
            raise self._error(f"POWER_MODEL NAME={name} is defined twice, first in line {same.line}")
        self._section = self._modes[number] = Mode(number, name, line=self._line)

    def _config(self, number: int) -> None:
        if number not in self._modes:
            known = ", ".join(map(str, self._modes)) or "none"
            raise self._error(f"PM_CONFIG DEFAULT={number} names no power mode above (known: {known})")
        self._default = number
        self._section = None

    def _argument(self, parameter: Parameter, line: str) -> None:
        match = _ARGUMENT.fullmatch(line)
        if match is None:
            raise self._error(f'"{plain(line, 60)}" is not ARG /absolute/path, as a PARAM section has it')
        name = match[1]
        if parameter.kind == "CLOCK" and name not in FREQUENCIES + TABLES:
            raise self._error(f"a CLOCK has no {name}{did_you_mean(name, FREQUENCIES + TABLES)}")
        if name in parameter.arguments:
            raise self._error(f"{parameter.name} {name} is defined twice")
        parameter.arguments[name] = match[2]

    def _setting(self, mode: Mode, line: str) -> None:
        match = _SETTING.fullmatch(line)
        if match is None:
            raise self._error(f'"{plain(line, 60)}" is not PARAM ARG value, as a POWER_MODEL section has it')
        name, argument, value = match.groups()
        parameter = self._parameters.get(name)
        if parameter is None:
            raise self._error(f"no PARAM {name} is defined above{did_you_mean(name, self._parameters)}")
        if argument not in parameter.arguments:
            raise self._error(
                f"PARAM {name} defines no {argument}{did_you_mean(argument, parameter.arguments)}"
            )
        if any(s.parameter == name and s.argument == argument for s in mode.settings):
            raise self._error(f"{name} {argument} is set twice in this mode")
        if parameter.kind == "CLOCK":
            self._check_clock(name, argument, value)
        if parameter.arguments[argument].endswith("/cpu0/online") and value == "0":
            raise self._error("the first core cannot be taken offline")
        mode.settings.append(Setting(name, argument, value, self._line))

    def _check_clock(self, name: str, argument: str, value: str) -> None:
        if argument in TABLES:
            raise self._error(f"{name} {argument} is where the operating points stand; a mode cannot set it")
        if not re.fullmatch(r"-1|\d{1,19}", value) or int(value) > _LARGEST:
            raise self._error(
                f'{name} {argument}: "{plain(value, 40)}" is no whole number; -1 stands for no limit'
            )

    def _close(self) -> None:
        section = self._section
        if isinstance(section, Parameter) and not section.arguments:
            raise self._error(f"PARAM {section.name} (line {section.line}) defines no argument")
        if isinstance(section, Parameter) and section.kind == "CLOCK" and "MAX_FREQ" not in section.arguments:
            raise self._error(f"PARAM {section.name} (line {section.line}) is a CLOCK without MAX_FREQ")

    def _finished(self) -> Conf:
        if not self._modes:
            raise self._error("ends without a POWER_MODEL; at least one is needed")
        if self._default is None:
            raise self._error("ends without < PM_CONFIG DEFAULT=... >, which names the mode to boot in")
        return Conf(self._parameters, self._modes, self._default, self._fan)

    def _error(self, what: str) -> InputError:
        return InputError(f"{self._source}:{self._line}: {what}")


def write(conf: Conf, remarks: Iterable[str] = ()) -> str:
    """The file's text; `parse` reads it back."""
    lines = [f"# {plain(remark, 300)}" for remark in remarks]
    for parameter in conf.parameters.values():
        lines += ["", f"< PARAM TYPE={parameter.kind} NAME={parameter.name} >"]
        lines += [f"{name} {path}" for name, path in parameter.arguments.items()]
    for mode in conf.modes.values():
        lines += ["", f"< POWER_MODEL ID={mode.id} NAME={mode.name} >"]
        lines += [f"{s.parameter} {s.argument} {s.value}" for s in mode.settings]
    lines += ["", f"< PM_CONFIG DEFAULT={conf.default} >"]
    if conf.fan:
        lines += ["", f"< FAN_CONFIG DEFAULT={conf.fan} >"]
    return "\n".join(lines) + "\n"


def limits(conf: Conf, mode: Mode) -> Iterator[tuple[Parameter, Setting, int]]:
    """Every frequency that a mode sets, in Hz (`NO_LIMIT` stays)."""
    for setting in mode.settings:
        parameter = conf.parameters[setting.parameter]
        if parameter.kind != "CLOCK":
            continue
        value = int(setting.value)
        scale = 1000 if parameter.counts_kilohertz and value != NO_LIMIT else 1
        yield parameter, setting, value * scale
