# SPDX-License-Identifier: Apache-2.0
"""Pictures and sensitivities as people ask for them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from chipcast.sweep import Store
from support import Command


def write(folder: Path, **members: Any) -> Path:
    file = folder / "kws.json"
    whole = {
        "model": "mlperf_tiny_kws",
        "platform": "rv1106",
        "options": {"dtype": "int8"},
        "axes": {"npu.clock": ["300 MHz", "600 MHz"], "npu.launch": ["5 us", "50 us"]},
        "area": False,
        **members,
    }
    file.write_text(json.dumps(whole))
    return file


def test_a_sweep_writes_the_pictures_that_fit(command: Command, tmp_path: Path) -> None:
    options = ("--jobs", 1, "--plots", "pictures", "--objectives", "latency_s,max:peak_power_w")
    done = command("sweep", write(tmp_path), *options, cwd=tmp_path)
    assert done.code == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("Picture")] == [
        "Picture: pictures/pareto.svg",
        "Picture: pictures/parallel.svg",
    ]
    assert (
        (tmp_path / "pictures" / "pareto.csv")
        .read_text()
        .startswith("point,state,npu.clock,npu.launch,latency_s")
    )
    assert "peak power (mW), more is better" in (tmp_path / "pictures" / "pareto.svg").read_text()


def test_one_axis_is_a_curve(command: Command, tmp_path: Path) -> None:
    spec = write(tmp_path, axes={"npu.clock": ["300 MHz", "600 MHz", "6 mhz"]}, tier="analytic")
    done = command("sweep", spec, "--jobs", 1, "--plots", "p", cwd=tmp_path)
    assert done.code == 0, done.stderr
    picture = (tmp_path / "p" / "analytic_latency_s.svg").read_text()
    assert "1 of 3 points are not shown: 1 invalid" in " ".join(picture.split())


def test_samples_show_how_the_front_grew(command: Command, tmp_path: Path) -> None:
    axes = {"npu.clock": {"from": "300 MHz", "to": "900 MHz"}, "npu.launch": {"from": "5 us", "to": "50 us"}}
    spec = write(tmp_path, axes=axes, sample={"method": "latin_hypercube", "points": 4})
    done = command("sweep", spec, "--jobs", 1, "--plots", tmp_path / "p", "--quiet", cwd=tmp_path)
    assert (done.code, done.stderr) == (0, "")
    assert (tmp_path / "p" / "hypervolume.svg").is_file()


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--plots", "p", "--objectives", "latncy_s"), 3, 'no column "latncy_s" (did you mean "latency_s"?)'),
        (("--plots", "kws.json"), 3, '--plots: cannot make the folder "kws.json"'),
        (("--objectives", "latency_s"), 2, "--objectives goes with --plots"),
    ],
)
def test_mistakes_are_told_before_the_run(
    command: Command, tmp_path: Path, options: tuple[str, ...], code: int, message: str
) -> None:
    done = command("sweep", write(tmp_path), *options, cwd=tmp_path)
    assert done.code == code
    assert message in done.stderr
    assert not list(tmp_path.glob("*.db"))


def test_sensitivities_are_a_table_and_a_picture(command: Command, tmp_path: Path) -> None:
    options = ("--samples", 4, "--output", "latency_s", "--second-order", "--plots", "p", "--jobs", 1)
    done = command("sensitivity", write(tmp_path), *options, cwd=tmp_path)
    assert done.code == 0, done.stderr
    assert done.stdout.startswith("Latency: share of the variance")
    assert "npu.launch" in done.stdout
    assert "Pairs" in done.stdout
    assert done.stderr == "Picture: p/sensitivity-sobol.svg\n"
    rows = (tmp_path / "p" / "sensitivity-sobol.csv").read_text().splitlines()
    assert rows[0] == "output,axis,first_order,first_order_conf,total_order,total_order_conf"


def test_sensitivities_use_the_store_of_the_sweep(command: Command, tmp_path: Path) -> None:
    spec = write(tmp_path, where=["npu.clock > '1 MHz'"])
    assert command("sweep", spec, "--jobs", 1, cwd=tmp_path).code == 0
    options = ("--method", "morris", "--samples", 4, "--json", "--jobs", 1)
    done = command("sensitivity", spec, *options, cwd=tmp_path)
    assert done.code == 0, done.stderr
    assert done.json["counts"] == {"done": 4}
    assert {row["output"] for row in done.json["indices"]} == {"latency_s", "energy_j"}
    assert done.json["remarks"] == ["conditions put aside: npu.clock > '1 MHz'"]
    slower = next(
        row for row in done.json["indices"] if row["axis"] == "npu.clock" and row["output"] == "latency_s"
    )
    assert slower["mu"] < 0.0 < slower["mu_star"]


def test_ctrl_c_keeps_what_was_done(tmp_path: Path) -> None:
    clock = {"from": "200 MHz", "to": "900 MHz"}
    spec = write(tmp_path, axes={"npu.clock": clock, "npu.launch": ["5 us", "50 us"]}, model="mobilenet_v2")
    process = subprocess.Popen(
        [sys.executable, "-m", "chipcast", "sensitivity", str(spec), "--samples", "4096", "--jobs", "1"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_points(tmp_path / "kws.sweep.db", 2)
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert said.splitlines() == ["run it again and it goes on (kws.sweep.db)", "error: interrupted"]


def wait_for_points(store: Path, points: int) -> None:
    for _ in range(600):
        if store.exists():
            with Store(store) as journal:
                if len(journal.keys("done")) >= points:
                    return
        time.sleep(0.1)
    raise AssertionError("nothing done after a minute")


def test_a_dry_run_counts(command: Command, tmp_path: Path) -> None:
    spec = write(tmp_path)
    plan = command("sensitivity", spec, "--dry-run", "--samples", 8, "--json", cwd=tmp_path)
    assert plan.json == {"method": "sobol", "samples": 8, "points": 32, "axes": ["npu.clock", "npu.launch"]}
    words = command("sensitivity", spec, "--dry-run", "--method", "morris", cwd=tmp_path)
    assert words.stdout == "morris, 16 samples over npu.clock, npu.launch: at most 48 points\n"
    assert not list(tmp_path.glob("*.db"))


def test_mistakes_of_sensitivities_are_one_line(command: Command, tmp_path: Path) -> None:
    spec = write(tmp_path)
    assert "samples: 5 is not a power of two" in command("sensitivity", spec, "--samples", 5).error_line
    huge = command("sensitivity", spec, "--samples", 1 << 20, cwd=tmp_path)
    assert "4,194,304 points; --yes runs them" in huge.error_line
    assert 'no column "speed"' in command("sensitivity", spec, "--output", "speed").error_line
    bare = write(tmp_path, axes={})
    assert "axes: none takes more than one value" in command("sensitivity", bare).error_line
    assert command("sensitivity", tmp_path / "absent.json").code == 3
