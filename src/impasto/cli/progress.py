"""Live progress on stderr: a bar on a terminal, else a plain line every few seconds."""

import sys
import time
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from impasto.job.events import Event, Planned, Resuming
from impasto.job.status import Now, Status
from impasto.job.wording import count_text

SECONDS_BETWEEN_LINES = 5.0


def bar_on(console: Console) -> Progress | None:
    """Rows with a bar, where there is a terminal."""
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[detail]}")
    return Progress(*columns, console=console, transient=True) if console.is_terminal else None


class ProgressDisplay:
    """A listener of a run, and the context in which it shows what it hears."""

    def __init__(self, task: str = "Repainting", stream: TextIO | None = None, now: Now = time.monotonic):
        self._status = Status(task, now)
        self._console = Console(file=stream or sys.stderr, highlight=False)
        self._now = now
        self._last_line = -SECONDS_BETWEEN_LINES
        self._last_task = ""
        self._bar = bar_on(self._console)
        if self._bar:
            self._row = self._bar.add_task("", total=1.0, detail="")

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()

    def __call__(self, event: Event) -> None:
        match event:
            case Planned(plan):
                for line in plan.lines():
                    self._console.print(line, markup=False, soft_wrap=True)
            case Resuming(segments, total):
                there = f"{segments} of {count_text(total, 'segment')}"
                self._console.print(f"Going on with an earlier run: {there} there already.", soft_wrap=True)
        if shown := self._status.after(event):
            self._show(*shown)

    def _show(self, task: str, fraction: float, detail: str) -> None:
        if self._bar:
            self._bar.update(self._row, description=task, completed=fraction, detail=detail)
        elif task != self._last_task or self._now() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_task, self._last_line = task, self._now()
            self._console.print(f"{task}: {detail}" if detail else task, markup=False, soft_wrap=True)
