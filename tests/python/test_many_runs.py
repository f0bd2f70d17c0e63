# SPDX-License-Identifier: Apache-2.0
"""Many simulations in one process: equal reports, flat memory."""

from __future__ import annotations

from pathlib import Path

import chipcast

MIB = 1 << 20


def resident_bytes() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS in /proc/self/status")


def test_500_runs_are_equal_and_leave_nothing_behind() -> None:
    model = chipcast.load_model("mlperf_tiny_kws")

    def run() -> str:
        return chipcast.run(model, "rk3588", dtype="int8").to_json()

    expected = run()
    for _ in range(50):  # allocators and caches settle
        assert run() == expected
    before = resident_bytes()
    for _ in range(450):
        assert run() == expected
    assert resident_bytes() - before < 5 * MIB
