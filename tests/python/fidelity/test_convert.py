# SPDX-License-Identifier: Apache-2.0
"""Published tables to cases."""

from __future__ import annotations

from pathlib import Path

import pytest
from chipcast import InputError
from chipcast.fidelity.case import Case
from chipcast.fidelity.convert import converted, main, to_csv
from chipcast.fidelity.converters.table import LeftOut
from chipcast.fidelity.read import read_cases

NCNN = """soc,cpu_core,threads,network,dtype,min_ms,source
RK3588 (OrangePi5 Plus),Cortex-A76,4,mobilenet,int8,6.91,README L1
Snapdragon 855+ (SM8150-AC),Kryo485-Prime(A76-based)|Kryo485-Gold(A76-based),1,vgg16,fp16,90.5,README L2
Jetson AGX Orin,Cortex-A78AE,1,vgg16,fp16,,README L3
"""
RKNN = """soc,npu_cores_used,model,dtype,fps,source
RK3566/RK3568,1,mobilenetv2-12,INT8,180.7,zoo
RK3588,1 of 3 (single_core),no_such_net,INT8,11.4,zoo
RV1109,1,mobilenetv2-12,INT8,,zoo
"""
TINY = """round,submitter,system,board,processor,accelerator,framework,benchmark,latency_ms,energy_uJ_per_inf,source
v0.5,reference,Nucleo-L4R5ZI,Nucleo-L4R5ZI,ARM®32-bit Cortex®-M4 CPU,,TFLM,IC,704.23,29207,repo a/p.txt ; a/e.txt @abc
v1.1,STMicroelectronics,NUCLEO_U575ZI_Q,NUCLEO-U575ZI-Q,Arm Cortex-M33,,X-CUBE-AI v8.1.0,KWS,38.58,,repo p ; e @abc
v1.0,STMicroelectronics,NUCLEO_L4R5ZI,NUCLEO-L4R5ZI,Arm® Cortex®-M4 (DSP),,,KWS,75.058,3371.74,repo p ; e @abc
v1.1,Krai,NUCLEO-L4R5ZI_X-CUBE-AI-7.3,NUCLEO-L4R5ZI,Arm® Cortex®-M4 (DSP),,,KWS,74.7,,repo p ; e @abc
v1.0,OctoML,microtvm_cmsis_nn/NUCLEO_L4R5ZI,NUCLEO-L4R5ZI,Arm® Cortex®-M4 (DSP),,microTVM,KWS,99.8,,r p ; e @abc
v1.0,greenwaves-technologies,gap9_650_240,GAP9 EVK,GAP9 Risc-v,NE16,GapFlow,KWS,0.732,18.561,repo p ; e @abc
v1.0,somebody,board,NUCLEO-L4R5ZI,Cortex-M4,,,KWS,1,,repo p ; e @abc
"""
AIHUB = """model_id,precision,chipset,runtime,primary_compute_unit,layers_total,layers_npu,inference_ms,source
resnet50,w8a8,qcs6490,tflite,NPU,82,82,2.612,perf.yaml
resnet50,w8a8,snapdragon-8gen3,qnn_dlc,NPU,128,128,0.687,perf.yaml
resnet50,w8a8,qcs6490,onnx,CPU,83,,32.258,perf.yaml
no_such_net,w8a8,qcs6490,tflite,NPU,1,1,1,perf.yaml
"""
NXP = """device,engine,model,dtype,input_size,latency_ms,source
i.MX 93,CPU (2 threads) [Cortex-A55],mobilenetv1,Int8,"Color image (128, 128, 3)",2.41,README
i.MX 93,NPU [Arm Ethos-U65],mobilenetv2,Int8,"Color image (224, 224, 3)",3.46,README
i.MX 93,NPU [Arm Ethos-U65],mobilenetv2,Int8,"Color image (192, 192, 3)",3,README
"""


def convert(tmp_path: Path, kind: str, text: str, *calibrate: str) -> tuple[list[Case], list[LeftOut]]:
    file = tmp_path / "table.csv"
    file.write_text(text, encoding="utf-8")
    return converted(kind, file, calibrate)


def told(cases: list[Case]) -> list[tuple[object, ...]]:
    return [
        (c.platform, c.device, c.runtime, c.workload, c.dtype, c.threads, c.measured, c.unit) for c in cases
    ]


def test_ncnn(tmp_path: Path) -> None:
    cases, left_out = convert(tmp_path, "ncnn", NCNN, "rk3588/*")
    assert told(cases) == [
        ("rk3588", "a76", "ncnn", "mobilenet_int8.param", "int8", 4, 6.91, "ms"),
        ("snapdragon-855-plus", "a76", "ncnn", "vgg16.param", "fp16", 1, 90.5, "ms"),
    ]
    assert [case.case for case in cases] == [
        "rk3588/a76/ncnn/mobilenet/int8/4t/latency",
        "snapdragon-855-plus/a76/ncnn/vgg16/fp16/latency",
    ]
    assert [case.use for case in cases] == ["calibrate", "score"]
    assert left_out == [LeftOut("Jetson AGX Orin vgg16 fp16", "no time")]


def test_rknn(tmp_path: Path) -> None:
    cases, left_out = convert(tmp_path, "rknn", RKNN)
    assert told(cases) == [("rk3566", "npu", "rknn", "mobilenet_v2", "int8", 1, 180.7, "fps")]
    assert cases[0].quantity == "throughput"
    assert [each.why for each in left_out] == ["the network is not bundled", "no rate"]


def test_mlperf_tiny(tmp_path: Path) -> None:
    cases, left_out = convert(tmp_path, "mlperf-tiny", TINY)
    assert told(cases) == [
        ("nucleo-l4r5zi", "m4", "tflm-2.3", "mlperf_tiny_ic", "int8", 1, 704.23, "ms"),
        ("nucleo-l4r5zi", "m4", "tflm-2.3", "mlperf_tiny_ic", "int8", 1, 29207, "uJ"),
        ("nucleo-u575", "m33", "x-cube-ai-8.1.0", "mlperf_tiny_kws", "int8", 1, 38.58, "ms"),
        ("nucleo-l4r5zi", "m4", "x-cube-ai-7.3", "mlperf_tiny_kws", "int8", 1, 75.058, "ms"),
        ("nucleo-l4r5zi", "m4", "x-cube-ai-7.3", "mlperf_tiny_kws", "int8", 1, 3371.74, "uJ"),
        ("nucleo-l4r5zi", "m4", "x-cube-ai-7.3", "mlperf_tiny_kws", "int8", 1, 74.7, "ms"),
        ("nucleo-l4r5zi", "m4", "microtvm-cmsis-nn", "mlperf_tiny_kws", "int8", 1, 99.8, "ms"),
        ("gap9", "ne16", "gapflow", "mlperf_tiny_kws", "int8", 1, 0.732, "ms"),
        ("gap9", "ne16", "gapflow", "mlperf_tiny_kws", "int8", 1, 18.561, "uJ"),
    ]
    assert [case.source for case in cases[:2]] == ["repo a/p.txt @abc", "repo a/e.txt @abc"]
    assert left_out == [LeftOut("v1.0 somebody board KWS", "nobody knows its runtime")]


def test_aihub(tmp_path: Path) -> None:
    cases, left_out = convert(tmp_path, "aihub", AIHUB)
    assert told(cases) == [
        ("qcs6490", "dsp", "tflite", "resnet50_v1_5", "int8", 1, 2.612, "ms"),
        ("snapdragon-8-gen-3", "dsp", "qnn_dlc", "resnet50_v1_5", "int8", 1, 0.687, "ms"),
    ]
    assert [each.why for each in left_out] == ["not all of it ran on the NPU", "the network is not bundled"]


def test_nxp(tmp_path: Path) -> None:
    cases, left_out = convert(tmp_path, "nxp", NXP)
    assert told(cases) == [
        ("imx93", "a55", "tflite", "mobilenet_v1_0.25_128", "int8", 2, 2.41, "ms"),
        ("imx93", "npu", "vela", "mobilenet_v2", "int8", 1, 3.46, "ms"),
    ]
    assert len(left_out) == 1  # another input


def test_equal_names_are_numbered(tmp_path: Path) -> None:
    cases, _ = convert(tmp_path, "rknn", RKNN + RKNN.splitlines()[1] + "\n")
    assert [case.case for case in cases] == [
        "rk3566/npu/rknn/mobilenet_v2/int8/throughput",
        "rk3566/npu/rknn/mobilenet_v2/int8/throughput#2",
    ]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    cases, _ = convert(tmp_path, "mlperf-tiny", TINY)
    file = tmp_path / "cases.csv"
    file.write_text(to_csv(cases), encoding="utf-8")
    assert read_cases(file).cases == tuple(cases)


def test_as_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, output = tmp_path / "table.csv", tmp_path / "cases.csv"
    table.write_text(RKNN)
    assert main(["rknn", str(table), "-o", str(output), "--only", "rk3566/*"]) == 0
    assert len(read_cases(output).cases) == 1
    assert "1 cases, 2 rows left out" in capsys.readouterr().err
    assert main(["rknn", str(tmp_path / "none.csv")]) == 3
    assert "table: no file" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "message"), [("soc\n", "no rows"), ("soc\nx\n", "no column model")])
def test_tables_that_are_none(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        convert(tmp_path, "rknn", text)
