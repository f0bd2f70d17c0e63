# SPDX-License-Identifier: Apache-2.0
"""Indices of functions whose indices are known, and of a sweep."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import chipcast
import numpy as np
import pytest
from chipcast import views
from chipcast.sweep import Axis, Range, Sample, Sweep, quantities
from chipcast.views.indices import indices
from chipcast.views.sampling import Plan, chosen_points, step_of
from chipcast.views.sensitivity import plan_of, read_space
from pictures import check_view


def ishigami(points: list[dict[str, Any]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Ishigami, Homma (1990) with a = 7, b = 0.1."""
    x, y, z = (np.array([float(point[name]) for point in points]) for name in ("x.1", "x.2", "x.3"))
    return np.sin(x) + 7.0 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


CUBE = [Axis(f"x.{k}", Range(-math.pi, math.pi)) for k in (1, 2, 3)]


@pytest.mark.parametrize("seed", [0, 1])
def test_sobol_finds_the_published_indices_of_ishigami(seed: int) -> None:
    plan = Plan(CUBE, "sobol", 2048, seed, second_order=True)
    found, pairs, remarks = indices(plan, ishigami(plan.points()), "latency_s")
    # Sobol, Levitan (1999): S = 0.314, 0.442, 0; total 0.558, 0.442, 0.244; the first and the third together 0.244
    assert list(found["first_order"]) == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert list(found["total_order"]) == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)
    assert list(pairs["second_order"]) == pytest.approx([0.0, 0.2437, 0.0], abs=0.05)
    assert remarks == []


def test_intervals_hold_the_published_indices() -> None:
    published = np.array([[0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]])
    inside = []
    for seed in range(10):
        plan = Plan(CUBE, "sobol", 256, seed)
        found, _, _ = indices(plan, ishigami(plan.points()), "latency_s")
        for names, values in zip(("first_order", "total_order"), published, strict=True):
            inside += list(abs(found[names] - values) <= found[f"{names}_conf"])
    assert np.mean(inside) >= 0.9


def test_morris_finds_the_slopes_of_a_linear_function() -> None:
    axes = [Axis("x.a", Range(0.0, 10.0)), Axis("x.b", Range(-1.0, 1.0)), Axis("x.c", [1, 2, 3])]
    axes.append(Axis("x.d", [False, True]))
    plan = Plan(axes, "morris", 8, seed=3)
    values = [3.0 * point["x.a"] - 2.0 * point["x.b"] + 7.0 * point["x.c"] for point in plan.points()]
    found, pairs, _ = indices(plan, values, "latency_s")
    # from one end of the axis to the other: 3·10, -2·2, 7·2
    assert list(found["mu"]) == pytest.approx([30.0, -4.0, 14.0, 0.0])
    assert list(found["mu_star"]) == pytest.approx([30.0, 4.0, 14.0, 0.0])
    assert list(found["sigma"]) == pytest.approx([0.0] * 4, abs=1e-9)
    assert len(pairs) == 0


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_the_same_seed_is_the_same_table(method: Any) -> None:
    def table(seed: int) -> Any:
        plan = Plan(CUBE, method, 16, seed)
        return indices(plan, ishigami(plan.points()), "latency_s")[0]

    assert table(0).equals(table(0))
    assert not table(0).equals(table(1))


def test_samples_follow_the_axes() -> None:
    axes = [
        Axis("npu.buffer", Range("1 KiB", "1 MiB", scale="log")),
        Axis("mapper", ["greedy", "heft"]),
        Axis("npu.clock", Range("100 MHz", "900 MHz", steps=3)),
    ]
    points = Plan(axes, "sobol", 64).points()
    assert {point["npu.clock"] for point in points} == {"100 MHz", "500 MHz", "900 MHz"}
    assert 0.4 < np.mean([point["mapper"] == "heft" for point in points]) < 0.6
    sizes = [quantities.parse(point["npu.buffer"]) for point in points]
    below = [size is not None and size.base < 32 * 1024 for size in sizes]
    assert 0.4 < np.mean(below) < 0.6  # half of them, by factors


def test_steps_of_morris_over_lists_are_alike() -> None:
    for count in (2, 3, 4, 5, 6, 9):
        axis = Axis("x.n", list(range(count)))
        plan = Plan([axis], "morris", 32)
        values = [point["x.n"] for point in plan.points()]
        steps = {abs(after - before) for before, after in zip(values[::2], values[1::2], strict=True)}
        assert steps == {step_of(axis) * (count - 1)} != {0}


def test_samples_with_a_failed_point_do_not_count() -> None:
    plan = Plan(CUBE, "sobol", 1024)
    values = ishigami(plan.points())
    values[[0, 7, 4001]] = np.nan
    found, _, remarks = indices(plan, values, "latency_s")
    assert list(found["first_order"]) == pytest.approx([0.3139, 0.4424, 0.0], abs=0.05)
    assert remarks == ["latency_s: 3 of 5,120 points have none; 1021 of 1024 samples count"]
    values[::6] = np.nan
    with pytest.raises(
        chipcast.InputError, match=r"latency_s, and \d+ of 1024 samples are whole; at least 50%"
    ):
        indices(plan, values, "latency_s")


def test_what_does_not_vary_has_no_indices() -> None:
    plan = Plan(CUBE, "sobol", 8, second_order=True)
    found, pairs, remarks = indices(plan, np.full(plan.evaluations, 2.5), "energy_j")
    assert found["first_order"].isna().all()
    assert pairs["second_order"].isna().all()
    assert remarks == ["energy_j is the same everywhere"]


def sweep(**members: Any) -> Sweep:
    own: dict[str, Any] = {
        "models": ["mlperf_tiny_kws"],
        "platforms": ["rv1106"],
        "axes": [
            Axis("x.a", Range(0.0, 1.0)),
            Axis("kind", ["low", "middle", "high"], ("x.b",)),
            Axis("x.c", [0, 1]),
            Axis("x.d", ["alone"]),
        ],
        "evaluator": "views_evaluators:linear",
    }
    if "points" not in members and "sample" not in members:
        own["chosen"] = ()  # ranges need no steps
    return Sweep(**{**own, **members})


def test_a_sweep_is_sampled_and_run(tmp_path: Path) -> None:
    found = views.sensitivity(sweep(), samples=64, store=tmp_path / "s.db", jobs=1)
    assert found.outputs == ("latency_s",)
    assert list(found.frame["axis"]) == ["kind", "x.a", "x.c"]
    # variances: a uniform, 2²/12; b of three places, 5²/4·(2/3)
    shares = np.array([25 / 6, 4 / 12]) / (25 / 6 + 4 / 12)
    assert list(found.frame["total_order"][:2]) == pytest.approx(list(shares), abs=0.1)
    assert list(found.frame["first_order"])[2] == 0.0
    assert found.result.counts["done"] <= found.plan.evaluations == 64 * 5
    check_view(found.plot())
    again = views.sensitivity(sweep(), samples=64, store=tmp_path / "s.db", jobs=2)
    assert again.result.summary.progress.reused == again.result.counts["done"]
    assert again.frame.equals(found.frame)


def test_morris_of_a_sweep() -> None:
    found = views.sensitivity(
        sweep(where=["x.a < 2"]), method="morris", samples=4, outputs=["latency_s"], jobs=1
    )
    assert dict(zip(found.frame["axis"], found.frame["mu"], strict=True)) == pytest.approx(
        {"kind": 5e-3, "x.a": 2e-3, "x.c": 0.0}
    )
    assert found.remarks == ("conditions put aside: x.a < 2",)
    view = found.plot(title="Linear")
    assert "effect (ms)" in [axes.get_xlabel() for axes in view.figure.axes]
    assert "Conditions put aside: x.a < 2." in view.caption
    check_view(view)


def test_points_that_fail_are_counted() -> None:
    found = views.sensitivity(sweep(set={"x.fails": 0.02}), samples=64, jobs=1)
    assert found.result.counts["invalid"] > 0
    assert "points have none" in found.remarks[0]
    assert "of them not forecast" in found.plot().caption


def test_points_keep_what_their_axes_set() -> None:
    space = sweep()
    chosen, rows = chosen_points(space, [{"x.a": 0.5, "kind": "low", "x.c": 1}] * 3)
    assert rows == [0, 0, 0]
    assert chosen.chosen == [{"x.a": 0.5, "kind": "low", "x.c": 1, "x.d": "alone"}]
    assert dataclasses.replace(space).digest != chosen.digest


@pytest.mark.parametrize(
    ("members", "options", "message"),
    [
        ({}, {"samples": 100}, r"samples: 100 is not a power of two, as sobol needs \(64 and 128 are\)"),
        ({}, {"samples": 1}, "samples: 1 is not a whole number, 2 or more"),
        ({}, {"method": "fast"}, r'method: "fast" is not known \(known: sobol, morris\)'),
        ({}, {"method": "morris", "second_order": True}, "second_order: only method sobol has it"),
        ({}, {"seed": -1}, "seed: -1 is not a whole number"),
        ({}, {"samples": 1 << 30}, r"samples: .* points; 10,000,000 at most"),
        ({"axes": [], "points": [{"x.a": 1}]}, {}, "points: a sensitivity chooses its own points"),
        ({"axes": [Axis("x.a", [1])]}, {}, "axes: none takes more than one value"),
    ],
)
def test_what_cannot_be_asked(members: dict[str, Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(chipcast.InputError, match=message):
        plan_of(sweep(**members), **options)


def test_outputs_are_checked_before_the_run() -> None:
    with pytest.raises(
        chipcast.InputError, match=r'outputs: no column "latency" \(did you mean "latency_s"\?\)'
    ):
        views.sensitivity(sweep(), outputs=["latency"])
    with pytest.raises(chipcast.InputError, match="neither latency nor energy nor area differs"):
        views.sensitivity(
            sweep(axes=[Axis("x.c", [0, 1])], set={"x.a": 0.5, "x.b": "low"}), samples=2, jobs=1
        )


def test_several_networks_are_an_axis() -> None:
    both = sweep(models=["mlperf_tiny_kws", "mlperf_tiny_ad"], sample=Sample("random", 5))
    assert [axis.name for axis in plan_of(both).axes] == ["model", "x.a", "kind", "x.c"]


def test_ranges_need_no_steps_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "space.json"
    whole = {
        "model": "mlperf_tiny_kws",
        "platform": "rv1106",
        "axes": {"npu.clock": {"from": "1 MHz", "to": "2 MHz"}},
    }
    file.write_text(json.dumps(whole))
    assert read_space(file).axes[0].levels is None
    file.write_text(json.dumps({**whole, "axes": {"npu.clock": {"from": "1 MHz"}}}))
    with pytest.raises(
        chipcast.InputError, match=r"space.json: axes.npu.clock: needs values, or from and to"
    ):
        read_space(file)
