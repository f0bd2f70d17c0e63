# SPDX-License-Identifier: Apache-2.0
"""What a case means: its platform, device, kernels and network, in the spelling of its source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import chipcast
import pytest
from chipcast import InputError
from chipcast.fidelity import workloads
from chipcast.fidelity.case import UNITS, Case
from chipcast.fidelity.devices import choose
from chipcast.fidelity.forecast import forecast
from chipcast.fidelity.platforms import platform_of
from chipcast.fidelity.read import read_cases
from chipcast.fidelity.runtimes import Runtime, resolved, runtime_of
from chipcast.fidelity.workloads import workload_of
from support import ROOT

KWS = Case(
    "kws", "nucleo-l4r5zi", "m4", "", "mlperf_tiny_kws", "int8", 1, 1, "latency", 1.0, "ms", "", "score"
)
SHARED = ROOT.parent / "shared"

needs_models = pytest.mark.skipif(
    not (SHARED / "models/ncnn").is_dir(), reason="no public model files: ../shared is absent"
)


def case(**changes: Any) -> Case:
    return replace(KWS, **changes)


def value(**changes: Any) -> float:
    return forecast(case(**changes), base=ROOT).value


def test_quantities_and_units() -> None:
    run = chipcast.run("mlperf_tiny_kws", "nucleo-l4r5zi", dtype="int8")
    assert value() == pytest.approx(run.latency_s * 1e3)
    assert value(unit="us") == pytest.approx(run.latency_s * 1e6)
    assert value(quantity="energy", unit="uJ") == pytest.approx(run.energy_j * 1e6)
    assert value(quantity="power", unit="mW") == pytest.approx(run.average_power_w * 1e3)
    assert value(quantity="throughput", unit="fps") == pytest.approx(1 / run.latency_s)
    assert value(quantity="traffic", unit="KiB") == pytest.approx(run.traffic_bytes / 1024)
    assert value(quantity="cycles", unit="kcycles") == pytest.approx(run.latency_s * 120e6 / 1e3)


def test_shares_of_operator_classes() -> None:
    shares = forecast(KWS, base=ROOT).classes
    assert sum(shares.values()) == pytest.approx(1.0)
    assert {"conv", "conv 1x1", "depthwise_conv"} <= set(shares)
    assert shares["conv 1x1"] > shares["conv"]  # DS-CNN: four 1x1 convolutions with most of the products


def test_overrides_and_overlays(tmp_path: Path) -> None:
    half = forecast(KWS, base=ROOT, overrides={"m4.clock": "60 MHz"}).value
    assert half > 1.8 * value()
    overlay = tmp_path / "slow.json"
    overlay.write_text('{"extends": "platforms/nucleo-l4r5zi.json", "devices": {"m4": {"clock": "60 MHz"}}}')
    assert forecast(KWS, base=ROOT, platform=overlay).value == pytest.approx(half)
    assert forecast(case(platform="slow.json"), base=tmp_path).value == pytest.approx(half)


def test_what_limits_is_the_reports_own_word() -> None:
    assert forecast(KWS, base=ROOT).limited_by == "compute"
    assert forecast(KWS, base=ROOT).device_class == "mcu"
    assert forecast(case(platform="rk3588", device="npu"), base=ROOT).device_class == "npu"


@pytest.mark.parametrize(
    ("platform", "device", "threads", "devices", "overrides"),
    [
        ("rk3588", "a76", 4, ("a76",), {}),
        ("rk3588", "Cortex-A55", 1, ("a55",), {"a55.cores": 1}),
        ("rk3588", "cpu", 1, ("a76",), {"a76.cores": 1}),
        ("rk3588", "cpu", 8, ("a55",), {"a55.cores": 8}),
        ("rk3588", "npu", 1, ("npu0",), {}),
        ("rk3588", "npu", 3, ("npu0", "npu1", "npu2"), {}),
        ("rk3588", "npu2", 1, ("npu2",), {}),
        ("snapdragon-855-plus", "a76", 1, ("a76_prime",), {}),
        ("snapdragon-855-plus", "a76", 4, ("a76",), {"a76.cores": 4}),
        ("snapdragon-855-plus", "Kryo485-Prime(A76-based)", 1, ("a76_prime",), {}),
        ("snapdragon-855-plus", "a76_prime", 1, ("a76_prime",), {}),
        ("qcs6490", "npu", 1, ("dsp",), {}),
        ("qcs6490", "Hexagon", 1, ("dsp",), {}),
        ("nucleo-l4r5zi", "cortex-m4", 1, ("m4",), {}),
        ("gap9", "ne16", 1, ("ne16",), {}),
        ("ethos-u65-256", "Arm Ethos-U65", 1, ("npu",), {}),
        ("apple-m1", "firestorm", 1, ("firestorm",), {"firestorm.cores": 1}),
        ("rk3588", "", 1, (), {}),
        ("gap9", "GAP9", 1, ("ne16",), {}),
        ("nucleo-l4r5zi", "NUCLEO-L4R5ZI", 1, ("m4",), {}),
    ],
)
def test_devices(
    platform: str, device: str, threads: int, devices: tuple[str, ...], overrides: dict[str, Any]
) -> None:
    chosen = choose(case(device=device, threads=threads), chipcast.describe(platform))
    assert (chosen.devices, dict(chosen.overrides)) == (devices, overrides)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"platform": "rk3599"}, 'platform: "rk3599" is not known (did you mean "rk3399"?)'),
        ({"device": "gpu"}, 'device: "gpu" is not on nucleo-l4r5zi (known: Cortex-M4F, m4)'),
        ({"threads": 2}, "threads: 2 are more than the 1 cores of m4"),
        (
            {"platform": "rk3588", "device": "npu", "threads": 4},
            "threads: 4 are more than the 3 devices of npu",
        ),
        ({"runtime": "ncnm"}, 'runtime: "ncnm" is not known (did you mean "ncnn"?)'),
        ({"runtime": "rknn"}, 'runtime: "rknn" runs on npu; m4 is of type cpu'),
        ({"runtime": "ncnn"}, "runtime: ncnn has no kernels for m4 here"),
        (
            {"workload": "folder/mlperf_tiny_kws.onnx"},
            'workload: no file "folder/mlperf_tiny_kws.onnx" from the folder',
        ),
        ({"workload": "/none/squeezenet.param"}, 'workload: no file "/none/squeezenet.param"'),
        ({"platform": "gap9", "device": "ne16", "runtime": "tflm-2.3"}, "are kernels of a CPU; ne16 is none"),
        (
            {"workload": "mobilenet_v9"},
            'workload: "mobilenet_v9" is neither a bundled network nor a model file',
        ),
        ({"workload": "none.onnx"}, 'workload: no file "none.onnx"'),
        ({"workload": "folder/none"}, 'workload: no file "folder/none"'),
        ({"quantity": "cycles", "device": ""}, "cycles are those of one device"),
    ],
)
def test_what_is_unknown_is_named_with_its_column(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        forecast(case(**changes), base=ROOT)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("rk3588", "rk3588"),
        ("RK3588 (OrangePi5 Plus)", "rk3588"),
        ("Raspberry Pi 4B (BCM2711)", "raspberry-pi-4"),
        ("Snapdragon 855+ (SM8150-AC)", "snapdragon-855-plus"),
        ("Allwinner H2+", "allwinner-h2-plus"),
        ("Kirin 970", "kirin-970"),
        ("RK3566/RK3568", "rk3566"),
        ("NUCLEO-U575ZI-Q", "nucleo-u575"),
        ("STM32L4R5ZIT6P", "nucleo-l4r5zi-p"),
        ("GAP9 EVK", "gap9"),
        ("jetson-nano", "nvidia-jetson-nano"),
    ],
)
def test_platforms_as_sources_spell_them(text: str, name: str) -> None:
    assert platform_of(text, ROOT).stem == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("tflm-2.3", "tflm-2.3"),
        ("TensorFlow Lite for Microcontrollers v2.3.1", "tflm-2.3"),
        ("X-CUBE-AI v8.1.0", "st-x-cube-ai-8.1"),
        ("STM32Cube.AI 7.3.0", "st-x-cube-ai-7.3"),
        ("tensorflow lite micro", "tflm-2.3"),
        ("x-cube-ai-8.0", "st-x-cube-ai-7.3"),
        ("st-x-cube-ai-9.0", "st-x-cube-ai-10"),
        ("X-CUBE-AI v10.2", "st-x-cube-ai-10"),
        ("X-CUBE-AI v5.0", "st-x-cube-ai-7.1"),
        ("microTVM", "microtvm"),
        ("microtvm-cmsis-nn", "microtvm-cmsis-nn"),
        ("ONNC", "cmsis-nn-s8"),
    ],
)
def test_kernels_of_microcontrollers(text: str, name: str) -> None:
    m4 = chipcast.describe("nucleo-l4r5zi")["devices"]["m4"]
    assert runtime_of(text, "m4", m4).overrides == {"m4.profile": resolved(f"profiles/{name}.json")}


def test_calls_of_a_dsp_are_the_runtimes() -> None:
    dsp = {"type": "dsp", "call": "400 us"}
    assert not runtime_of("tflite", "dsp", dsp).overrides
    assert runtime_of("qnn_dlc", "dsp", dsp).overrides == {"dsp.call": "680 us"}
    assert runtime_of("ONNX Runtime", "dsp", dsp).overrides == {"dsp.call": "1280 us"}
    assert not runtime_of("onnx", "npu0", {"type": "npu"}).overrides
    assert runtime_of("tflite", "dsp", dsp).headless


def test_calls_of_a_dsp_are_what_the_cases_say() -> None:
    """1 + mean excess over TFLite's rows, over the chip's call; the mean of the chips."""
    file = ROOT / "tests" / "validation" / "cases" / "aihub.csv"
    rows = {(c.platform, c.runtime, c.workload): c.measured for c in read_cases(file).cases}
    for runtime, chips in (("qnn_dlc", ("qcs6490", "snapdragon-8-gen-3")), ("onnx", ("snapdragon-8-gen-3",))):
        factors = []
        for chip in chips:
            dsp = chipcast.describe(chip)["devices"]["dsp"]
            call_ms = float(str(dsp["call"]).split()[0]) / 1e3
            excess = [
                ms - rows[chip, "tflite", net]
                for (c, r, net), ms in rows.items()
                if (c, r) == (chip, runtime)
            ]
            factors.append(1 + sum(excess) / len(excess) / call_ms)
        ours = runtime_of(runtime, "dsp", {"type": "dsp", "call": "100 us"}).overrides["dsp.call"]
        assert float(ours.split()[0]) / 100 == pytest.approx(sum(factors) / len(factors), rel=0.03)


def test_ncnn_brings_its_kernels_where_a_platform_has_others() -> None:
    devices = chipcast.describe("qcs6490")["devices"]
    overrides = runtime_of("ncnn", "a78", devices["a78"]).overrides
    assert overrides["a78.profile"]["name"].startswith("ncnn")
    assert overrides["a78.memory_stall"] > 0  # of a chip that was not measured
    rk3588 = chipcast.describe("rk3588")["devices"]
    assert not runtime_of("ncnn", "a76", rk3588["a76"]).overrides


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("mobilenetv2-12", "mobilenet_v2"),
        ("MobileNet-v2", "mobilenet_v2"),
        ("squeezenet_v1.1", "squeezenet1_1"),
        ("IC", "mlperf_tiny_ic"),
        ("KWS", "mlperf_tiny_kws"),
        ("keyword-spotting_DSCNN", "mlperf_tiny_kws"),
        ("visual-wake-word", "mlperf_tiny_vww"),
        ("ResNet50 v1.5", "resnet50_v1_5"),
    ],
)
def test_networks_as_sources_spell_them(name: str, network: str, tmp_path: Path) -> None:
    got = workload_of(case(workload=name), runtime_of("", "", None), tmp_path)
    assert got.model.source == network
    assert got.dtype == "int8"


def test_variants_by_their_usual_names(tmp_path: Path) -> None:
    got = workload_of(case(workload="mobilenet_v2_0.5_160"), runtime_of("", "", None), tmp_path)
    macs = got.model.totals["macs"]
    assert macs == pytest.approx(50e6, rel=0.05)  # TensorFlow's table of MobileNetV2: 0.5_160 has 50 M


def test_batches() -> None:
    four = forecast(
        case(platform="rk3588", device="npu", workload="mobilenet_v2", runtime="rknn", batch=4), base=ROOT
    )
    assert four.report["network"]["macs"] == pytest.approx(4 * 301e6, rel=0.01)


def test_rknn_files_end_in_scores() -> None:
    on_npu = case(platform="rk3588", device="npu", workload="mobilenet_v2", runtime="rknn")
    assert not [op for op in forecast(on_npu, base=ROOT).report["ops"] if op["kind"] == "softmax"]


def test_what_an_engine_cannot_run_goes_to_the_cpu() -> None:
    used = {op["device"] for op in forecast(case(platform="gap9", device="ne16"), base=ROOT).report["ops"]}
    assert {"ne16", "cluster"} <= used


@needs_models
def test_ncnns_networks_are_its_own_files() -> None:
    ncnn = runtime_of("ncnn", "a76", chipcast.describe("rk3588")["devices"]["a76"])
    plain = workload_of(case(workload="squeezenet", dtype="fp16"), ncnn, ROOT)
    assert (Path(plain.model.source).name, plain.dtype) == ("squeezenet.param", None)
    quantised = workload_of(case(workload="squeezenet"), ncnn, ROOT)
    assert (Path(quantised.model.source).name, quantised.dtype) == ("squeezenet_int8.param", None)
    named = workload_of(case(workload="models/ncnn/squeezenet.param", dtype="fp32"), ncnn, SHARED)
    assert named.model.path is not None
    beside = workload_of(case(workload="squeezenet.param"), ncnn, SHARED / "models/ncnn")
    assert Path(beside.model.source).name == "squeezenet_int8.param"
    alone = workload_of(case(workload="shufflenet.param"), ncnn, SHARED)
    assert (Path(alone.model.source).name, alone.dtype) == ("shufflenet.param", "int8")
    with pytest.raises(InputError, match="is quantised to int8; name the float file"):
        workload_of(case(workload="squeezenet_int8.param", dtype="fp32"), ncnn, SHARED)


@needs_models
def test_networks_of_ncnn_do_not_depend_on_where_the_cases_lie(tmp_path: Path) -> None:
    squeezenet = case(workload="squeezenet", dtype="fp16")
    here, there = (workload_of(squeezenet, Runtime("ncnn"), base) for base in (SHARED, tmp_path))
    assert here == there
    assert not here.warnings


def test_what_stands_in_for_a_network_of_ncnn_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workloads, "_FOLDERS", ("no-such-folder",))
    twin = workload_of(case(workload="resnet18", dtype="fp16"), Runtime("ncnn"), tmp_path)
    assert (twin.network, twin.model.source) == ("resnet18_ncnn", "resnet18_ncnn")
    assert twin.warnings == (
        'workload: ncnn\'s own "resnet18.param" is not in models/ncnn; the bundled resnet18_ncnn stands in',
    )


def test_a_path_is_that_file_or_none(tmp_path: Path) -> None:
    (tmp_path / "models" / "onnx").mkdir(parents=True)
    (tmp_path / "models" / "onnx" / "mine.onnx").write_bytes(b"")
    with pytest.raises(InputError, match=r'no file "other/mine\.onnx"'):
        workload_of(case(workload="other/mine.onnx"), Runtime(""), tmp_path)


@pytest.mark.parametrize(
    ("platform", "device", "runtime", "dtype"),
    [
        ("rk3588", "npu", "rknn", "int8"),
        ("ethos-u55-128", "npu", "ethosu", "int8"),
        ("qcs6490", "dsp", "tflite", "int8"),
        ("nucleo-l4r5zi", "", "x-cube-ai-8.1", "int8"),
        ("rk3588", "a76", "ncnn", "fp16"),
    ],
)
def test_engines_compute_in_int8_where_nothing_else_is_said(
    platform: str, device: str, runtime: str, dtype: str
) -> None:
    changes = {
        "platform": platform,
        "device": device,
        "runtime": runtime,
        "workload": "mobilenet_v1_0.25_128",
    }
    got = forecast(case(**changes, dtype=""), base=ROOT)
    assert got.dtype == dtype
    assert (f"dtype: empty; int8 taken, which {runtime} computes in" in got.warnings) == (dtype == "int8")


def test_work_that_helpers_do_is_told() -> None:
    got = forecast(case(platform="rk3588", device="npu", workload="mlperf_tiny_ad", dtype="fp64"), base=ROOT)
    assert any(words.startswith("device: 100% of the time is spent on a76") for words in got.warnings)


@pytest.mark.parametrize(
    ("platform", "device", "dtype", "computed"),
    [("rk3568", "a55", "fp32", "fp16"), ("raspberry-pi-4", "a72", "fp16", "fp32")],
)
def test_formats_are_those_that_were_computed_in(
    platform: str, device: str, dtype: str, computed: str
) -> None:
    changes = {"platform": platform, "device": device, "runtime": "ncnn", "workload": "mobilenet_v1_0.25_128"}
    got = forecast(case(**changes, dtype=dtype), base=ROOT)
    assert got.dtype == computed
    assert f"dtype: {dtype}, but most is computed in {computed} there" in got.warnings


def test_kernels_that_stand_in_are_told() -> None:
    words = forecast(case(platform="rk3588", device="a76", runtime="tflite"), base=ROOT).warnings
    assert words == (
        'runtime: Chipcast has no kernels of tflite; those of "ncnn, 64-bit Arm, fp32" stand in',
    )


@pytest.mark.parametrize(
    ("platform", "device", "runtime", "profile"),
    [
        ("rk3588", "a76", "ncnn-20240410", None),
        ("rk3588", "a76", "ncnn-20220420", "ncnn-2022-armv8.2"),
        ("rk3588", "a76", "ncnn 2020", "ncnn-2022-armv8.2"),
        ("raspberry-pi-4", "a72", "ncnn-20200916", "ncnn-2020-armv8"),
        ("rk3568", "a55", "ncnn-20220216", None),
        ("rk3568", "a55", "ncnn-1.0.20230816", "ncnn-armv8.2"),
    ],
)
def test_releases_of_ncnn(platform: str, device: str, runtime: str, profile: str | None) -> None:
    got = runtime_of(runtime, device, chipcast.describe(platform)["devices"][device])
    wanted = resolved(f"profiles/{profile}.json") if profile else {}
    assert got.overrides == {
        f"{device}.{member}": wanted[member] for member in ("profile", "profiles", "runs") if member in wanted
    }


@needs_models
def test_ncnn_runs_a_batch_one_by_one() -> None:
    one = case(platform="rk3588", device="a76", runtime="ncnn", workload="squeezenet.param", dtype="fp16")
    for quantity, factor in (("latency", 4), ("energy", 4), ("throughput", 1), ("power", 1)):
        unit = next(iter(UNITS[quantity]))
        single, four = (
            forecast(replace(one, quantity=quantity, unit=unit, batch=n), base=SHARED).value for n in (1, 4)
        )
        assert four == pytest.approx(factor * single), quantity


@needs_models
def test_files_take_a_batch_where_their_layers_allow_it() -> None:
    none = runtime_of("", "", None)
    with pytest.raises(InputError, match="batch: 2 is not what"):
        workload_of(case(workload="light_resnet50.onnx", batch=2), none, SHARED)
