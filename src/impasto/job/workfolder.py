"""`OUT.impasto/`, where everything lies until it is complete, so that the output appears whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from impasto.errors import Interrupted
from impasto.video.files import remove, work_path, writing


class WorkFolder:
    def __init__(self, path: Path, output: Path):
        self.segments = path / "segments"
        self.finished = path / "finished" / output.name
        """Where the complete output is made, before it takes its place."""
        self._replaced = path / "replaced"
        self._output = output

    def put_in_place(self) -> None:
        """Make the finished output the output; an old one goes."""
        if self._output.is_dir():
            # A folder cannot be replaced in one step: the old one moves out of the way, to be cleared with the rest.
            self._output.rename(self._replaced)
        self.finished.replace(self._output)


@contextmanager
def work_folder(output: Path) -> Iterator[WorkFolder]:
    """Make `OUT.impasto/` and remove it at the end; an interruption leaves it.

    What an earlier run left there is cleared. Raises `OutputProblem` where it cannot be made.
    """
    path = work_path(output)
    remove(path)
    folder = WorkFolder(path, output)
    with writing(path):
        folder.segments.mkdir(parents=True)
        folder.finished.parent.mkdir()
    try:
        yield folder
    except (KeyboardInterrupt, Interrupted):
        raise
    except BaseException:
        remove(path)
        raise
    remove(path)


@contextmanager
def interruption_told(output: Path) -> Iterator[None]:
    """Turn `KeyboardInterrupt` into `Interrupted`, which says what is left."""
    try:
        yield
    except KeyboardInterrupt as stop:
        left = f"; {str(work_path(output))!r} is left of it" if work_path(output).exists() else ""
        raise Interrupted(f"Stopped before {str(output)!r} was complete{left}.") from stop
