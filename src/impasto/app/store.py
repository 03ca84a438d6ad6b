"""Uploads and jobs in one SQLite file. It is all that a restarted server knows of them, beside their folders."""

import json
import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

State = Literal["waiting", "running", "done", "failed", "cancelled"]
Kind = Literal["clip", "picture"]
OPEN = ("waiting", "running")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, visitor TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, facts TEXT NOT NULL,
    bytes INTEGER NOT NULL, taken REAL NOT NULL);
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, visitor TEXT NOT NULL, state TEXT NOT NULL,
    title TEXT NOT NULL, summary TEXT NOT NULL, asked REAL NOT NULL, begun INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0, ended REAL, reason TEXT NOT NULL DEFAULT '', facts TEXT NOT NULL DEFAULT '{}');
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, number);
CREATE INDEX IF NOT EXISTS jobs_by_visitor ON jobs (visitor, number);
"""
_UPLOAD = "id, visitor, kind, title, facts, bytes, taken"
_JOB = "number, id, visitor, state, title, summary, asked, begun, seconds, ended, reason, facts"


@dataclass(frozen=True)
class Upload:
    id: str
    visitor: str
    kind: Kind
    title: str
    """The name that the visitor gave it, for showing only."""
    facts: dict[str, Any]
    bytes: int
    taken: float


@dataclass(frozen=True)
class Job:
    number: int
    """Rises; the queue goes by it."""
    id: str
    visitor: str
    state: State
    title: str
    summary: str
    """How it is to look, in words."""
    asked: float
    begun: int
    """How often: a restart of the server begins a job again."""
    seconds: float
    """Spent on it, in all its beginnings."""
    ended: float | None
    reason: str
    """Why it failed."""
    facts: dict[str, Any]
    """Of the result."""


class Store:
    """Safe to be used from many threads; each change is on the disk when the method returns."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def add_upload(self, upload: Upload) -> None:
        values = (upload.id, upload.visitor, upload.kind, upload.title, json.dumps(upload.facts), upload.bytes)
        self._change(f"INSERT INTO uploads ({_UPLOAD}) VALUES (?, ?, ?, ?, ?, ?, ?)", *values, upload.taken)

    def upload(self, visitor: str, id: str) -> Upload | None:
        rows = self._read(f"SELECT {_UPLOAD} FROM uploads WHERE id = ? AND visitor = ?", id, visitor)
        return _upload(rows[0]) if rows else None

    def add_job(self, visitor: str, id: str, title: str, summary: str) -> None:
        """Put a job at the end of the queue."""
        text = "INSERT INTO jobs (id, visitor, state, title, summary, asked) VALUES (?, ?, 'waiting', ?, ?, ?)"
        self._change(text, id, visitor, title, summary, time.time())

    def job(self, visitor: str, id: str) -> Job | None:
        rows = self._read(f"SELECT {_JOB} FROM jobs WHERE id = ? AND visitor = ?", id, visitor)
        return _job(rows[0]) if rows else None

    def jobs_of(self, visitor: str) -> list[Job]:
        """The latest first."""
        rows = self._read(f"SELECT {_JOB} FROM jobs WHERE visitor = ? ORDER BY number DESC LIMIT 100", visitor)
        return [_job(row) for row in rows]

    def count_open(self, visitor: str | None = None) -> int:
        """Jobs that wait or run, of one visitor or of all."""
        text, values = "SELECT COUNT(*) FROM jobs WHERE state IN ('waiting', 'running')", ()
        if visitor is not None:
            text, values = f"{text} AND visitor = ?", (visitor,)
        return self._read(text, *values)[0][0]

    def place_of(self, job: Job) -> int:
        """How many are before it in the queue, the running one included."""
        text = "SELECT COUNT(*) FROM jobs WHERE state IN ('waiting', 'running') AND number < ?"
        return self._read(text, job.number)[0][0]

    def begin_next(self) -> Job | None:
        """Take the first job that waits, which then runs; None where none does."""
        text = (
            "UPDATE jobs SET state = 'running', begun = begun + 1 WHERE number = "
            f"(SELECT MIN(number) FROM jobs WHERE state = 'waiting') RETURNING {_JOB}"
        )
        rows = self._read(text)
        return _job(rows[0]) if rows else None

    def spend(self, id: str, seconds: float) -> None:
        """A job took that long, now."""
        self._change("UPDATE jobs SET seconds = seconds + ? WHERE id = ?", seconds, id)

    def end(self, id: str, state: State, reason: str = "", facts: dict[str, Any] | None = None) -> None:
        """A job is over; one that was cancelled before stays so."""
        text = "UPDATE jobs SET state = ?, reason = ?, facts = ?, ended = ? WHERE id = ? AND state != 'cancelled'"
        self._change(text, state, reason, json.dumps(facts or {}), time.time(), id)

    def cancel(self, visitor: str, id: str) -> bool:
        """Whether there was a job to cancel that waits or runs."""
        text = "UPDATE jobs SET state = 'cancelled', ended = ? WHERE id = ? AND visitor = ? AND state IN (?, ?)"
        return self._change(text, time.time(), id, visitor, *OPEN) > 0

    def is_cancelled(self, id: str) -> bool:
        return bool(self._read("SELECT 1 FROM jobs WHERE id = ? AND state = 'cancelled'", id))

    def wait_again(self) -> None:
        """What ran when the server was stopped waits, at its old place."""
        self._change("UPDATE jobs SET state = 'waiting' WHERE state = 'running'")

    def forget_job(self, visitor: str, id: str) -> None:
        self._change("DELETE FROM jobs WHERE id = ? AND visitor = ?", id, visitor)

    def forget_upload(self, visitor: str, id: str) -> None:
        self._change("DELETE FROM uploads WHERE id = ? AND visitor = ?", id, visitor)

    def forget_older(self, moment: float) -> None:
        """Uploads taken and jobs ended before it."""
        self._change("DELETE FROM uploads WHERE taken < ?", moment)
        self._change("DELETE FROM jobs WHERE ended < ?", moment)

    def known(self) -> tuple[set[str], set[str]]:
        """The ids of all uploads and of all jobs."""
        uploads, jobs = self._read("SELECT id FROM uploads"), self._read("SELECT id FROM jobs")
        return {row[0] for row in uploads}, {row[0] for row in jobs}

    def _read(self, text: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(text, values).fetchall()

    def _change(self, text: str, *values: Any) -> int:
        with self._lock:
            return self._database.execute(text, values).rowcount


def _upload(row: tuple[Any, ...]) -> Upload:
    id, visitor, kind, title, facts, size, taken = row
    return Upload(id, visitor, kind, title, json.loads(facts), size, taken)


def _job(row: tuple[Any, ...]) -> Job:
    return Job(*row[:-1], facts=json.loads(row[-1]))
