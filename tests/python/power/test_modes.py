# SPDX-License-Identifier: Apache-2.0
"""Power modes out of a platform, and into knobs: nothing off the table passes in either direction."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from chipcast import InputError
from chipcast.power import nvpmodel
from chipcast.power.domains import Described, Domain, Point, describe
from chipcast.power.forecasting import with_mode
from chipcast.power.knobs import Knobs
from chipcast.power.modes import ModeKnobs, check_clocks, read_mode, read_mode_file, write_mode
from chipcast.power.setup import check_clocks_once
from hypothesis import given
from hypothesis import strategies as st

BIG = (Point(408e6, 0.7), Point(1.2e9, 0.8), Point(1.8e9, 1.0))
NPU = (Point(200e6, 0.7), Point(600e6, 0.8))
DEVICES = {"a55": {"type": "cpu", "cores": 2}, "a76": {"type": "cpu", "cores": 2}, "npu0": {"type": "npu"}}


def board(**clocks: float) -> Described:
    domains = {
        "little": Domain("little", ("a55",), clock_hz=1.4e9),
        "big": Domain("big", ("a76",), BIG, clocks.get("big", 1.8e9)),
        "npu": Domain("npu", ("npu0",), NPU, clocks.get("npu", 600e6)),
        "ram": Domain("ram", ("lpddr4",), (Point(800e6, 0.6), Point(1.6e9, 0.6)), clocks.get("ram")),
    }
    return Described("board", {"devices": DEVICES, "memories": {"lpddr4": {}}}, domains)


def conf(*settings: str, name: str = "NPU", path: str = "/sys/class/devfreq/npu/max_freq") -> nvpmodel.Conf:
    return nvpmodel.parse(
        f"< PARAM TYPE=CLOCK NAME={name} >\nMAX_FREQ {path}\nMIN_FREQ {path.replace('max', 'min')}\n"
        "< PARAM TYPE=FILE NAME=CPU_ONLINE >\n"
        + "".join(f"CORE_{i} /sys/devices/system/cpu/cpu{i}/online\n" for i in range(6))
        + "< POWER_MODEL ID=4 NAME=M >\n"
        + "".join(f"{setting}\n" for setting in settings)
        + "< PM_CONFIG DEFAULT=4 >\n",
        "conf",
    )


@given(big=st.sampled_from(BIG), npu=st.sampled_from(NPU), cores=st.integers(1, 2), governed=st.booleans())
def test_what_is_written_passes_the_reader_and_comes_back(
    big: Point, npu: Point, cores: int, governed: bool
) -> None:
    described = board(big=big.clock_hz, npu=npu.clock_hz, ram=1.6e9)
    text = write_mode(described, governed=governed, cores={"a76": cores}, name="MODE_1")
    read = nvpmodel.parse(text, "written")
    knobs = read_mode(read, read.mode(None, "mode"), described, "written")
    assert knobs.limits == {"big": big.clock_hz, "npu": npu.clock_hz, "ram": 1.6e9}
    assert knobs.cores == ({} if cores == 2 else {"a76": 1})
    fixed = {
        name: clock
        for name, clock in knobs.limits.items()
        if clock != described.domains[name].points[0].clock_hz
    }
    assert knobs.floors == ({} if governed else fixed)
    assert (knobs.unused, knobs.remarks) == ([], [])


@pytest.mark.parametrize("name", ["jetson-nano", "jetson-tx2", "jetson-xavier-nx", "rk3588"])
def test_bundled_platforms_have_modes(name: str) -> None:
    described = describe(name)
    text = write_mode(described, governed=True)
    read = nvpmodel.parse(text, "written")
    limits = read_mode(read, read.mode(0, "mode"), described, "written").limits
    assert limits and limits == {d.name: d.clock_hz for d in described.domains.values() if d.points}
    number = next(line.split()[2] for line in text.splitlines() if "MAX_FREQ" in line and "/" not in line)
    with pytest.raises(InputError, match="is no operating point of"):
        check_clocks(
            nvpmodel.parse(text.replace(f" {number}\n", f" {int(number) + 1}\n"), "x"), described, "x"
        )


def test_cpu_clocks_are_kilohertz_and_others_hertz() -> None:
    text = write_mode(board(), governed=True)
    assert "CPU_A76_2 MAX_FREQ 1800000\n" in text
    assert "CPU_A76_3 MIN_FREQ 408000\n" in text
    assert "NPU MAX_FREQ 600000000\n" in text
    assert "CPU_ONLINE CORE_3 1\n" in text
    assert "RAM MAX_FREQ -1\n" in text  # no clock is configured


def test_cores_that_stay_off_have_no_clock() -> None:
    text = write_mode(board(), governed=True, cores={"a76": 1})
    assert "CPU_ONLINE CORE_3 0\n" in text
    assert "CPU_A76_2 MAX_FREQ" in text and "CPU_A76_3" not in text


def test_a_clock_that_kilohertz_cannot_say_is_refused() -> None:
    odd = board()
    odd.domains["big"] = dataclasses.replace(
        odd.domains["big"], points=(Point(408000500.0, 0.7),), clock_hz=408000500.0
    )
    with pytest.raises(InputError, match=r"408\.0005 MHz of big is no whole number of kHz"):
        write_mode(odd, governed=False)


def test_a_platform_without_knobs_is_refused() -> None:
    bare = Described(
        "bare", {"devices": {"npu0": {"type": "npu"}}, "memories": {}}, {"npu0": Domain("npu0", ("npu0",))}
    )
    with pytest.raises(InputError, match='"bare" has neither CPU cores nor operating points'):
        write_mode(bare, governed=False)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (conf("NPU MAX_FREQ 599999999"), "conf:12: NPU MAX_FREQ: 599.999999 MHz is no operating point of \"npu\""),
        (conf("NPU MAX_FREQ 600000"), "(known: 200 MHz, 600 MHz)"),
        (conf("NPU MAX_FREQ 0"), "no operating point"),
        (conf("NPU MIN_FREQ 300000000"), "conf:12: NPU MIN_FREQ: 300 MHz is no operating point"),
        (conf("NPU MIN_FREQ 600000000", "NPU MAX_FREQ 200000000"), "keeps npu above 600 MHz and below 200 MHz"),
        (conf("CPU_ONLINE CORE_5 1"), "conf:12: CPU_ONLINE CORE_5: board has 4 CPU cores"),
        (conf("CPU_ONLINE CORE_1 yes"), "neither 0 nor 1"),
        (conf("L MAX_FREQ 1200000", name="L", path="/sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq"),
         '"little" has no operating points; it runs at 1.4 GHz'),
        (conf("B MAX_FREQ 1200", name="B", path="/sys/devices/system/cpu/cpu2/cpufreq/scaling_max_freq"),
         "1.2 MHz is no operating point of \"big\""),
    ],
)  # fmt: skip
def test_refused_not_rounded(file: nvpmodel.Conf, words: str) -> None:
    with pytest.raises(InputError) as error:
        check_clocks(file, board(), "conf")
    assert words in str(error.value)


def test_no_limit_and_the_only_clock_pass() -> None:
    path = "/sys/devices/system/cpu/cpu1/cpufreq/scaling_max_freq"
    for value in ("-1", "1400000"):
        file = conf(f"L MAX_FREQ {value}", name="L", path=path)
        assert read_mode(file, file.modes[4], board(), "conf").limits == {}


def test_clusters_without_cores_are_not_used() -> None:
    file = conf("CPU_ONLINE CORE_2 0", "CPU_ONLINE CORE_3 0", "CPU_ONLINE CORE_1 0")
    knobs = read_mode(file, file.modes[4], board(), "conf")
    assert (knobs.cores, knobs.unused) == ({"a55": 1}, ["a76"])


def test_what_the_platform_does_not_hold_is_said() -> None:
    file = conf("GPU MAX_FREQ 612000000", name="GPU", path="/sys/gpu/max_freq")
    assert read_mode(file, file.modes[4], board(), "conf").remarks == [
        "GPU MAX_FREQ: no such domain in board"
    ]
    none = conf("GPU MAX_FREQ -1", name="GPU", path="/sys/gpu/max_freq")
    assert read_mode(none, none.modes[4], board(), "conf").remarks == []


def test_a_domain_of_loads_has_no_clock() -> None:
    described = board()
    described.domains["gpu"] = Domain("gpu", ("gpu",))
    file = conf("GPU MAX_FREQ 612000000", name="GPU", path="/sys/gpu/max_freq")
    remarks = read_mode(file, file.modes[4], described, "conf").remarks
    assert remarks == ["GPU MAX_FREQ: gpu has no clock in the platform file"]


def test_the_memory_answers_to_nvidias_name() -> None:
    file = conf("EMC MAX_FREQ 800000000", name="EMC", path="/sys/kernel/nvpmodel_clk_cap/emc_max")
    assert read_mode(file, file.modes[4], board(), "conf").limits == {"ram": 800e6}


def test_files_are_named_with_a_mode(tmp_path: Path) -> None:
    path = tmp_path / "nvpmodel.conf"
    path.write_text(write_mode(board(), governed=False, number=3))
    assert read_mode_file(f"{path}:3", board()).name == "CHIPCAST"
    assert read_mode_file(str(path), board()).limits == {"big": 1.8e9, "npu": 600e6}
    with pytest.raises(InputError, match="no power mode 1"):
        read_mode_file(f"{path}:1", board())
    with pytest.raises(InputError, match="cannot read"):
        read_mode_file(str(tmp_path / "none.conf"), board())


def test_offline_clusters_are_written_and_come_back() -> None:
    text = write_mode(board(), governed=False, cores={"a76": 0})
    assert "CPU_ONLINE CORE_2 0\nCPU_ONLINE CORE_3 0\n" in text
    assert "CPU_A76" not in text
    read = nvpmodel.parse(text, "written")
    assert read_mode(read, read.mode(0, "mode"), board(), "written").unused == ["a76"]
    with pytest.raises(InputError, match='"a55" holds core 0, which cannot be taken offline'):
        write_mode(board(), governed=False, cores={"a55": 0})


def test_a_clock_stands_before_a_mode() -> None:
    mode = ModeKnobs("SLOW", limits={"big": 408e6, "npu": 200e6}, floors={"big": 408e6}, unused=["a55"])
    knobs, devices, _ = with_mode(Knobs(clocks={"a76": 1.8e9}), mode, None, board())
    assert knobs.limits == {"big": 1.8e9, "npu": 200e6}
    assert knobs.floors == {"big": 408e6}
    assert (knobs.offline, devices) == (("a55",), ["a76", "npu0"])
    with pytest.raises(InputError, match=r"clock npu: 300 MHz is no operating point"):
        with_mode(Knobs(clocks={"npu": 300e6}), mode, None, board())
    slow = ModeKnobs("FAST", limits={"big": 1.8e9}, floors={"big": 1.8e9}, unused=["a55"])
    knobs, devices, _ = with_mode(Knobs(clocks={"big": 1.2e9}, cores={"a55": 1}), slow, None, board())
    assert (knobs.limits, knobs.floors) == ({"big": 1.8e9}, {"big": 1.2e9})
    assert (knobs.offline, devices) == ((), None)  # cores by name stand before the mode too


def test_one_clock_for_a_domain() -> None:
    check_clocks_once(board(), Knobs(clocks={"big": 1.8e9, "n*": 6e8}))
    with pytest.raises(InputError, match='clock: "n\\*" and "npu" both set "npu"; give it one clock'):
        check_clocks_once(board(), Knobs(clocks={"npu": 2e8, "n*": 6e8}))
