# SPDX-License-Identifier: Apache-2.0
"""Measures this machine into an ordinary platform file, for `chipcast.run(model, "host.json")`."""

from __future__ import annotations

import json
import math
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from chipcast import _core
from chipcast._core import InputError
from chipcast.crosscheck.host_families import Family, families
from chipcast.crosscheck.host_fit import fit_costs
from chipcast.crosscheck.host_graphs import Case, after_its_like, chain, has_weights
from chipcast.crosscheck.host_platform import cpu_device, platform, quantity
from chipcast.crosscheck.host_shapes import calibration_cases

FEATURES = (
    "multiply",
    "tiles",
    "arranged",
    "results",
    "elements",
    "streamed",
    "fetched",
)
FORMATS = ("fp32", "int8")
BEST_SHARE = 1.02
"""No kernel beats the measured peak, beyond the error of measuring it."""
FEWEST_SAMPLES = 2
"""For each number of a family; with fewer the fit meets its samples whatever they are."""


@dataclass(frozen=True)
class Sample:
    """One operator of the calibration set, as it was measured."""

    case: str
    family: str
    kernel: str
    measured_s: float
    spread: float
    """Median over minimum of its runs, less one."""
    relayout_s: float
    """Of bringing its input into channels last."""
    elements: int
    """Of that input."""
    features: dict[str, float] = field(repr=False)
    """Cycles, counts and bytes as in accelerators/cpu/kernel_families.h."""
    evicted: int = 0
    """Bytes that were read before every run, as when other operators' weights were."""


@dataclass(frozen=True)
class FamilyFit:
    """What one family's numbers came to."""

    name: str
    samples: int
    median_error: float
    costs: dict[str, float]
    shapes: int = 0
    bounds: tuple[str, ...] = ()
    """Numbers that lie on the end of what is possible: the family's structure does not describe its times."""

    @property
    def judged(self) -> bool:
        """Enough samples for its error to say something."""
        return self.samples >= FEWEST_SAMPLES * len([key for key in self.costs if key != "relayout"])


@dataclass(frozen=True)
class Calibration:
    """A machine, the fits of its kernels, and the platform file that they went into."""

    path: Path
    machine: dict[str, Any] = field(repr=False)
    fits: tuple[FamilyFit, ...]
    samples: tuple[Sample, ...] = field(repr=False)
    skipped: tuple[str, ...]
    """Cases that no kernel here runs, and why."""
    overheads: dict[str, float]
    seconds: float
    borrowed: dict[str, str] = field(default_factory=dict)
    """Families that no case measures, and those whose numbers they have."""

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "path": str(self.path)}

    def to_text(self) -> str:
        machine = self.machine
        clock = quantity(machine["clock"], "Hz") / 1e9
        lines = [f"{machine['processor']}, {machine['processors']} processors, {clock:.2f} GHz", ""]
        lines.append(
            f"{'instruction set':<16}{'fp32':>8}{'int8':>8}{'int16':>8}   multiply-accumulates per cycle"
        )
        for rate in machine["rates"]:
            lines.append(f"{rate['target']:<16}{rate['fp32']:>8.1f}{rate['int8']:>8.1f}{rate['int16']:>8.1f}")
        lines += ["", f"{'level':<10}{'latency':>12}{'read':>14}{'write':>14}{'copy':>14}{'lines':>8}"]
        for level in machine["levels"]:
            rates = [quantity(level[key], "B/s") / 1e9 for key in ("read", "write", "copy")]
            wait = quantity(level["latency"], "s") * 1e9
            cells = "".join(f"{rate:>9.1f} GB/s" for rate in rates)
            lines.append(f"{level['name']:<10}{wait:>9.2f} ns{cells}{level['lines']:>8.1f}")
        lines += ["", f"{'kernels':<30}{'shapes':>8}{'samples':>9}{'median error':>14}"]
        for fit in self.fits:
            error = f"{fit.median_error:.1%}" if fit.judged else "not judged"
            at = f"  at its bound: {', '.join(fit.bounds)}" if fit.bounds else ""
            lines.append(f"{fit.name:<30}{fit.shapes:>8}{fit.samples:>9}{error:>14}{at}")
        lines += [f"{name:<30} not measured: as {like}" for name, like in self.borrowed.items()]
        return "\n".join(lines)


def calibrate(
    path: str | os.PathLike[str] = "host.json",
    *,
    threads: int = 1,
    fast: bool = False,
    progress: Callable[[float], object] | None = None,
) -> Calibration:
    """Measures this machine and writes a platform file with a device `cpu` of `threads` cores.

    Takes well below a minute; `fast` takes a few seconds and fits to a few shapes only. Kernels are calibrated on one
    thread; more are described by the cost of sharing work and by what the cores draw from cache and memory together.

    Raises:
        InputError: fewer processors than threads, or a path that cannot be written.
    """
    if threads < 1:
        raise InputError(f"threads: {threads} is below 1")
    begin = time.perf_counter()
    target = Path(path)
    _check_writable(target)
    machine = measure_machine(threads, fast)
    device = cpu_device(machine, 1)
    structure = json.loads(_core.kernel_structure())
    base = {dtype: families(structure, dtype) for dtype in FORMATS}
    samples, skipped = measure_cases(calibration_cases(fast), device, base, fast, progress)
    overheads = measure_overheads(machine)
    fits, fitted = fit_families(samples, base, quantity(machine["clock"], "Hz"), overheads["operator"])
    borrowed = borrowed_families(fits, base)
    text = platform(machine, cpu_device(machine, threads), fitted, overheads, _memory_bytes())
    target.write_text(json.dumps(text, indent=2) + "\n", encoding="utf-8")
    passed = time.perf_counter() - begin
    return Calibration(
        target, machine, tuple(fits), tuple(samples), tuple(skipped), overheads, passed, borrowed
    )


def measure_machine(threads: int = 1, fast: bool = False) -> dict[str, Any]:
    """Clock, rates, caches, memory and threads, as crosscheck/host gives them."""
    options: dict[str, Any] = {"threads": threads, "effort": 0.05 if fast else 1.0}
    if fast:
        options["largest_block"] = "32 MiB"
    machine: dict[str, Any] = json.loads(_core.measure_host(json.dumps(options)))
    return machine


def measure_cases(
    cases: Iterable[Case],
    device: Mapping[str, Any],
    base: Mapping[str, list[Family]],
    fast: bool = False,
    progress: Callable[[float], object] | None = None,
) -> tuple[list[Sample], list[str]]:
    """Times every case's kernel, and counts what its family's numbers price."""
    samples: list[Sample] = []
    skipped: list[str] = []
    todo = list(cases)
    # Nothing between two runs, what pushes weights out of the caches of one core, and what does so out of all of them.
    sizes = [quantity(cache["size"], "B") for cache in device["caches"]] or [0.0]
    between = sorted({0, int(4 * max([0.0, *sizes[:-1]])), int(4 * sizes[-1])})
    for i, case in enumerate(todo):
        if progress is not None:
            progress(i / len(todo))
        for evicted in between if has_weights(case) else (0,):
            try:
                samples.append(_sample(case, device, base, evicted, fast))
            except InputError as error:
                skipped.append(f"{case.name}: {error}")
                break
    return samples, skipped


def _sample(
    case: Case, device: Mapping[str, Any], base: Mapping[str, list[Family]], evicted: int, fast: bool
) -> Sample:
    """`evicted` bytes pass through the caches before every run."""
    effort = (5, 0.005, 0.1) if fast else (15, 0.04, 0.3) if evicted else (25, 0.08, 0.6)
    timed = after_its_like(case) if evicted else case
    op = json.loads(_core.time_network(timed.graph_json, 1, *effort, evicted))["operators"][-1]
    counted = count(case, op["kernel"], device, base, evicted)
    if counted is None:
        raise InputError("no family of kernels")
    least, middle = op["elapsed"]["minimum_s"], op["elapsed"]["median_s"]
    return Sample(
        case.name,
        counted["family"],
        op["kernel"],
        least,
        middle / least - 1.0,
        op["relayout"]["minimum_s"],
        math.prod(case.graph["tensors"][case.graph["inputs"][0]]["shape"]),
        {name: float(counted[name]) for name in FEATURES},
        evicted,
    )


def count(
    case: Case,
    kernel: str,
    device: Mapping[str, Any],
    base: Mapping[str, list[Family]],
    evicted: int = 0,
) -> dict[str, Any] | None:
    """The counts of the family whose kernel ran."""

    def ran(family: Family) -> bool:
        return bool(family["algorithm"] != "winograd" or f"winograd_f{family['winograd']}" in kernel)

    def is_winograd(family: Family) -> bool:
        return bool(family["algorithm"] == "winograd")

    kept = {
        dtype: [
            family for family in known if ran(family) and ("winograd" not in kernel or is_winograd(family))
        ]
        for dtype, known in base.items()
    }
    cpu = {
        **device,
        "profile": {"kernels": kept["fp32"]},
        "profiles": [{"serves": ["int8", "uint8"], "kernels": kept["int8"]}],
    }
    del cpu["type"]
    counted: list[dict[str, Any]] = json.loads(_core.kernel_counts(case.graph_json, json.dumps(cpu), evicted))
    return counted[-1] if counted else None


def fit_families(
    samples: Iterable[Sample], base: Mapping[str, list[Family]], clock_hz: float, operator_s: float = 0.0
) -> tuple[list[FamilyFit], dict[str, list[Family]]]:
    """Costs of each family that was measured; the others take those of the family that is most like them. What an
    operator costs beside its kernel (`operator_s`) is part of a family's `call`."""
    by_family: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_family[sample.family].append(sample)
    fits = [fit for names in _fitted_together(by_family) for fit in _fit_alike(names, by_family, clock_hz)]
    known = {fit.name: fit for fit in fits}
    out: dict[str, list[Family]] = {}
    for dtype, listed in base.items():
        out[dtype] = [{**family, **_numbers(_nearest(family, dtype, known), operator_s)} for family in listed]
    return fits, out


def _fitted_together(names: Iterable[str]) -> list[list[str]]:
    """Winograd's tile sizes run the same loops: what a transformed byte, a register tile and a call cost is one."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        kind, dtype = name.rsplit(", ", 1)
        groups[f"{kind.split('(')[0]}, {dtype}"].append(name)
    return list(groups.values())


def _fit_alike(names: list[str], by_family: Mapping[str, list[Sample]], clock_hz: float) -> list[FamilyFit]:
    together = fit_family(names[0], [sample for name in names for sample in by_family[name]], clock_hz)
    return [
        replace(together, name=name, shapes=len({sample.case for sample in by_family[name]}))
        for name in names
    ]


def borrowed_families(fits: Iterable[FamilyFit], base: Mapping[str, list[Family]]) -> dict[str, str]:
    """Families without a fit of their own, and where their numbers come from."""
    known = {fit.name: fit for fit in fits}
    nearest = {
        family["name"]: _nearest(family, dtype, known) for dtype, listed in base.items() for family in listed
    }
    return {name: fit.name if fit else "nothing" for name, fit in nearest.items() if name not in known}


def fit_family(name: str, samples: list[Sample], clock_hz: float) -> FamilyFit:
    """Costs per call (seconds) and per unit of each feature (cycles) that these samples have."""
    used = [key for key in FEATURES if any(sample.features[key] > 0.0 for sample in samples)]
    rows = [[1.0, *(sample.features[key] / clock_hz for key in used)] for sample in samples]
    least = [0.0, *(1.0 / BEST_SHARE if key == "multiply" else 0.0 for key in used)]
    most = [math.inf, *(1.0 if key == "streamed" else math.inf for key in used)]
    fit = fit_costs(rows, [sample.measured_s for sample in samples], least, most)
    ends = zip(used, fit.costs[1:], least[1:], most[1:], strict=True)
    bounds = tuple(key for key, cost, low, high in ends if (0.0 < low >= cost * 0.9999) or cost >= high)
    costs = dict(zip(("call", *used), fit.costs, strict=True))
    moved = [sample for sample in samples if sample.relayout_s > 1e-6 and not sample.evicted]
    if moved:
        costs["relayout"] = median(sample.relayout_s * clock_hz / sample.elements for sample in moved)
    shapes = len({sample.case for sample in samples})
    return FamilyFit(name, len(samples), fit.median_error, costs, shapes, bounds)


SIMILAR = {
    "recurrent": "product",
    "windows": "product",
    "product": "windows",
    "Winograd F(4, 3)": "Winograd F(2, 3)",
    "Winograd F(2, 3)": "Winograd F(4, 3)",
    "normalisation": "softmax",
    "piecewise elements": "plain elements",
    "maximum pooling": "average pooling",
    "global pooling": "average pooling",
    "tanh": "sigmoid",
    "gelu": "sigmoid",
    "sigmoid": "softmax",
    "moves": "plain elements",
    "other": "moves",
}


def _nearest(family: Family, dtype: str, known: Mapping[str, FamilyFit]) -> FamilyFit | None:
    """The family's own fit, else that of a similar one, else that of the same in fp32."""
    kind = family["name"].rsplit(", ", 1)[0]
    seen: set[str] = set()
    while kind not in seen:
        seen.add(kind)
        for format_ in (dtype, "fp32"):
            if f"{kind}, {format_}" in known:
                return known[f"{kind}, {format_}"]
        kind = SIMILAR.get(kind, kind)
    return None


def _numbers(fit: FamilyFit | None, operator_s: float) -> dict[str, Any]:
    if fit is None:
        return {}
    costs = fit.costs
    return {
        "issue": round(min(BEST_SHARE, 1.0 / costs["multiply"]), 5) if costs.get("multiply") else 1.0,
        "tile": round(costs.get("tiles", 0.0), 5),
        "arrange": round(costs.get("arranged", 0.0), 6),
        "result": round(costs.get("results", 0.0), 6),
        "element": round(costs.get("elements", 0.0), 6),
        "exposed": round(costs.get("streamed", 0.0), 5),
        "fetch": round(costs.get("fetched", 0.0), 6),
        "relayout": round(costs.get("relayout", 0.0), 6),
        "call": f"{(costs['call'] + operator_s) * 1e9:.3f} ns",
    }


def measure_overheads(machine: Mapping[str, Any]) -> dict[str, float]:
    """Seconds per run and per operator beside the kernels' own, from chains of small operators: run = network + n *
    operator + sum of kernels."""
    besides: dict[int, float] = {}
    for length in (1, 40):
        timed = json.loads(_core.time_network(chain(length).graph_json, 1, 200, 0.1, 1.0))
        besides[length] = timed["besides"]["median_s"]
    operator = max(0.0, (besides[40] - besides[1]) / 39.0)
    threads = machine["threads"][-1]
    return {
        "operator": operator,
        "network": max(0.0, besides[1] - operator),
        "fork_join": quantity(threads["fork_join"], "s"),
    }


def _memory_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return 8 << 30


def _check_writable(path: Path) -> None:
    if path.is_dir():
        raise InputError(f'output: "{path}" is a folder; give a file such as host.json')
    if not path.resolve().parent.is_dir():
        raise InputError(f'output: no folder "{path.resolve().parent}"; make it first')
