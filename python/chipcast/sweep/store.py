# SPDX-License-Identifier: Apache-2.0
"""The journal of a sweep: an SQLite file that engines share and that survives their end.

A point is done once: an engine takes it with a lease, and only who holds the lease may write its result. Not for
network file systems: SQLite's locks do not hold there.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chipcast._core import InputError
from chipcast.sweep.owner import Owner
from chipcast.text import plain

SCHEMA_VERSION = 1
LEASE_S = 60.0
FINAL = ("done", "invalid", "failed", "quarantined")
_BUSY_S = 60.0
_AGAIN_S = 0.02
_PAGE_BYTES = 4096
_LEAST_BYTES = 600.0
"""Of one point: two keys of 64 digits, their index, a dozen numbers."""
_LOG_BYTES = 8 << 20
"""SQLite empties its log at 1000 pages, and a transaction may be as long again."""
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE points (
  key TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('pending', 'running', 'done', 'invalid', 'failed', 'quarantined')),
  owner TEXT, lease_until REAL, crashes INTEGER NOT NULL DEFAULT 0,
  result TEXT, reason TEXT, seconds REAL
) WITHOUT ROWID;
CREATE INDEX unfinished ON points (owner) WHERE state = 'running';
CREATE TABLE rows (
  sweep TEXT NOT NULL, point INTEGER NOT NULL, key TEXT NOT NULL, axes TEXT NOT NULL,
  PRIMARY KEY (sweep, point)
) WITHOUT ROWID;
"""


class StoreError(RuntimeError):
    """The file cannot be read or written: a full disk, a file system that fails."""


@dataclass(frozen=True)
class Entry:
    """A point of a sweep on its way into the store. `values` by axis."""

    point: int
    key: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """How a point ended."""

    key: str
    state: str
    row: Mapping[str, Any] | None = None
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Row:
    """A line of the sweep's table."""

    point: int
    state: str
    values: dict[str, Any]
    row: dict[str, Any]
    reason: str


class Store:
    """One connection; an engine holds it alone."""

    def __init__(self, path: Path, *, lease_s: float = LEASE_S) -> None:
        """Opens or makes the file. Raises InputError where it is something else, StoreError where it cannot be."""
        self.path = path
        self.owner = Owner.own()
        self._name = self.owner.text()
        self._lease_s = lease_s
        try:
            self._database = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
        except sqlite3.Error as error:
            raise StoreError(f'store: cannot open "{plain(path)}": {error}') from None
        try:
            self._open()
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    def claim(self, sweep: str, entries: Sequence[Entry], *, again: Sequence[str] = ()) -> dict[int, str]:
        """For each point: "ours" (run it), or the state that it is in; "running" is somebody else's.

        `again`: final states that are run once more, such as failed.
        """
        states = {}
        with self._writing() as database:
            for entry in entries:
                database.execute(
                    "INSERT OR IGNORE INTO points (key, state) VALUES (?, 'pending')", (entry.key,)
                )
                database.execute(
                    "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)",
                    (sweep, entry.point, entry.key, json.dumps(dict(entry.values), default=str)),
                )
                states[entry.point] = self._take(database, entry.key, ("pending", *again))
        return states

    def _take(self, database: sqlite3.Connection, key: str, free: Sequence[str]) -> str:
        marks = ", ".join("?" * len(free))
        taken = database.execute(
            f"UPDATE points SET state = 'running', owner = ?, lease_until = ?, reason = NULL, result = NULL, "
            f"crashes = CASE state WHEN 'pending' THEN crashes ELSE 0 END WHERE key = ? AND state IN ({marks})",
            (self._name, time.time() + self._lease_s, key, *free),
        )
        if taken.rowcount:
            return "ours"
        found = database.execute("SELECT state FROM points WHERE key = ?", (key,)).fetchone()
        return str(found[0])

    def finish(self, outcomes: Iterable[Outcome]) -> int:
        """Writes results in one transaction, those that we hold the lease of; says how many."""
        kept = 0
        with self._writing() as database:
            for each in outcomes:
                result = None if each.row is None else json.dumps(dict(each.row), default=str)
                kept += database.execute(
                    "UPDATE points SET state = ?, result = ?, reason = ?, seconds = ?, owner = NULL, "
                    "lease_until = NULL WHERE key = ? AND owner = ? AND state = 'running'",
                    (each.state, result, each.reason or None, each.seconds, each.key, self._name),
                ).rowcount
        return kept

    def crashed(self, key: str) -> int:
        """Counts that a worker went down with the point; says how often that has been."""
        with self._writing() as database:
            database.execute("UPDATE points SET crashes = crashes + 1 WHERE key = ?", (key,))
            return int(database.execute("SELECT crashes FROM points WHERE key = ?", (key,)).fetchone()[0])

    def renew(self) -> None:
        """Prolongs our leases; call it well within the lease."""
        with self._writing() as database:
            database.execute(
                "UPDATE points SET lease_until = ? WHERE owner = ? AND state = 'running'",
                (time.time() + self._lease_s, self._name),
            )

    def release(self) -> None:
        """Gives back what we took and did not finish."""
        with self._writing() as database:
            self._free(database, [self._name])

    def reclaim(self) -> None:
        """Frees points of engines that have died, or whose lease is over."""
        with self._writing() as database:
            owners = database.execute(
                "SELECT DISTINCT owner FROM points WHERE state = 'running' AND owner IS NOT ?", (self._name,)
            ).fetchall()
            self._free(database, [name for (name,) in owners if Owner.of(name).dead])
            database.execute(
                "UPDATE points SET state = 'pending', owner = NULL WHERE state = 'running' AND lease_until < ?",
                (time.time(),),
            )

    def keys(self, state: str) -> list[str]:
        """Of all points in a state, of every sweep."""
        with self._reading() as database:
            return [
                str(key) for (key,) in database.execute("SELECT key FROM points WHERE state = ?", (state,))
            ]

    def counts(self, sweep: str) -> dict[str, int]:
        """How many points of a sweep are in each state."""
        with self._reading() as database:
            found = database.execute(
                "SELECT state, count(*) FROM rows JOIN points USING (key) WHERE sweep = ? GROUP BY state",
                (sweep,),
            )
            return {str(state): int(count) for state, count in found}

    def rows(self, sweep: str) -> Iterator[Row]:
        """Final rows in the order of their points."""
        with self._reading() as database:
            found = database.execute(
                "SELECT point, state, axes, result, reason FROM rows JOIN points USING (key) "
                "WHERE sweep = ? AND state NOT IN ('pending', 'running') ORDER BY point",
                (sweep,),
            )
            for point, state, axes, result, reason in found:
                yield Row(point, state, json.loads(axes), json.loads(result) if result else {}, reason or "")

    def forget(self, sweep: str) -> None:
        """Throws the results of a sweep away; points that somebody is at stay."""
        with self._writing() as database:
            database.execute(
                "DELETE FROM points WHERE state != 'running' AND key IN (SELECT key FROM rows WHERE sweep = ?)",
                (sweep,),
            )
            database.execute("DELETE FROM rows WHERE sweep = ?", (sweep,))

    def bytes_needed(self, points: int) -> float:
        """About how much room so many more points take, with the log that SQLite writes first."""
        try:
            known = self._database.execute("SELECT count(*) FROM points").fetchone()[0]
            pages = self._database.execute("PRAGMA page_count").fetchone()[0]
        except sqlite3.Error:
            known = pages = 0
        each = max(pages * _PAGE_BYTES / known, _LEAST_BYTES) if known else _LEAST_BYTES
        return points * each + _LOG_BYTES

    def _free(self, database: sqlite3.Connection, owners: Sequence[str]) -> None:
        for owner in owners:
            database.execute(
                "UPDATE points SET state = 'pending', owner = NULL WHERE state = 'running' AND owner = ?",
                (owner,),
            )

    def _open(self) -> None:
        try:
            self._log_ahead()
            self._database.execute("PRAGMA synchronous = NORMAL")
            with self._writing() as database:
                if not self._tables(database):
                    for statement in _SCHEMA.split(";")[:-1]:
                        database.execute(statement)
                    database.execute("INSERT INTO meta VALUES ('schema', ?)", (str(SCHEMA_VERSION),))
        except sqlite3.OperationalError as error:
            raise StoreError(f'store: cannot write "{plain(self.path)}": {error}') from None
        except sqlite3.DatabaseError as error:
            raise _no_store(self.path, str(error)) from None
        self._check_version()

    def _log_ahead(self) -> None:
        """SQLite waits for a lock everywhere but here, where two engines make the same file."""
        until = time.monotonic() + _BUSY_S
        while True:
            try:
                self._database.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(_AGAIN_S)

    def _check_version(self) -> None:
        if "meta" not in self._tables(self._database):
            raise _no_store(self.path, "it has other tables")
        found = self._database.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
        if found is None or found[0] != str(SCHEMA_VERSION):
            version = plain(found[0]) if found else "none"
            raise InputError(
                f'store: "{plain(self.path)}" has version {version}, this Chipcast reads {SCHEMA_VERSION}; '
                "name another file"
            )

    def _tables(self, database: sqlite3.Connection) -> set[str]:
        return {
            str(name) for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing, while nobody else writes."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
        except sqlite3.DatabaseError as error:
            raise StoreError(f'store: cannot write "{plain(self.path)}": {error}') from error

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._database
        except sqlite3.OperationalError as error:
            raise StoreError(f'store: cannot read "{plain(self.path)}": {error}') from error


def _no_store(path: Path, why: str) -> InputError:
    return InputError(f'store: "{plain(path)}" is no store of a sweep ({why}); name another file')
