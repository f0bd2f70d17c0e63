# SPDX-License-Identifier: Apache-2.0
"""Runs an importer in a process of its own: a hostile file costs that process, never the caller."""

from __future__ import annotations

import dataclasses
import json
import os
import select
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

from chipcast._core import InputError
from chipcast.importers.detect import format_of
from chipcast.importers.limits import ImportLimits

HEAD_BYTES = 64
BOOT = (
    "import sys; sys.path[:] = sys.argv[1].split('\\n'); from chipcast.importers.worker import main; main()"
)
REMEDY = "the file is malformed or too large; check it with the tool that wrote it, or raise ImportLimits"


def run_importer(path: Path, limits: ImportLimits, shapes: dict[str, list[int]]) -> dict[str, Any]:
    """Imports `path` in a child process and returns the graph document."""
    with open_model(path, limits) as model:
        request = {
            "source": path.name,
            "format": format_of(path, model.read(HEAD_BYTES)),
            "limits": dataclasses.asdict(limits),
            "shapes": shapes,
        }
        model.seek(0)
        answer = parse_answer(converse(request, model, path.name, limits), path.name)
    if "error" in answer:
        raise InputError(answer["error"])
    return answer["graph"]


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


def converse(request: dict[str, Any], model: IO[bytes], name: str, limits: ImportLimits) -> bytes:
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
        )
        try:
            answer = read_answer(child, name, limits)
        except BaseException:
            child.kill()
            child.wait()
            raise
        finally:
            child.stdout.close()
        if child.returncode != 0 or not answer:
            raise InputError(f"{name}: {how_it_ended(child.returncode, words)}; {REMEDY}")
    return answer


def read_answer(child: subprocess.Popen[bytes], name: str, limits: ImportLimits) -> bytes:
    """Everything that the child writes until it ends; its pipe is polled so that a hang is seen."""
    deadline = time.monotonic() + limits.wall_s
    pipe = child.stdout.fileno()
    os.set_blocking(pipe, False)
    chunks, size = [], 0
    while True:
        wait_readable(pipe, deadline - time.monotonic(), name, limits)
        chunk = os.read(pipe, 1 << 20)
        if not chunk:
            break
        chunks.append(chunk)
        size += len(chunk)
        if size > limits.result_bytes:
            raise InputError(
                f"{name}: the graph document is larger than {limits.result_bytes} bytes; "
                "cut the model into parts, or raise ImportLimits.result_bytes"
            )
    try:
        child.wait(timeout=max(1.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise InputError(took_too_long(name, limits)) from None
    return b"".join(chunks)


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
    except ValueError as error:
        raise InputError(f"{name}: the importer's answer is not JSON ({error}); {REMEDY}") from error
    if not isinstance(document, dict) or not ({"graph", "error"} & document.keys()):
        raise InputError(f"{name}: the importer's answer is incomplete; {REMEDY}")
    return document
