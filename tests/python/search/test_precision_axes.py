# SPDX-License-Identifier: Apache-2.0
"""Formats of layers, as an option of a run and as axes of a sweep."""

from __future__ import annotations

import chipcast
import pytest
from chipcast import InputError
from chipcast.mapping import exact
from chipcast.sweep import Axis, Sweep, run_sweep
from chipcast.sweep.fields import Fields
from chipcast.sweep.jobs import Jobs
from chipcast.sweep.space import Point
from support import Command

MODEL = "mlperf_tiny_ic"


def test_a_run_has_its_layers_in_their_formats() -> None:
    plain = chipcast.run(MODEL, "rv1106", dtype="int8")
    mixed = chipcast.run(MODEL, "rv1106", dtype="int8", precision={"class:conv": "int4"})
    wide = chipcast.run(MODEL, "rv1106", dtype="int8", precision={"*": "int16"})
    assert mixed.report["totals"]["latency_s"] != plain.report["totals"]["latency_s"]
    assert wide.report["totals"]["latency_s"] > plain.report["totals"]["latency_s"]
    assert mixed.report["provenance"]["options"]["precision"] == {"class:conv": "int4"}
    assert "precision" not in plain.report["provenance"]["options"]
    same = chipcast.run(MODEL, "rv1106", dtype="int8", precision={"*": "int8"})
    assert same.report["totals"]["latency_s"] == plain.report["totals"]["latency_s"]


def test_all_layers_in_a_format_cost_what_the_format_costs() -> None:
    """But for the last one, which the network's caller reads in int8."""
    whole = chipcast.run(MODEL, "rv1106", dtype="int16").report["totals"]["latency_s"]
    mixed = chipcast.run(MODEL, "rv1106", dtype="int8", precision={"*": "int16"}).report["totals"][
        "latency_s"
    ]
    assert mixed == pytest.approx(whole, rel=0.01)


def test_slips_are_told() -> None:
    with pytest.raises(InputError, match=r"precision\.conv9: no operator of"):
        chipcast.run(MODEL, "rv1106", precision={"conv9": "int4"})
    with pytest.raises(InputError, match="int5"):
        chipcast.run(MODEL, "rv1106", precision={"*": "int5"})
    with pytest.raises(InputError, match=r"does not compute in|no device"):
        chipcast.run(MODEL, "rv1106", devices=["npu"], dtype="int8", precision={"*": "fp64"})


def test_the_exact_mapper_takes_them_too() -> None:
    assert exact.solve
    mixed = chipcast.run("mlperf_tiny_ad", "rv1106", mapper="exact", dtype="int8", precision={"*": "int16"})
    assert mixed.report["totals"]["latency_s"] > 0.0


def test_the_command_takes_them(command: Command) -> None:
    done = command(
        "run", MODEL, "--on", "rv1106", "--dtype", "int8", "--precision", "class:conv=int4", "--json"
    )
    assert done.code == 0, done.stderr
    assert done.json["provenance"]["options"]["precision"] == {"class:conv": "int4"}
    wrong = command("run", MODEL, "--on", "rv1106", "--precision", "int4")
    assert wrong.code == 2
    assert "LAYERS=FORMAT" in wrong.stderr


def test_axes_set_formats_of_layers() -> None:
    axes = [
        Axis("precision.class:conv", ["int4", "int8", None]),
        Axis("ends", ["int8", "int16"], ("precision.conv1", "precision.fc")),
    ]
    result = run_sweep(
        Sweep([MODEL], ["rv1106"], axes, set={"dtype": "int8"}, area=False, keep={"ops": "ops"}), jobs=1
    )
    lines = list(result.table.records())
    assert {line["state"] for line in lines} <= {"done", "invalid"}
    for line in lines:
        assert (line["state"] == "invalid") == ("no operator" in str(line["reason"]))


def test_patterns_count_in_their_order() -> None:
    fields = Fields()
    fields.put("precision", {"*": "int8", "conv1": "int4"})
    fields.put("precision.*", "int16")
    assert list(fields.options["precision"].items()) == [("conv1", "int4"), ("*", "int16")]
    fields.put("precision.*", None)
    fields.put("precision.conv1", None)
    assert "precision" not in fields.options
    sweep = Sweep([MODEL], ["rv1106"], points=[{}, {}])
    jobs = Jobs(sweep)
    keys = [
        jobs.key(jobs.job(Point(0, {"precision": dict(order)})))
        for order in ([("*", "int8"), ("fc", "int4")], [("fc", "int4"), ("*", "int8")])
    ]
    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    ("values", "told"),
    [(["int5"], 'did you mean "int'), ([7], "7 is no format"), ([["int8"]], "is no format")],
)
def test_formats_that_are_none_are_found_before_the_first_point(values: list[object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        Sweep([MODEL], ["rv1106"], [Axis("precision.conv1", values)])


def test_formats_of_layers_reach_the_simulation() -> None:
    """A point gives what `chipcast.run` gives, also after another one of the same network."""
    axes = [Axis("precision.conv1", ["int4", "int8", "int16"])]
    result = run_sweep(Sweep(["resnet18"], ["rv1106"], axes, set={"dtype": "int8"}), jobs=1)
    found = result.to_pandas()["latency_s"].tolist()
    expected = [
        chipcast.run("resnet18", "rv1106", dtype="int8", precision={"conv1": dtype}).latency_s
        for dtype in ("int4", "int8", "int16")
    ]
    assert found == pytest.approx(expected)
    assert len(set(found)) > 1
