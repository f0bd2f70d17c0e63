# SPDX-License-Identifier: Apache-2.0
"""Runs an importer in a process of its own: a hostile file costs that process, never the caller."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import select
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from chipcast import _core
from chipcast._core import InputError
from chipcast.importers.contents import STORED, truths
from chipcast.importers.detect import format_of
from chipcast.importers.limits import ImportLimits

HEAD_BYTES = 64
BOOT = (
    "import sys; sys.path[:] = sys.argv[1].split('\\n'); from chipcast.importers.worker import main; main()"
)
REMEDY = "the file is malformed or too large; check it with the tool that wrote it, or raise ImportLimits"
UNFIT = f"the importer's answer does not fit its graph; {REMEDY}"

WITH_VALUES = ("onnx", "tflite")


def run_importer(path: Path, limits: ImportLimits, shapes: dict[str, list[int]]) -> dict[str, Any]:
    """Imports `path` in a child process and returns the graph document."""
    with open_model(path, limits) as model:
        request = request_for(path, model, limits, shapes)
        answer = parse_answer(bytes(converse(request, model, path.name, limits)), path.name)
    return graph_of(answer, path.name)


def run_importer_with_values(
    path: Path, limits: ImportLimits, shapes: dict[str, list[int]]
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """As run_importer, and the values of the graph's parameters."""
    with open_model(path, limits) as model, open_folder(path) as folder:
        request = request_for(path, model, limits, shapes)
        if request["format"] not in WITH_VALUES:
            raise InputError(
                f"{path.name}: files of this format hold no values; give an .onnx or .tflite file"
            )
        request |= {"values": True, "folder": folder}
        stream = converse(request, model, path.name, limits)
    text = stream[8 : 8 + int.from_bytes(stream[:8], "little")]
    answer = parse_answer(bytes(text), path.name)
    graph = graph_of(answer, path.name)
    # Extents and formats say how the bytes are read: they are not the child's word alone.
    graph = json.loads(_core.graph_check(json.dumps(graph), path.name))
    return graph, read_values(memoryview(stream)[8 + len(text) :], graph, answer.get("values"), path.name)


def request_for(
    path: Path, model: IO[bytes], limits: ImportLimits, shapes: dict[str, list[int]]
) -> dict[str, Any]:
    """What the child is asked; the model's file is at its beginning again."""
    kind = format_of(path, model.read(HEAD_BYTES))
    model.seek(0)
    return {
        "source": path.name,
        "format": kind,
        "limits": dataclasses.asdict(limits),
        "shapes": shapes,
        "values": False,
    }


def graph_of(answer: dict[str, Any], source: str) -> dict[str, Any]:
    if "error" in answer:
        raise InputError(str(answer["error"]))
    graph = answer["graph"]
    if not isinstance(graph, dict):
        raise InputError(f"{source}: {UNFIT}")
    return graph


@contextlib.contextmanager
def open_folder(path: Path) -> Iterator[int]:
    """The model's folder as a descriptor: the child opens files below it and nowhere else."""
    try:
        descriptor = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    except OSError as error:
        raise InputError(f"{path.parent}: cannot be read ({error.strerror}); check the path") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def read_values(stream: memoryview, graph: dict[str, Any], names: Any, source: str) -> dict[str, np.ndarray]:
    """Arrays over the stream, in the shapes and formats that the graph states; every byte must be accounted for."""
    tensors = graph["tensors"]
    parameters = {name for name in tensors if tensors[name].get("parameter")}
    if not is_list_of(names, parameters):
        raise InputError(f"{source}: {UNFIT}")
    arrays: dict[str, np.ndarray] = {}
    at = 0
    for name in names:
        dtype, shape = STORED[tensors[name]["dtype"]], tuple(tensors[name]["shape"])
        size = math.prod(shape) * dtype.itemsize
        if at + size > len(stream):
            break
        arrays[name] = truths(np.frombuffer(stream[at : at + size], dtype).reshape(shape))
        at += size
    if len(arrays) != len(parameters) or at != len(stream):
        raise InputError(f"{source}: {UNFIT}")
    return arrays


def is_list_of(names: Any, wanted: set[str]) -> bool:
    """Each once, in any order."""
    return (
        isinstance(names, list)
        and all(isinstance(name, str) for name in names)
        and len(names) == len(wanted)
        and set(names) == wanted
    )


def open_model(path: Path, limits: ImportLimits) -> IO[bytes]:
    """Opens a regular file of acceptable size; the child reads it through this descriptor only."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path}: cannot be read ({reason}); check the path") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise InputError(f"{path}: not a regular file; give the path of a model file")
    if status.st_size > limits.file_bytes:
        os.close(descriptor)
        raise InputError(
            f"{path.name}: {status.st_size} bytes, more than the limit of {limits.file_bytes}; "
            "store weights as external data, or raise ImportLimits.file_bytes"
        )
    return os.fdopen(descriptor, "rb", buffering=0)


def converse(request: dict[str, Any], model: IO[bytes], name: str, limits: ImportLimits) -> bytearray:
    """Starts the child, waits for its answer within the limits and returns it."""
    environment = {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "LC_ALL": "C.UTF-8",
    }
    command = [sys.executable, "-I", "-c", BOOT, "\n".join(sys.path), json.dumps(request)]
    with tempfile.TemporaryFile() as words:
        child = subprocess.Popen(
            command,
            stdin=model,
            stdout=subprocess.PIPE,
            stderr=words,
            env=environment,
            start_new_session=True,
            pass_fds=(request["folder"],) if request["values"] else (),
        )
        try:
            answer = read_answer(child, name, limits, limits.values_bytes if request["values"] else 0)
        except BaseException:
            child.kill()
            child.wait()
            raise
        finally:
            child.stdout.close()
        if child.returncode != 0 or not answer:
            raise InputError(f"{name}: {how_it_ended(child.returncode, words)}; {REMEDY}")
    return answer


def read_answer(
    child: subprocess.Popen[bytes], name: str, limits: ImportLimits, values_bytes: int = 0
) -> bytearray:
    """Everything that the child writes until it ends; its pipe is polled so that a hang is seen."""
    deadline = time.monotonic() + limits.wall_s
    pipe = child.stdout.fileno()
    os.set_blocking(pipe, False)
    answer = bytearray()
    while True:
        wait_readable(pipe, deadline - time.monotonic(), name, limits)
        chunk = os.read(pipe, 1 << 20)
        if not chunk:
            break
        answer += chunk
        if len(answer) > limits.result_bytes + values_bytes:
            raise InputError(
                f"{name}: the graph document is larger than {limits.result_bytes} bytes; "
                "cut the model into parts, or raise ImportLimits.result_bytes"
            )
    try:
        child.wait(timeout=max(1.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise InputError(took_too_long(name, limits)) from None
    return answer


def wait_readable(pipe: int, seconds: float, name: str, limits: ImportLimits) -> None:
    poll = select.poll()
    poll.register(pipe, select.POLLIN | select.POLLHUP)
    if seconds <= 0 or not poll.poll(seconds * 1000):
        raise InputError(took_too_long(name, limits))


def took_too_long(name: str, limits: ImportLimits) -> str:
    return f"{name}: the importer did not finish within {limits.wall_s:g} s; {REMEDY}"


def how_it_ended(status: int, words: IO[bytes]) -> str:
    """The end of a child in words: the signal, or the last line that it wrote."""
    if status == -signal.SIGXCPU or status == -signal.SIGKILL:
        return f"the importer was stopped (signal {signal.Signals(-status).name}, out of time or memory)"
    if status < 0:
        return f"the importer stopped (signal {signal.Signals(-status).name})"
    words.seek(0)
    lines = words.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
    return f"the importer failed (exit status {status}{': ' + lines[-1][:200] if lines else ''})"


def parse_answer(answer: bytes, name: str) -> dict[str, Any]:
    try:
        document = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: the importer's answer is not JSON ({error}); {REMEDY}") from error
    if not isinstance(document, dict) or not ({"graph", "error"} & document.keys()):
        raise InputError(f"{name}: the importer's answer is incomplete; {REMEDY}")
    return document
