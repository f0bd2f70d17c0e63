# SPDX-License-Identifier: Apache-2.0
"""The network that a case names: a bundled one, a model file, or a network as a benchmark's table calls it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import chipcast
from chipcast._core import InputError
from chipcast.catalog import is_file, model_names
from chipcast.fidelity.case import Case
from chipcast.fidelity.kinds import CPU
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
    network: str = ""
    """Bundled network, or model file."""
    runs: int = 1
    """One after the other, for a batch that the software does not have."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Found:
    model: str
    options: tuple[tuple[str, Any], ...] = ()
    """Variant of a bundled network."""
    warning: str = ""

    @property
    def name(self) -> str:
        given = ", ".join(f"{name} {value}" for name, value in self.options)
        return f"{self.model} ({given})" if given else self.model


def workload_of(case: Case, runtime: Runtime, base: Path, kind: str = "") -> Workload:
    """`base`: folder of the file of cases. Paths are looked up from there, the folders above it, the working
    directory and above; bare names also in models/ and shared/models/ there and above Chipcast itself. `kind`: type of
    the device, "" for any. Throws InputError for an unknown network."""
    found = _find(case, runtime.name, base)
    alone = runtime.name == "ncnn" or Path(found.model).suffix.lower() == ".param"  # ncnn has no batch
    batch = 1 if alone else case.batch
    model = _headless(found, batch) if runtime.headless else _load(found, batch)
    dtype, warnings = _conversion(case, runtime, model), []
    if dtype is None and not case.dtype and _on_engine(runtime, kind) and _plain_floats(model):
        dtype = "int8"
        warnings.append(f"dtype: empty; int8 taken, which {case.runtime} computes in")
    return Workload(
        model,
        dtype,
        found.name,
        case.batch // batch,
        tuple(filter(None, [found.warning, *warnings])),
    )


def _on_engine(runtime: Runtime, kind: str) -> bool:
    """Engines and microcontrollers compute in int8 unless told otherwise."""
    return runtime.name in ("rknn", "aihub", "vela", "gap", "mcu") or bool(
        runtime.name and kind not in ("", CPU)
    )


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
    name = TORCHVISION.get(_key(text), text) if runtime == "aihub" else text
    found = _ncnns(text, case.dtype, base) if runtime == "ncnn" else _bundled(name)
    if found:
        return found
    for suffix in (".tflite", ".onnx", ".param"):
        if file := _in_folders(text + suffix, base):
            return _Found(str(file))
    raise InputError(
        f'workload: "{plain(text, 60)}" is neither a bundled network nor a model file'
        f"{did_you_mean(text, model_names())}"
    )


def _ncnns(text: str, dtype: str, base: Path) -> _Found | None:
    """ncnn's benchmark runs files of its own, which differ from other sources' networks of the same name."""
    for name in (f"{text}_int8", text) if dtype == "int8" else (text,):
        if file := _in_folders(f"{name}.param", base):
            return _Found(str(file))
    for name in (f"{text}_ncnn", text):
        if found := _bundled(name):
            absent = f'workload: ncnn\'s own "{plain(text, 60)}.param" is not in models/ncnn'
            return replace(found, warning=f"{absent}; the bundled {found.name} stands in")
    return None


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
    if len(path.parts) > 1:
        raise InputError(
            f'workload: no file "{plain(text)}"'
            + (
                ""
                if path.is_absolute()
                else " from the folder of the cases, the working directory or those above them"
            )
        )
    if file := _in_folders(path.name, base):
        return file
    raise InputError(
        f'workload: no file "{plain(text)}" beside the cases, above them, in the working directory, '
        "or in models/ and shared/models/ there"
    )


def _in_folders(name: str, base: Path) -> Path | None:
    """The folder of the file of cases decides last: the same row means the same network wherever its file lies."""
    roots = [*_above(Path.cwd()), *_above(Path(chipcast.__file__).resolve().parent), *_above(base.resolve())]
    files = (root / folder / name for root in dict.fromkeys(roots) for folder in _FOLDERS)
    return next((file for file in files if is_file(file)), None)


def _above(folder: Path) -> Iterator[Path]:
    yield from (folder, *folder.parents)


def _roots(base: Path) -> Iterator[Path]:
    yield from dict.fromkeys((*_above(base.resolve()), *_above(Path.cwd())))


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


def _plain_floats(model: Model) -> bool:
    """The graph says nothing of a format: fp32 throughout."""
    return not _quantised(model) and all(dtype == "fp32" for _, dtype in model.stored.values())
