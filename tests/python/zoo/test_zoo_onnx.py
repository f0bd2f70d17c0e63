# SPDX-License-Identifier: Apache-2.0
"""Zoo networks as ONNX files: valid, reproducible, runnable, and the same network when imported again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from chipcast import _core
from chipcast.importers import import_model
from chipcast.onnx_export import export_onnx, to_onnx
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

ZooGraph = Callable[..., dict[str, Any]]
# The importer computes what depends on constants only: of BERT's 512 positions it keeps the 128 rows that are read.
FOLDED_AWAY = {"bert_tiny": (512 - 128) * 128}
LARGE = {"alexnet", "vgg16", "resnet101_v1_5", "yolov7"}
"""Files of 0.15 to 0.55 GB, of layers that others have too."""
NETWORKS = [entry["name"] for entry in json.loads(_core.zoo_list()) if entry["name"] not in LARGE]


def totals(document: dict[str, Any]) -> dict[str, Any]:
    counted: dict[str, Any] = json.loads(_core.graph_totals(json.dumps(document), document["name"]))
    return counted


@pytest.mark.parametrize("name", NETWORKS)
def test_export_and_import_keep_macs_and_parameters(zoo_graph: ZooGraph, tmp_path: Path, name: str) -> None:
    document = zoo_graph(name)
    path = tmp_path / f"{name}.onnx"
    export_onnx(document, path)
    onnx.checker.check_model(path, full_check=True)
    before, after = totals(document), totals(import_model(path))
    assert after["macs"] == before["macs"]
    assert after["parameters"] == before["parameters"] - FOLDED_AWAY.get(name, 0)


def test_weights_depend_on_seed_and_name_only(zoo_graph: ZooGraph) -> None:
    first = to_onnx(zoo_graph("mlperf_tiny_kws"))
    assert first.SerializeToString() == to_onnx(zoo_graph("mlperf_tiny_kws")).SerializeToString()
    assert first.SerializeToString() != to_onnx(zoo_graph("mlperf_tiny_kws"), seed=1).SerializeToString()
    narrow, wide = (
        {
            each.name: numpy_helper.to_array(each)
            for each in to_onnx(zoo_graph("bert_tiny", **options)).graph.initializer
        }
        for options in ({"sequence_length": 16}, {"sequence_length": 32})
    )
    np.testing.assert_array_equal(
        narrow["layer0/attention/query.weight"], wide["layer0/attention/query.weight"]
    )


def test_mobilenet_v2_runs(zoo_graph: ZooGraph) -> None:
    document = zoo_graph("mobilenet_v2", resolution=32, width=0.35, batch=2)
    image = np.random.default_rng(0).standard_normal((2, 3, 32, 32)).astype(np.float32)
    (probabilities,) = ReferenceEvaluator(to_onnx(document)).run(None, {"data": image})
    assert probabilities.shape == (2, 1000)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-4)
    assert np.abs(probabilities[0] - probabilities[1]).max() > 1e-4  # the input reaches the output


def test_bert_tiny_runs_and_hides_nothing_that_the_mask_keeps(zoo_graph: ZooGraph) -> None:
    document = zoo_graph("bert_tiny", sequence_length=8)
    ids = np.arange(8, dtype=np.int64)[None] + 100
    feeds = {"input_ids": ids, "token_type_ids": np.zeros_like(ids), "attention_mask": np.ones_like(ids)}
    evaluator = ReferenceEvaluator(to_onnx(document))
    sequence, pooled = evaluator.run(None, feeds)
    assert sequence.shape == (1, 8, 128) and pooled.shape == (1, 128)
    other, _ = evaluator.run(None, feeds | {"input_ids": ids[:, ::-1].copy()})
    assert np.isfinite(sequence).all() and np.abs(sequence - other).max() > 1e-3
