# SPDX-License-Identifier: Apache-2.0
"""SCALE-Sim's files: topologies, configurations, and its own runs of them."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import chipcast
import pytest
from chipcast import InputError
from chipcast.importers import ImportLimits
from chipcast.scalesim import report_csv

Document = dict[str, Any]
Import = Callable[..., Document]
CONV = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n"
CONFIG = """[general]
run_name = small

[architecture_presets]
ArrayHeight:    {rows}
ArrayWidth:     {columns}
IfmapSramSzkB:  64
FilterSramSzkB: 64
OfmapSramSzkB:  64
IfmapOffset:    0
FilterOffset:   10000000
OfmapOffset:    20000000
Dataflow : {dataflow}
Bandwidth : {bandwidth}
MemoryBanks: 1

[run_presets]
InterfaceBandwidth: {mode}
"""


def topology(import_bytes: Import, text: str, **options: Any) -> Document:
    return import_bytes(text.encode(), "net.csv", **options)


def config(
    folder: Path,
    rows: int = 8,
    columns: int = 8,
    dataflow: str = "ws",
    mode: str = "CALC",
    bandwidth: str = "10",
) -> Path:
    path = folder / f"{rows}_{columns}_{dataflow}_{mode}.cfg"
    path.write_text(
        CONFIG.format(rows=rows, columns=columns, dataflow=dataflow, mode=mode, bandwidth=bandwidth)
    )
    return path


# Topologies


def test_each_row_is_an_operator_of_its_own(import_bytes: Import) -> None:
    document = topology(
        import_bytes, CONV + "Conv1 , 27 ,27, 5, 5, 96, 256, 1,\n\n# comment\nfc, 1, 1, 1, 1, 512, 10, 1,\n"
    )
    assert [op["name"] for op in document["ops"]] == ["Conv1", "fc"]
    assert document["inputs"] == ["Conv1/input", "fc/input"]
    assert len(document["outputs"]) == 2
    assert document["tensors"]["Conv1/input"] == {"shape": [1, 96, 27, 27], "dtype": "int8"}
    assert document["tensors"]["Conv1/weight"]["shape"] == [256, 96, 5, 5]
    assert document["tensors"]["Conv1"]["shape"] == [1, 256, 23, 23]


@pytest.mark.parametrize(
    ("extent", "window", "stride"),
    [(224, 11, 4), (227, 11, 4), (224, 3, 2), (56, 1, 2), (7, 7, 3), (8, 3, 5)],
)
def test_outputs_are_rounded_up_as_scalesim_does(
    import_bytes: Import, extent: int, window: int, stride: int
) -> None:
    document = topology(import_bytes, CONV + f"c,{extent},{extent},{window},{window},3,8,{stride},\n")
    outputs = -(-(extent - window + stride) // stride)
    assert document["tensors"]["c"]["shape"] == [1, 8, outputs, outputs]


def test_strides_may_differ(import_bytes: Import) -> None:
    header = CONV.replace("Strides", "Stride height, Stride width")
    document = topology(import_bytes, header + "c, 32, 32, 3, 3, 3, 8, 2, 1\n")
    assert document["tensors"]["c"]["shape"] == [1, 8, 16, 30]


def test_products_are_read_where_the_header_says_so(import_bytes: Import) -> None:
    document = topology(import_bytes, "Layer,M,N,K,\n1,128,512,1536,\n")
    assert document["ops"][0]["kind"] == "gemm"
    assert document["tensors"]["1/input"]["shape"] == [128, 1536]
    assert document["tensors"]["1"]["shape"] == [128, 512]


def test_depthwise_rows_are_taken_channel_by_channel(import_bytes: Import) -> None:
    document = topology(import_bytes, CONV + "DP_conv, 14, 14, 3, 3, 32, 1, 1,\n")
    assert document["ops"][0]["attributes"]["groups"] == 32
    assert document["tensors"]["DP_conv"]["shape"] == [1, 32, 12, 12]


def test_a_name_may_come_twice(import_bytes: Import) -> None:
    document = topology(import_bytes, CONV + 2 * "c, 8, 8, 3, 3, 4, 4, 1,\n")
    names = [op["name"] for op in document["ops"]]
    assert names[0] == "c"
    assert names[1].startswith("c.")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("# nothing\n", "no header"),
        (CONV, "no layers"),
        ("c, 8, 8, 3, 3, 4, 4, 1,\n", "first line holds a layer"),
        ("Layer, M, N\na,1,2\n", "3 columns"),
        (CONV + "c, 8, 8, 3, 3, 4, 4,\n", 'net.csv:2: layer "c": 6 values; expected 7'),
        (CONV + "c, 8, 8, 3, 3, 4, 4, 1, 1, 1\n", "9 values"),
        (CONV + "\nc, 8, x, 3, 3, 4, 4, 1,\n", 'net.csv:3: layer "c": column "IFMAP Width" is "x"'),
        (CONV + "c, 8, 8, 3, 3, 0, 4, 1,\n", 'column "Channels" is "0"'),
        (CONV + "c, 8, 8, 3, 3, -4, 4, 1,\n", 'column "Channels" is "-4"'),
        (CONV + "c, 8, 8, 3, 3, 4, 4, 99999999999,\n", 'column "Strides" is'),
        (CONV + "c, 8, 8, 9, 3, 4, 4, 1,\n", "Filter Height is 9, more than IFMAP Height, 8"),
        (CONV + "c, 2147483647, 2147483647, 1, 1, 2147483647, 1, 1,\n", "elements are more than"),
        (CONV + "c, 8, 8, 3, 3, 4, 4, 1, 2:4,\n", "npu.sparsity.kept=2"),
        ("Layer,M,N,K,\n1,2,3,\n", "2 values; expected 3: M, N, K"),
        (CONV + "c" * 5000 + ", 8\n", "longer than"),
    ],
)
def test_malformed_topologies_are_refused_in_one_line(import_bytes: Import, text: str, says: str) -> None:
    with pytest.raises(InputError) as error:
        topology(import_bytes, text)
    assert says in str(error.value)
    assert "net.csv" in str(error.value)
    assert "\n" not in str(error.value)


def test_dense_sparsity_columns_are_read(import_bytes: Import) -> None:
    document = topology(import_bytes, CONV + "c, 8, 8, 3, 3, 4, 4, 1, 4:4,\n")
    assert document["tensors"]["c"]["shape"] == [1, 4, 6, 6]


def test_binary_files_and_too_many_layers_are_refused(import_bytes: Import) -> None:
    with pytest.raises(InputError, match="not UTF-8"):
        import_bytes(b"\xff\xfe\x00a,b", "net.csv")
    with pytest.raises(InputError, match="more than 2 layers"):
        topology(import_bytes, CONV + 3 * "c, 8, 8, 3, 3, 4, 4, 1,\n", limits=ImportLimits(nodes=2))


# Configurations


def test_a_configuration_is_a_platform(tmp_path: Path) -> None:
    npu = chipcast.describe(config(tmp_path, 12, 14, "is"))["devices"]["npu"]
    assert (npu["type"], npu["rows"], npu["columns"], npu["dataflow"]) == ("systolic", 12, 14, "is")
    assert npu["ifmap_buffer"] == "64 KiB"
    assert npu["partial_sums"] == "write_out"


def test_a_configuration_may_be_overridden(tmp_path: Path) -> None:
    npu = chipcast.describe(config(tmp_path), overrides={"npu.rows": 24, "npu.dataflow": "os"})["devices"][
        "npu"
    ]
    assert (npu["rows"], npu["dataflow"]) == (24, "os")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("ArrayHeight:    8", "ArrayHeight:    x"), '[architecture_presets] arrayheight is "x"'),
        (("ArrayHeight:    8\n", ""), "arrayheight is missing"),
        (("ArrayWidth:     8", "ArrayWidth:     0"), 'arraywidth is "0"; give a whole number in [1, 4096]'),
        (("Dataflow : ws", "Dataflow : rs"), 'dataflow is "rs"; give one of os, ws, is'),
        (("CALC", "MAYBE"), "give one of calc, user"),
        (("ArrayHeight", "ArrayHight"), "did you mean"),
        (("[run_presets]", "[run_preset]"), "did you mean"),
        (("[general]", "general"), "not a SCALE-Sim configuration"),
        (("MemoryBanks: 1", "MemoryBanks: 1\nArrayWidth: 9"), "not a SCALE-Sim configuration"),
        (("[run_presets]", "[sparsity]\nSparsitySupport: true\n[run_presets]"), "npu.sparsity.kept"),
        (("CALC", "USER\n[architecture]"), "architecture"),
    ],
)
def test_malformed_configurations_are_refused_in_one_line(
    tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    path = config(tmp_path)
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(InputError) as error:
        chipcast.describe(path)
    assert says in str(error.value)
    assert path.name in str(error.value)
    assert "\n" not in str(error.value)


def test_unreadable_configurations_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        chipcast.describe(tmp_path / "absent.cfg")
    (tmp_path / "binary.cfg").write_bytes(b"\xff\xfe[general]")
    with pytest.raises(InputError, match="not UTF-8"):
        chipcast.describe(tmp_path / "binary.cfg")
    (tmp_path / "huge.cfg").write_bytes(b"#" * (1 << 20) + b"##")
    with pytest.raises(InputError, match="more than 1048576 bytes"):
        chipcast.describe(tmp_path / "huge.cfg")


# Runs


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """AlexNet's first convolution, on 224 x 224 as in SCALE-Sim's topology: the same 55 x 55 outputs."""
    path = tmp_path / "layer.csv"
    path.write_text(CONV + "conv1, 224, 224, 11, 11, 3, 96, 4,\n")
    return path


def test_the_golden_trace(layer: Path, tmp_path: Path) -> None:
    """scale-sim-v2 @ 22f88b17, test/golden_trace: 112,283 is the index of the last cycle."""
    result = chipcast.run(layer, config(tmp_path, 32, 32, "ws"))
    (op,) = result.ops
    assert op["compute_cycles"] == 12 * 3 * (3025 + 2 * 32 + 32 - 2) == 112_284
    sram = {"ifmap_reads": 3_294_225, "filter_reads": 34_848, "ofmap_reads": 0, "ofmap_writes": 3_484_800}
    assert op["sram_accesses"] == sram
    assert op["traffic_bytes"] == pytest.approx(1_805_023 + 34_848 + 3_484_831, rel=1e-3)
    assert result.latency_s * 1e9 == pytest.approx(112_284, abs=5), "bandwidth never limits"
    rows = list(
        csv.DictReader(
            report_csv(result.report, chipcast.describe(config(tmp_path, 32, 32, "ws"))).splitlines()
        )
    )
    assert rows[0]["Total Cycles"] == "112283"
    assert float(rows[0]["Overall Util %"]) == pytest.approx(91.68309650614964, rel=1e-12)


def test_bandwidth_limits_in_user_mode(layer: Path, tmp_path: Path) -> None:
    cycles = [
        chipcast.run(layer, config(tmp_path, 32, 32, "ws", "USER", bandwidth)).latency_s * 1e9
        for bandwidth in ("1,1,1", "10,10,10", "100", "1000")
    ]
    assert cycles == sorted(cycles, reverse=True)
    assert cycles[0] >= 3_484_800, "one word per cycle: partial sums leave no faster"
    assert cycles[-1] == pytest.approx(112_284, rel=0.02)


def test_stalls_are_in_the_report(layer: Path, tmp_path: Path) -> None:
    path = config(tmp_path, 32, 32, "os", "USER", "1")
    result = chipcast.run(layer, path)
    row = next(csv.DictReader(report_csv(result.report, chipcast.describe(path)).splitlines()))
    taken = int(row["Total Cycles"]) + 1 + int(row["Stall Cycles"])
    assert taken == pytest.approx(result.latency_s * 1e9, abs=2)
    assert int(row["Stall Cycles"]) > 0


LAYERS = CONV + "".join(f"conv{i}, 58, 58, 3, 3, 64, 128, 1,\n" for i in range(4))


def stalls(path: Path, platform: Path) -> tuple[list[int], chipcast.Result]:
    result = chipcast.run(path, platform)
    rows = csv.DictReader(report_csv(result.report, chipcast.describe(platform)).splitlines())
    return [int(row["Stall Cycles"]) for row in rows], result


def test_stalls_count_overlapping_layers_once(tmp_path: Path) -> None:
    path = tmp_path / "layers.csv"
    path.write_text(LAYERS)
    waits, result = stalls(path, config(tmp_path, 32, 32, "os", "USER", "4"))
    assert min(waits) > 0
    taken = sum(waits) + sum(op["compute_cycles"] for op in result.ops)
    assert taken == pytest.approx(result.latency_s * 1e9, abs=2 * len(waits))


@pytest.mark.parametrize("dataflow", ["os", "ws", "is"])
def test_nothing_stalls_where_bandwidth_never_limits(tmp_path: Path, dataflow: str) -> None:
    path = tmp_path / "layers.csv"
    path.write_text(LAYERS)
    waits, _ = stalls(path, config(tmp_path, 32, 32, dataflow))
    assert waits == [0, 0, 0, 0]


def test_files_are_there_when_nobody_reads_the_tables(layer: Path, tmp_path: Path) -> None:
    figures, report = tmp_path / "figures.csv", tmp_path / "report.json"
    command = [sys.executable, "-m", "chipcast", "run", str(layer), "--on", "systolic"]
    with subprocess.Popen(
        [*command, "--scalesim", str(figures), "--report", str(report)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.wait(60)
    assert figures.read_text().startswith("LayerID")
    assert report.exists()


def test_a_report_needs_a_systolic_array(layer: Path) -> None:
    result = chipcast.run(layer, "rk3588")
    with pytest.raises(InputError, match="no device of this platform"):
        report_csv(result.report, chipcast.describe("rk3588"))


RUNS = [
    (network, size, dataflow)
    for network in ("alexnet", "mobilenet")
    for size, dataflow in ((32, "os"), (32, "ws"), (128, "os"), (128, "ws"), (128, "is"))
]


@pytest.mark.parametrize(("network", "size", "dataflow"), RUNS)
def test_scalesims_own_runs(
    samples: Path, reference: Path, tmp_path: Path, network: str, size: int, dataflow: str
) -> None:
    table = reference / "peers" / f"scalesim_{network}_v2_{size}x{size}_{dataflow}_CALC.csv"
    lines = [line for line in table.read_text().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    ops = chipcast.run(samples / "scalesim" / f"{network}.csv", config(tmp_path, size, size, dataflow)).ops
    assert [op["name"] for op in ops] == [row["layer"] for row in rows]
    for op, row in zip(ops, rows, strict=True):
        folds = -(-int(row["M"]) // size) * -(-int(row["N"]) // size)
        over = folds * 2 * size if dataflow == "os" else 0  # R + C for each fold
        assert op["compute_cycles"] == int(row["total_cycles"]) + 1
        assert op["sram_accesses"]["ifmap_reads"] == int(row["sram_ifmap_reads"])
        assert op["sram_accesses"]["filter_reads"] == int(row["sram_filter_reads"])
        assert op["sram_accesses"]["ofmap_writes"] == int(row["sram_ofmap_writes"]) - over
        dram = sum(int(row[f"dram_{what}"]) for what in ("ifmap_reads", "filter_reads", "ofmap_writes"))
        assert op["traffic_bytes"] == pytest.approx(dram, rel=0.014)


@pytest.mark.parametrize("preset", ["scale", "eyeriss", "google"])
@pytest.mark.parametrize("network", ["gnmt", "Googlenet", "Resnet18", "transformer_partial", "yolo_tiny"])
def test_every_topology_runs_on_every_configuration(samples: Path, preset: str, network: str) -> None:
    folder = samples / "scalesim"
    result = chipcast.run(folder / f"{network}.csv", folder / f"{preset}.cfg")
    cycles = sum(op["compute_cycles"] for op in result.ops)
    assert result.latency_s * 1e9 == pytest.approx(cycles, rel=1e-3)
