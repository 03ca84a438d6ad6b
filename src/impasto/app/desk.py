"""All that a visitor can do, for page and API alike. Each method takes the visitor, and finds only what is theirs."""

import hashlib
import logging
import re
import secrets
import threading
import time
import unicodedata
from pathlib import Path
from typing import Any, Literal

from impasto.app.child import check
from impasto.app.limits import Limits
from impasto.app.order import (
    BEFORE,
    FIRST_FRAME,
    POSTER,
    PREVIEW,
    RECORD,
    RESULT,
    STORED,
    Order,
    lay_out,
    lay_out_moment,
    request_in,
)
from impasto.app.refusals import Refused, not_here
from impasto.app.runner import Runner
from impasto.app.store import OPEN, Job, Kind, Store, Upload
from impasto.job.checks import check_model_takes
from impasto.stylizers.registry import find_model
from impasto.video.files import remove, size_of

logger = logging.getLogger("impasto.app")
TITLE_LENGTH = 80
SECONDS_BETWEEN_SWEEPS = 600.0


class Desk:
    def __init__(self, folder: Path, limits: Limits) -> None:
        self.limits = limits
        self._uploads, self._jobs, self._plans = (folder / name for name in ("uploads", "jobs", "plans"))
        for place in (self._uploads, self._jobs, self._plans):
            place.mkdir(parents=True, exist_ok=True)
        self._store = Store(folder / "queue.sqlite")
        self._runner = Runner(self._store, self._jobs, limits)
        self._asking = threading.Lock()
        self._swept, self._held = -1e9, 0
        self._coming: set[str] = set()
        """Uploads that are on their way, and so in no store yet."""

    def open(self) -> None:
        """Go on with what waits."""
        for folder in self._plans.iterdir():
            remove(folder)  # of a server that was killed while it planned
        self._sweep(force=True)
        self._runner.start()

    def close(self) -> None:
        """Stop what runs, to be gone on with."""
        self._runner.stop()
        self._store.close()

    # Uploads

    def begin_upload(self) -> tuple[str, Path]:
        """A new id, and the path at which what comes is to be written; raises `Refused` where the disk is full."""
        self._sweep()
        if self._held > self.limits.disk_gigabytes * 1_000_000_000:
            raise Refused(507, "This server has no room left for uploads; come back later.")
        id = _new_id()
        folder = self._uploads / id
        folder.mkdir()
        self._coming.add(id)
        return id, folder / STORED

    def drop_upload(self, id: str) -> None:
        """What was begun comes to nothing."""
        self._coming.discard(id)
        remove(self._uploads / id)

    def end_upload(self, visitor: str, id: str, kind: Kind, name: str) -> Upload:
        """Look at what was written, in a process apart; raises `Refused` where it is nothing that we take."""
        folder = self._uploads / id
        try:
            facts = check(kind, folder, self.limits)
        except BaseException:
            self.drop_upload(id)
            raise
        self._held += size_of(folder)
        upload = Upload(id, visitor, kind, clean_title(name), facts, size_of(folder / STORED), time.time())
        self._store.add_upload(upload)
        self._coming.discard(id)
        return upload

    def upload(self, visitor: str, id: str, kind: Kind | None = None) -> Upload:
        """One of the visitor's own; raises `Refused`."""
        found = self._store.upload(visitor, id)
        if found is None:
            raise not_here("upload")
        if kind is not None and found.kind != kind:
            raise Refused(422, f"{found.title!r} is a {found.kind}; give a {kind} here.")
        return found

    def upload_file(self, visitor: str, id: str, name: Literal["poster", "first"]) -> Path:
        """A picture of an upload."""
        path = self._uploads / self.upload(visitor, id).id / {"poster": POSTER, "first": FIRST_FRAME}[name]
        return _there(path, "picture")

    def frame(self, visitor: str, id: str, time: str) -> bytes:
        """The frame of a clip that is painted over for a time, as PNG; raises `Refused`."""
        clip = self.upload(visitor, id, "clip")
        folder = self._plans / _new_id()
        folder.mkdir()
        try:
            lay_out_moment(time, folder, self._uploads / clip.id)
            check("frame", folder, self.limits)
            return (folder / FIRST_FRAME).read_bytes()
        finally:
            remove(folder)

    def forget_upload(self, visitor: str, id: str) -> None:
        """Remove an upload; jobs that use it keep theirs."""
        remove(self._uploads / self.upload(visitor, id).id)
        self._store.forget_upload(visitor, id)

    # Jobs

    def plan(self, visitor: str, order: Order) -> dict[str, Any]:
        """What an order would take, without doing it; raises `Refused`."""
        folder = self._plans / _new_id()
        try:
            self._lay_out(visitor, order, folder)
            return check("plan", folder, self.limits)
        finally:
            remove(folder)

    def submit(self, visitor: str, order: Order) -> Job:
        """Put an order at the end of the queue; raises `Refused`, `InputError`."""
        with self._asking:
            if self._store.count_open() >= self.limits.waiting:
                raise Refused(429, f"{self.limits.waiting} jobs wait here already; come back later.")
            if self._store.count_open(visitor) >= self.limits.waiting_each:
                raise Refused(
                    429, f"{self.limits.waiting_each} jobs of yours wait already; wait for one, or cancel it."
                )
            id = _new_id()
            folder = self._jobs / id
            try:
                clip = self._lay_out(visitor, order, folder)
            except BaseException:
                remove(folder)
                raise
            self._store.add_job(visitor, id, clip.title, order.summary)
        self._runner.wake()
        return self.job(visitor, id)

    def jobs(self, visitor: str) -> list[Job]:
        """The visitor's own, the latest first."""
        self._sweep()
        return self._store.jobs_of(visitor)

    def job(self, visitor: str, id: str) -> Job:
        found = self._store.job(visitor, id)
        if found is None:
            raise not_here("job")
        return found

    def describe(self, job: Job) -> dict[str, Any]:
        """A job as the API shows it (docs/serve.md)."""
        progress = self._runner.progress(job.id)
        running = job.state == "running"
        return {
            "id": job.id,
            "state": job.state,
            "title": job.title,
            "summary": job.summary,
            "asked": job.asked,
            "before": self._store.place_of(job) if job.state == "waiting" else 0,
            "task": progress.task if running else "",
            "fraction": progress.fraction if running else float(job.state == "done"),
            "detail": progress.detail if running else "",
            "plan": progress.plan if running else job.facts.get("plan", {}),
            "seconds": job.seconds,
            "frames": job.facts.get("frames"),
            "bytes": job.facts.get("bytes"),
            "notes": job.facts.get("notes", []),
            "reason": job.reason,
            "preview": running and (self._jobs / job.id / PREVIEW).exists(),
        }

    def cancel(self, visitor: str, id: str) -> Job:
        """Stop a job, or take it out of the queue; one that is over stays as it is."""
        if self._store.cancel(visitor, self.job(visitor, id).id):
            self._runner.cancel(id)
        return self.job(visitor, id)

    def forget_job(self, visitor: str, id: str) -> None:
        """Remove a job that is over, and its files; raises `Refused` for one that is not."""
        job = self.job(visitor, id)
        if job.state in OPEN:
            raise Refused(409, "The job is not over; cancel it first.")
        self._store.forget_job(visitor, id)
        remove(self._jobs / job.id)

    def job_file(self, visitor: str, id: str, name: Literal["result", "before", "record", "preview"]) -> Path:
        """A file of a job; raises `Refused` where it is not there."""
        job = self.job(visitor, id)
        folder = self._jobs / job.id
        if name == "before":
            own = folder / BEFORE
            return own if own.exists() else _there(folder / "clip", "clip")
        # A result that is not finished, or was cancelled on the way, is none.
        if name != "preview" and job.state != "done":
            raise not_here("result")
        return _there(folder / {"result": RESULT, "record": RECORD, "preview": PREVIEW}[name], name)

    def _lay_out(self, visitor: str, order: Order, folder: Path) -> Upload:
        clip = lay_out(order, folder, lambda id, kind: self.upload(visitor, id, kind), self._uploads)
        request = request_in(folder)
        for guidance in request.guidances:
            check_model_takes(find_model(request.model), guidance, request.preset)
        return clip

    def _sweep(self, force: bool = False) -> None:
        """Now and then: remove what is old, and folders that nothing knows of; add up what is left."""
        now = time.monotonic()
        if now - self._swept < SECONDS_BETWEEN_SWEEPS and not force:
            return
        self._swept = now
        oldest = time.time() - self.limits.keep_days * 86_400
        self._store.forget_older(oldest)
        held = 0
        for place, known in zip((self._uploads, self._jobs), self._store.known(), strict=True):
            for folder in place.iterdir():
                new = folder.name in self._coming or folder.stat().st_mtime >= time.time() - SECONDS_BETWEEN_SWEEPS
                if folder.name not in known and not new:
                    remove(folder)
                else:
                    held += size_of(folder)
        self._held = held


def visitor_of(secret: str) -> str:
    """The name under which a visitor is kept: who reads the database cannot pass for one."""
    return hashlib.sha256(secret.encode()).hexdigest()


def clean_title(name: str) -> str:
    """A name as a visitor gave it, made fit to be shown: the last part, without control signs, not too long."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C")
    return shown.strip()[:TITLE_LENGTH] or "unnamed"


def _new_id() -> str:
    return secrets.token_hex(16)


def _there(path: Path, what: str) -> Path:
    if not path.is_file():
        raise not_here(what)
    return path
