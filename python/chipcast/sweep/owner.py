# SPDX-License-Identifier: Apache-2.0
"""Who holds a lease: a process, told from a later one with the same number by when it began."""

from __future__ import annotations

import json
import os
import socket
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

_START_FIELD = 19
"""Of /proc/PID/stat behind the name in parentheses: starttime, proc(5)."""


@dataclass(frozen=True)
class Owner:
    host: str
    boot: str
    pid: int
    started: str
    nonce: str

    @classmethod
    def own(cls) -> Owner:
        pid = os.getpid()
        return cls(socket.gethostname(), _boot(), pid, _started(pid), uuid.uuid4().hex)

    @classmethod
    def of(cls, text: str) -> Owner:
        return cls(**json.loads(text))

    def text(self) -> str:
        return json.dumps(asdict(self))

    @property
    def dead(self) -> bool:
        """Known to be gone. Of another machine nothing is known before its lease is over."""
        if not self.started or self.host != socket.gethostname():
            return False
        return self.boot != _boot() or _started(self.pid) != self.started


def _started(pid: int) -> str:
    """Empty where there is no such process, or no /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in ("Z", "X") else fields[_START_FIELD]


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
