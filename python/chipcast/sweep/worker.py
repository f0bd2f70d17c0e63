# SPDX-License-Identifier: Apache-2.0
"""A worker process: jobs in, answers out. What a point does to it, it does to this process alone.

It knows nothing of the store. It ends when the engine does: its standard input ends, or the kernel says so.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from chipcast._core import InputError, LimitError
from chipcast.sweep.messages import packed, receive
from chipcast.text import one_line

_PR_SET_PDEATHSIG = 1
BEAT_S = 1.0

Evaluate = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Answer:
    """`last`: this process is not to be trusted with another point."""

    state: str
    row: Mapping[str, Any] | None = None
    reason: str = ""
    last: bool = False


def answer(evaluate: Evaluate, job: Mapping[str, Any]) -> Answer:
    """Whatever goes wrong in a point becomes its state and one line."""
    try:
        return Answer("done", evaluate(job))
    except InputError as error:
        return Answer("invalid", reason=one_line(error))
    except LimitError as error:
        return Answer("failed", reason=f"limit: {one_line(error)}")
    except MemoryError:
        return Answer("failed", reason="oom: out of memory within the limit of one point", last=True)
    except Exception as error:
        return Answer("failed", reason=one_line(f"{type(error).__name__}: {error}"), last=True)


def find_evaluator(name: str) -> Evaluate:
    """ "package.module:function" """
    module, _, function = name.partition(":")
    found: Evaluate = getattr(importlib.import_module(module), function)
    return found


def main() -> None:
    """argv: folders of modules, evaluator, process id of the engine, limit on address space in bytes (0: none)."""
    _, evaluator, parent, memory = sys.argv[1:]
    _end_with(int(parent))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the engine's
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # a library that prints must not spoil the answers
    evaluate = find_evaluator(evaluator)
    _limit_memory(int(memory))
    speaker = _Speaker(answers)
    speaker.say({"ready": os.getpid()})
    threading.Thread(target=_beat, args=(speaker,), daemon=True).start()
    _serve(sys.stdin.buffer, speaker, evaluate)


def _serve(requests: BinaryIO, speaker: _Speaker, evaluate: Evaluate) -> None:
    while (request := receive(requests)) is not None:
        for task in request["tasks"]:
            started = time.monotonic()
            got = answer(evaluate, task["job"])
            speaker.say(
                {
                    "task": task["id"],
                    "state": got.state,
                    "row": got.row,
                    "reason": got.reason,
                    "last": got.last,
                    "seconds": time.monotonic() - started,
                }
            )
            if got.last:
                return


class _Speaker:
    """Answers and signs of life share a pipe."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def say(self, message: Mapping[str, Any]) -> None:
        left = memoryview(packed(dict(message)))
        with self._lock:
            while left:
                left = left[self._pipe.write(left) :]


def _beat(speaker: _Speaker) -> None:
    """Ends the process where nobody listens any more, even in the middle of a point."""
    while True:
        time.sleep(BEAT_S)
        try:
            speaker.say({"alive": True})
        except MemoryError:
            continue
        except OSError:
            os._exit(1)


def _end_with(parent: int) -> None:
    """The kernel kills this process when the engine dies (Linux; elsewhere the end of the pipe does)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it died before we asked


def _limit_memory(most_bytes: int) -> None:
    if most_bytes:
        with contextlib.suppress(ValueError, OSError):  # above a hard limit that stands already
            resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))


if __name__ == "__main__":
    main()
