"""`OUT.impasto/`, where everything lies until it is complete, so that the output appears whole or not at all.

A run that is stopped goes on from there. Each finished segment is a file or folder of its own, in the output's codec
(a gif's lossless, since gifs cannot be joined; PNG files for a folder of frames; a picture is one segment), and the
journal names those that count. For the one that comes next in the same shot, the stylizer's state is kept as well.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby, takewhile
from pathlib import Path

from safetensors import SafetensorError

from impasto.errors import Interrupted, OutputProblem
from impasto.job.journal import Finished, Journal, Settings
from impasto.job.segments import PlannedSegment
from impasto.job.segmentstore import SegmentStore
from impasto.job.settings import changes
from impasto.job.wording import count_text
from impasto.video.files import remove, size_of, work_path, writing

JOURNAL = "journal.jsonl"
SEGMENTS = "segments"


class WorkFolder:
    def __init__(self, path: Path, output: Path):
        self.journal = Journal(path / JOURNAL)
        self.finished = path / "finished" / output.name
        """Where the complete output is made, before it takes its place."""
        self.segments = SegmentStore(path / SEGMENTS)
        self._replaced = path / "replaced"
        self._path, self._output = path, output

    def begin(self, settings: Settings, overwrite: bool) -> None:
        """Go on with a run of the same settings; begin anew with `overwrite`, or where there is nothing to lose.

        Raises `OutputProblem` where what is finished belongs to other settings.
        """
        if self.journal.finished and not overwrite:
            changed = changes(self.journal.settings, settings)
            if changed:
                raise OutputProblem(
                    f"{str(self._path)!r} holds {count_text(len(self.journal.finished), 'finished segment')} of a run "
                    f"that differs ({'; '.join(changed)}); repeat that one to go on with it, "
                    "or add --overwrite for a new run."
                )
        else:
            for old in self._path.iterdir():
                remove(old)
            self.journal.begin(settings, overwrite)
        for scratch in (self.finished.parent, self._replaced):
            remove(scratch)
        with writing(self._path):
            (self._path / SEGMENTS).mkdir(exist_ok=True)
            self.finished.parent.mkdir()

    def resume(self, planned: Sequence[PlannedSegment]) -> list[int]:
        """Keep what is finished of a plan, clear the rest; gives the numbers of the segments that are to be painted."""
        kept: set[int] = set()
        for _, shot in groupby(range(len(planned)), key=lambda number: planned[number].shot):
            numbers = list(shot)
            there = list(takewhile(lambda number: self._is_there(number, planned[number]), numbers))
            if there == numbers or (there and self._can_go_on_from(there[-1])):
                kept.update(there)
        self.journal.keep(kept)
        self.segments.clear(kept)
        return [number for number in range(len(planned)) if number not in kept]

    def finish(self, segment: Finished) -> None:
        """A segment, and what the one after it goes on from, are safe in `segments`."""
        self.journal.add(segment)
        self.segments.forget_state(segment.number - 1)

    def put_in_place(self) -> None:
        """Make the finished output the output; an old one goes."""
        if self._output.is_dir():
            # A folder cannot be replaced in one step: the old one moves out of the way, to be cleared with the rest.
            self._output.rename(self._replaced)
        self.finished.replace(self._output)

    def _is_there(self, number: int, planned: PlannedSegment) -> bool:
        done = self.journal.finished.get(number)
        return (
            done is not None
            and (done.start, done.stop) == (planned.start, planned.stop)
            and done.bytes == size_of(self.segments.path(number))
        )

    def _can_go_on_from(self, number: int) -> bool:
        """Whether the state is there that a segment left; else, lost by other hands, the shot has to begin anew."""
        try:
            self.segments.state(number)
        except (OSError, SafetensorError):
            return False
        return True


@contextmanager
def work_folder(output: Path, settings: Settings, overwrite: bool) -> Iterator[WorkFolder]:
    """Open `OUT.impasto/` as `WorkFolder.begin` does, and remove it at the end.

    An interruption leaves it, and an error as well where a segment is finished. Raises `OutputProblem`, also where
    another run is at work in it.
    """
    path = work_path(output)
    with writing(path):
        path.mkdir(exist_ok=True)
    with _alone_in(path):
        folder = WorkFolder(path, output)
        try:
            folder.begin(settings, overwrite)
            yield folder
        except (KeyboardInterrupt, Interrupted):
            raise
        except BaseException:
            if not folder.journal.finished:
                remove(path)
            raise
        remove(path)


def may_replace(output: Path) -> bool:
    """Whether an unfinished run, to be gone on with, may replace what lies at its output."""
    journal = Journal(work_path(output) / JOURNAL)
    return bool(journal.finished) and journal.may_replace


@contextmanager
def interruption_told(output: Path) -> Iterator[None]:
    """Turn `KeyboardInterrupt` into `Interrupted`, which says what is left and how to go on."""
    try:
        yield
    except KeyboardInterrupt as stop:
        path = work_path(output)
        done = len(Journal(path / JOURNAL).finished)
        left = f"; {str(path)!r} is left of it" if path.exists() else ""
        if done:
            left = (
                f"; {count_text(done, 'finished segment')} kept in {str(path)!r}, "
                "and the same command without --overwrite goes on from there"
            )
        raise Interrupted(f"Stopped before {str(output)!r} was complete{left}.") from stop


@contextmanager
def _alone_in(path: Path) -> Iterator[None]:
    """Hold the folder against other processes; the system lets go where this one dies."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    handle = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputProblem(
                f"Another run is at work in {str(path)!r}; wait for its end or choose another output."
            ) from error
        yield
    finally:
        os.close(handle)
