"""The queue at work: one job after the other, each in a process of its own, in the order in which they were asked."""

import logging
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from impasto.app.child import Child
from impasto.app.limits import Limits
from impasto.app.order import RESULT
from impasto.app.store import Job, Store
from impasto.video.files import remove, work_path

logger = logging.getLogger("impasto.app")


@dataclass
class Progress:
    """Of the job that runs; lost with the server, as the job tells it again."""

    task: str = "Starting"
    fraction: float = 0.0
    detail: str = ""
    plan: dict[str, Any] = field(default_factory=dict)


class Runner:
    def __init__(self, store: Store, jobs: Path, limits: Limits) -> None:
        self._store, self._jobs, self._limits = store, jobs, limits
        self._wake = threading.Condition()
        self._stopped = False
        self._current: tuple[str, Child] | None = None
        self._progress: dict[str, Progress] = {}
        self._thread = threading.Thread(target=self._work, name="queue", daemon=True)

    def start(self) -> None:
        self._store.wait_again()
        self._thread.start()

    def stop(self) -> None:
        """Let the job that runs end tidily; it waits in the queue for the next start."""
        with self._wake:
            self._stopped = True
            self._wake.notify()
            if self._current:
                self._current[1].stop()
        if self._thread.is_alive():
            self._thread.join()
        self._store.wait_again()

    def wake(self) -> None:
        """There is something new in the queue."""
        with self._wake:
            self._wake.notify()

    def cancel(self, id: str) -> None:
        """Stop a job that was cancelled in the store, where it runs."""
        with self._wake:
            if self._current and self._current[0] == id:
                self._current[1].stop()

    def progress(self, id: str) -> Progress:
        return self._progress.get(id, Progress())

    def _work(self) -> None:
        while True:
            with self._wake:
                if self._stopped:
                    return
                job = self._store.begin_next()
                if job is None:
                    self._wake.wait()
                    continue
                folder = self._jobs / job.id
                seconds = self._limits.job_minutes * 60 - job.seconds
                try:
                    child = Child("run", folder, self._limits, seconds)
                except OSError as error:
                    self._store.end(job.id, "failed", f"It could not be started ({error.strerror}); start it again.")
                    continue
                self._current = job.id, child
            try:
                self._follow(job, child)
            except Exception:  # the jobs of others go on
                logger.exception("job %s could not be followed", job.id)
                self._store.end(job.id, "failed", "It broke off inside this server; start it again.")
            finally:
                child.end()
                with self._wake:
                    self._current = None

    def _follow(self, job: Job, child: Child) -> None:
        begun, last = time.monotonic(), {}
        progress = self._progress[job.id] = Progress()
        if self._store.is_cancelled(job.id):
            child.stop()
        for last in child.messages():
            if "task" in last:
                progress.task, progress.fraction, progress.detail = last["task"], last["fraction"], last["detail"]
            elif "plan" in last:
                progress.plan = last["plan"]
        self._store.spend(job.id, time.monotonic() - begun)
        if "done" in last:
            self._store.end(job.id, "done", facts={**last["done"], "plan": progress.plan})
        elif not self._stopped:
            # The sentence of a run that was interrupted is of no use to a visitor who cancelled it.
            self._store.end(job.id, "failed", last.get("error") or child.outcome)
        self._progress.pop(job.id, None)
        if not self._stopped:
            remove(work_path(self._jobs / job.id / RESULT))
