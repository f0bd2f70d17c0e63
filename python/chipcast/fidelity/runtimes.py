# SPDX-License-Identifier: Apache-2.0
"""What the software of a case changes in a forecast: kernels of CPUs and microcontrollers, and where graphs end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from chipcast._core import InputError
from chipcast.catalog import config_root
from chipcast.fidelity.kinds import CPU
from chipcast.text import did_you_mean, plain


@dataclass(frozen=True)
class Runtime:
    name: str
    """The family: what workloads look at."""
    overrides: Mapping[str, Any] = field(default_factory=dict)
    headless: bool = False
    """Files of this runtime end in scores, without a last softmax."""
    warnings: tuple[str, ...] = ()
    """What stands in for kernels that Chipcast does not have."""


Device = Mapping[str, Any]
"""A device of a platform, as `chipcast.describe` gives it."""


def runtime_of(text: str, name: str, device: Device | None) -> Runtime:
    """What the software `text` means for device `name`. "" keeps the platform's own kernels. Throws InputError for
    an unknown runtime, and for one that does not run on such a device."""
    if not text:
        return Runtime("")
    key = _key(text)
    if key in _profiles():
        family = "ncnn" if key.startswith("ncnn") else "general" if key in ("generic", "plain-c") else "mcu"
        return Runtime(family, _as_overrides(_cpu(text, name, device), key))
    for pattern, kinds, make in _RUNTIMES:
        if re.fullmatch(pattern, key):
            if kinds and (device is None or device["type"] not in kinds):
                what = f"{name} is of type {device['type']}" if device else "the column device is empty"
                raise InputError(f'runtime: "{plain(text, 40)}" runs on {" or ".join(kinds)}; {what}')
            return make(key, name, device)
    known = {*_EXAMPLES, *_profiles()}
    raise InputError(f'runtime: "{plain(text, 40)}" is not known{did_you_mean(text, known)}')


def kinds_of(text: str) -> tuple[str, ...]:
    """Types of devices that the software runs on; empty: any, or unknown."""
    key = _key(text)
    if key in _profiles():
        return (CPU,)
    return next((kinds for pattern, kinds, _ in _RUNTIMES if re.fullmatch(pattern, key)), ())


def _key(text: str) -> str:
    """ "X-CUBE-AI v8.1.0" is "x-cube-ai-8.1.0"."""
    joined = re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.")
    return re.sub(r"(^|-)v(?=\d)", r"\1", joined)


def _own(family: str, headless: bool = False) -> Callable[[str, str, Device | None], Runtime]:
    """A runtime that the platform's device stands for as it is."""
    return lambda key, name, device: Runtime(family, headless=headless)


_QNN_CALL, _ONNX_CALL = 1.7, 3.2
_CALLS = {
    "qnn": _QNN_CALL, "qairt": _QNN_CALL, "snpe": _QNN_CALL,
    "onnx": _ONNX_CALL, "onnxruntime": _ONNX_CALL, "ort": _ONNX_CALL,
}  # fmt: skip
"""What a call of a Hexagon takes, in calls of TFLite: 1 + mean excess of a runtime's rows over TFLite's of the same
network, over the chip's `call`. From tests/validation/cases/aihub.csv: QNN 1.79 on QCS6490 and 1.55 on 8 Gen 3 (4 rows
each; the mean of both is taken); ONNX Runtime 3.2, from 3 rows of 8 Gen 3 alone. SNPE was not measured: taken as QNN,
its successor."""


def _aihub(key: str, name: str, device: Device | None) -> Runtime:
    """On a DSP. Files end in scores; runtimes differ in what a call takes."""
    factor = _CALLS.get(key.split("-")[0], 1.0)
    if device is None or factor == 1.0 or "call" not in device:
        return Runtime("aihub", headless=True)
    number, unit = str(device["call"]).split()
    return Runtime("aihub", {f"{name}.call": f"{float(number) * factor:.9g} {unit}"}, headless=True)


def _general(key: str, name: str, device: Device | None) -> Runtime:
    """Frameworks that run on anything. On a DSP they are those of AI Hub."""
    if device is not None and device["type"] == "dsp":
        return _aihub(key, name, device)
    if device is None:
        return Runtime(
            "general", warnings=(f"runtime: Chipcast has no kernels of {key}; the platform's own stand in",)
        )
    if device["type"] != CPU:
        return Runtime(
            "general", warnings=(f"runtime: {key} changes nothing on {name}; its own software stands in",)
        )
    stand = plain(str(device.get("profile", {}).get("name", "")), 60) or "the platform's own"
    return Runtime(
        "general", warnings=(f'runtime: Chipcast has no kernels of {key}; those of "{stand}" stand in',)
    )


def _ncnn(key: str, name: str, device: Device | None) -> Runtime:
    """The platform's own kernels where they are ncnn's, and of the release that `key` names if it names one; else
    those of its cores' instructions."""
    assert device is not None
    own = str(device.get("profile", {}).get("name", ""))
    year = re.search(r"20[12]\d", key)
    wanted = _generation(int(year[0])) if year else None
    if own.startswith("ncnn"):
        of = re.search(r"of (20\d\d)", own)
        if wanted is None or wanted == (_generation(int(of[1])) if of else ""):
            return Runtime("ncnn")
    bundle = _ncnn_bundle(str(device["core"].get("name", "")), device["core"].get("rates", []))
    if not bundle:
        raise InputError(f"runtime: ncnn has no kernels for {name} here; leave the column empty for its own")
    found = _of_generation(name, bundle, wanted or "")
    if own.startswith("ncnn"):
        return found  # the chip's own stall, which is measured
    return replace(found, overrides={**found.overrides, f"{name}.memory_stall": _stall(bundle)})


def _stall(bundle: str) -> float:
    """Cycles per byte that kernels lose; the bundles' value for chips that were not measured."""
    return float(resolved(f"profiles/{bundle}.json").get("memory_stall", 0.0))


def _generation(year: int) -> str:
    """Of the profiles, by the year of a release: 2020 stands for what came before too, 2022 for 2021."""
    return "2020" if year <= 2020 else "2022" if year <= 2022 else ""


def _of_generation(name: str, bundle: str, generation: str) -> Runtime:
    """The oldest profiles are of Armv7 and Armv8 alone; for later instructions the next ones stand in."""
    family = bundle.removeprefix("ncnn-")
    wanted = f"ncnn-{generation}-{family}" if generation else bundle
    if wanted in _profiles():
        return Runtime("ncnn", _as_overrides(name, wanted))
    later = f"ncnn-2022-{family}"
    warning = f"runtime: no profile of ncnn of {generation} for {family}; that of 2021 and 2022 stands in"
    return Runtime("ncnn", _as_overrides(name, later), warnings=(warning,))


def _ncnn_bundle(core: str, rates: list[Mapping[str, Any]]) -> str:
    """By instructions: fp16 arithmetic came with Armv8.2, dot products double int8 over fp16's lanes."""
    macs = {rate["dtype"]: float(str(rate["macs"]).split()[0]) for rate in rates}
    if re.search(r"Cortex-A(5|7|8|9|12|15|17)\b", core):
        return "ncnn-armv7"
    if not re.search(r"Cortex-[AX]\d|Neoverse|Apple|Carmel|Denver|TaiShan|A64FX", core):
        return ""
    if "fp16" not in macs:
        return "ncnn-armv8"
    dot = macs.get("int8", 0.0) > macs["fp16"]
    return "ncnn-armv8.2" if dot else "ncnn-armv8.2-without-dot"


def _cube_ai(key: str, name: str, device: Device | None) -> Runtime:
    """ST's X-CUBE-AI: the bundled profile of the newest release that is not newer; 7.1 for older ones."""
    profiles = {
        float(found[1]): stem
        for stem in _profiles()
        if (found := re.fullmatch(r"st-x-cube-ai-([\d.]+)", stem))
    }
    version = re.search(r"ai-(\d+)(?:\.(\d+))?", key)
    release = float(f"{version[1]}.{version[2] or 0}") if version else max(profiles)
    if release >= 9.0:  # 9.0 and 10.2 are equally fast (MLPerf Tiny v1.2 and v1.3)
        return Runtime("mcu", _as_overrides(name, profiles[max(profiles)]))
    fitting = [known for known in profiles if known <= release] or [min(profiles)]
    return Runtime("mcu", _as_overrides(name, profiles[max(fitting)]))


def _cpu(text: str, name: str, device: Device | None) -> str:
    if device is None or device["type"] != CPU:
        raise InputError(
            f'runtime: "{plain(text, 40)}" are kernels of a CPU; {name or "the column device"} is none'
        )
    return name


def _standing_for(stem: str) -> Callable[[str, str, Device | None], Runtime]:
    return lambda key, name, device: Runtime("mcu", _as_overrides(name, stem))


_RUNTIMES: tuple[tuple[str, tuple[str, ...], Callable[[str, str, Device | None], Runtime]], ...] = (
    (r"ncnn(-.*)?", (CPU,), _ncnn),
    (r"rknn(-.*)?", ("npu",), _own("rknn", headless=True)),
    (r"(qnn|qairt|snpe|aihub|ai-hub|hexagon-nn|htp)(-.*)?", ("dsp",), _aihub),
    (r"(ethos-?u-)?vela(-.*)?|(arm-)?ethos-?u-?(55|65|85)?(-.*)?|.*-ethos-?u(-delegate)?", ("ethos_u",), _own("vela")),
    (r"(tensorflow-lite-(for-)?|tflite-)micro(controllers)?(-.*)?|tflm(-2\.3.*)?", (CPU,), _standing_for("tflm-2.3")),
    (r"((st-)?x-cube-ai|stm32cube\.?ai)(-.*)?", (CPU,), _cube_ai),
    (r"onnc(-.*)?|cmsis-nn(-5.*)?", (CPU,), _standing_for("cmsis-nn-s8")),
    (r"micro-?tvm", (CPU,), _standing_for("microtvm")),
    (r"gapflow(-.*)?|gap-sdk(-.*)?|pulp-nn", (), _own("gap")),
    (r"xnnpack(-.*)?", (CPU,), _general),
    (r"(tflite|litert|tensorflow-lite|benchmark-model)(-.*)?", (), _general),
    (r"(onnx|onnxruntime|ort|tvm|executorch|tensorrt|armnn|nnapi|mnn|libtorch|pytorch)(-.*)?", (), _general),
)  # fmt: skip
"""(name after _key, types of device, what it means); the first that matches. A bundled profile's name comes before."""

_EXAMPLES = ("ncnn", "rknn", "qnn_dlc", "tflite", "vela", "tflm-2.3", "onnx", "x-cube-ai-8.1", "gapflow")


@cache
def _profiles() -> tuple[str, ...]:
    """Names of the bundled profiles."""
    return tuple(sorted(path.stem for path in (config_root() / "profiles").glob("*.json")))


def _as_overrides(name: str, stem: str) -> dict[str, Any]:
    """A bundled profile, or bundle of them, as overrides of device `name`."""
    document = resolved(f"profiles/{stem}.json")
    if "profile" not in document:
        return {f"{name}.profile": document}
    return {
        f"{name}.{member}": document[member]
        for member in ("profile", "profiles", "runs")
        if member in document
    }


@cache
def _load(preset: str) -> str:
    return (config_root() / preset).read_text(encoding="utf-8")


def resolved(preset: str) -> dict[str, Any]:
    """A bundled preset with what it extends filled in, as sim/config/presets.cpp does: objects are merged, everything
    else is replaced."""
    found = _resolve(json.loads(_load(preset)))
    assert isinstance(found, dict)
    return found


def _resolve(value: Any) -> Any:
    if isinstance(value, list):
        return [_resolve(each) for each in value]
    if not isinstance(value, dict):
        return value
    parents = value.get("extends", [])
    out: dict[str, Any] = {}
    for parent in [parents] if isinstance(parents, str) else parents:
        _merge(out, resolved(parent))
    _merge(
        out, {name: _resolve(each) for name, each in value.items() if name != "extends" and name[0] != "$"}
    )
    return out


def _merge(base: dict[str, Any], changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(base.get(name), dict):
            _merge(base[name], value)
        else:
            base[name] = value
