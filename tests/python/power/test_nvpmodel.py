# SPDX-License-Identifier: Apache-2.0
"""The strict reader of nvpmodel.conf: what the documented grammar allows, and nothing else."""

from __future__ import annotations

import pytest
from chipcast import InputError
from chipcast.power import nvpmodel
from hypothesis import given
from hypothesis import strategies as st

GOOD = """\
# A board's power modes.

< PARAM TYPE=FILE NAME=CPU_ONLINE >
CORE_0 /sys/devices/system/cpu/cpu0/online
CORE_1 /sys/devices/system/cpu/cpu1/online

< PARAM TYPE=FILE  NAME=GPU_POWER >
CONTROL /sys/devices/gpu.0/power/control

< PARAM TYPE=CLOCK NAME=CPU_A57 >
FREQ_TABLE /sys/devices/system/cpu/cpu0/cpufreq/scaling_available_frequencies
MAX_FREQ /sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq
MIN_FREQ /sys/devices/system/cpu/cpu0/cpufreq/scaling_min_freq

< PARAM TYPE=CLOCK NAME=GPU >
MAX_FREQ /sys/devices/57000000.gpu/devfreq/57000000.gpu/max_freq
MAX_FREQ_KNEXT /sys/devices/57000000.gpu/devfreq_dev/max_freq

< POWER_MODEL ID=0 NAME=MAXN >
CPU_ONLINE CORE_1 1
GPU_POWER CONTROL on
CPU_A57 MIN_FREQ 0
CPU_A57 MAX_FREQ -1
GPU MAX_FREQ -1

# Five watts.
< POWER_MODEL ID=1 NAME=5W >
CPU_ONLINE CORE_1 0
CPU_A57 MAX_FREQ 918000
GPU MAX_FREQ 640000000

< PM_CONFIG DEFAULT=0 >
"""


def test_a_whole_file_is_read() -> None:
    conf = nvpmodel.parse(GOOD, "nvpmodel.conf")
    assert list(conf.parameters) == ["CPU_ONLINE", "GPU_POWER", "CPU_A57", "GPU"]
    assert {mode.id: mode.name for mode in conf.modes.values()} == {0: "MAXN", 1: "5W"}
    assert conf.default == 0
    clocks = [(p.name, s.argument, hertz) for p, s, hertz in nvpmodel.limits(conf, conf.modes[1])]
    assert clocks == [("CPU_A57", "MAX_FREQ", 918_000_000), ("GPU", "MAX_FREQ", 640_000_000)]
    assert [hertz for _, _, hertz in nvpmodel.limits(conf, conf.modes[0])] == [0, -1, -1]


def test_what_is_written_is_read_back() -> None:
    conf = nvpmodel.parse(GOOD, "nvpmodel.conf")
    again = nvpmodel.parse(nvpmodel.write(conf, ["by hand"]), "again")
    assert again.default == conf.default
    assert {n: p.arguments for n, p in again.parameters.items()} == {
        n: p.arguments for n, p in conf.parameters.items()
    }
    for number, mode in conf.modes.items():
        assert [(s.parameter, s.argument, s.value) for s in again.modes[number].settings] == [
            (s.parameter, s.argument, s.value) for s in mode.settings
        ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# A board's power modes.\n", ""),
        ("DEFAULT=0 >", "DEFAULT=1 >"),
        ("DEFAULT=0 >\n", "DEFAULT=0 >"),  # no newline at the end
        ("DEFAULT=0 >\n", "DEFAULT=0 >\n\n# the end\n"),
        ("CORE_0 /sys", "CORE_0    /sys"),
        ("GPU MAX_FREQ -1", "GPU MAX_FREQ -1   "),
        ("TYPE=FILE  NAME", "TYPE=FILE NAME"),
        ("ID=1 NAME=5W", "ID=7 NAME=MODE_5W_2CORE"),
    ],
)
def test_accepted(old: str, new: str) -> None:
    assert old in GOOD
    nvpmodel.parse(GOOD.replace(old, new), "conf")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("< PARAM TYPE=FILE NAME=CPU_ONLINE >", "<PARAM TYPE=FILE NAME=CPU_ONLINE >", 3, "space after <"),
        ("< PARAM TYPE=FILE NAME=CPU_ONLINE >", "< PARAM TYPE=FILE NAME=CPU_ONLINE>", 3, "before >"),
        ("< PARAM TYPE=FILE NAME=CPU_ONLINE >", " < PARAM TYPE=FILE NAME=CPU_ONLINE >", 3, "first column"),
        ("< PARAM TYPE=FILE NAME=CPU_ONLINE >", "< PARAM NAME=CPU_ONLINE TYPE=FILE >", 3, "is no header"),
        ("< PARAM TYPE=FILE NAME=CPU_ONLINE >", "< PARAMS TYPE=FILE NAME=CPU_ONLINE >", 3, "is no header"),
        ("TYPE=FILE NAME=CPU_ONLINE", "TYPE=file NAME=CPU_ONLINE", 3, "FILE or CLOCK"),
        ("TYPE=FILE NAME=CPU_ONLINE", "TYPE=REG NAME=CPU_ONLINE", 3, "FILE or CLOCK"),
        ("CORE_0 /sys", "CORE_0 sys", 4, "ARG /absolute/path"),
        ("CORE_0 /sys", "/sys", 4, "ARG /absolute/path"),
        ("cpu0/online\n", "cpu0/online # first\n", 4, "ARG /absolute/path"),
        ("CORE_1 /sys", "CORE_0 /sys", 5, "CORE_0 is defined twice"),
        ("NAME=GPU_POWER >", "NAME=CPU_ONLINE >", 7, "CPU_ONLINE is defined twice, first in line 3"),
        ("FREQ_TABLE /sys", "FREQTABLE /sys", 11, "a CLOCK has no FREQTABLE"),
        ("MAX_FREQ /sys/devices/57", "MIN_FREQ /sys/devices/57", 19, "CLOCK without MAX_FREQ"),
        ("ID=0 NAME=MAXN", "ID=-1 NAME=MAXN", 19, "is no header"),
        ("ID=0 NAME=MAXN", "ID=0 NAME=MAX N", 19, "is no header"),
        ("ID=1 NAME=5W", "ID=0 NAME=5W", 27, "ID=0 is defined twice, first in line 19"),
        ("ID=1 NAME=5W", "ID=1 NAME=MAXN", 27, "NAME=MAXN is defined twice, first in line 19"),
        ("CPU_ONLINE CORE_1 0", "CPU_ONLINE CORE_0 0", 28, "first core cannot be taken offline"),
        ("CPU_ONLINE CORE_1 0", "CPU_ONLINE CORE_9 0", 28, "defines no CORE_9"),
        ("CPU_ONLINE CORE_1 0", "CPU_ONLIN CORE_1 0", 28, 'no PARAM CPU_ONLIN is defined above'),
        ("CPU_ONLINE CORE_1 0", "CPU_ONLINE CORE_1", 28, "PARAM ARG value"),
        ("CPU_ONLINE CORE_1 0", "CPU_ONLINE CORE_1 0 0", 28, "PARAM ARG value"),
        ("CPU_A57 MAX_FREQ 918000", "CPU_A57 MAX_FREQ 918MHz", 29, "no whole number; -1 stands for no limit"),
        ("CPU_A57 MAX_FREQ 918000", "CPU_A57 MAX_FREQ -2", 29, "no whole number"),
        ("CPU_A57 MAX_FREQ 918000", "CPU_A57 MAX_FREQ 9.18e5", 29, "no whole number"),
        ("CPU_A57 MAX_FREQ 918000", "CPU_A57 MAX_FREQ 99999999999999999999", 29, "no whole number"),
        ("CPU_A57 MAX_FREQ 918000", "CPU_A57 FREQ_TABLE 918000", 29, "a mode cannot set it"),
        ("GPU MAX_FREQ 640000000", "CPU_A57 MAX_FREQ 918000", 30, "CPU_A57 MAX_FREQ is set twice"),
        ("< PM_CONFIG DEFAULT=0 >", "< PM_CONFIG DEFAULT=2 >", 32, "names no power mode above (known: 0, 1)"),
        ("< PM_CONFIG DEFAULT=0 >", "< PM_CONFIG DEFAULT=MAXN >", 32, "is no header"),
        ("< PM_CONFIG DEFAULT=0 >\n", "", 32, "ends without < PM_CONFIG"),
        ("< PM_CONFIG DEFAULT=0 >\n", "< PM_CONFIG DEFAULT=0 >\nGPU MAX_FREQ -1\n", 33, "nothing may follow"),
        ("< PM_CONFIG DEFAULT=0 >\n", "< FAN_CONFIG DEFAULT=quiet >\n", 32, "comes before PM_CONFIG"),
        ("# A board's power modes.\n", "CORE_0 /sys\n", 1, "stands in no section"),
        ("GPU MAX_FREQ -1\n", "GPU MAX_FREQ -1\r\n", 24, "control character"),
        ("\n# Five watts.\n", "\n< PARAM TYPE=FILE NAME=LATE >\n", 26, "comes after a POWER_MODEL"),
    ],
)  # fmt: skip
def test_refused_with_its_line(old: str, new: str, line: int, words: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as error:
        nvpmodel.parse(GOOD.replace(old, new, 1), "conf")
    assert str(error.value).startswith(f"conf:{line}: ")
    assert words in str(error.value)


def test_a_file_needs_a_mode() -> None:
    with pytest.raises(InputError, match="without a POWER_MODEL"):
        nvpmodel.parse("# nothing\n", "conf")
    with pytest.raises(InputError, match="names no power mode above"):
        nvpmodel.parse("< PM_CONFIG DEFAULT=0 >\n", "conf")


def test_modes_are_found_by_number() -> None:
    conf = nvpmodel.parse(GOOD, "conf")
    assert conf.mode(None, "mode").name == "MAXN"
    assert conf.mode(1, "mode").name == "5W"
    with pytest.raises(InputError, match=r"mode: no power mode 3 \(known: 0 \(MAXN\), 1 \(5W\)\)"):
        conf.mode(3, "mode")


@given(st.text(max_size=200), st.integers(0, len(GOOD)))
def test_any_text_is_read_or_refused(garbage: str, at: int) -> None:
    try:
        conf = nvpmodel.parse(GOOD[:at] + garbage + GOOD[at:], "conf")
    except InputError as error:
        assert str(error).startswith("conf")
    else:
        assert nvpmodel.parse(nvpmodel.write(conf), "again").default == conf.default


def test_a_fan_profile_may_stand_last() -> None:
    conf = nvpmodel.parse(GOOD + "\n# Fan.\n< FAN_CONFIG DEFAULT=quiet >\n", "nvpmodel.conf")
    assert (conf.default, conf.fan) == (0, "quiet")
    assert nvpmodel.parse(nvpmodel.write(conf), "again").fan == "quiet"


@pytest.mark.parametrize(
    "text",
    [
        GOOD + "< FAN_CONFIG DEFAULT=quiet >\n< FAN_CONFIG DEFAULT=cool >\n",
        GOOD + "< FAN_CONFIG DEFAULT= >\n",
        GOOD + "<FAN_CONFIG DEFAULT=quiet>\n",
        GOOD + "< FAN_CONFIG DEFAULT=quiet >\nGPU MAX_FREQ -1\n",
        GOOD.replace("< PM_CONFIG", "< FAN_CONFIG DEFAULT=quiet >\n< PM_CONFIG"),
    ],
)
def test_a_fan_profile_stands_once_and_nowhere_else(text: str) -> None:
    with pytest.raises(
        InputError, match=r"^x:\d+: .*(PM_CONFIG is the last section|FAN_CONFIG comes before)"
    ):
        nvpmodel.parse(text, "x")
