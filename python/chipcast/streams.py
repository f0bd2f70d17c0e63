# SPDX-License-Identifier: Apache-2.0
"""Several networks on one platform, each run again and again: streams from a file, and MLPerf-style scenarios."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipcast import _core
from chipcast._core import InputError
from chipcast.api import Overrides, override_list
from chipcast.catalog import config_root, is_file, platform_file, search_dirs
from chipcast.error_bars import with_validation
from chipcast.model import SUFFIXES, Model, Shapes, load_model
from chipcast.text import did_you_mean, plain

if TYPE_CHECKING:
    import pandas as pd

SCENARIOS = ("SingleStream", "MultiStream", "Server", "Offline")
POLICIES = ("fifo", "fixed_priority", "edf")
PREEMPTIONS = ("none", "operator", "tile")

_SPEC_LIMIT_BYTES = 16 << 20
_MOST_STREAMS = 256  # StreamsSpec::kMostStreams: refused here too, before every network is loaded


@dataclass(frozen=True, eq=False)
class StreamsResult:
    """The report of one run. Units stand in the names: `_s` seconds, `_j` joules, `_bytes`."""

    report: dict[str, Any]
    """As in configs/schema/streams-report.schema.json, or scenario-report.schema.json."""
    _json: str = field(repr=False)
    _streams: _core.Streams = field(repr=False)

    @property
    def run(self) -> dict[str, Any]:
        """The report of the streams; a scenario's stands inside its own."""
        run: dict[str, Any] = self.report.get("run", self.report)
        return run

    @property
    def streams(self) -> list[dict[str, Any]]:
        return list(self.run["streams"])

    @property
    def devices(self) -> list[dict[str, Any]]:
        return list(self.run["devices"])

    @property
    def jobs(self) -> list[dict[str, Any]]:
        """Every job in the order of release."""
        return list(self.run["jobs"])

    @property
    def energy_j(self) -> float:
        return float(self.run["energy_j"])

    def stream(self, name: str) -> dict[str, Any]:
        for entry in self.streams:
            if entry["name"] == name:
                return entry
        raise InputError(
            f'stream: "{plain(name)}" is not known{did_you_mean(name, (s["name"] for s in self.streams))}'
        )

    def to_pandas(self) -> pd.DataFrame:
        """One row per job, with `response_s` = `ended_s` - `released_s` added."""
        import pandas as pd

        frame = pd.DataFrame(self.jobs)
        if not frame.empty:
            frame["response_s"] = frame["ended_s"] - frame["released_s"]
        return frame

    def to_json(self) -> str:
        """The report as the core wrote it, and its error bar: equal inputs give equal bytes."""
        return self._json

    def trace_bytes(self) -> bytes:
        """The Perfetto trace, where the run was to keep one: every engine, and every stream's jobs."""
        return self._streams.trace()

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Writes one page to look at: it opens from disk, without network. The run is to keep its trace for a timeline
        of engines."""
        from chipcast.web import document
        from chipcast.web.page import write_page

        return write_page(document.of_streams(self), path)


def run_streams(
    spec: str | os.PathLike[str] | Mapping[str, Any],
    platform: str | os.PathLike[str],
    *,
    policy: str | None = None,
    preemption: str | None = None,
    seed: int | None = None,
    overrides: Overrides = (),
    keep_trace: bool = False,
    progress: Callable[[float], object] | None = None,
) -> StreamsResult:
    """Runs the streams of `spec` on `platform`.

    Args:
        spec: path to a file of streams, name of a bundled one (`scenarios()`), or a dict of the same form.
        platform: as for `chipcast.run`.
        policy: "fifo", "fixed_priority" or "edf"; None keeps the file's.
        preemption: "none", "operator" or "tile"; None keeps the file's.
        seed: of jitter and random arrivals; None keeps the file's.
        overrides: changes to the platform, as for `chipcast.run`.
        keep_trace: keep every span for `trace_bytes`; long runs take much memory then.
        progress: called now and then with the share of jobs that have ended; returning False stops the run.

    Raises:
        InputError: the file, a network, the platform or an option is wrong.
        LimitError: a limit on simulated time or events was hit.
    """
    document, folder = _read_spec(spec)
    given = {"policy": policy, "preemption": preemption, "seed": seed}
    document.update({name: value for name, value in given.items() if value is not None})
    streams = document.get("streams")
    graphs = {}
    if isinstance(streams, dict):
        if len(streams) > _MOST_STREAMS:
            raise InputError(f"streams: {len(streams)} are more than {_MOST_STREAMS}; leave some out")
        for name, stream in streams.items():
            if isinstance(stream, dict) and isinstance(stream.get("network"), str):
                graphs[str(name)] = _network(str(name), stream, folder).graph_json
    return _run(document, graphs, platform, overrides, keep_trace, progress)


def run_scenario(
    model: str | os.PathLike[str] | Mapping[str, Any] | Model,
    platform: str | os.PathLike[str],
    scenario: str,
    *,
    queries: int | None = None,
    rate: str | None = None,
    bound: str | None = None,
    dtype: str | None = None,
    devices: Sequence[str] | None = None,
    variants: Sequence[Sequence[str]] = (),
    mapper: str | None = None,
    in_flight: int | None = None,
    policy: str | None = None,
    preemption: str | None = None,
    seed: int = 0,
    overrides: Overrides = (),
    shapes: Shapes | None = None,
    model_options: Mapping[str, Any] | None = None,
    keep_trace: bool = False,
    progress: Callable[[float], object] | None = None,
) -> StreamsResult:
    """Asks one network in one of the four ways of MLPerf Inference (no submission: see docs/streams.md).

    Args:
        model, platform, dtype, devices, mapper, overrides, shapes, model_options: as for `chipcast.run`.
        scenario: "SingleStream", "MultiStream", "Server" or "Offline".
        queries: how many; samples for Offline. None takes the scenario's own small number.
        rate: Server: queries a second ("200 Hz"); None looks for the highest that keeps `bound`.
        bound: Server: what p99 of latency has to keep ("15 ms").
        variants: mappings among which jobs choose whichever is free, each a list of devices; empty is one mapping.
        in_flight: jobs in flight at most.
        policy, preemption, seed, keep_trace, progress: as for `run_streams`.
    """
    loaded = load_model(model, shapes=shapes, model_options=model_options)
    options = {"dtype": dtype, "devices": None if devices is None else list(devices), "mapper": mapper}
    stream: dict[str, Any] = {
        "network": loaded.name,
        "options": {name: value for name, value in options.items() if value is not None},
    }
    if variants:
        stream["variants"] = [{"devices": list(names)} for names in variants]
        stream["assignment"] = "first_free"
    if in_flight is not None:
        stream["in_flight"] = in_flight
    given = {
        "queries": queries,
        "rate": rate,
        "bound": bound,
        "policy": policy,
        "preemption": preemption,
    }
    document = {"scenario": scenario, "seed": seed, "stream": stream}
    document.update({name: value for name, value in given.items() if value is not None})
    return _run(document, {"query": loaded.graph_json}, platform, overrides, keep_trace, progress)


def scenarios() -> list[str]:
    """Names of the bundled files of streams."""
    return sorted(path.stem for path in (config_root() / "scenarios").glob("*.json"))


def find_spec(spec: str | os.PathLike[str]) -> Path:
    """The file of streams that a name or a path means."""
    text = os.fspath(spec)
    path = Path(text)
    if path.suffix == ".json" or len(path.parts) > 1:
        if is_file(path):
            return path
        raise InputError(
            f'streams: no file "{plain(text)}"; `chipcast streams --list` names the bundled ones'
        )
    if text in scenarios():
        return config_root() / "scenarios" / f"{text}.json"
    raise InputError(f'streams: "{plain(text)}" is not known{did_you_mean(text, scenarios())}')


def _read_spec(spec: str | os.PathLike[str] | Mapping[str, Any]) -> tuple[dict[str, Any], Path]:
    """The document, and the folder that its files are named from."""
    if isinstance(spec, Mapping):
        return dict(spec), Path()
    path = find_spec(spec)
    name = plain(path)
    try:
        if path.stat().st_size > _SPEC_LIMIT_BYTES:
            raise InputError(f'streams: "{name}" is larger than {_SPEC_LIMIT_BYTES >> 20} MiB')
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f'streams: cannot read "{name}": {error.strerror}') from None
    except (ValueError, RecursionError) as error:
        raise InputError(f'streams: "{name}" is not JSON: {plain(error)}') from None
    if not isinstance(document, dict) or "scenario" in document:
        raise InputError(f'streams: "{name}" is no file of streams; it needs an object with "streams"')
    return document, path.parent


def _network(name: str, stream: Mapping[str, Any], folder: Path) -> Model:
    """The network of a stream; files are looked for beside the file of streams."""
    network = str(stream["network"])
    path = Path(network)
    if path.suffix in SUFFIXES and not path.is_absolute() and is_file(folder / path):
        network = str(folder / path)
    options, shapes = stream.get("network_options") or None, stream.get("shapes") or None
    for field_name, value in (("network_options", options), ("shapes", shapes)):
        if value is not None and not isinstance(value, dict):
            raise InputError(f"streams.{name}.{field_name}: expected an object, got {plain(value, 40)}")
    try:
        return load_model(network, shapes=shapes, model_options=options)
    except InputError as error:
        raise InputError(f"streams.{name}.network: {error}") from None


def _run(
    document: Mapping[str, Any],
    graphs: dict[str, str],
    platform: str | os.PathLike[str],
    overrides: Overrides,
    keep_trace: bool,
    progress: Callable[[float], object] | None,
) -> StreamsResult:
    try:
        text = json.dumps(document, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"streams: not JSON: {plain(error)}") from None
    with platform_file(platform) as path:
        streams = _core.Streams(str(path), search_dirs(path), override_list(overrides), text, graphs)
    report, text = with_validation(streams.run(keep_trace, progress), streams.cores(), path)
    return StreamsResult(report, text, streams)
