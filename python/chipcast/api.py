# SPDX-License-Identifier: Apache-2.0
"""The calls that people make: run a network on a platform, describe a platform."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from chipcast import _core
from chipcast.catalog import platform_file, search_dirs
from chipcast.model import Model, Shapes, load_model
from chipcast.result import Result

Overrides = Mapping[str, Any] | Iterable[str]


def run(
    model: str | os.PathLike[str] | Mapping[str, Any] | Model,
    platform: str | os.PathLike[str],
    *,
    dtype: str | None = None,
    precision: Mapping[str, str] | None = None,
    devices: Sequence[str] | None = None,
    overrides: Overrides = (),
    shapes: Shapes | None = None,
    model_options: Mapping[str, Any] | None = None,
    mapper: str = _core.DEFAULT_MAPPER,
    mapping: Mapping[str, Any] | None = None,
    objective: str = "latency",
    budget: int | None = None,
    tile_budget: int | None = None,
    split: bool = True,
    fuse: bool = False,
    power_cap: str | None = None,
    memory_cap: str | None = None,
    fold_batch_norm: bool = True,
    fuse_activations: bool = True,
    seed: int = 0,
    max_simulated_time: str | None = None,
    max_events: int | None = None,
    max_idle_events: int | None = None,
    progress: Callable[[float], object] | None = None,
) -> Result:
    """Maps `model` onto `platform`, simulates it and returns the report.

    Args:
        model: path to .onnx, .tflite, .param, .csv (SCALE-Sim) or .json; name of a zoo network; graph dict; or a
            Model.
        platform: name of a preset ("rk3588"), path to a platform file or to a SCALE-Sim .cfg.
        dtype: number format to run in ("int8", "fp16", ...); None keeps the model's own.
        precision: formats of operators where they differ from `dtype`, by name or class: {"res2*": "int4",
            "class:depthwise_conv": "int16"}; * and ? stand for any text and any character, the last that fits counts.
        devices: names of the devices that may be used; None allows all of the platform.
        overrides: changes to the platform, {"npu.clock": "300 MHz"} or ["npu.clock=300 MHz"].
        shapes: input shapes by name where the model file leaves them open.
        model_options: variant of a zoo network: {"batch": 4, "width": 0.5}.
        mapper: placement policy; `chipcast mappers` lists them.
        mapping: a mapping as `Result.mapping()` gives it, whole or in part; it is followed ("fixed").
        objective: what the mapping should make least: "latency", "energy" or "edp" (their product).
        budget: schedules that a searching policy may evaluate.
        tile_budget: cuts into tiles that the search within one operator may estimate.
        split: searching policies may run one operator on several devices.
        fuse: operators may run depth first through a device's own memory.
        power_cap: limit on the estimated power of all devices that work at the same time ("2 W").
        memory_cap: limit on the address space that tensors take ("8 MiB").
        fold_batch_norm: fold batch normalisation into the operator before it.
        fuse_activations: merge activations into the operator before them.
        seed: of every random choice; the same inputs and seed give the same report, byte for byte.
        max_simulated_time: stops with LimitError beyond it ("10 s").
        max_events: stops with LimitError beyond it.
        max_idle_events: stops with LimitError after so many events without a finished load, compute or store.
        progress: called about ten times a second with the fraction done; returning False stops the run.

    Raises:
        InputError: the model, the platform or an option is wrong.
        LimitError: a limit on simulated time, events or size was hit.
        KeyboardInterrupt: Ctrl-C; the run stops within a fraction of a second.
    """
    if mapping is not None and mapper == _core.DEFAULT_MAPPER:
        mapper = "fixed"
    loaded = load_model(model, shapes=shapes, model_options=model_options)
    options: dict[str, Any] = {
        "dtype": dtype,
        "precision": None if precision is None else dict(precision),
        "devices": None if devices is None else list(devices),
        "mapper": mapper,
        "mapping": None if mapping is None else dict(mapping),
        "objective": objective,
        "budget": budget,
        "tile_budget": tile_budget,
        "split": split,
        "fuse": fuse,
        "power_cap": power_cap,
        "memory_cap": memory_cap,
        "fold_batch_norm": fold_batch_norm,
        "fuse_activations": fuse_activations,
        "seed": seed,
        "max_simulated_time": max_simulated_time,
        "max_events": max_events,
        "max_idle_events": max_idle_events,
    }
    if mapper == "exact":
        from chipcast.mapping import exact

        if mapping is None:
            options["mapping"] = exact.solve(loaded, platform, overrides=overrides, **options)
        options["mapper"] = "fixed"
        options["power_cap"] = None  # kept by the solver; who follows a mapping does not look at power
    given = {name: value for name, value in options.items() if value is not None}
    with platform_file(platform) as path:
        simulation = _core.Simulation(
            str(path), search_dirs(path), override_list(overrides), loaded.graph_json, json.dumps(given)
        )
    return Result.from_simulation(simulation, simulation.run(progress), path)


def mappers() -> list[tuple[str, str]]:
    """(name, what it does) of every placement policy."""
    return [
        *_core.mappers(),
        ("exact", "proves the best schedule of small graphs, or says how far it may be from it"),
    ]


def describe(platform: str | os.PathLike[str], *, overrides: Overrides = ()) -> dict[str, Any]:
    """The platform with every preset resolved, every default filled in and every override applied."""
    with platform_file(platform) as path:
        text = _core.describe_platform(str(path), search_dirs(path), override_list(overrides))
    resolved: dict[str, Any] = json.loads(text)
    return resolved


def override_list(overrides: Overrides) -> list[str]:
    """{"npu.input_lanes": 32} as the core's ["npu.input_lanes=32"]."""
    if isinstance(overrides, Mapping):
        return [f"{key}={_override_value(value)}" for key, value in overrides.items()]
    return [overrides] if isinstance(overrides, str) else list(overrides)


def _override_value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, allow_nan=False)
