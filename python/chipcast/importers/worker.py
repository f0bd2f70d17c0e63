# SPDX-License-Identifier: Apache-2.0
"""The importer process: reads a model from standard input, writes the graph document to standard output, and the values
of parameters after it where they are wanted."""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import resource
import signal
import sys
from typing import IO, Any

import numpy as np

from chipcast._core import InputError, graph_check
from chipcast.importers.contents import Contents
from chipcast.importers.folder import Folder
from chipcast.importers.limits import ImportLimits

PR_SET_PDEATHSIG = 1
OPEN_FILES = 256
WORDS_BYTES = 1 << 20  # stderr is a file: what a crash may say


def main() -> None:
    """Entry of the child; a user's mistake is an answer, everything else a non-zero end."""
    request = json.loads(sys.argv[2])
    limits = ImportLimits(**request["limits"])
    restrain(limits)
    answer_to = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not spoil the answer
    contents = wanted_contents(request, limits)
    answer = convert(request, limits, contents).encode()
    if contents is None:
        answer_to.write(answer)
    else:
        write_with_values(answer_to, answer, contents)
    answer_to.flush()
    sys.stderr.flush()
    os._exit(0)  # no need to take the parsed model apart


def restrain(limits: ImportLimits) -> None:
    """Limits of this process; they are set before a byte of the model is read."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WORDS_BYTES, WORDS_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 1))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def wanted_contents(request: dict[str, Any], limits: ImportLimits) -> Contents | None:
    """Where values are kept; none where only the graph is wanted. `folder` is an open directory."""
    if not request["values"]:
        return None
    return Contents(Folder(request["folder"], limits.values_bytes))


def write_with_values(out: IO[bytes], answer: bytes, contents: Contents) -> None:
    """The length of the answer, the answer, and the arrays one after the other in its order of parameters."""
    out.write(len(answer).to_bytes(8, "little"))
    out.write(answer)
    if answer.startswith(b'{"error"'):
        return
    for value in contents.arrays.values():
        if value.size:
            out.write(memoryview(np.ascontiguousarray(value).reshape(-1).view(np.uint8)))


def described(contents: Contents, limits: ImportLimits, source: str) -> str:
    """Names, in the order in which the arrays follow; their shapes and formats stand in the graph."""
    total = sum(value.nbytes for value in contents.arrays.values())
    if total > limits.values_bytes:
        raise InputError(f"{source}: the parameters have {total} bytes, more than the limit of {limits.values_bytes}; "
                         "raise ImportLimits.values_bytes")  # fmt: skip
    return json.dumps(list(contents.arrays))


def convert(request: dict[str, Any], limits: ImportLimits, contents: Contents | None = None) -> str:
    """The answer as JSON text: `{"graph": ...}` or `{"error": "..."}`; with `"values": [name, ...]` where values
    follow."""
    source = request["source"]
    try:
        importer = importlib.import_module(f"chipcast.importers.{request['format']}")
        data = sys.stdin.buffer.read()
        if not data:
            raise InputError(f"{source}: the file is empty; export the model again")
        if contents is None:
            document = importer.convert(data, source, limits, request["shapes"])
            del data
            return '{"graph":' + graph_check(json.dumps(document), source) + "}"
        document = importer.convert(data, source, limits, request["shapes"], contents)
        del data
        names = described(contents, limits, source)
        return '{"graph":' + graph_check(json.dumps(document), source) + f',"values":{names}}}'
    except InputError as error:
        return json.dumps({"error": str(error)})
    except ModuleNotFoundError as error:
        return failed(
            f"reading this format needs the Python package {error.name!r}; pip install {error.name}", source
        )
    except MemoryError:
        return failed(f"the importer ran out of {limits.memory_bytes} bytes of memory; the file is malformed or too "
                      "large, or raise ImportLimits.memory_bytes", source)  # fmt: skip
    except Exception as error:  # a hostile file may lead anywhere; the caller gets one line
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return failed(
            f"the importer failed ({reason}); the file is malformed, or this is a bug to report", source
        )


def failed(message: str, source: str) -> str:
    return json.dumps({"error": f"{source}: {message}"})
