# SPDX-License-Identifier: Apache-2.0
"""The comparison with silicon: does it compare like with like, and is no prediction absurd?"""

from __future__ import annotations

import math
import os
from pathlib import Path

import chipcast
import pytest
from page import BEGIN, END, tables, with_block
from rows import ON_CPU, ON_NPU, SHARED, Row, read_rows
from scores import Prediction, predict, score, without_softmax

FIDELITY = Path(__file__).resolve().parents[2] / "docs" / "fidelity.md"
ROWS = read_rows().rows if (SHARED / "reference").is_dir() else []

TILE_BUDGET = None if os.environ.get("CHIPCAST_FULL_TILES") else 500

NPU_TABLE = """soc,model,dtype,latency_ms
RK3588,mobilenetv2-12,INT8,2.0
RK3588,yolov5n,INT8,12.0
RV1126,mobilenetv2-12,INT8,3.0
RK1808,mobilenetv2-12,INT8,4.0
"""
CPU_TABLE = """soc,cpu_core,threads,network,dtype,input_size,min_ms,avg_ms
RK3588 (board),Cortex-A76,4,tiny,fp16,32x32x3,1.5,1.6
RK3588 (board),Cortex-A76,4,tiny,int8,32x32x3,1.0,1.1
RK3588 (board),Cortex-A76,1,tiny,fp16,32x32x3,4.5,4.6
RK3588 (board),Cortex-A76,4,absent,fp16,32x32x3,9.0,9.1
RK3399 (board),Cortex-A72,4,tiny,fp16,32x32x3,9.0,9.1
"""


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    for folder in "reference", "models/ncnn":
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "reference/npu_rknn.csv").write_text(NPU_TABLE)
    (tmp_path / "reference/cpu_ncnn.csv").write_text(CPU_TABLE)
    for name in "tiny", "tiny_int8":
        (tmp_path / f"models/ncnn/{name}.param").write_text("")
    return tmp_path


def test_rows_of_these_chips_and_threads_only(shared: Path) -> None:
    reference = read_rows(shared)
    got = [(row.group, row.network, row.label, row.measured_ms, row.dtype) for row in reference.rows]
    assert got == [
        (ON_NPU, "mobilenetv2-12", "int8", 2.0, "int8"),
        ("RV1126, RKNN int8", "mobilenetv2-12", "int8", 3.0, "int8"),
        (ON_CPU, "tiny", "fp16", 1.5, "fp16"),
        (ON_CPU, "tiny", "int8", 1.0, None),
    ]
    assert {group: names for group, names in reference.left_out.items() if names} == {
        ON_NPU: ["yolov5n"],
        ON_CPU: ["absent fp16"],
    }


def predicted(measured_ms: float, latency_ms: float, note: str = "") -> Prediction:
    row = Row(ON_NPU, "net", measured_ms, "mobilenet_v2", "rk3588", ("npu0",), "int8", "int8", note=note)
    return Prediction(row, latency_ms)


def test_scores() -> None:
    total = score([predicted(1.0, 2.0), predicted(4.0, 2.0), predicted(1.0, 1.0)])
    assert total.rows == 3
    assert total.mean_abs_error == pytest.approx((1.0 + 0.5 + 0.0) / 3)
    assert total.median_abs_error == 0.5
    assert total.worst_error == 1.0
    assert total.bias == pytest.approx(0.0)  # twice as long and half as long


def test_tables() -> None:
    text = tables([predicted(1.0, 0.8), predicted(20.0, 25.0, "other stride")], {ON_NPU: ["yolov5n"]})
    assert "| net | int8 | 1.00 | 0.80 | -20 % | |" in text
    assert "| net | int8 | 20.0 | 25.0 | +25 % | other stride |" in text
    assert "not at hand: yolov5n." in text


def test_only_the_generated_block_changes() -> None:
    assert with_block(f"above\n{BEGIN}\nold\n{END}\nbelow\n", "new") == f"above\n{BEGIN}\nnew\n{END}\nbelow\n"
    for page in ("no markers", f"{END}{BEGIN}", f"{BEGIN}{BEGIN}{END}"):
        with pytest.raises(ValueError, match="the page needs"):
            with_block(page, "new")


def test_without_softmax_everything_else_stays() -> None:
    graph = chipcast.load_model("mobilenet_v2").graph
    cut = without_softmax(graph)
    assert cut["ops"] == graph["ops"][:-1]
    assert chipcast.load_model(cut).totals["macs"] == chipcast.load_model(graph).totals["macs"]
    with pytest.raises(ValueError, match="does not end in a softmax"):
        without_softmax(cut)


def test_another_input_size_is_refused() -> None:
    row = Row(ON_CPU, "net", 1.0, "mobilenet_v2", "rk3588", ("a76",), "fp16", input_size=(300, 300, 3))
    with pytest.raises(ValueError, match="measured with"):
        predict(row)


@pytest.mark.skipif(not ROWS, reason="no measured tables: the folder ../shared/reference is absent")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.network}-{row.label}")
def test_predictions_are_not_absurd(row: Row) -> None:
    """A factor of four catches lost units and lost layers; how good the numbers are stands in docs/fidelity.md."""
    assert abs(math.log(predict(row, TILE_BUDGET).latency_ms / row.measured_ms)) < math.log(4)


@pytest.mark.skipif(not ROWS, reason="no measured tables: the folder ../shared/reference is absent")
def test_the_page_has_every_row() -> None:
    page = FIDELITY.read_text(encoding="utf-8")
    missing = [row for row in ROWS if f"| {row.network} | {row.label} |" not in page]
    assert not missing, "run scripts/validate --write"
