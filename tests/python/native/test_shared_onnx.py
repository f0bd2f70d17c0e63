# SPDX-License-Identifier: Apache-2.0
"""Networks of the ONNX project's own tests (weights made by ConstantOfShape) against ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from chipcast.model import load_model
from chipcast.native import Executor
from chipcast.parameters import random_inputs
from native.oracle import TOLERANCE, relative_error

FOLDER = Path(__file__).parents[4] / "shared" / "models" / "onnx"
NETWORKS = ["light_squeezenet", "light_inception_v1", "light_resnet50"]


def drawn(path: Path, folder: Path) -> Path:
    """The same network with seeded weights: constant ones make every channel alike."""
    model = onnx.load(path)
    model.opset_import[0].version = max(7, model.opset_import[0].version)
    random = np.random.default_rng(7)
    shapes = {each.name: onnx.numpy_helper.to_array(each) for each in model.graph.initializer}
    kept = []
    for node in model.graph.node:
        if node.op_type != "ConstantOfShape":
            kept.append(node)
            continue
        extents = [int(extent) for extent in shapes[node.input[0]]]
        fan_in = max(1, int(np.prod(extents[1:])))
        value = random.standard_normal(extents) * np.sqrt(2 / fan_in) if len(extents) > 1 else (
            1 + 0.1 * random.random(extents))  # fmt: skip
        tensor = onnx.numpy_helper.from_array(value.astype(np.float32), node.output[0])
        model.graph.initializer.append(tensor)
    del model.graph.node[:]
    model.graph.node.extend(kept)
    onnx.save(model, folder / path.name)
    return folder / path.name


@pytest.mark.parametrize("name", NETWORKS)
def test_matches_onnx_runtime(name: str, tmp_path: Path) -> None:
    path = FOLDER / f"{name}.onnx"
    if not path.exists():
        pytest.skip(f"{path} is not there; the shared models are not part of the project")
    path = drawn(path, tmp_path)
    model = load_model(path)
    inputs = random_inputs(model.graph, seed=11)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    given = {each.name for each in session.get_inputs()}
    names = [output.name for output in session.get_outputs()]
    wanted = session.run(names, {key: value for key, value in inputs.items() if key in given})
    got = Executor(model).run(inputs)
    for output, value in zip(names, wanted, strict=True):
        assert relative_error(got[output], value) < TOLERANCE, output
