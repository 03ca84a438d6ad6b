"""Starting the program that touches what visitors sent, and ending it where it goes beyond its limits."""

import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from impasto.app.limits import Limits
from impasto.app.order import LOG
from impasto.app.refusals import Refused

SECONDS_BETWEEN_CHECKS = 0.25
SECONDS_TO_STOP = 25.0
CHECKS_AT_ONCE = threading.BoundedSemaphore(2)
"""Looks and plans beside the job that runs."""
CHECKS_WAITING = threading.BoundedSemaphore(16)
"""Each that waits holds a thread of the server, of which others need some to see their page."""
CHECK_SECONDS = 120.0


class Child:
    """One process of `impasto.app.work` in a folder."""

    def __init__(self, task: str, folder: Path, limits: Limits, seconds: float) -> None:
        self.reason = ""
        """Why it was ended before it was ready, where it was."""
        self._limits, self._deadline = limits, time.monotonic() + seconds
        self._seconds = seconds
        arguments = [sys.executable, "-m", "impasto.app.work", task, json.dumps(dataclasses.asdict(limits))]
        with (folder / LOG).open("ab") as log:
            self._process = subprocess.Popen(
                arguments,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                # A visitor starts no download; signals of the terminal are for the server alone.
                env={**os.environ, "IMPASTO_OFFLINE": "1"},
                start_new_session=True,
            )
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def messages(self) -> Iterator[dict[str, Any]]:
        """What it tells, until it ends."""
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for line in stream:
                # The last line of one that was killed may be half a line.
                if line.endswith(b"\n"):
                    yield json.loads(line)
        self._process.wait()

    def stop(self) -> None:
        """Ask it to end tidily; it keeps what it has finished."""
        assert self._process.stdin is not None
        if not self._process.stdin.closed:
            self._process.stdin.close()

    def end(self) -> None:
        """Stop it and wait; kill it where it does not listen."""
        self.stop()
        try:
            self._process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def outcome(self) -> str:
        """Why a process that said nothing at its end is over."""
        code = self._process.poll()
        return self.reason or f"The work broke off without a word (exit code {code}); its log says more."

    def _watch(self) -> None:
        while self._process.poll() is None:
            if time.monotonic() > self._deadline:
                self.reason = f"It took longer than the {self._seconds / 60:.0f} min that are given here."
            elif self._memory() > self._limits.job_gigabytes * 1_000_000_000:
                self.reason = f"It took more than the {self._limits.job_gigabytes} GB of memory that are given here."
            if self.reason:
                self._process.kill()
                return
            time.sleep(SECONDS_BETWEEN_CHECKS)

    def _memory(self) -> int:
        try:
            return psutil.Process(self._process.pid).memory_info().rss
        except psutil.Error:
            return 0


def check(task: str, folder: Path, limits: Limits) -> dict[str, Any]:
    """Do a short task and return what came out; raises `Refused` with the reason where nothing did."""
    if not CHECKS_WAITING.acquire(blocking=False):
        raise Refused(503, "Many ask for something at this moment; try again in a minute.")
    try:
        with CHECKS_AT_ONCE:
            child = Child(task, folder, limits, CHECK_SECONDS)
            try:
                last = deque(child.messages(), maxlen=1)
            finally:
                child.end()
    finally:
        CHECKS_WAITING.release()
    said = last[0] if last else {}
    if "done" in said:
        return said["done"]
    raise Refused(422, said.get("error") or child.outcome)
