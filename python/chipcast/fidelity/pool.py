# SPDX-License-Identifier: Apache-2.0
"""Cases in worker processes, side by side. A worker that dies costs the row it was at."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from chipcast.exits import ending

BOOT = "import sys; sys.path[:] = sys.argv[1].split('\\n'); from chipcast.fidelity.worker import main; main()"

Request = Mapping[str, Any]
Answer = dict[str, Any]


def answers(requests: Sequence[Request], jobs: int) -> Generator[tuple[int, Answer], None, None]:
    """(index of the request, what worker.answer says), in the order in which they are done. Closing the iterator ends
    the workers."""
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for index in range(len(requests)):
        waiting.put(index)
    done: queue.SimpleQueue[tuple[int, Answer] | BaseException] = queue.SimpleQueue()
    workers = [_Worker() for _ in range(max(1, min(jobs, len(requests))))]
    for worker in workers:
        threading.Thread(target=_serve, args=(worker, requests, waiting, done), daemon=True).start()
    try:
        for _ in requests:
            got = done.get()
            if isinstance(got, BaseException):
                raise got
            yield got
    finally:
        for worker in workers:
            worker.stop()


def _serve(
    worker: _Worker,
    requests: Sequence[Request],
    waiting: queue.SimpleQueue[int],
    done: queue.SimpleQueue[tuple[int, Answer] | BaseException],
) -> None:
    try:
        while True:
            index = waiting.get_nowait()
            done.put((index, worker.ask(requests[index])))
    except queue.Empty:
        worker.stop()
    except Exception as error:  # for the reader of the iterator to see
        done.put(error)


class _Worker:
    """A process that is started when it is first asked, and again after it died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False
        self._lock = threading.Lock()

    def ask(self, request: Request) -> Answer:
        process = self._running()
        if process is None:
            return {"error": "stopped"}
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (BrokenPipeError, ValueError):  # ValueError: stopped from outside, the pipes are closed
            line = ""
        try:
            got: Answer = json.loads(line)
            return got
        except ValueError:  # nothing, or not all of a line
            if line:
                process.kill()
        self._process = None
        how = ending(process.wait())
        return {"error": f"the worker process died ({how}); the row is lost, the others run on"}

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._process is not None and self._process.poll() is None:
                self._process.kill()
                self._process.wait()

    def _running(self) -> subprocess.Popen[str] | None:
        with self._lock:
            if self._stopped:
                return None
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    [sys.executable, "-c", BOOT, "\n".join(sys.path)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    encoding="utf-8",
                )
            return self._process
