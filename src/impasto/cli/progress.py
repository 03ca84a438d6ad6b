"""Live progress on stderr: a bar on a terminal, else a plain line every few seconds."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from impasto.job.events import (
    Event,
    FindingShots,
    FrameDone,
    Joining,
    LoadingModel,
    Planned,
    PreparingShot,
    Resuming,
)
from impasto.job.wording import clock_text, count_text

SECONDS_BETWEEN_LINES = 5.0


class ProgressDisplay:
    """A listener of a run, and the context in which it shows what it hears."""

    def __init__(
        self, task: str = "Repainting", stream: TextIO | None = None, now: Callable[[], float] = time.monotonic
    ):
        self._task = task
        self._console = Console(file=stream or sys.stderr, highlight=False)
        self._now = now
        self._first: tuple[int, float] | None = None
        """The frame that was done first, and when: a run may go on with an earlier one."""
        self._last_line = -SECONDS_BETWEEN_LINES
        self._last_task = ""
        self._bar: Progress | None = None
        if self._console.is_terminal:
            columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[detail]}")
            self._bar = Progress(*columns, console=self._console, transient=True)
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
            case FindingShots(fraction):
                self._show("Finding shots", fraction, f"{fraction:.0%}")
            case Resuming(segments, total):
                there = f"{segments} of {count_text(total, 'segment')}"
                self._console.print(f"Going on with an earlier run: {there} there already.", soft_wrap=True)
            case LoadingModel(name):
                self._show(f"Loading {name}", 0, "")
            case PreparingShot(shot, shots, fraction):
                which = f" {shot + 1} of {shots}" if shots > 1 else ""
                self._show(f"Preparing shot{which}", fraction, f"{fraction:.0%}")
            case FrameDone(done, total):
                self._show(self._task, done / total, self._rate(done, total))
            case Joining():
                self._show("Writing the output", 1.0, "")

    def _rate(self, done: int, total: int) -> str:
        if self._first is None:
            self._first = done, self._now()
        frames, seconds = done - self._first[0], self._now() - self._first[1]
        detail = f"{done}/{total} frames"
        if frames > 0 and seconds > 0:
            rate = frames / seconds
            detail += f", {rate:.1f} fps, {clock_text((total - done) / rate)} left"
        return detail

    def _show(self, task: str, fraction: float, detail: str) -> None:
        if self._bar:
            self._bar.update(self._row, description=task, completed=fraction, detail=detail)
        elif task != self._last_task or self._now() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_task, self._last_line = task, self._now()
            self._console.print(f"{task}: {detail}" if detail else task, markup=False, soft_wrap=True)
