# SPDX-License-Identifier: Apache-2.0
"""One worker process as its supervisor sees it: pipes that never block, what it has to do, when it was last heard."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from chipcast.exits import ending
from chipcast.sweep.messages import BrokenMessage, Message, Reader, packed

_BOOT = "import sys; sys.path[:] = sys.argv[1].split('\\n'); from chipcast.sweep.worker import main; main()"
_ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
_WORDS_KEPT = 2000
_PIECE = 1 << 16


class WorkerProcess:
    """Its own session and process group: Ctrl-C does not reach it, and it goes with all that it started."""

    def __init__(self, evaluator: str, memory_bytes: int) -> None:
        arguments = ["\n".join(sys.path), evaluator, str(os.getpid()), str(memory_bytes)]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BOOT, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            env={**os.environ, **_ONE_THREAD},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self.requests = self._process.stdin.fileno()
        self.answers = self._process.stdout.fileno()
        self.errors = self._process.stderr.fileno()
        for channel in (self.requests, self.answers, self.errors):
            os.set_blocking(channel, False)
        self.ready = False
        self.tasks: deque[int] = deque()
        """In the order in which it does them; it is at the first."""
        self.since = self.heard = time.monotonic()
        """When it began with the first; when it last said anything."""
        self.unsent = bytearray()
        self.nonsense = ""
        """What is wrong with its answers."""
        self._reader = Reader()
        self._words = b""

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def last_words(self) -> str:
        """The end of what it wrote to stderr."""
        self.read_errors()
        return self._words.decode(errors="replace").strip()

    def send(self, tasks: Sequence[tuple[int, Any]]) -> None:
        if not self.tasks:
            self.since = time.monotonic()
        self.tasks.extend(number for number, _ in tasks)
        self.unsent += packed({"tasks": [{"id": number, "job": job} for number, job in tasks]})
        self.flush()

    def flush(self) -> None:
        """Sends what the pipe takes. Where the worker is gone its answers' end says so."""
        while self.unsent:
            try:
                del self.unsent[: os.write(self.requests, self.unsent[:_PIECE])]
            except BlockingIOError:
                return
            except OSError:
                self.unsent.clear()

    def read(self) -> list[Message] | None:
        """What has come; None where it has closed the pipe."""
        try:
            piece = os.read(self.answers, _PIECE)
        except BlockingIOError:
            return []
        if not piece:
            return None
        self.heard = time.monotonic()
        messages = []
        try:
            for message in self._reader.feed(piece):
                messages.append(message)
        except BrokenMessage as error:
            self.nonsense = str(error)  # what came before it counts
        if any("ready" in message for message in messages):
            self.since = self.heard
        return messages

    def read_errors(self) -> bool:
        """False once nothing more can come."""
        try:
            while piece := os.read(self.errors, _PIECE):
                self._words = (self._words + piece)[-_WORDS_KEPT:]
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def finished(self, task: int) -> bool:
        """False where it was not at that one."""
        if not self.tasks or self.tasks[0] != task:
            return False
        self.tasks.popleft()
        self.since = time.monotonic()
        return True

    def kill(self) -> str:
        """Ends it and all that it started; says how it ended, where it had ended before."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self.gone:
                self._process.wait(timeout=1.0)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.read_errors()
        code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()
        return ending(code)

    @property
    def gone(self) -> bool:
        """Whether it has closed its answers, and is about to be a dead process."""
        try:
            return os.read(self.answers, 1) == b""
        except OSError:
            return False
