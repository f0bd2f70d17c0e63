# SPDX-License-Identifier: Apache-2.0
"""The network that a case names: a bundled one, a model file, or a network as a benchmark's table calls it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.catalog import is_file, model_names
from chipcast.fidelity.case import Case
from chipcast.fidelity.runtimes import Runtime
from chipcast.model import SUFFIXES, Model, load_model
from chipcast.text import did_you_mean, plain

# Networks as RKNN's model zoo, AI Hub, MLPerf Tiny, NXP and TensorFlow's hub spell them (letters and digits only)
# -> bundled networks, the first that there is. Equal names but for dashes need no line here.
_ALIASES: dict[str, tuple[str, ...]] = {
    "mobilenetv212": ("mobilenet_v2",),  # ONNX's zoo: network, opset
    "mobilenetv27": ("mobilenet_v2",),
    "mobilenet": ("mobilenet_v1",),
    "mobilenetv3": ("mobilenet_v3_large",),
    "resnet50v27": ("resnet50_v2", "resnet50_v1_5"),  # v2's convolutions are those of v1.5
    "resnet50v2": ("resnet50_v2", "resnet50_v1_5"),
    "resnet50v17": ("resnet50",),
    "resnet50v112": ("resnet50",),
    "resnet50v1": ("resnet50",),
    "resnet18v17": ("resnet18",),
    "squeezenet": ("squeezenet1_1",),
    "squeezenetv11": ("squeezenet1_1",),
    "squeezenet117": ("squeezenet1_1",),
    "squeezenetv10": ("squeezenet1_0",),
    "squeezenet107": ("squeezenet1_0",),
    "ic": ("mlperf_tiny_ic",),
    "imageclassification": ("mlperf_tiny_ic",),
    "tinyresnet": ("mlperf_tiny_ic",),
    "resnet8": ("mlperf_tiny_ic",),
    "kws": ("mlperf_tiny_kws",),
    "keywordspotting": ("mlperf_tiny_kws",),
    "keywordspottingdscnn": ("mlperf_tiny_kws",),
    "dscnn": ("mlperf_tiny_kws",),
    "vww": ("mlperf_tiny_vww",),
    "visualwakeword": ("mlperf_tiny_vww",),
    "visualwakewords": ("mlperf_tiny_vww",),
    "ad": ("mlperf_tiny_ad",),
    "anomalydetection": ("mlperf_tiny_ad",),
    "deepautoencoder": ("mlperf_tiny_ad",),
    "inceptionv1": ("googlenet",),
    "retinafaceresnet50320": ("retinaface_resnet50",),
    "efficientnetlite": ("efficientnet_lite0",),
    "ssdlitemobilenetv2": ("ssdlite_mobilenet_v2",),
    "facenet512": ("facenet",),
    "yolov8": ("yolov8n",),
}

TORCHVISION = {"resnet50": "resnet50_v1_5"}
"""AI Hub takes its networks from torchvision, whose ResNet-50 has its strides in the 3x3 convolutions."""

_FOLDERS = ("models/ncnn", "models/onnx", "models/tflite", "shared/models/ncnn", "shared/models/onnx",
            "shared/models/tflite")  # fmt: skip
_VARIANT = re.compile(r"(?P<name>mobilenet_v[12])_(?P<width>[01]\.\d+)_(?P<resolution>\d{2,3})")


@dataclass(frozen=True)
class Workload:
    model: Model
    dtype: str | None
    """What to convert to; None keeps the formats of the file."""


@dataclass(frozen=True)
class _Found:
    model: str
    options: tuple[tuple[str, Any], ...] = ()
    """Variant of a bundled network."""


def workload_of(case: Case, runtime: Runtime, base: Path) -> Workload:
    """`base`: folder of the file of cases; model files are looked up there, in the folders above it, in the working
    directory and above, and there in models/ and shared/models/. Throws InputError for an unknown network."""
    found = _find(case, runtime.name, base)
    model = _load(found, case.batch)
    if runtime.headless:
        model = _headless(found, case.batch)
    return Workload(model, _conversion(case, runtime, model))


def model_file(case: Case, base: Path) -> Path | None:
    """The file that the case's network comes from, None for a bundled one and for an unknown one."""
    try:
        found = _find(case, "ncnn" if case.runtime.lower().startswith("ncnn") else "", base)
    except InputError:
        return None
    return Path(found.model) if Path(found.model).suffix.lower() in SUFFIXES else None


def _find(case: Case, runtime: str, base: Path) -> _Found:
    text = case.workload
    if Path(text).suffix.lower() in SUFFIXES or len(Path(text).parts) > 1:
        return _Found(str(_as_run(_file(text, base), case, runtime)))
    names = [text]
    if runtime == "ncnn":
        names = [f"{text}_int8", text] if case.dtype == "int8" else [text]
        for name in names:
            if file := _in_folders(f"{name}.param", base):
                return _Found(str(file))
        names = [f"{text}_ncnn", text]
    if runtime == "aihub":
        names = [TORCHVISION.get(_key(text), text)]
    for name in names:
        if found := _bundled(name):
            return found
    for suffix in (".tflite", ".onnx", ".param"):
        if file := _in_folders(text + suffix, base):
            return _Found(str(file))
    raise InputError(
        f'workload: "{plain(text, 60)}" is neither a bundled network nor a model file'
        f"{did_you_mean(text, model_names())}"
    )


def bundled_name(text: str) -> str | None:
    """The bundled network, or variant of one, that a source calls `text`."""
    found = _bundled(text)
    return (text if found.options else found.model) if found else None


def _as_run(file: Path, case: Case, runtime: str) -> Path:
    """ncnn's benchmark in int8 runs the file beside that it quantised: mobilenet_int8.param, not mobilenet.param."""
    quantised = file.with_name(f"{file.stem}_int8.param")
    wanted = runtime == "ncnn" and case.dtype == "int8" and file.suffix == ".param"
    return quantised if wanted and is_file(quantised) else file


def _bundled(name: str) -> _Found | None:
    known = _bundled_names()
    if variant := _VARIANT.fullmatch(name.lower()):
        width, resolution = float(variant["width"]), int(variant["resolution"])
        return _Found(variant["name"], (("resolution", resolution), ("width", width)))
    if exact := known.get(_key(name)):
        return _Found(exact)
    aliased = next((known[_key(each)] for each in _ALIASES.get(_key(name), ()) if _key(each) in known), None)
    return _Found(aliased) if aliased else None


@cache
def _bundled_names() -> dict[str, str]:
    return {_key(name): name for name in model_names()}


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _file(text: str, base: Path) -> Path:
    path = Path(text)
    if path.is_absolute() and is_file(path):
        return path
    if not path.is_absolute():
        for root in _roots(base):
            if is_file(root / path):
                return root / path
    if file := _in_folders(path.name, base):
        return file
    raise InputError(
        f'workload: no file "{plain(text)}" beside the cases, above them, in the working directory, '
        "or in models/ and shared/models/ there"
    )


def _in_folders(name: str, base: Path) -> Path | None:
    files = (root / folder / name for root in _roots(base) for folder in _FOLDERS)
    return next((file for file in files if is_file(file)), None)


def _roots(base: Path) -> Iterator[Path]:
    seen = set()
    for start in (base.resolve(), Path.cwd()):
        for folder in (start, *start.parents):
            if folder not in seen:
                seen.add(folder)
                yield folder


@lru_cache(maxsize=64)
def _load(found: _Found, batch: int) -> Model:
    """Throws InputError where a file cannot be had for a batch of that size."""
    options = dict(found.options)
    if Path(found.model).suffix.lower() not in SUFFIXES:
        return load_model(found.model, model_options=options | ({"batch": batch} if batch > 1 else {}))
    model = load_model(found.model)
    if batch == 1 or _batch(model) == batch:
        return model
    shapes = {name: [batch, *model.graph["tensors"][name]["shape"][1:]] for name in model.graph["inputs"]}
    try:
        model = load_model(found.model, shapes=shapes)
    except InputError as error:
        raise InputError(f"batch: {batch} is not what {plain(found.model)} has: {error}") from None
    if _batch(model) != batch:
        raise InputError(f"batch: {plain(found.model)} has a batch of {_batch(model)}, not of {batch}")
    return model


def _batch(model: Model) -> int:
    shape = model.graph["tensors"][model.graph["inputs"][0]]["shape"]
    return int(shape[0]) if shape else 1


@lru_cache(maxsize=64)
def _headless(found: _Found, batch: int) -> Model:
    """The network up to its scores, without a last softmax."""
    graph = _load(found, batch).graph
    ops, outputs = list(graph["ops"]), list(graph["outputs"])
    while ops and len(outputs) == 1 and ops[-1]["outputs"] == outputs and ops[-1]["kind"] == "softmax":
        outputs = ops.pop()["inputs"][:1]
    if len(ops) == len(graph["ops"]) or not ops:
        return _load(found, batch)
    used = {name for op in ops for name in (*op["inputs"], *op["outputs"])} | {*graph["inputs"], *outputs}
    tensors = {name: tensor for name, tensor in graph["tensors"].items() if name in used}
    return load_model({**graph, "ops": ops, "outputs": outputs, "tensors": tensors})


def _conversion(case: Case, runtime: Runtime, model: Model) -> str | None:
    """Format to convert the graph to. A file that is quantised already keeps its formats: which layers are, is part
    of what was measured. ncnn stores and computes floats as the core can; its profiles say so."""
    if _quantised(model):
        if case.dtype not in ("", "int8", "uint8"):
            raise InputError(
                f"dtype: {case.dtype}, but {plain(model.source)} is quantised to int8; name the float file"
            )
        return None
    if runtime.name == "ncnn" and case.dtype in ("fp32", "fp16"):
        return None
    return case.dtype or None


def _quantised(model: Model) -> bool:
    return any(dtype in ("int8", "uint8") for _, dtype in model.stored.values())
