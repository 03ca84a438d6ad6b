"""Live progress of a batch on stderr: a bar for each run that is under way, else a plain line every few seconds."""

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import TaskID

from impasto.cli.progress import SECONDS_BETWEEN_LINES, bar_on
from impasto.job.events import Event, Outcome
from impasto.job.status import Now, Status
from impasto.job.wording import clock_text, count_text


class BatchDisplay:
    """A listener of a batch, and the context in which it shows what it hears.

    `names` are those of the runs.
    """

    def __init__(self, names: Sequence[str], stream: TextIO | None = None, now: Now = time.monotonic):
        self._names, self._now = names, now
        self._console = Console(file=stream or sys.stderr, highlight=False)
        self._status: dict[int, Status] = {}
        """By number of a run that is under way."""
        self._words: dict[int, str] = {}
        self._rows: dict[int, TaskID] = {}
        self._done = 0
        self._last_line = -SECONDS_BETWEEN_LINES
        self._bar = bar_on(self._console)
        if self._bar:
            self._all = self._bar.add_task("", total=len(names), detail="")

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()

    def __call__(self, number: int, event: Event | Outcome) -> None:
        if isinstance(event, Outcome):
            self._finish(number, event)
            return
        status = self._status.setdefault(number, Status("Repainting", self._now))
        if shown := status.after(event):
            self._show(number, *shown)

    def _show(self, number: int, task: str, fraction: float, detail: str) -> None:
        name = self._names[number]
        if self._bar:
            if number not in self._rows:
                self._rows[number] = self._bar.add_task("", total=1.0, detail="")
            self._bar.update(self._rows[number], description=f"{name}: {task}", completed=fraction, detail=detail)
            return
        self._words[number] = f"{name}: {task}" + (f" {detail}" if detail else "")
        if self._now() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_line = self._now()
            self._print("; ".join([self._count, *self._words.values()]))

    def _finish(self, number: int, outcome: Outcome) -> None:
        self._done += 1
        self._status.pop(number, None)
        self._words.pop(number, None)
        if self._bar:
            self._bar.update(self._all, completed=self._done, description=self._count)
            if number in self._rows:
                self._bar.remove_task(self._rows.pop(number))
        told = outcome.state
        if outcome.state == "done":
            told = f"{count_text(outcome.frames or 0, 'frame')} in {clock_text(outcome.seconds or 0)}"
        elif outcome.state == "failed":
            told = f"failed: {outcome.error}"
        self._print(f"{self._count}; {self._names[number]}: {told}")

    @property
    def _count(self) -> str:
        return f"{self._done} of {len(self._names)}"

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)
