# SPDX-License-Identifier: Apache-2.0
"""Graph files from strangers: exit code 3 and one line with the place and the value; nothing hangs or crashes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import chipcast
import pytest
from chipcast import InputError, LimitError
from hypothesis import given, settings
from hypothesis import strategies as st
from support import Command

GRAPH: dict[str, Any] = chipcast.load_model("mlperf_tiny_ad").graph
CONV: dict[str, Any] = chipcast.load_model("mlperf_tiny_ic").graph


def refused(command: Command, tmp_path: Path, text: str | bytes) -> str:
    file = tmp_path / "hostile.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    outcome = command("run", file, "--on", "rk3588")
    assert outcome.code == 3, outcome
    line = outcome.error_line
    assert line.startswith("error: ") and len(line) < 1000
    return line


def shape(graph: dict[str, Any], value: Any) -> None:
    graph["tensors"]["spectrum"]["shape"] = value


def attribute(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(graph: dict[str, Any]) -> None:
        next(op for op in graph["ops"] if op["kind"] == "conv")["attributes"][name] = value

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda g: shape(g, [1, -640]), ["spectrum", "-640"]),
        (lambda g: shape(g, [1, 0]), ["spectrum"]),
        (lambda g: shape(g, [2**40, 2**40]), ["spectrum"]),
        (lambda g: shape(g, [1, 641]), ["641"]),
        (lambda g: shape(g, [1, 640.5]), ["spectrum", "640.5"]),
        (lambda g: shape(g, "1,640"), ["spectrum"]),
        (lambda g: shape(g, [1] * 100_000), ["spectrum"]),
        (lambda g: g["tensors"]["spectrum"].update(dtype="int9"), ["spectrum", "int9", "int8"]),
        (lambda g: g["ops"][0].update(kind="gem"), ["gem", "gemm"]),
        (lambda g: g["ops"][0].update(extra=1), ["extra"]),
        (lambda g: g["ops"][0].update(inputs=["nothing", "fc1.weight"]), ["nothing"]),
        (lambda g: g["ops"][0].update(inputs=["fc10", "fc1.weight"]), ["fc1"]),  # a cycle
        (lambda g: g["ops"].append(copy.deepcopy(g["ops"][0])), ["fc1"]),
        (lambda g: g.update(outputs=["nowhere"]), ["nowhere"]),
        (lambda g: g.update(outputs=[]), ["outputs"]),
        (lambda g: g.update(ops=[]), []),
        (lambda g: g.update(version=2), ["version", "2"]),
        (lambda g: g.pop("tensors"), []),
    ],
)
def test_graphs(command: Command, tmp_path: Path, change: Callable[[Any], None], words: list[str]) -> None:
    graph = copy.deepcopy(GRAPH)
    change(graph)
    line = refused(command, tmp_path, json.dumps(graph))
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    ("name", "value"),
    [("strides", [0, 0]), ("strides", [-1, 1]), ("dilations", [0, 1]), ("pads", [-1, 0, 0, 0]), ("groups", 0),
     ("groups", 7), ("strides", [2**62, 2**62]), ("pads", [2**62] * 4), ("strides", [1, 1, 1])],
)  # fmt: skip
def test_convolutions(command: Command, tmp_path: Path, name: str, value: Any) -> None:
    graph = copy.deepcopy(CONV)
    attribute(name, value)(graph)
    refused(command, tmp_path, json.dumps(graph))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{}",
        b"[]",
        b'{"name": NaN}',
        b'{"name": "a", "name": "b"}',
        b"\x00",
    ],
    ids=lambda text: ascii(text[:10]),
)
def test_what_is_no_graph_at_all(command: Command, tmp_path: Path, text: bytes) -> None:
    assert "hostile.json" in refused(command, tmp_path, text)


def test_a_chain_of_100_000_operators_neither_crashes_nor_hangs(tmp_path: Path) -> None:
    count = 100_000
    graph = {
        "format": "chipcast-graph",
        "version": 1,
        "name": "chain",
        "tensors": {"x": {"shape": [1, 4], "dtype": "int8"}},
        "inputs": ["x"],
        "outputs": [f"r{count - 1}"],
        "ops": [
            {
                "name": f"r{i}",
                "kind": "unary",
                "inputs": [f"r{i - 1}" if i else "x"],
                "attributes": {"function": "sigmoid"},
            }
            for i in range(count)
        ],
    }
    assert chipcast.load_model(graph).totals["ops"] == count


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_replaced_value_is_taken_or_refused(data: st.DataObject) -> None:
    """Nothing but InputError (or a limit) comes out, whatever stands in one place of the graph."""
    graph = copy.deepcopy(CONV)
    holder: Any = graph
    while True:
        key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
        if not (isinstance(holder[key], dict | list) and holder[key]) or data.draw(st.integers(0, 9)) == 0:
            break
        holder = holder[key]
    scalars = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text()
    )
    holder[key] = data.draw(st.recursive(scalars, lambda inner: st.lists(inner, max_size=3), max_leaves=4))
    try:
        chipcast.run(graph, "rk3588", max_simulated_time="10 s")
    except (InputError, LimitError) as error:
        assert "\n" not in str(error)
