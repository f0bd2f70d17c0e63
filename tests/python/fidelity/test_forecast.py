# SPDX-License-Identifier: Apache-2.0
"""What a case means: its platform, device, kernels and network, in the spelling of its source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import chipcast
import pytest
from chipcast import InputError
from chipcast.fidelity.case import Case
from chipcast.fidelity.devices import choose
from chipcast.fidelity.forecast import forecast
from chipcast.fidelity.platforms import platform_of
from chipcast.fidelity.runtimes import resolved, runtime_of
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
        ({"runtime": "ncnn", "device": ""}, "runs on cpu; the column device is empty"),
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
    assert runtime_of("qnn_dlc", "dsp", dsp).overrides == {"dsp.call": "560 us"}
    assert runtime_of("ONNX Runtime", "dsp", dsp).overrides == {"dsp.call": "1400 us"}
    assert not runtime_of("onnx", "npu0", {"type": "npu"}).overrides
    assert runtime_of("tflite", "dsp", dsp).headless


def test_ncnn_brings_its_kernels_where_a_platform_has_others() -> None:
    devices = chipcast.describe("qcs6490")["devices"]
    profile = runtime_of("ncnn", "a78", devices["a78"]).overrides["a78.profile"]
    assert profile["name"].startswith("ncnn")
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
def test_files_take_a_batch_where_their_layers_allow_it() -> None:
    none = runtime_of("", "", None)
    two = workload_of(case(workload="squeezenet.param", dtype="", batch=2), none, SHARED)
    assert (
        two.model.totals["macs"]
        == 2 * workload_of(case(workload="squeezenet.param"), none, SHARED).model.totals["macs"]
    )
    with pytest.raises(InputError, match="batch: 2 is not what"):
        workload_of(case(workload="light_resnet50.onnx", batch=2), none, SHARED)
