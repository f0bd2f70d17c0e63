# SPDX-License-Identifier: Apache-2.0
"""run, describe, load_model, models, platforms: arguments in, right things or clear errors out."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import chipcast
import pytest
from chipcast import InputError, Result
from chipcast.api import override_list


def test_platforms_and_models_are_listed() -> None:
    assert {"rk3588", "rv1106"} <= set(chipcast.platforms())
    models = {entry["name"]: entry for entry in chipcast.models()}
    assert models["mobilenet_v2"]["macs"] == 300_774_272  # torchvision's MobileNetV2 at 224x224
    # torchvision counts 3,504,872; here scale and shift of the 17,056 normalised channels are folded into one bias.
    assert models["mobilenet_v2"]["parameters"] == 3_504_872 - 17_056


def test_all_ways_to_name_a_model_agree(tmp_path: Path, result: Result) -> None:
    loaded = chipcast.load_model("mobilenet_v2")
    file = tmp_path / "net.json"
    file.write_text(loaded.graph_json)
    reports = [
        chipcast.run(model, "rk3588", dtype="int8").report["totals"]
        for model in (loaded, loaded.graph, file, str(file))
    ]
    assert all(totals == result.report["totals"] for totals in reports)


def test_a_platform_may_be_a_file(tmp_path: Path, result: Result) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(chipcast.describe("rk3588")))
    assert chipcast.run("mobilenet_v2", file, dtype="int8").report["totals"] == result.report["totals"]


def test_equal_inputs_give_equal_bytes(result: Result) -> None:
    again = chipcast.run("mobilenet_v2", "rk3588", dtype="int8")
    assert again.to_json() == result.to_json()
    assert again.trace_bytes() == result.trace_bytes()


def test_totals_of_a_model() -> None:
    totals = chipcast.load_model("mlperf_tiny_ic").totals
    assert totals["macs"] == 12_501_632  # as the benchmark's authors count it
    assert totals["weight_bytes"] == 4 * totals["parameters"]  # fp32


def test_variants_of_a_model() -> None:
    one = chipcast.load_model("mobilenet_v2").totals
    four = chipcast.load_model("mobilenet_v2", model_options={"batch": 4}).totals
    assert four["macs"] == 4 * one["macs"]
    assert four["parameters"] == one["parameters"]
    with pytest.raises(InputError, match="batch"):
        chipcast.load_model("mobilenet_v2", model_options={"batch": 0})
    with pytest.raises(InputError, match="is a file"):
        chipcast.load_model("some.onnx", model_options={"batch": 2})


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("mobilnet_v2", 'did you mean "mobilenet_v2"'),
        ("no/such/file.onnx", "no file"),
        ("nothing.tflite", "no file"),
    ],
)
def test_a_wrong_model_is_an_input_error(model: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        chipcast.run(model, "rk3588")


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    file = tmp_path / "model.h5"
    file.write_bytes(b"x")
    with pytest.raises(InputError, match=r"known: \.onnx, \.tflite, \.param, \.csv, \.json"):
        chipcast.load_model(file)


def test_a_graph_that_is_not_text(tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    file.write_bytes(b"\xff\xfe{}")
    with pytest.raises(InputError, match="UTF-8"):
        chipcast.load_model(file)


def test_a_graph_dict_with_nan() -> None:
    with pytest.raises(InputError, match="not plain JSON"):
        chipcast.load_model({"name": float("nan")})


@pytest.mark.parametrize("platform", ["rk358", "RK3588"])
def test_a_misspelt_platform(platform: str) -> None:
    with pytest.raises(InputError, match='did you mean "rk3588"'):
        chipcast.run("mobilenet_v2", platform)


def test_a_missing_platform_file() -> None:
    with pytest.raises(InputError, match="no file"):
        chipcast.describe("no/such/platform.json")


def test_input_error_is_a_value_error() -> None:
    assert issubclass(InputError, ValueError)
    assert issubclass(chipcast.LimitError, RuntimeError)


@pytest.mark.parametrize(
    "option", [{"dtype": "int9"}, {"mapper": "magic"}, {"devices": ["nope"]}, {"seed": -1}]
)
def test_a_wrong_option_is_an_input_error(option: dict[str, object]) -> None:
    with pytest.raises(InputError, match=next(iter(option))):
        chipcast.run("mobilenet_v2", "rk3588", **option)  # type: ignore[arg-type]


@pytest.mark.parametrize("platform", ["rk3588", "rv1106"])
@pytest.mark.parametrize(
    "limit",
    [{"max_simulated_time": time} for time in ("1 ns", "1 us", "10 us", "333 us", "1 ms")]
    + [{"max_events": events} for events in (1, 1000)],
)
def test_a_run_that_reaches_a_limit_says_so(platform: str, limit: dict[str, Any]) -> None:
    with pytest.raises(chipcast.LimitError, match=next(iter(limit))):
        chipcast.run("mobilenet_v2", platform, dtype="int8", **limit)


@pytest.mark.parametrize("platform", ["rk3588", "rv1106"])
def test_a_run_after_a_cut_off_one_is_the_same(platform: str) -> None:
    before = chipcast.run("mlperf_tiny_ic", platform, dtype="int8").to_json()
    with pytest.raises(chipcast.LimitError):
        chipcast.run("mobilenet_v2", platform, dtype="int8", max_simulated_time="100 us")
    assert chipcast.run("mlperf_tiny_ic", platform, dtype="int8").to_json() == before


def test_the_provenance_holds_the_options() -> None:
    result = chipcast.run("mlperf_tiny_ic", "rk3588", dtype="fp16", devices=["a76"], fuse_activations=False)
    options = result.report["provenance"]["options"]
    assert (options["dtype"], options["devices"], options["fuse_activations"]) == ("fp16", ["a76"], False)


def test_overrides() -> None:
    assert override_list({"a.b": 3, "c": "800 MHz", "d": True}) == ["a.b=3", "c=800 MHz", "d=true"]
    assert override_list(["a=1"]) == ["a=1"]
    assert override_list("a=1") == ["a=1"]


def test_progress_rises_to_the_end_and_may_stop_the_run() -> None:
    seen: list[float] = []
    chipcast.run("mobilenet_v2", "rk3588", progress=lambda fraction: seen.append(fraction) or True)
    assert seen == sorted(seen)
    assert all(0 <= fraction <= 1 for fraction in seen)


def test_other_threads_run_while_a_simulation_does() -> None:
    ticks = 0
    stop = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not stop.is_set():
            ticks += 1
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    started = time.monotonic()
    while time.monotonic() - started < 0.5:
        chipcast.run("resnet50", "rk3588")
    stop.set()
    thread.join()
    assert ticks > 50
