# SPDX-License-Identifier: Apache-2.0
"""The numbers that a platform computes, beside fp32."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chipcast._core import InputError
from chipcast.api import Overrides, run
from chipcast.crosscheck.numbers_forms import (
    clamped_already,
    float_twin,
    is_quantized,
    narrowed,
    real_values,
    scale_of,
)
from chipcast.crosscheck.numbers_mapping import FLOATS, INTEGERS, NOWHERE, Placed, Placement
from chipcast.crosscheck.numbers_plain import integer_part
from chipcast.crosscheck.numbers_result import Numbers, NumbersReport
from chipcast.crosscheck.numbers_stated import notes_on, stated_of
from chipcast.model import Model, Shapes, load_model
from chipcast.quantization.folding import Document, Parameters, folded
from chipcast.quantization.inputs import Inputs, load_inputs, random_inputs
from chipcast.quantization.metrics import Accumulator
from chipcast.quantization.post_training import Method, Quantizer, check_method
from chipcast.quantization.running import Runner

OWN_SCALES = "as in the model"
_CHECK_SEED = 1_000_000  # far from the seeds of calibration inputs


def numbers(
    model: str | os.PathLike[str] | Mapping[str, Any] | Model,
    platform: str | os.PathLike[str],
    *,
    dtype: str | None = None,
    devices: Sequence[str] | None = None,
    overrides: Overrides = (),
    shapes: Shapes | None = None,
    model_options: Mapping[str, Any] | None = None,
    parameters: Mapping[str, NDArray[Any]] | None = None,
    method: Method = "easyquant",
    inputs: str | os.PathLike[str] | Sequence[Inputs] | None = None,
    count: int = 4,
    seed: int = 0,
) -> NumbersReport:
    """Maps `model` onto `platform` as `run` does, computes it here in the formats that its devices state, and compares
    every layer with fp32.

    Floats are stored in the device's format after each operator; fp16 sums, stochastic, half-away and truncated results
    are computed as stated. Networks in floats whose devices compute integers are
    quantised by `method`, calibrated on 16 random images; a network with scales of its own keeps them. Integer layers
    run twice, by SIMD and by plain kernels on the same operands, and must be equal. Values that are not finite where
    those of fp32 are fail the check. Integers whose clamp is an operator of its own are compared once, after it.

    Args:
        parameters: values by tensor name; the model file's, or random ones, by default.
        inputs: .npy or .npz file or sets of arrays to compare on; `count` sets of random images by default.
        seed: of random images and stochastic rounding.
    """
    if count < 1:
        raise InputError(f"count: {count} is not at least 1")
    loaded = load_model(model, shapes=shapes, model_options=model_options)
    sets = _inputs(
        inputs, loaded.graph, count, seed
    )  # a file that cannot be read is told before minutes of work
    placement = _mapped(loaded, platform, dtype, devices, overrides)
    if "int16" in placement.formats() and not is_quantized(loaded.graph):
        check_method(method, 16)
    values: Parameters = dict(loaded.parameters if parameters is None else parameters)
    if is_quantized(loaded.graph):
        forms = _own_scales(loaded.graph, values)
    elif placement.formats().intersection(INTEGERS):
        forms = _post_training(loaded, values, placement, method, seed)
    else:
        forms = _floats(loaded.graph, values, placement)
    layers, outputs = _compared(forms, placement, sets, stated_of(forms.graph, placement, seed))
    return NumbersReport(
        model=loaded.name,
        platform=os.fspath(platform),
        method=forms.method,
        inputs=len(sets),
        layers=layers,
        outputs=outputs,
        notes=_notes(forms, placement),
    )


@dataclass
class _Forms:
    """The exact network and the one in the platform's formats; `found`: where the exact one's tensors are in it."""

    exact: Document
    exact_values: Parameters
    graph: Document
    values: Parameters
    found: dict[str, str]
    method: str


def _mapped(
    model: Model,
    platform: str | os.PathLike[str],
    dtype: str | None,
    devices: Sequence[str] | None,
    overrides: Overrides,
) -> Placement:
    result = run(model, platform, dtype=dtype, devices=devices, overrides=overrides)
    cpus = {device["name"] for device in result.report["devices"] if device["type"] == "cpu"}
    return Placement(result.ops, json.loads(result._simulation.graph()), cpus)


def _own_scales(graph: Document, values: Parameters) -> _Forms:
    exact, exact_values = float_twin(graph, values)
    clamped = clamped_already(graph)
    same = {name: name for op in graph["ops"] for name in op["outputs"] if name not in clamped}
    return _Forms(exact, exact_values, graph, values, same, OWN_SCALES)


def _post_training(
    model: Model, values: Parameters, placement: Placement, method: Method, seed: int
) -> _Forms:
    quantizer = Quantizer(model, values, seed=seed, integer=lambda op: placement[op].data in (*INTEGERS, ""))
    formats = placement.formats()
    bits = 7 if "int7" in formats else 16 if "int16" in formats else 8
    quantized = quantizer.quantize(method, bits, 4 if formats.intersection(("int4", "uint4")) else None)
    exact = quantizer.graph
    stored = quantized.graph["tensors"]
    found = {
        name: f"{name}/stored" if f"{name}/stored" in stored else name
        for op in exact["ops"]
        for name in op["outputs"]
    }
    return _Forms(exact, quantizer.parameters, quantized.graph, quantized.parameters, found, method)


def _floats(graph: Document, values: Parameters, placement: Placement) -> _Forms:
    exact, exact_values = folded(graph, values)
    narrow, narrow_values, found = narrowed(
        exact, exact_values, lambda op: placement[op].data if placement[op].data in FLOATS else "fp32"
    )
    return _Forms(exact, exact_values, narrow, narrow_values, found, "")


def _inputs(
    inputs: str | os.PathLike[str] | Sequence[Inputs] | None, graph: Document, count: int, seed: int
) -> list[Inputs]:
    if inputs is None:
        return [random_inputs(graph, _CHECK_SEED * (seed + 1) + i) for i in range(count)]
    return load_inputs(inputs, graph) if isinstance(inputs, (str, os.PathLike)) else list(inputs)


def _exact_inputs(forms: _Forms, inputs: Inputs) -> Inputs:
    """Of the exact network: what quantised inputs stand for."""
    tensors = forms.graph["tensors"]
    return {
        name: real_values(value, tensors[name]).astype(np.float32) if scale_of(tensors[name]) else value
        for name, value in inputs.items()
    }


@dataclass
class _Tensor:
    """One tensor of both networks, over all inputs."""

    exact: str
    place: str
    form: Document
    distance: Accumulator
    equal: bool | None

    def add(self, exact: Inputs, fast: Inputs, plain: Inputs) -> None:
        got = fast[self.place]
        self.distance.add(exact[self.exact], real_values(_unpacked(got, self.form), self.form))
        if self.equal:
            self.equal = bool(np.array_equal(got, plain[self.place]))

    def numbers(self, name: str, kind: str, placed: Placed) -> Numbers:
        dtype = self.form["dtype"]
        return Numbers(
            name, kind, placed.device, placed.arithmetic, dtype, self.distance.distance(), self.equal
        )


def _compared(
    forms: _Forms, placement: Placement, sets: list[Inputs], stated: Mapping[str, Document]
) -> tuple[list[Numbers], list[Numbers]]:
    """Layers, then outputs as the caller gets them."""

    def tensor(exact: str, place: str) -> _Tensor:
        form = forms.graph["tensors"][place]
        return _Tensor(exact, place, form, Accumulator(), True if form["dtype"] in INTEGERS else None)

    ops = [op for op in forms.exact["ops"] if op["outputs"][0] in forms.found]
    layers = [tensor(op["outputs"][0], forms.found[op["outputs"][0]]) for op in ops]
    outputs = [tensor(name, name) for name in forms.exact["outputs"]]
    _run_all(forms, [*layers, *outputs], sets, stated)
    return (
        [
            each.numbers(op["name"], op["kind"], placement[op["name"]])
            for op, each in zip(ops, layers, strict=True)
        ],
        [each.numbers(each.exact, "output", NOWHERE) for each in outputs],
    )


def _run_all(
    forms: _Forms, tensors: list[_Tensor], sets: list[Inputs], stated: Mapping[str, Document]
) -> None:
    exact = Runner(forms.exact, forms.exact_values)
    fast = Runner(forms.graph, forms.values, stated=stated)
    integers = {each.place for each in tensors if each.equal}
    cut, cut_values = integer_part(forms.graph, forms.values, integers)
    plain = Runner(cut, cut_values, reference=True, stated=_of(stated, cut)) if integers else None
    kept = {each.place for each in tensors}.union(set(cut["inputs"]).difference(forms.graph["inputs"]))
    for inputs in sets:
        wanted = exact.run(_exact_inputs(forms, inputs), {each.exact for each in tensors})
        got = inputs | fast.run(inputs, kept)
        slow = inputs | plain.run({name: got[name] for name in cut["inputs"]}, integers) if plain else {}
        for each in tensors:
            each.add(wanted, got, slow)


def _of(stated: Mapping[str, Document], graph: Document) -> dict[str, Document]:
    names = {op["name"] for op in graph["ops"]}
    return {name: each for name, each in stated.items() if name in names}


def _unpacked(values: NDArray[Any], tensor: Document) -> NDArray[Any]:
    """bf16 comes as its bits: the upper half of an fp32."""
    if tensor["dtype"] != "bf16":
        return values
    return (values.astype(np.uint32) << 16).view(np.float32)


def _notes(forms: _Forms, placement: Placement) -> list[str]:
    notes = notes_on(forms.graph, placement)
    if forms.method and placement.formats().intersection(("int4", "uint4")):
        notes.append("weights of 4 bits, activations of 8: nothing calibrates activations of 4 bits here")
    if forms.method and any(placed.weights == "int16" for placed in placement.placed().values()):
        notes.append("activations of 16 bits, weights of 8, as TFLite's kernels of int16 have them")
    if forms.method and any(placed.data in ("fp16", "bf16") for placed in placement.placed().values()):
        own = forms.method == OWN_SCALES
        notes.append(
            "operators that devices have in narrow floats are computed in the model's own integers, or in fp32"
            if own
            else "operators in narrow floats between integer ones are computed in fp32 here"
        )
    return list(dict.fromkeys(notes))
